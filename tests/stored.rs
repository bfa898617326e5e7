//! The screens that read the store, over a real crawl of a generated space.
//!
//! - every path of ours is there, and every link of ours on every screen, in both tongues, leads to an answer;
//! - a URL that is handed in is followed from queued to searchable;
//! - what a capsule's robots.txt forbids to archivers is not shown, by the last known rules;
//! - without the database each of them says so in time, and searches go on.

use std::collections::{BTreeSet, VecDeque};
use std::time::Duration;

use bench::engine::Engine;
use server::app::{App, StoreSlot};
use server::ask::Ask;
use server::config::Config;
use server::paths::Link;
use server::render;
use server::render::answer::Answer;
use server::render::problem::Problem;
use server::route;
use server::search::{SearchConfig, Searcher};
use shared::gemini::gemtext::{self, Line};
use shared::gemini::pattern::UrlPattern;
use shared::gemini::robots::Use;
use shared::gemini::url::GeminiUrl;
use shared::store::cluster::{Cluster, ClusterOptions};
use shared::store::feed::change;
use shared::store::id::PageId;
use shared::store::known::leave;
use shared::store::known::page;
use shared::store::known::robots::{self, AskedRobots, RobotsAnswer};
use shared::store::known::{profile, statistic};
use shared::store::{Store, StoreOptions};
use space::{Generator, Space};

/// Pages of the space.
const PAGES: u64 = 120;
/// Links of ours that are followed at most, in each tongue.
const FOLLOWED: usize = 800;

/// Paths that need no database, with what each of them asks for.
const WITHOUT_STORE: [&str; 31] = [
    "/",
    "/search",
    "/search?page",
    "/search/2?page",
    "/v/search?page",
    "/in/lang:en/search?page",
    "/in/-lang:de/kind:page/search?page",
    "/in/lang:en/v/search?page",
    "/in/lang:en/images?page",
    "/images?page",
    "/files?page",
    "/audio?page",
    "/ascii-art?page",
    "/search_jump/page",
    "/search_jump/page?2",
    "/search/feed/atom?page",
    "/search/feed/gemfeed?page",
    "/in/lang:en/search/feed/gemfeed?page",
    "/lucky?page",
    "/random",
    "/opensearch.xml",
    "/about",
    "/help",
    "/privacy",
    "/crawler",
    "/robots.txt",
    "/style.css",
    "/favicon.svg",
    "/limb.svg",
    "/default-search",
    "/news",
];

/// Paths that change something: what they do is asked for by tests of their own.
const ACTS: [&str; 4] = ["/add-seed", "/add_seed", "/report", "/report-receipt"];

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_screen_of_what_is_stored_works_and_says_when_it_cannot() {
    let folder = tempfile::tempdir().expect("a folder");
    let options = ClusterOptions::new(folder.path());
    let cluster = Cluster::open(&options).await.expect("a cluster");
    let store = Store::open(StoreOptions::new(cluster.options())).await.expect("a store");
    let generator = Generator::new(11, 4, PAGES);
    let front = GeminiUrl::parse(&generator.pages().next().expect("a page")).expect("a URL");
    let space = Space::builder().generated(generator).start().await.expect("a space");
    let mut engine = Engine::start(store.clone(), &space).await;
    engine.until_all_is_indexed().await;
    for what in statistic::Counted::ALL {
        store.write(async |c| statistic::count(c, what).await).await.expect("figures");
    }
    let config = Config::local(folder.path().join("server"));
    let searcher = Searcher::open(&engine.index_folder(), SearchConfig::default());
    let app = App::new(&config, searcher, StoreSlot::filled(store.clone()));

    let capsule = front.capsule().to_string();
    let starts = starts(&front);
    let everywhere: Vec<String> =
        starts.iter().cloned().chain(WITHOUT_STORE.map(str::to_owned)).chain(interface(&front)).collect();
    for path in public_paths() {
        let is_asked = everywhere.iter().any(|link| link.split('?').next() == Some(path));
        assert!(is_asked || ACTS.contains(&path), "nobody looks at {path}");
    }
    let seen = follow(&app, &everywhere, Tongue::Gemini).await;
    assert!(150 < seen, "{seen} links of gemtext");
    let seen = follow(&app, &everywhere, Tongue::Web).await;
    assert!(150 < seen, "{seen} links of HTML");
    let verdict = gemtext(&app, &format!("/capsule?{}", capsule.to_uppercase())).await;
    assert!(verdict.contains("\nYes: "), "{verdict}");

    a_submission_is_followed(&app, &engine, &front).await;
    archivers_are_obeyed(&app, &store, &front).await;

    engine.stop().await;
    cluster.stop().await.expect("the database stops");
    without_the_database(&app, &starts, &capsule).await;
}

/// The paths from which all screens are reached.
fn starts(front: &GeminiUrl) -> Vec<String> {
    let (url, capsule) = (front.as_str(), front.capsule());
    vec![
        "/".to_owned(),
        format!("/page?{url}"),
        format!("/cached?{url}"),
        format!("/cached/1?{url}"),
        format!("/backlinks?{url}"),
        format!("/backlinks?{capsule}"),
        format!("/backlinks/feed/atom?{url}"),
        format!("/backlinks/feed/gemfeed?{url}"),
        format!("/capsule?{capsule}"),
        format!("/capsule/requests?{capsule}"),
        format!("/capsule/robots?{url}"),
        format!("/capsule/dead-links?{capsule}"),
        "/known-hosts".to_owned(),
        "/known-hosts/by/pages".to_owned(),
        "/known-hosts/by/age".to_owned(),
        "/new".to_owned(),
        "/feeds".to_owned(),
        "/statistics".to_owned(),
        "/exclusions".to_owned(),
        format!("/submission?{url}"),
    ]
}

/// Every path that is public, as the one list of them has it.
fn public_paths() -> Vec<&'static str> {
    let consts = include_str!("../server/src/paths.rs").lines().filter(|line| line.starts_with("pub const "));
    consts.filter_map(|line| line.split('"').nth(1)).collect()
}

/// What programs ask.
fn interface(front: &GeminiUrl) -> Vec<String> {
    let lists = ["known_hosts", "known_feeds", "known_security_txt", "known_perma_redirects", "openapi.json"];
    let lists = lists.map(|list| format!("/api/v1/{list}"));
    let about = ["page", "capsule", "backlinks"].map(|what| format!("/api/v1/{what}?{front}"));
    let searches =
        ["search?page", "search/2?page", "in/lang:en/search?page"].map(|what| format!("/api/v1/{what}"));
    lists.into_iter().chain(about).chain(searches).collect()
}

/// Which door.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Tongue {
    Gemini,
    Web,
}

fn ask(link: &str, tongue: Tongue) -> Ask {
    let (path, query) = match link.split_once('?') {
        Some((path, query)) => (path, Some(query)),
        None => (link, None),
    };
    match tongue {
        Tongue::Gemini => Ask::by_gemini(path, query),
        Tongue::Web => {
            let words = query.map(|query| query.strip_prefix("q=").unwrap_or(query));
            Ask::by_web(path, words.map(shared::gemini::request::decode_query))
        }
    }
}

async fn gemtext(app: &App, link: &str) -> String {
    let answer = route::public(app, &ask(link, Tongue::Gemini)).await;
    String::from_utf8(render::gemtext(&answer)).expect("UTF-8")
}

/// Follows links of ours, and returns how many; what changes something is left alone.
async fn follow(app: &App, starts: &[String], tongue: Tongue) -> usize {
    let mut queue: VecDeque<String> = starts.iter().cloned().collect();
    let mut seen: BTreeSet<String> = starts.iter().cloned().collect();
    let mut followed = 0;
    while let Some(link) = queue.pop_front() {
        if FOLLOWED <= followed {
            break;
        }
        followed += 1;
        assert!(link.len() <= 1_000, "a link of {} bytes", link.len());
        let answer = route::public(app, &ask(&link, tongue)).await;
        let links = match (&answer, tongue) {
            (Ok(Answer::Data(data)), _) => {
                assert_eq!(data.problem, None, "{link}");
                Vec::new()
            }
            (Ok(Answer::Redirect(target)), _) => {
                vec![target.clone()].into_iter().filter(|target| target.starts_with('/')).collect()
            }
            (Ok(Answer::Page(page)), Tongue::Web) => {
                let html = render::html(page).expect("HTML");
                hrefs(&html)
            }
            (Ok(Answer::Page(_)), Tongue::Gemini) => {
                let text = String::from_utf8(render::gemtext(&answer)).expect("UTF-8");
                own_links(&text)
            }
            (Ok(_), _) => Vec::new(),
            (Err(problem), _) => panic!("{link} leads to {problem:?}"),
        };
        for link in links {
            // On the web what acts is a button.
            let is_deed = tongue == Tongue::Web && link.starts_with("/add-seed?");
            assert!(!is_deed, "a link hands something in: {link}");
            let acts =
                ["/add-seed?", "/report?", "/random", "/lucky"].iter().any(|act| link.starts_with(act));
            if !acts && seen.insert(link.clone()) {
                queue.push_back(link);
            }
        }
    }
    followed
}

fn own_links(text: &str) -> Vec<String> {
    let body = text.split_once("\r\n").map_or("", |(_, body)| body);
    gemtext::lines(body)
        .filter_map(|line| match line {
            Line::Link { target, .. } if target.starts_with('/') => Some(target.to_owned()),
            _ => None,
        })
        .collect()
}

fn hrefs(html: &str) -> Vec<String> {
    let rests = ["href=\"", "action=\"", "src=\""].into_iter().flat_map(|name| html.split(name).skip(1));
    rests
        .filter_map(|rest| rest.split_once('"'))
        .map(|(link, _)| link.replace("&#38;", "&"))
        .filter(|link| link.starts_with('/'))
        .collect()
}

/// From a page that nobody links to, handed in at the door, to one that can be found; and what is handed in twice
/// is hurried once.
async fn a_submission_is_followed(app: &App, engine: &Engine, front: &GeminiUrl) {
    let handed_in = format!("gemini://{}/robots-are-asked-first", front.capsule());
    let sent = gemtext(app, &format!("/add-seed?{handed_in}")).await;
    assert_eq!(sent.trim_end(), format!("30 /submission?{handed_in}"));
    engine.until_all_is_indexed().await;
    let receipt = gemtext(app, &format!("/submission?{handed_in}")).await;
    assert!(receipt.contains("\nNo: the visit found nothing there (status 50, 51 or 59)"), "{receipt}");
    let again = gemtext(app, &format!("/add-seed?{}", front.as_str())).await;
    assert!(again.starts_with("30 /submission?"), "{again}");
    let receipt = gemtext(app, &format!("/submission?{front}")).await;
    // The pass over the graph may just have given it a new number, which the index has not read yet.
    let verdicts = ["\nSearchable: it can be found.", "\nFetched: it can be found as soon as"];
    assert!(verdicts.iter().any(|verdict| receipt.contains(verdict)), "it was visited lately: {receipt}");
    what_was_gone_can_come_back(app, engine).await;
    for (words, sentence) in [
        ("localhost", "Refused: the name is not a public one."),
        ("example.org:22", "Refused: port 22 is not one for capsules."),
        ("https://example.org/", "Refused: the URL does not begin with gemini://."),
        ("exa%20mple.org", "Refused: the URL names no capsule."),
    ] {
        let refused = gemtext(app, &format!("/add-seed?{words}")).await;
        assert!(refused.starts_with("20 ") && refused.contains(sentence), "{words}: {refused}");
    }
}

/// A tombstone that somebody hands in is visited like a new page, and its receipt follows it.
async fn what_was_gone_can_come_back(app: &App, engine: &Engine) {
    let known = engine.searchable().await;
    let url = known.iter().find(|url| url.path() != "/").expect("a page");
    let moment = chrono::Utc::now() + chrono::TimeDelta::days(1);
    let pattern = UrlPattern::Page(url.clone());
    let (purged, _) =
        change::sealed(&engine.store, async |tx| page::purge(tx, &pattern, moment, PageId(0), 10).await)
            .await
            .expect("purged");
    assert_eq!(purged.map(|(_, pages)| pages), Some(1));
    engine.until_all_is_indexed().await;
    let link = Link::with_words("/submission", url.as_str()).expect("a link").gemtext;
    let receipt = gemtext(app, &link).await;
    assert!(receipt.contains("\nGone: ") && receipt.contains("=> /add-seed?"), "{receipt}");
    let sent = gemtext(app, &link.replace("/submission", "/add-seed")).await;
    assert_eq!(sent.trim_end(), format!("30 {link}"));
    engine.until_all_is_indexed().await;
    let receipt = gemtext(app, &link).await;
    let verdicts = ["\nSearchable: it can be found.", "\nFetched: it can be found as soon as"];
    assert!(verdicts.iter().any(|verdict| receipt.contains(verdict)), "it is back: {receipt}");
}

/// The rules of today hold for what was fetched yesterday, and on the web those of `webproxy` too.
async fn archivers_are_obeyed(app: &App, store: &Store, front: &GeminiUrl) {
    let capsule = store
        .read(async |c| profile::capsule_at(c, front.capsule()).await)
        .await
        .expect("the store")
        .expect("a capsule");
    let keep = async |rules: &str| {
        let asked = AskedRobots {
            capsule,
            folder: "/".to_owned(),
            answer: RobotsAnswer::Rules,
            rules: Some(rules.to_owned()),
            ask_again_in: Duration::from_secs(3_600),
        };
        store.write(async |c| robots::keep(c, &asked).await).await.expect("kept");
    };
    let link = format!("/cached?{front}");
    let shows = async |tongue| {
        let answer = route::public(app, &ask(&link, tongue)).await;
        let Ok(Answer::Page(page)) = answer else { panic!("no screen") };
        !page.view.gemtext().expect("gemtext").contains("Not shown: line 2 of /robots.txt forbids it")
    };
    assert!(shows(Tongue::Gemini).await && shows(Tongue::Web).await, "nothing forbids it");
    keep("User-agent: webproxy\nDisallow: /\n").await;
    assert!(shows(Tongue::Gemini).await && !shows(Tongue::Web).await, "a web proxy's work is forbidden");
    keep("User-agent: archiver\nDisallow: /\n").await;
    assert!(!shows(Tongue::Gemini).await && !shows(Tongue::Web).await, "archives are forbidden");
    let asked = store.read(async |c| leave::ask(c, front, &[Use::Index]).await).await.expect("the store");
    assert!(matches!(asked, leave::Answer::Given(_)), "searching is not");
}

/// Each screen says so within the deadline, and the search goes on.
async fn without_the_database(app: &App, starts: &[String], capsule: &str) {
    for link in starts.iter().filter(|link| link.as_str() != "/") {
        let asked = ask(link, Tongue::Gemini);
        let answer = tokio::time::timeout(Duration::from_secs(25), route::public(app, &asked)).await;
        let problem = answer.expect("an answer in time").err();
        assert_eq!(problem, Some(Problem::StoreAway), "{link}");
    }
    let found = gemtext(app, &format!("/search?{capsule}")).await;
    assert!(found.starts_with("20 "), "searches need no database: {found}");
}
