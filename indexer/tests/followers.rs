//! Several indexers of one store.
//!
//! - each has a name, a folder, and the right to it alone; a job is done by the one it names;
//! - one that reads from a replica, which takes no writing, tells its position and its answers to the primary.

#![allow(clippy::unwrap_used, reason = "a step that fails is a test that fails")]

#[path = "support/plot.rs"]
mod plot;

use std::path::{Path, PathBuf};

use indexer::{Config, Indexer, IndexerError, WriterError};
use plot::{Plot, beside, config, found, until};
use shared::index::generation::IndexFolder;
use shared::index::signals::Signals;
use shared::store::asked::job::{self, JobKind};
use shared::store::feed::follower;
use shared::store::{Store, StoreOptions};

fn named(name: &str, folder: &Path) -> Config {
    Config { follower: name.to_owned(), ..config(folder) }
}

fn current(folder: &Path) -> String {
    IndexFolder::at(folder).current().unwrap().unwrap().name().to_owned()
}

async fn have_read_all(store: &Store, names: &[&str]) -> bool {
    let reports = store.read(follower::all).await.unwrap();
    let up_to_date = |name: &&str| reports.iter().any(|report| report.name == **name && report.lag == 0);
    names.iter().all(up_to_date)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_follows_for_itself_and_answers_to_its_name() {
    let plot = Plot::new().await;
    let folders: [PathBuf; 2] = [plot.folder().join("one"), plot.folder().join("two")];
    let indexers = [("one", &folders[0]), ("two", &folders[1])]
        .map(|(name, folder)| Indexer::new(named(name, folder), plot.store.clone()));
    for number in 0..5 {
        plot.put(&format!("gemini://a.example/{number}"), &format!("page {number}")).await;
    }
    beside(&indexers[0], async {
        beside(&indexers[1], async {
            until("both indexes", async || folders.iter().all(|folder| found(folder).len() == 5)).await;
            until("both reports", async || have_read_all(&plot.store, &["one", "two"]).await).await;
            let before = folders.each_ref().map(|folder| current(folder));
            plot.store.write(async |c| job::ask(c, JobKind::Rebuild, "two").await).await.unwrap();
            until("the second one's new index", async || current(&folders[1]) != before[1]).await;
            assert_eq!(current(&folders[0]), before[0], "the first one was not asked");
        })
        .await;
        let stranger = Indexer::new(named("three", &folders[0]), plot.store.clone());
        let refused = stranger.rebuild(&tokio_util::sync::CancellationToken::new()).await;
        assert!(matches!(refused, Err(IndexerError::Writer(WriterError::Taken(_)))), "{refused:?}");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_replica_is_read_and_the_primary_is_told() {
    let plot = Plot::new().await;
    let read_only = plot.scratch.options().options([("default_transaction_read_only", "on")]);
    let replica = Store::lazy(StoreOptions::new(read_only));
    let refused = replica.write(async |c| job::ask(c, JobKind::Verify, "far").await).await;
    assert!(refused.is_err(), "a replica takes no writing");
    for number in 0..5 {
        plot.put(&format!("gemini://a.example/{number}"), &format!("page {number}")).await;
    }
    plot.link("gemini://a.example/0", &[("gemini://a.example/1", "the first one")]).await;
    let folder = plot.folder();
    let indexer = Indexer::new(named("far", &folder), replica).writing_to(plot.store.clone());
    beside(&indexer, async {
        until("the index", async || found(&folder).len() == 5).await;
        until("the report", async || have_read_all(&plot.store, &["far"]).await).await;
        until("the signals", async || Signals::read(&folder).unwrap().is_some()).await;
        let before = current(&folder);
        plot.store.write(async |c| job::ask(c, JobKind::Rebuild, "far").await).await.unwrap();
        until("the new index", async || current(&folder) != before).await;
        // Asked again it is a new job once the first one was answered.
        until("the answer", async || {
            let asked = plot.store.write(async |c| job::ask(c, JobKind::Rebuild, "far").await);
            matches!(asked.await.unwrap(), job::Asked::New(_))
        })
        .await;
    })
    .await;
}
