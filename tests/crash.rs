//! The crawler killed at many moments of a crawl of 2,000 pages: it loses nothing and does nothing twice.
//!
//! - every page is fetched, stored and searchable in the end, none twice;
//! - a kill costs at most the fetches that were in flight;
//! - nothing stays leased by those who died;
//! - index and store agree.
//!
//! Ten kills, or as many as `SEXTANT_TEST_KILLS` says.

#[path = "support/life.rs"]
mod life;

use std::collections::BTreeSet;

use bench::engine::{self, Engine};
use life::Life;
use rand::rngs::SmallRng;
use rand::{Rng, SeedableRng};
use shared::gemini::url::GeminiUrl;
use shared::store::cluster::scratch::{self, Scratch};
use space::{By, Capsule, Space};
use sqlx::ConnectOptions as _;

const CAPSULES: usize = 40;
const PAGES: usize = 50;
const KILLS: u64 = 10;
const IN_FLIGHT: u64 = 64;

/// How often it is killed.
fn kills() -> u64 {
    let told = std::env::var("SEXTANT_TEST_KILLS").ok();
    told.map_or(KILLS, |told| told.parse().expect("SEXTANT_TEST_KILLS is a number"))
}

/// The crawler's process; as a test of its own it has nothing to do.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_life_of_the_crawler() {
    life::live().await;
}

/// A capsule whose pages are linked in a chain from its front page, each also to the same page of the next
/// capsule.
fn capsule(number: usize) -> Capsule {
    (0..PAGES).fold(Capsule::new(), |capsule, page| {
        let path = if page == 0 { "/".to_owned() } else { format!("/page-{page}.gmi") };
        let next = (page + 1 < PAGES).then(|| format!("=> /page-{}.gmi the next page\n", page + 1));
        let aside = format!("=> gemini://capsule-{}.example{path} beside\n", (number + 1) % CAPSULES);
        let text = format!(
            "# Page {page} of capsule {number}\n\nword{number}x{page} stands here.\n{aside}{}",
            next.unwrap_or_default()
        );
        capsule.page(&path, text)
    })
}

/// Capsules and addresses that somebody holds.
async fn leases(scratch: &Scratch) -> i64 {
    let mut connection = scratch.options().connect().await.expect("the database answers");
    let held = sqlx::query_scalar(
        "select (select count(*) from capsule where lease_until is not null)
              + (select count(*) from address where lease_until is not null)",
    );
    held.fetch_one(&mut connection).await.expect("leases are counted")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn many_kills_lose_nothing_and_double_nothing() {
    let builder = (0..CAPSULES).fold(Space::builder(), |builder, number| {
        builder.capsule(&format!("capsule-{number}.example"), capsule(number))
    });
    let space = builder.start().await.expect("a space");
    let scratch = scratch::database().await;
    let engine = Engine::index_only(scratch.store()).await;
    crawler::plant(&engine.store, &engine::front_pages(&space)).await.expect("the seeds are planted");
    let folder = tempfile::tempdir().expect("a state folder");
    let url = scratch.options().to_url_lossy().to_string();
    let mut dice = SmallRng::seed_from_u64(20);
    let kills = kills();
    let share = (CAPSULES * (PAGES + 1)) as u64 / kills;
    for kill in 1..=kills {
        let running = Life::begin(&url, folder.path(), &space);
        // Somewhere between its first request and the share of the crawl that this life may do.
        let goal = space.request_count() + dice.random_range(1..=share);
        let reached = space.wait_for(|log| goal <= log.request_count() || log.request_count() >= 2_100).await;
        reached.unwrap_or_else(|error| panic!("life {kill}: {error}"));
        drop(running);
    }
    let last = Life::begin(&url, folder.path(), &space);
    engine.until_all_is_indexed().await;

    let found = engine.searchable().await;
    let all: BTreeSet<GeminiUrl> = (0..CAPSULES)
        .flat_map(|capsule| {
            (0..PAGES).map(move |page| match page {
                0 => format!("gemini://capsule-{capsule}.example/"),
                _ => format!("gemini://capsule-{capsule}.example/page-{page}.gmi"),
            })
        })
        .map(|url| GeminiUrl::parse(&url).expect("a URL"))
        .collect();
    assert_eq!(found, all, "every page is stored, and nothing else");
    let requests = space.request_count();
    let needed = (CAPSULES * (PAGES + 1)) as u64;
    assert!(requests <= needed + kills * IN_FLIGHT, "{requests} requests for {needed}: kills cost too much");
    assert_eq!(leases(&scratch).await, 0, "what the dead had leased was taken back or given back");
    assert_eq!(space.max_open_at_once(By::Host), 1, "one connection at a time, over all lives");
    drop(last);
    let report = engine.stop_and_verify().await;
    assert_eq!(report.differences(), 0, "index and store differ: {report}");
    assert_eq!(report.indexed, all.len() as u64, "none is searchable twice");
}
