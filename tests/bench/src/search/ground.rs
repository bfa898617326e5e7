//! An index of made pages in a folder, as an indexer leaves it: with its settings, its commits and its merges,
//! and with signals beside it.

use std::path::Path;
use std::sync::mpsc::sync_channel;
use std::thread;

use anyhow::{Context as _, ensure};
use chrono::Utc;
use indexer::{Config, merges, options};
use shared::index::document::to_tantivy;
use shared::index::generation::IndexFolder;
use shared::index::schema::Fields;
use shared::index::signals::{PageLinks, Signals, SiteStanding};
use shared::store::id::{ChangeId, PageId};
use tantivy::IndexWriter;

use crate::corpus::Corpus;

/// Pages of one commit.
const COMMIT: u64 = 10_000;
/// Every so many pages begin another site.
const SITE: usize = 50;
/// Analysed pages that wait for the writer.
const WAITING: usize = 256;

/// Makes the index, unless it is there.
pub(super) fn make(corpus: Corpus, folder: &Path) -> anyhow::Result<()> {
    let index_folder = IndexFolder::create(folder)?;
    if index_folder.current()?.is_some() {
        return Ok(());
    }
    let generation = index_folder.begin(Utc::now())?;
    let index = generation.create()?;
    let heap_bytes = Config::new(folder, "bench").heap_bytes;
    let mut writer: IndexWriter = index.writer_with_options(options(heap_bytes))?;
    writer.set_merge_policy(Box::new(merges()));
    thread::scope(|scope| -> anyhow::Result<()> {
        let (sender, documents) = sync_channel(WAITING);
        scope.spawn(move || {
            let fields = Fields::new();
            (0..corpus.pages()).all(|page| {
                let id = page.cast_signed() + 1;
                let document = corpus.document(page, (PageId(id), ChangeId(id)));
                sender.send(to_tantivy(&fields, &document)).is_ok()
            })
        });
        for (number, document) in (1_u64..).zip(documents) {
            writer.add_document(document)?;
            if number % COMMIT == 0 {
                writer.commit()?;
            }
        }
        Ok(())
    })?;
    writer.commit()?;
    writer.wait_merging_threads().context("merges failed")?;
    let made = index.reader()?.searcher().num_docs();
    ensure!(made == corpus.pages(), "the index holds {made} pages");
    signals(corpus).write(folder)?;
    index_folder.publish(&generation)?;
    Ok(())
}

/// As the rank pass finds them: three links to each page, sites of all standings.
fn signals(corpus: Corpus) -> Signals {
    let pages = (0..corpus.pages()).map(|page| PageLinks {
        page: PageId(page.cast_signed() + 1),
        external: 1,
        internal: 2,
    });
    let sites = (0..corpus.pages()).step_by(SITE).map(|page| {
        let site = corpus.url(page).site().to_string();
        SiteStanding { name: site.clone(), site, authority: 1.0 / (1 + page) as f32 }
    });
    Signals::new(1, pages.collect(), sites.collect())
}
