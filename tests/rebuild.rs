//! An index is built anew while the old one is searched without a break.
//!
//! - no search fails, before, during or after the switch;
//! - an indexer that is killed at any point of the building leaves the old index serving;
//! - the build after that leaves nothing of the killed ones behind.
//!
//! The builder is a child process: this very program, asked for one test with the database's address.

#![allow(clippy::unwrap_used, reason = "a step that fails is a test that fails")]

#[path = "../indexer/tests/support/planted.rs"]
mod planted;
#[path = "../indexer/tests/support/plot.rs"]
mod plot;

use std::env;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU64, Ordering};

use indexer::Indexer;
use plot::{Plot, config};
use server::search::{SearchConfig, SearchRequest, Searcher};
use shared::index::generation::IndexFolder;
use shared::store::{Store, StoreOptions};
use sqlx::ConnectOptions;
use tokio::time::{self, Duration, Instant};
use tokio_util::sync::CancellationToken;

const PAGES: u32 = 1_500;
/// How far, in percent, the build has come when it is killed.
const KILLED_AT: [u8; 5] = [0, 17, 41, 68, 93];
const DATABASE: &str = "SEXTANT_TEST_DATABASE";
const FOLDER: &str = "SEXTANT_TEST_FOLDER";
/// A build that takes longer is none.
const LONG_ENOUGH: Duration = Duration::from_secs(600);

/// The child's whole life; without a parent it is no test.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn child() {
    let (Ok(database), Some(folder)) = (env::var(DATABASE), env::var_os(FOLDER)) else { return };
    let store = Store::lazy(StoreOptions::from_url(&database).unwrap());
    let indexer = Indexer::new(config(&PathBuf::from(folder)), store);
    time::timeout(LONG_ENOUGH, indexer.rebuild(&CancellationToken::new())).await.unwrap().unwrap();
}

fn start(plot: &Plot) -> Child {
    Command::new(env::current_exe().unwrap())
        .args(["--exact", "child", "--nocapture"])
        .env(DATABASE, plot.scratch.options().to_url_lossy().as_str())
        .env(FOLDER, plot.folder())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap()
}

/// Searches without a break; counts the searches.
async fn search_on(searcher: &Searcher, searches: &AtomicU64) {
    for number in 0_u32.. {
        let words = format!("planted {}", number % PAGES);
        let results = searcher.search(SearchRequest::new(words)).await.expect("no search fails");
        assert!(!results.hits.is_empty(), "page {} is found", number % PAGES);
        searches.fetch_add(1, Ordering::Relaxed);
    }
}

async fn until_percent(folder: &IndexFolder, child: &mut Child, percent: u8) {
    let end = Instant::now() + LONG_ENOUGH;
    while folder.rebuilding().is_none_or(|now| now < percent) {
        assert!(Instant::now() < end, "the build never came to {percent} %");
        assert_eq!(child.try_wait().unwrap(), None, "the build ended before it was killed");
        time::sleep(Duration::from_millis(5)).await;
    }
}

fn generations(folder: &Path) -> usize {
    let entries = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    entries.filter(|path| path.is_dir()).count()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_old_index_serves_until_the_new_one_does() {
    let plot = Plot::new().await;
    planted::plant(&plot.scratch.options(), planted::pages(PAGES)).await;
    plot.indexer().rebuild(&CancellationToken::new()).await.unwrap();
    let folder = IndexFolder::at(&plot.folder());
    let current = || folder.current().unwrap().unwrap();
    let before = current();
    let searcher = Searcher::open(&plot.folder(), SearchConfig::default());
    let searches = AtomicU64::new(0);
    let building = async {
        for percent in KILLED_AT {
            let searched = searches.load(Ordering::Relaxed);
            let mut child = start(&plot);
            until_percent(&folder, &mut child, percent).await;
            child.kill().unwrap();
            child.wait().unwrap();
            assert_eq!(current(), before, "killed at {percent} %, and the old index serves");
            assert!(searched < searches.load(Ordering::Relaxed), "and is searched meanwhile");
        }
        let report = plot.indexer().rebuild(&CancellationToken::new()).await.unwrap();
        assert_eq!(report.differences(), 0, "{report}");
        assert_ne!(current(), before);
        searcher.refresh();
        let searched = searches.load(Ordering::Relaxed);
        while searches.load(Ordering::Relaxed) < searched + 20 {
            time::sleep(Duration::from_millis(5)).await;
        }
    };
    tokio::select! {
        () = search_on(&searcher, &searches) => unreachable!("it searches on"),
        () = building => {}
    }
    assert_eq!(generations(&plot.folder()), 2, "the new one, and the one before for a roll-back");
}
