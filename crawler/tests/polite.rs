//! The crawl of a small scripted space over real connections and a real database: everything is found and
//! stored once, and nobody is asked more often than is polite.

#![allow(clippy::unwrap_used, reason = "what a test sets up must be there")]

#[path = "support/crawling.rs"]
mod crawling;

use std::collections::BTreeSet;
use std::time::{Duration, SystemTime};

use crawler::config::Pace;
use crawling::World;
use shared::gemini::url::GeminiUrl;
use shared::store::asked::job::{self, Asked, JobKind};
use shared::store::bell::{self, Topic};
use shared::store::feed::entry::{self, EntryState};
use shared::store::id::ChangeId;
use space::{Behaviour, By, Capsule, Space};
use tokio::time::Instant;

fn paths(space: &Space, host: &str) -> Vec<String> {
    let path = |request: &space::Request| GeminiUrl::parse(&request.url).unwrap().path_and_query().to_owned();
    space.requests_for(host).iter().map(path).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_small_space_is_crawled_whole_and_every_page_is_stored_once() {
    let space = Space::builder()
        .capsule(
            "garden.example",
            Capsule::new()
                .page("/", "# The garden\n=> /pond The pond\n=> /pond/ Another pond\n=> gemini://hill.example/ Up the hill\n")
                .page("/pond", "# The pond\nStill water.\n=> / Home\n")
                .page("/pond/", "# The pond again\n=> ../old Gone over\n")
                .moved("/old", "gemini://hill.example/new"),
        )
        .capsule(
            "hill.example",
            Capsule::new()
                .page("/", "# The hill\n=> gemini://garden.example/pond Look down\n=> /missing Nothing there\n=> /ask Ask\n")
                .page("/new", "# A new place\n")
                .prompt("/ask", "What?"),
        )
        .start()
        .await
        .unwrap();
    let world = World::new().await;
    let crawling = world.crawl(&space, Pace::Unpaced, &["gemini://garden.example/"]);
    let asked =
        |host: &str, path: &str| space.look(|log| log.requests_for(host).any(|one| one.url.ends_with(path)));
    space
        .wait_for(|log| {
            log.requests_for("hill.example").any(|one| one.url.ends_with("/new"))
                && log.requests_for("hill.example").any(|one| one.url.ends_with("/ask"))
        })
        .await
        .unwrap();
    crawling.is_quiet().await;
    crawling.stop().await;

    assert!(asked("garden.example", "/old"));
    let mut garden = paths(&space, "garden.example");
    garden.sort();
    assert_eq!(garden, ["/", "/old", "/pond", "/pond/", "/robots.txt"]);
    let mut hill = paths(&space, "hill.example");
    hill.sort();
    assert_eq!(hill, ["/", "/ask", "/missing", "/new", "/robots.txt"]);

    let feed = world.store().read(async |c| entry::since(c, ChangeId::START, 1_000).await).await.unwrap();
    let searchable: BTreeSet<String> = feed
        .into_iter()
        .filter_map(|entry| match entry.state {
            EntryState::Searchable(page) => Some(page.url.to_string()),
            EntryState::Removed | EntryState::Unreadable { .. } => None,
        })
        .collect();
    let expected = [
        "gemini://garden.example/",
        "gemini://garden.example/pond",
        "gemini://garden.example/pond/",
        "gemini://hill.example/",
        "gemini://hill.example/ask",
        "gemini://hill.example/new",
    ];
    assert_eq!(searchable, expected.map(str::to_owned).into());
    assert_eq!(space.max_open_at_once(By::Host), 1);
    assert_eq!(space.open_connections(), 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn capsules_at_one_address_are_asked_one_after_the_other() {
    let mut builder = Space::builder().addresses(1);
    let mut index = String::from("# All\n");
    for number in 0..8 {
        let host = format!("c{number}.example");
        index.push_str(&format!("=> gemini://{host}/\n"));
        builder = builder.capsule(
            &host,
            Capsule::new().page("/", format!("# {number}\n=> /more\n")).page("/more", "# More\n"),
        );
    }
    let space = builder.capsule("index.example", Capsule::new().page("/", index)).start().await.unwrap();
    let world = World::new().await;
    let crawling = world.crawl(&space, Pace::Unpaced, &["gemini://index.example/"]);
    space.wait_for(|log| log.requests().filter(|one| one.url.ends_with("/more")).count() == 8).await.unwrap();
    crawling.is_quiet().await;
    crawling.stop().await;
    assert_eq!(space.max_open_at_once(By::Address), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn between_two_requests_a_capsule_has_its_rest() {
    let space = Space::builder()
        .capsule("slow.example", Capsule::new().page("/", "# One\n=> /two\n").page("/two", "# Two\n"))
        .start()
        .await
        .unwrap();
    let world = World::new().await;
    // Two workers on one store: the pace is the capsule's, not the worker's.
    let first = world.crawl(&space, Pace::Polite, &["gemini://slow.example/"]);
    let second = world.crawl(&space, Pace::Polite, &["gemini://slow.example/"]);
    space.wait_for(|log| log.requests_for("slow.example").count() == 3).await.unwrap();
    first.stop().await;
    second.stop().await;
    assert!(space.smallest_rest(By::Host).unwrap() >= Duration::from_millis(2_450));
    assert_eq!(space.max_open_at_once(By::Host), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn slow_down_is_waited_for_by_the_whole_capsule() {
    let space = Space::builder()
        .capsule(
            "busy.example",
            Capsule::new()
                .page("/", "# Busy\n=> /a\n=> /b\n")
                .page("/a", "# A\n")
                .page("/b", "# B\n")
                .slow_down("/a", "3", 1),
        )
        .start()
        .await
        .unwrap();
    let world = World::new().await;
    let crawling = world.crawl(&space, Pace::Unpaced, &["gemini://busy.example/"]);
    space
        .wait_for(|log| {
            let asked =
                |path: &str| log.requests_for("busy.example").filter(|one| one.url.ends_with(path)).count();
            asked("/a") == 2 && asked("/b") == 1
        })
        .await
        .unwrap();
    crawling.stop().await;
    let requests = space.requests_for("busy.example");
    let told = requests.iter().position(|one| one.status == Some(44)).unwrap();
    let (told, next) = (&requests[told], &requests[told + 1]);
    assert!(next.opened_at - told.requested_at.unwrap() >= Duration::from_secs(3));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn slow_down_in_a_sentence_doubles_the_gap_until_quiet_days_have_passed() {
    let space = Space::builder()
        .capsule(
            "busy.example",
            Capsule::new()
                .page("/", "# Busy\n=> /a\n=> /b\n")
                .page("/a", "# A\n")
                .page("/b", "# B\n")
                .slow_down("/a", "Too fast, be gentle!", 1),
        )
        .start()
        .await
        .unwrap();
    let world = World::new().await;
    // Without a gap of our own: what is seen is what the capsule asked for.
    let crawling = world.crawl(&space, Pace::Unpaced, &["gemini://busy.example/"]);
    let has = |count: usize| move |log: &space::Log| count <= log.requests_for("busy.example").count();
    space.wait_for(has(5)).await.unwrap();
    crawling.is_quiet().await;
    let rests = |skip: usize| -> Vec<Duration> {
        let requests = space.requests_for("busy.example");
        let rests = requests.windows(2).map(|pair| pair[1].opened_at - pair[0].closed_at.unwrap());
        rests.skip(skip).collect()
    };
    // A sentence without a number asks for twice the gap, from here on.
    let told = space.requests_for("busy.example").iter().position(|one| one.status == Some(44)).unwrap();
    let slow = Duration::from_millis(1_900);
    assert!(rests(told).iter().all(|rest| slow < *rest), "{:?}", rests(told));
    crawling.stop().await;

    // Four days later, robots.txt and all pages again: the first answer ends it.
    world.scratch.set_clock(SystemTime::now() + Duration::from_secs(4 * 24 * 3600)).await.unwrap();
    let again = world.crawl(&space, Pace::Unpaced, &[]);
    let store = world.store();
    let asked = store.write(async |c| {
        let asked = job::ask(c, JobKind::Recrawl, "busy.example").await?;
        bell::ring(c, Topic::Jobs).await?;
        Ok(asked)
    });
    assert!(matches!(asked.await.unwrap(), Asked::New(_)));
    space.wait_for(has(9)).await.unwrap();
    again.stop().await;
    let later = rests(6);
    assert!(later.iter().all(|rest| *rest < slow), "the gap has decayed: {later:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_restarted_worker_goes_on_where_it_was() {
    let space = Space::builder()
        .capsule("a.example", Capsule::new().page("/", "# A\n=> gemini://b.example/\n"))
        .capsule("b.example", Capsule::new().page("/", "# B\n"))
        .start()
        .await
        .unwrap();
    let world = World::new().await;
    let first = world.crawl(&space, Pace::Unpaced, &["gemini://a.example/"]);
    space.wait_for(|log| log.requests_for("a.example").count() == 2).await.unwrap();
    first.stop().await;
    // No seeds: what is known is in the store.
    let second = world.crawl(&space, Pace::Unpaced, &[]);
    space.wait_for(|log| log.requests_for("b.example").count() == 2).await.unwrap();
    second.is_quiet().await;
    second.stop().await;
    assert_eq!(paths(&space, "a.example"), ["/robots.txt", "/"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_recrawl_asked_for_a_hundred_times_is_one_visit_within_five_seconds() {
    let space = Space::builder()
        .capsule("a.example", Capsule::new().page("/", "# A\n=> /one\n").page("/one", "# One\n"))
        .start()
        .await
        .unwrap();
    let world = World::new().await;
    let crawling = world.crawl(&space, Pace::Unpaced, &["gemini://a.example/"]);
    space.wait_for(|log| log.requests_for("a.example").count() == 3).await.unwrap();
    crawling.is_quiet().await;
    let asked_at = Instant::now();
    let made = world
        .store()
        .write(async |c| {
            let mut made = 0;
            for _ in 0..100 {
                if matches!(job::ask(c, JobKind::Recrawl, "gemini://a.example/one").await?, Asked::New(_)) {
                    made += 1;
                }
            }
            bell::ring(c, Topic::Jobs).await?;
            Ok(made)
        })
        .await
        .unwrap();
    assert_eq!(made, 1);
    space.wait_for(|log| log.requests_for("a.example").count() == 4).await.unwrap();
    assert!(asked_at.elapsed() < Duration::from_secs(5));
    crawling.is_quiet().await;
    crawling.stop().await;
    assert_eq!(paths(&space, "a.example"), ["/robots.txt", "/", "/one", "/one"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn hostile_neighbours_stop_nobody() {
    let mut builder = Space::builder().faster(10);
    let mut index = String::from("# All\n");
    for behaviour in Behaviour::all() {
        let host = format!("{}.hostile.example", behaviour.name());
        index.push_str(&format!("=> gemini://{host}/\n"));
        builder = builder.hostile(&host, behaviour);
    }
    for number in 0..20 {
        let host = format!("good{number}.example");
        index.push_str(&format!("=> gemini://{host}/\n"));
        builder =
            builder.capsule(&host, Capsule::new().page("/", "# Good\n=> /more\n").page("/more", "# More\n"));
    }
    let space = builder.capsule("index.example", Capsule::new().page("/", index)).start().await.unwrap();
    let world = World::new().await;
    let crawling = world.crawl(&space, Pace::Unpaced, &["gemini://index.example/"]);
    space
        .wait_for(|log| {
            log.requests().filter(|one| one.host.starts_with("good") && one.url.ends_with("/more")).count()
                == 20
        })
        .await
        .unwrap();
    crawling.stop().await;
    assert_eq!(space.max_open_at_once(By::Host), 1);
}
