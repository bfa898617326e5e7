//! An indexer that is killed, again and again, loses nothing and doubles nothing.
//!
//! - what it had reported as committed is in the index after the kill;
//! - after all kills it catches up by itself and the index is as the store;
//! - no unfinished file and no held lock is left behind.
//!
//! The indexer runs in a child process: this very program, asked for one test with the database's address.

#![allow(clippy::unwrap_used, reason = "a step that fails is a test that fails")]

#[path = "support/planted.rs"]
mod planted;
#[path = "support/plot.rs"]
mod plot;

use std::env;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use indexer::Indexer;
use plot::{Plot, beside, config, until};
use shared::index::generation::IndexFolder;
use shared::store::feed::follower;
use shared::store::id::ChangeId;
use shared::store::{Store, StoreOptions};
use sqlx::ConnectOptions;
use tokio::time;
use tokio_util::sync::CancellationToken;

/// As many as the long runs say, else these.
const KILLS: u32 = 30;
const DATABASE: &str = "SEXTANT_TEST_DATABASE";
const FOLDER: &str = "SEXTANT_TEST_FOLDER";

/// The child's whole life; without a parent it is no test.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn child() {
    let (Ok(database), Some(folder)) = (env::var(DATABASE), env::var_os(FOLDER)) else { return };
    let store = Store::lazy(StoreOptions::from_url(&database).unwrap());
    let indexer = Indexer::new(config(&PathBuf::from(folder)), store);
    let orphan = Duration::from_secs(60);
    drop(time::timeout(orphan, indexer.run(CancellationToken::new())).await);
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

async fn acknowledged(plot: &Plot) -> ChangeId {
    let reports = plot.store.read(follower::all).await.unwrap();
    reports.iter().map(|report| report.change).max().unwrap_or(ChangeId::START)
}

fn litter(folder: &Path) -> usize {
    let Some(current) = IndexFolder::at(folder).current().unwrap() else { return 0 };
    let files = std::fs::read_dir(current.path()).unwrap();
    files.filter(|file| file.as_ref().unwrap().file_name().to_string_lossy().starts_with(".tmp")).count()
}

/// Writes, changes and purges pages, round after round.
async fn load(plot: &Plot) {
    for round in 0_u64.. {
        let page = round % 40;
        plot.put(&format!("gemini://a.example/{page}"), &format!("round {round}")).await;
        if round % 10 == 9 {
            plot.purge(&format!("gemini://a.example/{}", round % 7)).await;
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_killed_indexer_loses_and_doubles_nothing() {
    let plot = Plot::new().await;
    for kill in 0..u64::from(planted::number("SEXTANT_TEST_KILLS", KILLS)) {
        let mut child = start(&plot);
        let before = acknowledged(&plot).await;
        let lived = async {
            until("a commit", async || before < acknowledged(&plot).await).await;
            // Not always in the same moment of its work.
            time::sleep(Duration::from_millis(kill * 37 % 190)).await;
        };
        tokio::select! {
            () = lived => {}
            () = load(&plot) => {}
        }
        let said = acknowledged(&plot).await;
        child.kill().unwrap();
        child.wait().unwrap();
        assert!(said <= plot.change(), "it said {said} and kept {}", plot.change());
        plot.found();
    }
    let indexer = plot.indexer();
    beside(&indexer, async {
        let highest = plot.store.read(shared::store::feed::identity::current).await.unwrap().highest;
        until("the last change", async || plot.change() == highest).await;
    })
    .await;
    let report = indexer.verify().await.unwrap();
    assert_eq!((report.differences(), report.pending), (0, 0), "{report}");
    assert_eq!(plot.found().len() as u64, report.matching);
    // A merge that was under way when the indexer stopped may still be ending.
    until("no unfinished file", async || litter(&plot.folder()) == 0).await;
}
