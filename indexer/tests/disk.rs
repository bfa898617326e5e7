//! A disk that takes nothing more.
//!
//! - what is in the index can be found all the while;
//! - before that, the index that is kept for a roll-back goes;
//! - when there is room again, the indexer goes on by itself, and the index is as the store.
//!
//! The limit is one on the size of any file the indexer writes, set and lifted from outside while it runs:
//! every write beyond it fails, as on a full disk. (The signal for it is ignored in a shell before.)

#![allow(clippy::unwrap_used, reason = "a step that fails is a test that fails")]

#[path = "support/plot.rs"]
mod plot;

use std::env;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::time::Duration;

use indexer::{Config, Indexer};
use plot::{Plot, beside, config, until};
use shared::index::generation::IndexFolder;
use shared::process::disk::Reserve;
use shared::process::machine;
use shared::store::{Store, StoreOptions};
use sqlx::ConnectOptions;
use tokio::time::{self, Instant};
use tokio_util::sync::CancellationToken;

const DATABASE: &str = "SEXTANT_TEST_DATABASE";
const FOLDER: &str = "SEXTANT_TEST_FOLDER";

/// The child's whole life; without a parent it is no test.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn child() {
    let (Ok(database), Some(folder)) = (env::var(DATABASE), env::var_os(FOLDER)) else { return };
    let store = Store::lazy(StoreOptions::from_url(&database).unwrap());
    let indexer = Indexer::new(config(&PathBuf::from(folder)), store);
    let orphan = Duration::from_secs(120);
    drop(time::timeout(orphan, indexer.run(CancellationToken::new())).await);
}

fn limit_files(process: u32, bytes: &str) {
    let limited =
        Command::new("prlimit").args(["--pid", &process.to_string(), &format!("--fsize={bytes}:")]).status();
    assert!(limited.unwrap().success());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_full_disk_stops_nothing_but_the_writing() {
    let plot = Plot::new().await;
    plot.put("gemini://a.example/", "before").await;
    for number in 0..20 {
        plot.put(&format!("gemini://a.example/{number}"), "to be changed").await;
    }
    let mut child = Command::new("sh")
        .args(["-c", "trap '' XFSZ; exec \"$0\" \"$@\""])
        .arg(env::current_exe().unwrap())
        .args(["--exact", "child", "--nocapture"])
        .env(DATABASE, plot.scratch.options().to_url_lossy().as_str())
        .env(FOLDER, plot.folder())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    until("the first pages", async || plot.found().len() == 21).await;
    limit_files(child.id(), "100");
    let full_since = Instant::now();
    for number in 0..100 {
        plot.put(&format!("gemini://a.example/{number}"), &format!("page {number}")).await;
    }
    until("three seconds of a full disk", async || {
        assert!(plot.found().contains_key("gemini://a.example/"), "what was there can be found");
        assert_eq!(plot.found().len(), 21, "nothing can be written");
        Duration::from_secs(3) <= full_since.elapsed()
    })
    .await;
    limit_files(child.id(), "unlimited");
    until("the rest", async || plot.found().len() == 101).await;
    assert_eq!(plot.found()["gemini://a.example/7"], "page 7");
    assert_eq!(child.try_wait().unwrap(), None, "it is the same process all the while");
    child.kill().unwrap();
    child.wait().unwrap();
    assert_eq!(plot.indexer().verify().await.unwrap().differences(), 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn where_room_is_tight_the_spare_index_goes_and_the_other_serves() {
    let plot = Plot::new().await;
    plot.put("gemini://a.example/", "here").await;
    for _ in 0..2 {
        plot.indexer().rebuild(&CancellationToken::new()).await.unwrap();
    }
    let folder = IndexFolder::at(&plot.folder());
    let (serving, kept) =
        (folder.current().unwrap(), folder.kept().unwrap().expect("the one before is kept"));
    beside(&plot.indexer(), async {
        plot.put("gemini://a.example/1", "new").await;
        until("the index follows", async || plot.found().len() == 2).await;
    })
    .await;
    assert_eq!(folder.kept().unwrap().as_ref(), Some(&kept), "with room enough it stays");

    // With this reserve, the room that there is on the real disk is tight.
    let free = machine::room(&plot.folder()).unwrap().free_bytes;
    let tight = Config { reserve: Reserve::Bytes(free / 7 * 4), ..config(&plot.folder()) };
    beside(&Indexer::new(tight, plot.store.clone()), async {
        until("the spare index goes", async || folder.kept().unwrap().is_none() && !kept.path().exists())
            .await;
        plot.put("gemini://a.example/2", "newer").await;
        until("the index follows", async || plot.found().len() == 3).await;
    })
    .await;
    assert_eq!(folder.current().unwrap(), serving);
}
