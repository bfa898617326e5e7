//! What the admin shuts out, lets in again, and judges.
//!
//! - each kind of rule takes its pages out of index and store, and lifting it brings just them back;
//! - a dry run says before what a rule does, and does nothing; of a large store it counts what it can in its time;
//! - visitors see as much of a rule as it lets them;
//! - a farm is seen by what its capsules share;
//! - a report goes its way from a visitor to the admin and back, and each act is in the audit log once.

#![allow(clippy::unwrap_used, reason = "a step that fails is a test that fails")]

#[path = "../indexer/tests/support/planted.rs"]
mod planted;
#[path = "../indexer/tests/support/plot.rs"]
mod plot;

use plot::{Plot, beside, until};
use server::acts;
use server::acts::exclude::{Excluded, Extent, Lifted, Patience};
use server::acts::settle::{Decision, Judgement, Settled};
use server::app::{App, StoreSlot};
use server::ask::Ask;
use server::config::Config;
use server::people::Admin;
use server::search::{SearchConfig, Searcher};
use server::{render, route};
use shared::gemini::fingerprint::Fingerprint;
use shared::gemini::url::GeminiUrl;
use shared::process::progress::Part;
use shared::store::asked::exclusion::{Exclusion, Visibility};
use shared::store::asked::job;
use shared::store::feed::identity;
use shared::store::id::{CapsuleId, WorkerId};
use shared::store::known::certificate::{SeenCertificate, Signature};
use shared::store::known::site::{Charge, Usage, UsefulDay};
use shared::store::known::{certificate, kin, profile, site};
use shared::store::register::Register;
use shared::store::rule::Rule;
use sqlx::ConnectOptions as _;
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

const FRONT: &str = "gemini://a.example/";
const ONE: &str = "gemini://a.example/x/one";
const TWO: &str = "gemini://a.example/x/two.gmi";
const BELOW: &str = "gemini://sub.a.example/x/three.gmi";
const COPY: &str = "gemini://copy.example/of/one";
const MOVED: &str = "gemini://farm.example:1966/";
const ALL: [&str; 6] = [FRONT, ONE, TWO, BELOW, COPY, MOVED];
const KEY: Fingerprint = Fingerprint([7; 32]);

fn admin() -> Admin {
    Admin::at_the_console("test")
}

fn url(text: &str) -> GeminiUrl {
    GeminiUrl::parse(text).unwrap()
}

/// Six pages of four capsules: two of them say the same, one capsule has an address, one a key.
async fn world() -> Plot {
    let plot = Plot::new().await;
    for (url, words) in
        ALL.into_iter().zip(["front", "the very words", "two", "three", "the very words", "moved"])
    {
        plot.put(url, words).await;
    }
    execute(&plot, "update capsule set ip = '192.0.2.7' where host = 'farm.example'").await;
    shows(&plot, BELOW, KEY).await;
    plot
}

async fn execute(plot: &Plot, statement: &'static str) {
    let mut session = plot.scratch.options().connect().await.unwrap();
    sqlx::query(statement).execute(&mut session).await.unwrap();
}

async fn capsule(plot: &Plot, page: &str) -> CapsuleId {
    let at = url(page).capsule().clone();
    plot.store.read(async |c| profile::capsule_at(c, &at).await).await.unwrap().unwrap()
}

async fn shows(plot: &Plot, page: &str, fingerprint: Fingerprint) {
    let capsule = capsule(plot, page).await;
    let seen = SeenCertificate { capsule, fingerprint, not_after: None, signature: Signature::Checked };
    plot.store.write(async |c| certificate::record(c, &[seen]).await).await.unwrap();
}

/// The jobs of a crawler that crawls nothing, until the story is over.
async fn at_work<T>(plot: &Plot, story: impl Future<Output = T>) -> T {
    let stop = CancellationToken::new();
    let mut jobs = JoinSet::new();
    let (store, token) = (plot.store.clone(), stop.clone());
    let tell = (Part::default(), watch::channel(None).1);
    jobs.spawn(crawler::jobs::run(store, WorkerId(Uuid::new_v4()), tell, token));
    let told = beside(&plot.indexer(), story).await;
    stop.cancel();
    jobs.join_next().await.unwrap().unwrap();
    told
}

async fn until_found(plot: &Plot, expected: &[&str], why: &str) {
    let mut expected: Vec<String> = expected.iter().map(|url| (*url).to_owned()).collect();
    expected.sort();
    until(why, async || plot.found().into_keys().eq(expected.iter().cloned())).await;
    until("the jobs' end", async || plot.store.read(job::open).await.unwrap().is_empty()).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_kind_of_rule_takes_its_pages_out_and_lifting_brings_them_back() {
    let plot = world().await;
    let folder = tempfile::tempdir().unwrap();
    let register = Register::within(folder.path());
    let page = plot.store.read(async |c| profile::of(c, &url(ONE)).await).await.unwrap().unwrap();
    let content = format!("content:{}", page.content.unwrap());
    let key = format!("key:sha256:{KEY}");
    let kinds: [(&str, &[&str]); 9] = [
        (FRONT, &[FRONT]),
        ("a.example", &[FRONT, ONE, TWO]),
        ("*.a.example", &[FRONT, ONE, TWO, BELOW]),
        ("gemini://a.example/x/*", &[ONE, TWO]),
        ("gemini://*/x/*.gmi", &[TWO, BELOW]),
        ("address:192.0.2.0/24", &[MOVED]),
        (&key, &[BELOW]),
        (&content, &[ONE, COPY]),
        ("*", &ALL),
    ];
    at_work(&plot, async {
        until_found(&plot, &ALL, "all pages").await;
        for (text, out) in kinds {
            let rule: Rule = text.parse().unwrap();
            let rehearsal = acts::exclude::rehearse(&plot.store, &rule, Patience::Endless).await.unwrap();
            let named: Vec<&str> = rehearsal.examples.iter().map(GeminiUrl::as_str).collect();
            assert_eq!(rehearsal.pages, out.len() as u64, "{text} drops {named:?}");
            assert_eq!(plot.found().len(), ALL.len(), "a dry run drops nothing");

            let exclusion = Exclusion::new(rule.clone(), "as a test");
            let excluded = acts::exclude::exclude(&admin(), &plot.store, &exclusion).await.unwrap();
            assert!(matches!(excluded, Excluded::Now(_)), "{text}: {excluded:?}");
            let again = acts::exclude::exclude(&admin(), &plot.store, &exclusion).await.unwrap();
            assert_eq!(again, Excluded::Already, "{text}");
            let left: Vec<&str> = ALL.into_iter().filter(|url| !out.contains(url)).collect();
            until_found(&plot, &left, text).await;
            let rehearsal = acts::exclude::rehearse(&plot.store, &rule, Patience::Endless).await.unwrap();
            assert_eq!(rehearsal.pages, 0, "{text}: the store says so, too");
            // What is written anew stays out as well.
            plot.put(out[0], "other words").await;
            plot.put(out[0], if out[0] == ONE { "the very words" } else { "once more" }).await;
            until("the next numbers", async || {
                plot.store.read(identity::current).await.unwrap().highest <= plot.change()
            })
            .await;
            assert_eq!(plot.found().len(), left.len(), "{text}");

            assert!(matches!(
                acts::exclude::lift(&admin(), &plot.store, &register, &rule).await.unwrap(),
                Lifted::Now(_)
            ));
            assert_eq!(
                acts::exclude::lift(&admin(), &plot.store, &register, &rule).await.unwrap(),
                Lifted::Nothing
            );
            until_found(&plot, &ALL, &format!("{text} lifted")).await;
        }
    })
    .await;
    let report = plot.indexer().verify().await.unwrap();
    assert_eq!((report.differences(), report.matching), (0, ALL.len() as u64), "{report}");
}

/// So that nobody who asks from a desk waits for the whole of a large store.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_dry_run_counts_as_far_as_its_time_goes_and_says_so() {
    let (plot, pages) = (Plot::new().await, planted::pages(12_000));
    planted::plant(&plot.scratch.options(), pages).await;
    let meant = |first: u64| (0..first).filter(|page| page.to_string().starts_with('1')).count() as u64;
    let rule: Rule = "gemini://*/1*".parse().unwrap();
    let rehearse =
        async |rule: &Rule, patience| acts::exclude::rehearse(&plot.store, rule, patience).await.unwrap();
    let whole = rehearse(&rule, Patience::Endless).await;
    assert_eq!((whole.pages, whole.extent), (meant(pages.into()), Extent::Whole));
    let part = rehearse(&rule, Patience::Until(Instant::now())).await;
    let Extent::Oldest(looked_at) = part.extent else { panic!("the time was up: {part:?}") };
    assert!(looked_at < u64::from(pages), "{part:?}");
    assert_eq!(part.pages, meant(looked_at), "of the oldest {looked_at}");
    let one = rehearse(&"h1.example".parse().unwrap(), Patience::Until(Instant::now())).await;
    assert_eq!((one.pages, one.extent), (100, Extent::Whole), "what is small is counted in one go");
}

/// What a visitor reads at a path.
async fn read(plot: &Plot, path: &str, words: Option<&str>) -> String {
    let searcher = Searcher::open(&plot.folder(), SearchConfig::default());
    let config = Config::local(plot.folder());
    let app = App::new(&config, searcher, StoreSlot::filled(plot.store.clone()));
    let answer = route::public(&app, &Ask::by_gemini(path, words)).await;
    String::from_utf8(render::gemtext(&answer)).unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn visitors_see_as_much_of_a_rule_as_it_lets_them() {
    let plot = world().await;
    let add = async |rule: &str, reason: &str, visibility: Visibility| {
        let exclusion = Exclusion { rule: rule.parse().unwrap(), reason: reason.to_owned(), visibility };
        acts::exclude::exclude(&admin(), &plot.store, &exclusion).await.unwrap()
    };
    add("gemini://a.example/x/*", "told openly", Visibility::Full).await;
    add("gemini://sub.a.example/somebody's-name", "told to nobody", Visibility::Host).await;
    add("copy.example", "nor this", Visibility::Count).await;
    add("address:192.0.2.0/24", "a farm of traps", Visibility::Full).await;
    let told = read(&plot, "/exclusions", None).await;
    for seen in ["gemini://a.example/x/*", "told openly", "sub.a.example", "192.0.2.0/24", "a farm of traps"]
    {
        assert!(told.contains(seen), "{seen} is told: {told}");
    }
    for hidden in ["somebody's", "told to nobody", "copy.example", "nor this"] {
        assert!(!told.contains(hidden), "{hidden} is not told: {told}");
    }
    assert!(told.contains("4 rules are in force") && told.contains("1 rule is counted"), "{told}");
    // The page's own screen keeps to it.
    let page = read(&plot, "/page", Some(COPY)).await;
    assert!(page.contains("Shut out here") && !page.contains("nor this"), "{page}");
    let page = read(&plot, "/cached", Some(MOVED)).await;
    assert!(page.contains("Shut out here") && page.contains("a farm of traps"), "{page}");
    assert_eq!(add("copy.example", "nor this", Visibility::Full).await, Excluded::Reworded);
    assert!(read(&plot, "/exclusions", None).await.contains("nor this"));

    // The lists that machines read leave them all out, at once.
    let hosts = read(&plot, "/api/v1/known_hosts", None).await;
    assert!(hosts.contains("gemini://a.example/") && hosts.contains("gemini://sub.a.example/"), "{hosts}");
    assert!(!hosts.contains("copy.example") && !hosts.contains("farm.example"), "{hosts}");
    execute(&plot, "update capsule set contact = 'mailto:ann@a.example'").await;
    // One page has moved to where everybody may go, the others from or to what is shut out.
    execute(
        &plot,
        "update page p set outcome = 'moved-permanently', moved_to = q.id
         from page q join capsule k on k.id = q.capsule
         where k.host = case when p.path = '/x/three.gmi' then 'copy.example' else 'sub.a.example' end",
    )
    .await;
    let contacts = read(&plot, "/api/v1/known_security_txt", None).await;
    let moves = read(&plot, "/api/v1/known_perma_redirects", None).await;
    for (list, shown) in [(contacts, "gemini://sub.a.example/.well-known/security.txt"), (moves, FRONT)] {
        assert!(list.contains(shown) && !list.contains("copy.example"), "{list}");
        assert!(!list.contains("farm.example") && !list.contains("/x/one"), "{list}");
    }

    // As the crawl found them.
    execute(&plot, "update page set origin = 'crawl'").await;
    for number in 0..60 {
        add(&format!("host-{number:02}.example"), "", Visibility::Full).await;
    }
    let (first, second) = (read(&plot, "/exclusions", None).await, read(&plot, "/exclusions/2", None).await);
    assert_eq!(first.matches("since 2").count() + second.matches("since 2").count(), 64, "in two parts");
    assert!(read(&plot, "/new", None).await.contains("sub.a.example"), "what is not shut out is listed");
    assert!(!read(&plot, "/new", None).await.contains("gemini://a.example/x/"), "what is shut out is not");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_farm_is_seen_by_what_its_capsules_share() {
    let plot = world().await;
    execute(&plot, "update capsule set ip = '192.0.2.7' where host in ('a.example', 'copy.example')").await;
    shows(&plot, FRONT, KEY).await;
    let sketch = async |page: &str, marks: &[u64]| {
        let site = (capsule(&plot, page).await, "/".to_owned());
        let charge = Charge { site, usage: Usage::default(), sketch: Some(marks.to_vec()) };
        plot.store.write(async |c| site::charge(c, &[charge], UsefulDay { pages: 20 }).await).await.unwrap();
    };
    sketch(FRONT, &[0xff00, 0x1234_5678]).await;
    // Two bits apart; one of two near; one of three near, which is no template.
    sketch(MOVED, &[0xff03]).await;
    sketch(COPY, &[0x1234_5678, 0xffff_ffff_0000]).await;
    sketch(BELOW, &[0xff00, 0xaaaa_aaaa_aaaa, 0x5555_5555_5555_0000]).await;
    let found = plot
        .store
        .read(async |c| {
            let traits = kin::traits(c, &url(ONE)).await?.unwrap();
            assert!(traits.content.is_some() && traits.key == Some(KEY) && traits.likenesses.len() == 2);
            kin::of(c, &traits).await
        })
        .await
        .unwrap();
    let told: Vec<_> = found
        .iter()
        .map(|kin| {
            let shared = kin.shared;
            (kin.addr.to_string(), shared.address, shared.key, shared.texts, (shared.alike, shared.kept))
        })
        .collect();
    let expected = [
        ("copy.example".to_owned(), true, false, 1, (1, 2)),
        ("farm.example:1966".to_owned(), true, false, 0, (1, 1)),
        ("sub.a.example".to_owned(), false, true, 0, (0, 0)),
    ];
    assert_eq!(told, expected);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_report_goes_from_a_visitor_to_the_admin_and_back() {
    let plot = world().await;
    let folder = tempfile::tempdir().unwrap();
    let register = Register::within(folder.path());
    let report =
        async |about: &str| acts::report::report(&plot.store, about, "it is about me").await.unwrap();
    let tokens = [report(ONE).await, report("copy.example").await, report("that page").await];
    let settle = async |number: i64, decision: Decision, note: &str| {
        let judgement = Judgement { decision, pattern: None, note: note.to_owned() };
        acts::settle::settle(&admin(), &plot.store, &register, number, &judgement).await.unwrap()
    };
    let receipt = async |which: usize| read(&plot, "/report-receipt", Some(&tokens[which])).await;
    assert!(receipt(0).await.contains("nobody has judged it yet"));
    at_work(&plot, async {
        until_found(&plot, &ALL, "all pages").await;
        assert!(matches!(settle(1, Decision::Remove, "You were right.").await, Settled::Now(Some(_))));
        assert_eq!(register.entries().await.unwrap().len(), 1, "registered when the act returns");
        let expected: Vec<&str> = ALL.into_iter().filter(|url| *url != ONE).collect();
        until_found(&plot, &expected, "the takedown").await;
        assert!(matches!(settle(2, Decision::Exclude, "").await, Settled::Now(Some(_))));
        let expected: Vec<&str> = expected.into_iter().filter(|url| *url != COPY).collect();
        until_found(&plot, &expected, "the exclusion").await;
    })
    .await;
    assert!(matches!(settle(3, Decision::Remove, "").await, Settled::Unclear(_)), "which page is not known");
    assert_eq!(settle(3, Decision::Refuse, "No page is named.").await, Settled::Now(None));
    assert_eq!(settle(4, Decision::Refuse, "").await, Settled::Unknown);
    for (which, said) in [
        (
            0,
            "Removed: it was taken out of the store and of the search for good, and is kept out. You were right.",
        ),
        (1, "Shut out: it is not visited, not searched and not shown any more."),
        (2, "Nothing was changed. No page is named."),
    ] {
        let told = receipt(which).await;
        assert!(told.contains(said), "{told}");
    }
    let cached = read(&plot, "/cached", Some(ONE)).await;
    assert!(cached.contains("Shut out here") && !cached.contains("the very words"), "{cached}");

    let acts = || async {
        let mut session = plot.scratch.options().connect().await.unwrap();
        let acts: Vec<(String, String)> = sqlx::query_as("select act, target from audit order by id")
            .fetch_all(&mut session)
            .await
            .unwrap();
        acts
    };
    let before = acts().await;
    let expected = [("report", ONE), ("report", "copy.example"), ("report", "that page")];
    assert_eq!(before, expected.map(|(act, target)| (act.to_owned(), target.to_owned())));
    assert_eq!(settle(1, Decision::Remove, "You were right.").await, Settled::Already);
    assert_eq!(acts().await, before, "what changes nothing is no act");
    assert_eq!(register.entries().await.unwrap().len(), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_removed_page_that_is_let_in_again_is_visited_anew() {
    let plot = world().await;
    let folder = tempfile::tempdir().unwrap();
    let register = Register::within(folder.path());
    // As the crawl found it.
    execute(&plot, "update page set origin = 'crawl', due_at = clock() + interval '3 days'").await;
    let rule: Rule = ONE.parse().unwrap();
    let due = async || {
        let page = plot.store.read(async |c| profile::of(c, &url(ONE)).await).await.unwrap().unwrap();
        page.due_at.is_some_and(|due| due <= page.now)
    };
    at_work(&plot, async {
        acts::purge::purge(&admin(), &plot.store, &register, &ONE.parse().unwrap(), "").await.unwrap();
        let left: Vec<&str> = ALL.into_iter().filter(|url| *url != ONE).collect();
        until_found(&plot, &left, "the removal").await;
        assert!(!due().await, "a tombstone is never visited");
        acts::exclude::lift(&admin(), &plot.store, &register, &rule).await.unwrap();
        until("its turn", due).await;
        assert_eq!(plot.found().len(), left.len(), "nothing comes back but by a visit");
    })
    .await;
}
