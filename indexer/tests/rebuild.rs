//! A new index beside the one that serves.
//!
//! - a rebuild switches to another generation with the same pages, and keeps the old one, which can serve
//!   again once it has read on;
//! - an index that cannot follow the feed (another store, a raised epoch, a place ahead of the store, a
//!   damaged file) is replaced by itself, and the old one loses removed pages meanwhile;
//! - started from an earlier or a strange last commit, as a power cut may leave it, it comes to the same;
//! - a job asks a running indexer for the same, and says in its row what came of it.

#![allow(clippy::unwrap_used, reason = "a step that fails is a test that fails")]

#[path = "support/plot.rs"]
mod plot;

use std::fs;

use plot::{Plot, beside, until};
use shared::index::generation::IndexFolder;
use shared::store::asked::job::{self, JobKind};
use shared::store::feed::identity;
use tokio_util::sync::CancellationToken;

fn names(plot: &Plot) -> (Option<String>, Option<String>) {
    let folder = IndexFolder::at(&plot.folder());
    let name = |generation: Option<shared::index::generation::Generation>| {
        generation.map(|generation| generation.name().to_owned())
    };
    (name(folder.current().unwrap()), name(folder.kept().unwrap()))
}

async fn put_some(plot: &Plot, count: usize) {
    for number in 0..count {
        plot.put(&format!("gemini://a.example/{number}"), &format!("page {number}")).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_rebuild_switches_and_keeps_the_old_for_a_roll_back() {
    let plot = Plot::new().await;
    let (indexer, stop) = (plot.indexer(), CancellationToken::new());
    put_some(&plot, 120).await;
    assert_eq!(indexer.rebuild(&stop).await.unwrap().matching, 120);
    let (first, kept) = names(&plot);
    assert_eq!(kept, None);
    plot.purge("gemini://a.example/1*").await;
    let report = indexer.rebuild(&stop).await.unwrap();
    let (second, kept) = names(&plot);
    assert_ne!(first, second);
    assert_eq!(kept, first);
    let found = plot.found();
    assert_eq!(report.matching, found.len() as u64);
    assert!(!found.contains_key("gemini://a.example/1"));

    plot.put("gemini://a.example/later", "came later").await;
    indexer.roll_back(&stop).await.unwrap();
    assert_eq!(names(&plot), (first, second));
    let rolled_back = plot.found();
    assert!(rolled_back.contains_key("gemini://a.example/later"), "it read on before it served");
    assert!(!rolled_back.contains_key("gemini://a.example/1"), "what was removed stays removed");
    assert_eq!(indexer.verify().await.unwrap().differences(), 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_restored_store_is_indexed_anew() {
    let plot = Plot::new().await;
    put_some(&plot, 10).await;
    let indexer = plot.indexer();
    indexer.rebuild(&CancellationToken::new()).await.unwrap();
    let (before, _) = names(&plot);
    beside(&indexer, async {
        plot.store.write(identity::raise_epoch).await.unwrap();
        until("another generation", async || names(&plot).0 != before).await;
        plot.put("gemini://a.example/new", "new").await;
        until("following again", async || plot.found().len() == 11).await;
    })
    .await;
    assert_eq!(plot.place().unwrap().identity().epoch, 2);
    assert_eq!(indexer.verify().await.unwrap().differences(), 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn damaged_files_are_set_aside_and_the_index_built_anew() {
    for (kind, damage) in [
        ("store", flip_a_byte as fn(&std::path::Path)),
        ("idx", flip_a_byte),
        ("fast", flip_a_byte),
        ("term", flip_a_byte),
        ("meta.json", |path| fs::write(path, "{").unwrap()),
        ("idx", |path| fs::remove_file(path).unwrap()),
    ] {
        let plot = Plot::new().await;
        put_some(&plot, 10).await;
        let indexer = plot.indexer();
        indexer.rebuild(&CancellationToken::new()).await.unwrap();
        let generation = IndexFolder::at(&plot.folder()).current().unwrap().unwrap();
        let file = fs::read_dir(generation.path())
            .unwrap()
            .map(|entry| entry.unwrap().path())
            .find(|path| path.to_str().unwrap().ends_with(kind))
            .unwrap();
        damage(&file);
        beside(&indexer, async {
            until(kind, async || names(&plot).0.as_deref() != Some(generation.name())).await;
        })
        .await;
        assert_eq!(plot.found().len(), 10, "{kind}");
        let aside = plot.folder().join(format!("quarantine-{}", generation.name()));
        assert!(aside.is_dir(), "{kind}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whatever_commit_a_power_cut_leaves_it_comes_to_the_same() {
    let plot = Plot::new().await;
    put_some(&plot, 10).await;
    let indexer = plot.indexer();
    indexer.rebuild(&CancellationToken::new()).await.unwrap();
    let (first, _) = names(&plot);
    let meta = || IndexFolder::at(&plot.folder()).current().unwrap().unwrap().path().join("meta.json");
    let earlier = fs::read(meta()).unwrap();
    plot.put("gemini://a.example/3", "changed").await;
    plot.purge("gemini://a.example/4").await;
    beside(&indexer, until("the changes", async || plot.found().len() == 9)).await;

    // The rename of the last commit is lost: what it named is still there, or collected meanwhile.
    fs::write(meta(), earlier).unwrap();
    beside(&indexer, until("the changes again", async || plot.found().len() == 9)).await;
    assert_eq!(indexer.verify().await.unwrap().differences(), 0);

    for (what, replaced, by) in [
        ("a place ahead of the store", "\\\"change\\\":", "\\\"change\\\":9"),
        ("no place", "\"payload\":", "\"was\":"),
    ] {
        let (before, _) = names(&plot);
        let text = fs::read_to_string(meta()).unwrap();
        assert!(text.contains(replaced), "{text}");
        fs::write(meta(), text.replace(replaced, by)).unwrap();
        beside(&indexer, until(what, async || names(&plot).0 != before)).await;
        assert_eq!(plot.found().get("gemini://a.example/3").unwrap(), "changed", "{what}");
        assert_eq!(indexer.verify().await.unwrap().differences(), 0, "{what}");
    }
    assert_ne!(names(&plot).0, first);
}

fn flip_a_byte(path: &std::path::Path) {
    let mut bytes = fs::read(path).unwrap();
    // Early, for the last bytes are the checksum's own.
    let early = bytes.len() / 8;
    bytes[early] ^= 1;
    // As a bad disk does: the file is another one, for one that is open must not change under its reader.
    fs::remove_file(path).unwrap();
    fs::write(path, bytes).unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_running_indexer_is_asked_by_a_job() {
    let plot = Plot::new().await;
    put_some(&plot, 10).await;
    let indexer = plot.indexer();
    beside(&indexer, async {
        until("the first index", async || plot.found().len() == 10).await;
        let (before, _) = names(&plot);
        for kind in [JobKind::Rebuild, JobKind::Rebuild, JobKind::Verify] {
            plot.store.write(async |c| job::ask(c, kind, "test").await).await.unwrap();
        }
        until("the rebuild", async || names(&plot).0 != before).await;
        plot.put("gemini://a.example/new", "new").await;
        until("the new generation is followed", async || plot.found().len() == 11).await;
    })
    .await;
}
