//! Four crawlers on one store, killed again and again, are as polite as one: 200 names on three addresses, judged by
//! what the servers saw.
//!
//! - no name and no address ever has two connections at once;
//! - between two connections to a name, or to an address, there is at least the gap that it asks for;
//! - and every page is fetched.

#[path = "support/life.rs"]
mod life;

use std::collections::BTreeSet;
use std::time::Duration;

use bench::engine;
use life::Life;
use rand::rngs::SmallRng;
use rand::{Rng, SeedableRng};
use shared::store::cluster::scratch;
use shared::store::crawl::turn;
use space::{By, Capsule, Space};
use sqlx::ConnectOptions as _;

const WORKERS: usize = 4;
const NAMES: usize = 200;
const ADDRESSES: usize = 3;
const KILLS: usize = 10;
/// What every capsule asks for in its robots.txt, scaled down from what the open network gets.
const GAP: Duration = Duration::from_millis(40);
/// The server's clock starts when it accepts, and the crawler's when it has closed: what lies between is no rudeness.
const NOTICED_LATE: Duration = Duration::from_millis(5);
/// Requests of one name: robots.txt and two pages.
const REQUESTS: usize = 3;

/// The crawler's process; as a test of its own it has nothing to do.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_life_of_the_crawler() {
    life::live().await;
}

fn capsule(number: usize) -> Capsule {
    Capsule::new()
        .robots(&format!("User-agent: *\nCrawl-delay: {}\n", GAP.as_secs_f64()))
        .page("/", format!("# Capsule {number}\n\n=> /next.gmi On\n"))
        .page("/next.gmi", format!("# The next page of {number}\n"))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn many_workers_and_many_kills_are_as_polite_as_one_worker() {
    let builder = (0..NAMES).fold(Space::builder().addresses(ADDRESSES), |builder, number| {
        builder.capsule(&format!("capsule-{number}.example"), capsule(number))
    });
    let space = builder.start().await.expect("a space");
    let scratch = scratch::database().await;
    let store = scratch.store();
    crawler::plant(&store, &engine::front_pages(&space)).await.expect("the seeds are planted");
    let folders: Vec<_> = (0..WORKERS).map(|_| tempfile::tempdir().expect("a state folder")).collect();
    let url = scratch.options().to_url_lossy().to_string();
    let begin = |worker: usize| Life::begin(&url, folders[worker].path(), &space);

    let mut workers: Vec<Life> = (0..WORKERS).map(begin).collect();
    let mut dice = SmallRng::seed_from_u64(7);
    let needed = (NAMES * REQUESTS) as u64;
    for kill in 0..KILLS {
        let goal = needed * (kill as u64 + 1) / (KILLS as u64 + 2);
        space.wait_for(|log| goal <= log.request_count()).await.expect("the crawl goes on");
        let one = dice.random_range(0..WORKERS);
        drop(workers.remove(one));
        workers.insert(one, begin(one));
    }
    let everything = |log: &space::Log| {
        let pages = log.requests().filter(|request| request.url.ends_with("/next.gmi"));
        pages.map(|request| request.host.as_str()).collect::<BTreeSet<_>>().len() == NAMES
    };
    space.wait_for(everything).await.expect("every page is fetched");
    // Visits of the last moment are still being stored.
    for _look in 0..600 {
        if store.read(turn::backlog).await.expect("the store answers").due_capsules == 0 {
            break;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    drop(workers);

    for by in [By::Host, By::Address] {
        assert_eq!(space.max_open_at_once(by), 1, "two connections at once, {by:?}");
        let rest = space.smallest_rest_among_kills(by).expect("many connections");
        assert!(GAP <= rest + NOTICED_LATE, "only {rest:?} between two connections, {by:?}");
    }
    assert_eq!(store.read(turn::backlog).await.expect("the store answers").due_capsules, 0);
    let requests = space.request_count();
    let most = needed + KILLS as u64 * 2 * ADDRESSES as u64;
    assert!(requests <= most, "{requests} requests for {needed}: a kill costs what was in flight, no more");
}
