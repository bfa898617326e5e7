//! A removal holds against every visit that began before it, and against what its server calls gone.

use super::*;
use shared::process::progress::Progress;

/// Whoever stands still for two minutes is taken for one that hangs, and its process is ended.
#[tokio::test]
async fn what_takes_many_slices_is_seen_to_move() {
    let world = World::new(Budget::PerDay(100), &["gemini://a.example/"]).await;
    let mut connection = world.scratch.options().connect().await.unwrap();
    for statement in [
        "insert into page (capsule, path, folder, standing, shut_out, fetched_at)
         select capsule, '/' || n, folder, 'withdrawn', true, clock() from page, generate_series(1, 3000) n",
        "update capsule set ip = '192.0.2.1'",
    ] {
        sqlx::query(statement).execute(&mut connection).await.unwrap();
    }
    let rule = Exclusion::new("address:192.0.2.0/24".parse().unwrap(), "a test");
    world.store.write(async |c| exclusion::add(c, &rule).await).await.unwrap();
    let everything = "*".parse().unwrap();
    world.store.write(async |c| removal::record(c, &everything, Origin::Gone).await).await.unwrap();

    let progress = Progress::default();
    let part = progress.part("jobs");
    let pulses = || progress.parts()[0].pulses;
    let at_work = (&world.store, &part);
    crawler::jobs::rules::run(at_work).await;
    assert!(6 <= pulses(), "slices of a thousand pages, twice: {}", pulses());
    let before = pulses();
    crawler::jobs::purge::left_over(at_work).await.unwrap();
    assert!(15 <= pulses() - before, "slices of two hundred: {}", pulses() - before);
    let before = pulses();
    crawler::jobs::upkeep::run(at_work, Step::Enough).await;
    crawler::jobs::figures::run(at_work).await;
    assert!(7 <= pulses() - before, "what is done, and what is counted: {}", pulses() - before);
}

/// A network during whose first answer with a page everything is removed.
struct Removing<'a>(&'a Table, Store, Origin, AtomicBool);

impl Fetch for Removing<'_> {
    async fn resolve(&self, host: &Host) -> Result<Vec<IpAddr>, FetchError> {
        self.0.resolve(host).await
    }

    async fn get(&self, url: &GeminiUrl, ip: IpAddr, want: Want) -> Result<Fetched, FetchError> {
        let fetched = self.0.get(url, ip, want).await;
        if want == Want::Page && !self.3.swap(true, Ordering::Relaxed) {
            let (everything, origin) = ("*".parse().unwrap(), self.2);
            self.1.write(async |c| removal::record(c, &everything, origin).await).await.unwrap();
            crawler::jobs::purge::left_over((&self.1, &Part::default())).await.unwrap();
        }
        fetched
    }
}

#[rstest]
#[case::an_owners_wish(Origin::Owner)]
#[case::a_servers_word(Origin::Gone)]
#[tokio::test]
async fn a_visit_that_began_before_a_removal_brings_nothing_back(#[case] origin: Origin) {
    let space = table(&[("gemini://a.example/", GEMTEXT, "# A\n")]);
    let world = World::new(Budget::PerDay(100), &["gemini://a.example/"]).await;
    let network = Removing(&space, world.store.clone(), origin, AtomicBool::new(false));
    world.crawl(&network).await;
    assert!(world.searchable().await.is_empty());
    assert_eq!(world.texts().await, 0, "nothing of it stays in the store");
    let entries = world.store.read(async |c| removal::open(c, Open::All, 10).await).await.unwrap();
    assert!(entries.is_empty(), "{entries:?} are done");

    // A visit that begins later is another matter.
    world.scratch.set_clock(SystemTime::now() + HOUR).await.unwrap();
    world.crawl(&network).await;
    assert_eq!(world.searchable().await, ["gemini://a.example/".to_owned()].into());
}

#[tokio::test]
async fn what_its_server_calls_gone_leaves_the_store_and_numbers_what_it_linked_to() {
    let before = table(&[
        ("gemini://a.example/", GEMTEXT, "# A\n=> gemini://b.example/ a most telling label\n"),
        ("gemini://b.example/", GEMTEXT, "# B\n"),
    ]);
    let world = World::new(Budget::PerDay(100), &["gemini://a.example/", "gemini://b.example/"]).await;
    world.crawl(&before).await;
    let number = async |url: &str| {
        let url = GeminiUrl::parse(url).unwrap();
        let known = world.store.read(async |c| page::find(c, &[url.clone()].into()).await).await.unwrap();
        let page = known[&url].1;
        world.store.read(async |c| entry::of(c, &[page]).await).await.unwrap()[0].change
    };
    let target = number("gemini://b.example/").await;
    let after = table(&[("gemini://b.example/", GEMTEXT, "# B\n"), ("gemini://a.example/", "52 gone", "")]);
    let front = "gemini://a.example/".parse().unwrap();
    crawler::jobs::recrawl::slice(&world.store, &front, PageId(0)).await.unwrap();
    world.crawl(&after).await;
    assert_eq!(world.searchable().await, ["gemini://b.example/".to_owned()].into());
    crawler::jobs::purge::left_over((&world.store, &Part::default())).await.unwrap();
    assert_eq!(world.texts().await, 1, "the text of what is gone is deleted");
    assert!(target < number("gemini://b.example/").await, "a label of the other page is gone");
}
