//! A comparison finds every page that the index has wrong, and none that it has right.
//!
//! - pages put into and taken out of the index behind the indexer's back are found, all of them, by kind, and
//!   in an index of many within a minute;
//! - what the indexer has not read yet is pending, not wrong.

#![allow(clippy::unwrap_used, reason = "a step that fails is a test that fails")]

#[path = "support/planted.rs"]
mod planted;
#[path = "support/plot.rs"]
mod plot;

use std::time::Duration;

use indexer::{Config, Indexer};
use plot::{Plot, config};
use shared::index::document::{self, Document};
use shared::index::generation::IndexFolder;
use shared::index::schema::Fields;
use shared::store::feed::entry::{self, Entry, EntryState};
use shared::store::id::{ChangeId, PageId};
use tantivy::IndexWriter;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

/// Pages of each kind of injected difference.
const OF_EACH: usize = 30;
const PAGES: u32 = 10_000;

fn document(entry: Entry) -> Document {
    let Entry { change, page, state } = entry;
    let EntryState::Searchable(content) = state else { panic!("it can be found") };
    Document {
        page,
        change,
        site: content.url.site(),
        url: content.url,
        title: content.title,
        headings: content.headings,
        body: content.body,
        own_labels: Vec::new(),
        anchors: content.labels,
        alt: content.alt,
        art: content.art,
        media_type: content.media_type,
        kind: content.kind,
        language: content.language,
        charset: content.charset,
        size_bytes: content.size_bytes,
        dimensions: content.dimensions,
        first_seen: content.first_seen,
        changed: content.changed,
        links: content.links,
        content: content.content,
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_injected_difference_is_found() {
    let plot = Plot::new().await;
    let planted = planted::pages(PAGES);
    planted::plant(&plot.scratch.options(), planted).await;
    let lines = plot.store.read(async |c| entry::all(c, PageId(0), 4 * OF_EACH as i64).await).await.unwrap();
    let pages: Vec<PageId> = lines.into_iter().map(|line| line.page).collect();
    let indexer = Indexer::new(Config { batch: 500, ..config(&plot.folder()) }, plot.store.clone());
    assert_eq!(indexer.rebuild(&CancellationToken::new()).await.unwrap().matching, u64::from(planted));

    let (missing, rest) = pages.split_at(OF_EACH);
    let (older, rest) = rest.split_at(OF_EACH / 2);
    let (other, rest) = rest.split_at(OF_EACH - OF_EACH / 2);
    let (twice, rest) = rest.split_at(OF_EACH / 2);
    let strangers = &rest[..OF_EACH - OF_EACH / 2];
    let entries = plot.store.read(async |c| entry::of(c, &pages).await).await.unwrap();
    let fields = Fields::new();
    let index = IndexFolder::at(&plot.folder()).current().unwrap().unwrap().open().unwrap();
    let mut writer: IndexWriter = index.writer_with_num_threads(1, 16_000_000).unwrap();
    let payload = index.load_metas().unwrap().payload.unwrap();
    for entry in entries {
        let page = entry.page;
        let mut document = document(entry);
        if missing.contains(&page) || older.contains(&page) || other.contains(&page) {
            writer.delete_term(fields.page_term(page));
        }
        if older.contains(&page) {
            document.change = ChangeId(document.change.0 - 1);
        } else if other.contains(&page) {
            document.content.as_mut().unwrap().0[0] ^= 1;
        } else if strangers.contains(&page) {
            document.page = PageId(page.0 + 1_000_000);
        } else if !twice.contains(&page) {
            continue;
        }
        writer.add_document(document::to_tantivy(&fields, &document)).unwrap();
    }
    let mut commit = writer.prepare_commit().unwrap();
    commit.set_payload(&payload);
    commit.commit().unwrap();
    writer.wait_merging_threads().unwrap();

    let began = Instant::now();
    let report = indexer.verify().await.unwrap();
    assert!(began.elapsed() < Duration::from_secs(60), "it took {:?}", began.elapsed());
    let each = OF_EACH as u64;
    assert_eq!(
        (report.missing.count, report.extra.count, report.stale.count),
        (each, each, each),
        "{report}"
    );
    assert_eq!(report.missing.first, missing[..report.missing.first.len()]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_not_read_yet_is_pending() {
    let plot = Plot::new().await;
    for number in 0..5 {
        plot.put(&format!("gemini://a.example/{number}"), &format!("page {number}")).await;
    }
    let indexer = plot.indexer();
    indexer.rebuild(&CancellationToken::new()).await.unwrap();
    plot.put("gemini://a.example/0", "changed").await;
    plot.put("gemini://a.example/new", "new").await;
    plot.purge("gemini://a.example/1").await;
    let report = indexer.verify().await.unwrap();
    assert_eq!((report.differences(), report.pending, report.matching), (0, 3, 3), "{report}");
}
