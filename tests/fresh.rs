//! How soon the search knows what the store knows, with the rhythm of the product.
//!
//! - while twenty pages come a second, half of them are found ten seconds after their commit or sooner;
//! - what is purged, and what an admin shuts out, is found no more within a minute.

#![allow(clippy::unwrap_used, reason = "a step that fails is a test that fails")]

#[path = "../indexer/tests/support/plot.rs"]
mod plot;

use std::time::Duration;

use indexer::{Config, Indexer};
use plot::{Plot, beside};
use server::search::{SearchConfig, SearchError, SearchRequest, Searcher};
use shared::store::asked::exclusion::{self, Exclusion};
use tokio::time::{self, Instant, MissedTickBehavior};

const PAGES: usize = 120;
/// Between two pages.
const GAP: Duration = Duration::from_millis(50);
const AT_THE_MEDIAN: Duration = Duration::from_secs(10);
const REMOVED_WITHIN: Duration = Duration::from_secs(60);

fn url(number: usize) -> String {
    format!("gemini://c{}.example/{number}", number % 4)
}

fn word(number: usize) -> String {
    format!("fresh{number}word")
}

async fn is_found(searcher: &Searcher, number: usize) -> bool {
    match searcher.search(SearchRequest::new(word(number))).await {
        Ok(results) => results.hits.iter().any(|hit| hit.url.as_str() == url(number)),
        Err(SearchError::NoIndex) => false,
        Err(error) => panic!("a search failed: {error}"),
    }
}

/// Waits until a page is found, or found no more.
async fn until_found(searcher: &Searcher, number: usize, found: bool) {
    let waiting = async {
        while is_found(searcher, number).await != found {
            time::sleep(GAP).await;
        }
    };
    time::timeout(REMOVED_WITHIN, waiting).await.expect("the search learns it within a minute");
}

/// Puts pages at their pace, and says when each was committed.
async fn arrive(plot: &Plot) -> Vec<Instant> {
    let mut pace = time::interval(GAP);
    pace.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut committed = Vec::new();
    for number in 0..PAGES {
        pace.tick().await;
        plot.put(&url(number), &word(number)).await;
        committed.push(Instant::now());
    }
    committed
}

/// Says when each page was found first.
async fn watch(searcher: &Searcher) -> Vec<Instant> {
    let mut found = Vec::new();
    for number in 0..PAGES {
        until_found(searcher, number, true).await;
        found.push(Instant::now());
    }
    found
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_the_store_knows_is_soon_found_and_what_it_forgets_is_not() {
    let plot = Plot::new().await;
    let indexer = Indexer::new(Config::new(plot.folder(), "test"), plot.store.clone());
    let searcher = Searcher::open(&plot.folder(), SearchConfig::default());
    beside(&indexer, async {
        let (committed, found) = tokio::join!(arrive(&plot), watch(&searcher));
        let mut delays: Vec<Duration> =
            found.iter().zip(&committed).map(|(found, committed)| found.duration_since(*committed)).collect();
        delays.sort_unstable();
        let median = delays[PAGES / 2];
        assert!(median <= AT_THE_MEDIAN, "the median is {median:?}, the longest {:?}", delays[PAGES - 1]);

        plot.purge(&url(5)).await;
        let rule = Exclusion::new("c2.example".parse().unwrap(), "asked for");
        plot.store.write(async |c| exclusion::add(c, &rule).await).await.unwrap();
        for number in [5, 2, 6, 10] {
            until_found(&searcher, number, false).await;
        }
        assert!(is_found(&searcher, 4).await, "the others stay");
    })
    .await;
}
