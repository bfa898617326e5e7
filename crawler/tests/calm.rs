//! What is not to be crawled now is left alone and lost by nobody: what the admin has paused, and everything while the
//! disk is nearly full. A clock that is set back stops nothing.

#![allow(clippy::unwrap_used, reason = "what a test sets up must be there")]

#[path = "support/asked.rs"]
mod asked;
#[path = "support/crawling.rs"]
mod crawling;

use std::time::{Duration, SystemTime};

use asked::WAIT;
use crawler::config::Pace;
use crawling::World;
use shared::gemini::pattern::UrlPattern;
use shared::process::disk::Reserve;
use shared::store::asked::job::{self, JobKind};
use shared::store::asked::pause;
use shared::store::bell::{self, Topic};
use shared::store::crawl::worker;
use shared::store::id::WorkerId;
use space::{Capsule, Space};
use tokio::time::Instant;

fn pattern(text: &str) -> UrlPattern {
    text.parse().unwrap()
}

async fn two_gardens() -> Space {
    let garden = |users: bool| {
        let capsule = Capsule::new()
            .page("/", "# A garden\n=> /pond A pond\n=> /~ann/ Ann's corner\n")
            .page("/pond", "# A pond\n");
        if users { capsule.page("/~ann/", "# Ann\n") } else { capsule }
    };
    Space::builder()
        .capsule("east.example", garden(true))
        .capsule("west.example", garden(false))
        .start()
        .await
        .unwrap()
}

fn asked(space: &Space, host: &str, path: &str) -> usize {
    space.requests_for(host).iter().filter(|request| request.url.ends_with(path)).count()
}

impl World {
    async fn pause(&self, what: &str) {
        let what = pattern(what);
        self.store()
            .write(async |c| {
                pause::add(c, &what, "a test", "test").await?;
                bell::ring(c, Topic::Crawl).await
            })
            .await
            .unwrap();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_paused_is_left_alone_and_the_rest_goes_on() {
    let space = two_gardens().await;
    let world = World::new().await;
    world.pause("west.example").await;
    world.pause("gemini://east.example/~ann/*").await;
    let seeds = ["gemini://east.example/", "gemini://west.example/"];
    let crawling = world.crawl(&space, Pace::Unpaced, &seeds);
    space
        .wait_for(|log| log.requests_for("east.example").any(|one| one.url.ends_with("/pond")))
        .await
        .unwrap();
    // What was paused is due still; a whole look later it was not visited.
    let until = Instant::now() + WAIT;
    while asked(&space, "east.example", "/pond") < 2 {
        assert!(Instant::now() < until, "the rest does not go on");
        // What is asked for while a page is on its way is answered by that visit.
        world.recrawl().await;
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    assert_eq!((asked(&space, "west.example", ""), asked(&space, "east.example", "/~ann/")), (0, 0));

    for what in ["west.example", "gemini://east.example/~ann/"] {
        let what = pattern(what);
        let removed = world.store().write(async |c| pause::remove(c, &what).await).await.unwrap();
        assert!(removed, "{what} was paused");
    }
    world.recrawl().await;
    space
        .wait_for(|log| {
            log.requests_for("west.example").any(|one| one.url.ends_with("/pond"))
                && log.requests_for("east.example").any(|one| one.url.ends_with("/~ann/"))
        })
        .await
        .unwrap();

    world.pause("*").await;
    world.until_told("paused").await;
    crawling.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_paused_domain_waits_with_all_that_is_below_it() {
    const HOSTS: [&str; 4] =
        ["pond.example", "deep.pond.example", "very.deep.pond.example", "millpond.example"];
    let capsule = || Capsule::new().page("/", "# A pond\n=> /frog A frog\n").page("/frog", "# A frog\n");
    let builder = HOSTS.iter().fold(Space::builder(), |builder, host| builder.capsule(host, capsule()));
    let space = builder.start().await.unwrap();
    let world = World::new().await;
    world.pause("*.pond.example").await;
    let seeds = HOSTS.map(|host| format!("gemini://{host}/"));
    let seeds: Vec<&str> = seeds.iter().map(String::as_str).collect();
    let crawling = world.crawl(&space, Pace::Unpaced, &seeds);
    let until = Instant::now() + WAIT;
    while asked(&space, "millpond.example", "/frog") < 2 {
        assert!(Instant::now() < until, "a host that is called alike waits, too");
        world.recrawl().await;
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    assert_eq!(HOSTS.map(|host| 0 < asked(&space, host, "")), [false, false, false, true]);

    let domain = pattern("*.pond.example");
    assert!(world.store().write(async |c| pause::remove(c, &domain).await).await.unwrap());
    let all = |log: &space::Log| {
        HOSTS.iter().all(|host| log.requests_for(host).any(|request| request.url.ends_with("/frog")))
    };
    space.wait_for(all).await.unwrap();
    crawling.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn while_the_disk_is_nearly_full_nothing_is_crawled_and_the_admin_is_told() {
    let space = two_gardens().await;
    let world = World::new().await;
    let crawling = world.crawl_with(space.routes(), &["gemini://east.example/"], |config| {
        config.reserve = Reserve::Bytes(u64::MAX)
    });
    world.until_told("MiB are free").await;
    assert_eq!(space.request_count(), 0);
    crawling.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_clock_that_is_set_back_by_an_hour_stops_nothing() {
    let space = two_gardens().await;
    let world = World::new().await;
    let crawling = world.crawl(&space, Pace::Polite, &["gemini://west.example/"]);
    space
        .wait_for(|log| log.requests_for("west.example").any(|one| one.url.ends_with("/pond")))
        .await
        .unwrap();
    let until_noted = Instant::now() + WAIT;
    while world.store().read(async |c| worker::all(c).await).await.unwrap().is_empty() {
        assert!(Instant::now() < until_noted, "the worker gives no sign of life");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    // Capsule and address have been left alone until a moment that is now an hour away.
    world.scratch.set_clock(SystemTime::now() - Duration::from_secs(3_600)).await.unwrap();
    world.recrawl().await;
    // It is noticed with the next sign of life, and the gaps are those of a capsule that may answer slowly today.
    space
        .wait_at_most(4 * WAIT, |log| {
            log.requests_for("west.example").filter(|one| one.url.ends_with("/pond")).count() >= 2
        })
        .await
        .unwrap();
    crawling.stop().await;
}

/// The process that had a recrawl in hand died in the middle of it.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_recrawl_is_one_job_however_often_it_is_asked_for_and_outlives_the_process_that_had_it() {
    let space = two_gardens().await;
    let world = World::new().await;
    let store = world.store();
    let crawling = world.crawl(&space, Pace::Unpaced, &["gemini://west.example/"]);
    space
        .wait_for(|log| log.requests_for("west.example").any(|one| one.url.ends_with("/pond")))
        .await
        .unwrap();
    crawling.is_quiet().await;
    crawling.stop().await;

    for _ in 0..100 {
        world.recrawl().await;
    }
    let kinds = [JobKind::Recrawl];
    let dead = WorkerId(uuid::Uuid::new_v4());
    let job = store.write(async |c| job::lease(c, dead, &kinds, None).await).await.unwrap();
    assert!(job.is_some(), "it is there");
    let open = store.read(async |c| job::open(c).await).await.unwrap();
    assert_eq!(open.len(), 1, "one job: {open:?}");
    // Nobody renews it; two minutes later it is anybody's.
    world.scratch.set_clock(SystemTime::now() + Duration::from_secs(121)).await.unwrap();
    let crawling = world.crawl(&space, Pace::Unpaced, &["gemini://west.example/"]);
    space
        .wait_for(|log| {
            log.requests_for("west.example").filter(|one| one.url.ends_with("/pond")).count() >= 2
        })
        .await
        .unwrap();
    let until = Instant::now() + WAIT;
    while !store.read(async |c| job::open(c).await).await.unwrap().is_empty() {
        assert!(Instant::now() < until, "the job is not done");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    crawling.stop().await;
}
