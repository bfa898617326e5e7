//! An index that served before, and what it must never show again.
//!
//! - asked by a job, a running indexer lets its earlier index serve, with all that has come since;
//! - what was purged or shut out since is not in it at any moment that it serves;
//! - an index that cannot follow the feed, and that nothing can replace yet, loses both all the same.

#![allow(clippy::unwrap_used, reason = "a step that fails is a test that fails")]

#[path = "support/plot.rs"]
mod plot;

use indexer::{Config, Indexer};
use plot::{Plot, beside, config, until};
use shared::index::generation::IndexFolder;
use shared::store::asked::exclusion::{self, Exclusion};
use shared::store::asked::job::{self, JobKind};
use shared::store::feed::identity;
use tokio_util::sync::CancellationToken;

const PURGED: &str = "gemini://a.example/3";
const SHUT_OUT: &str = "gemini://b.example/";

fn current(plot: &Plot) -> String {
    IndexFolder::at(&plot.folder()).current().unwrap().unwrap().name().to_owned()
}

async fn shut_out(plot: &Plot, pattern: &str) {
    let rule = Exclusion::new(pattern.parse().unwrap(), "asked for");
    plot.store.write(async |c| exclusion::add(c, &rule).await).await.unwrap();
}

async fn put_some(plot: &Plot) {
    for number in 0..10 {
        plot.put(&format!("gemini://a.example/{number}"), &format!("page {number}")).await;
    }
    plot.put(SHUT_OUT, "shut out").await;
}

fn is_there(plot: &Plot) -> bool {
    let found = plot.found();
    found.contains_key(PURGED) || found.contains_key(SHUT_OUT)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_index_that_is_rolled_back_to_shows_nothing_that_was_removed_since() {
    let plot = Plot::new().await;
    put_some(&plot).await;
    let indexer = plot.indexer();
    indexer.rebuild(&CancellationToken::new()).await.unwrap();
    let first = current(&plot);
    indexer.rebuild(&CancellationToken::new()).await.unwrap();
    let second = current(&plot);
    beside(&indexer, async {
        plot.purge(PURGED).await;
        shut_out(&plot, "b.example").await;
        plot.put("gemini://a.example/new", "new").await;
        until("purge and rule", async || plot.found().len() == 10 && !is_there(&plot)).await;
        plot.store.write(async |c| job::ask(c, JobKind::RollBack, "test").await).await.unwrap();
        until("the earlier index", async || {
            assert!(!is_there(&plot), "what was removed is not shown for a moment");
            current(&plot) == first
        })
        .await;
        assert!(plot.found().contains_key("gemini://a.example/new"), "it serves with what has come since");
        plot.put("gemini://a.example/later", "later").await;
        until("the feed goes on", async || plot.found().contains_key("gemini://a.example/later")).await;
    })
    .await;
    assert!(!is_there(&plot));
    let report = indexer.verify().await.unwrap();
    assert_eq!((report.differences(), report.matching), (0, 11), "{report}");
    let kept = IndexFolder::at(&plot.folder()).kept().unwrap().unwrap();
    assert_eq!(kept.name(), second, "and the way back is open");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn removals_reach_an_index_that_cannot_follow() {
    let plot = Plot::new().await;
    put_some(&plot).await;
    plot.indexer().rebuild(&CancellationToken::new()).await.unwrap();
    let before = current(&plot);
    // No disk has room for a new one.
    let config = Config { keep_free_bytes: u64::MAX, ..config(&plot.folder()) };
    let indexer = Indexer::new(config, plot.store.clone());
    beside(&indexer, async {
        plot.store.write(identity::raise_epoch).await.unwrap();
        plot.purge(PURGED).await;
        shut_out(&plot, "gemini://b.example/*").await;
        until("purge and rule", async || plot.found().len() == 9 && !is_there(&plot)).await;
    })
    .await;
    assert_eq!(current(&plot), before, "the old index serves on");
}
