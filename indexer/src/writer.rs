//! The one way into an index: operations go in, commits with their position come out.
//!
//! A commit's payload is its [`Checkpoint`]: what the index holds and how far that goes are written by the
//! same rename, so after any crash the index itself says where to read on. Nothing else is trusted.
//!
//! A failed writer stays failed (a full disk kills its threads), and tantivy's `rollback` can panic after a
//! failure. So the only cure used here is [`Writer::reopen`]: drop it, open another on the same index, and
//! let the caller replay the feed from [`Writer::last`]. It keeps the [`Index`]: a merge that the dropped
//! writer had begun may still end, and knows of the other's files only through what the two share.

mod lock;
mod put;
mod settings;
mod trouble;

use std::collections::HashSet;
use std::iter;

use shared::gemini::url::GeminiUrl;
use shared::index::checkpoint::Checkpoint;
use shared::index::columns::Columns;
use shared::index::document::{self, Document};
use shared::index::generation::Generation;
use shared::index::schema::{self, Fields};
use shared::process::figures;
use shared::store::id::PageId;
use shared::store::rule::Rules;
use tantivy::indexer::NoMergePolicy;
use tantivy::{Index, IndexReader, IndexWriter, ReloadPolicy};
use tokio::time::Instant;

pub(crate) use lock::WriterLock;
use put::Put;
pub use settings::{merges, options};
pub use trouble::WriterError;

/// One thing to do to the index.
#[derive(Debug)]
pub(crate) enum Operation {
    /// The page is to be found as it is now, whatever was there before.
    Put(Box<Document>),
    /// The page is not to be found.
    Remove(PageId),
    /// Nothing at this URL is to be found: for an index whose ids are those of another store.
    RemoveUrl(GeminiUrl),
}

/// The writer of one generation.
pub(crate) struct Writer {
    index: Index,
    fields: Fields,
    heap_bytes: usize,
    /// None after a failure, until [`Writer::reopen`].
    open: Option<IndexWriter>,
    /// What the last commit holds, as it stands there and as it was read.
    payload: Option<String>,
    last: Option<Checkpoint>,
    /// What the next commit will hold.
    reached: Option<Checkpoint>,
    /// Whether something was applied since the last commit, and how much text.
    is_unsaved: bool,
    unsaved_bytes: usize,
    /// What an index that was made empty has been given; none for any other.
    put: Option<Put>,
}

/// With more text than this not yet committed, a commit is due: documents that wait for tantivy's thread
/// are in memory with all their terms, four times their size.
const HEAVY: usize = 16 << 20;

impl Writer {
    /// Makes an empty index in the folder of a new generation.
    pub(crate) fn create(
        right: &WriterLock,
        generation: &Generation,
        heap_bytes: usize,
    ) -> Result<Self, WriterError> {
        generation.create().map_err(WriterError::Open)?;
        let writer = Self::open(right, generation, heap_bytes)?;
        Ok(Self { put: Some(Put::default()), ..writer })
    }

    /// Opens the index of a generation.
    pub(crate) fn open(
        _right: &WriterLock,
        generation: &Generation,
        heap_bytes: usize,
    ) -> Result<Self, WriterError> {
        let index = generation.open().map_err(WriterError::Open)?;
        let mut writer = Self {
            index,
            fields: Fields::new(),
            heap_bytes,
            open: None,
            payload: None,
            last: None,
            reached: None,
            is_unsaved: false,
            unsaved_bytes: 0,
            put: None,
        };
        writer.reopen()?;
        Ok(writer)
    }

    /// Drops what was not committed, and starts again from the last commit.
    pub(crate) fn reopen(&mut self) -> Result<(), WriterError> {
        self.open = None;
        let options = options(self.heap_bytes);
        let writer: IndexWriter = self.index.writer_with_options(options).map_err(WriterError::Start)?;
        writer.set_merge_policy(Box::new(merges()));
        // A commit that failed or was lost to a power cut may have left files under the very names that the
        // next one will take; tantivy refuses to write over them.
        writer.garbage_collect_files().wait().map_err(WriterError::Start)?;
        // The next operation would get the very number of the last commit, and a merge up to that commit would
        // do it in some segments and pass over it in others. An empty group of operations takes that number.
        writer.run(iter::empty()).map_err(WriterError::Start)?;
        self.payload = self.index.load_metas().map_err(WriterError::Start)?.payload;
        self.last = self.payload.as_deref().and_then(|payload| Checkpoint::parse(payload).ok());
        self.reached = self.last;
        self.is_unsaved = false;
        self.unsaved_bytes = 0;
        // What was put since the last commit is lost, and no longer known.
        self.put = None;
        self.open = Some(writer);
        Ok(())
    }

    /// From now on commits merge nothing: for a few last ones that are to be quick.
    pub(crate) fn merge_no_more(&self) {
        if let Some(writer) = &self.open {
            writer.set_merge_policy(Box::new(NoMergePolicy));
        }
    }

    /// Whether it failed, so that only [`Writer::reopen`] helps.
    pub(crate) const fn has_failed(&self) -> bool {
        self.open.is_none()
    }

    /// What the last commit holds; none if it does not say.
    pub(crate) const fn last(&self) -> Option<Checkpoint> {
        self.last
    }

    /// Where to read on: the last place applied, committed or not.
    pub(crate) const fn reached(&self) -> Option<Checkpoint> {
        self.reached
    }

    /// Whether anything waits for a commit.
    pub(crate) const fn is_unsaved(&self) -> bool {
        self.is_unsaved
    }

    /// Applies operations in the order of the feed, each with the place it leads to, and commits when they
    /// grow heavy. The rest is found after the next commit.
    pub(crate) fn take(
        &mut self,
        operations: impl Iterator<Item = (Checkpoint, Operation)>,
    ) -> Result<(), WriterError> {
        for (place, operation) in operations {
            self.apply(operation)?;
            self.reached = Some(place);
            if HEAVY < self.unsaved_bytes {
                self.commit()?;
            }
        }
        Ok(())
    }

    /// Does one thing to the index.
    pub(crate) fn apply(&mut self, operation: Operation) -> Result<(), WriterError> {
        let writer = self.open.as_ref().ok_or_else(killed)?;
        match operation {
            Operation::Put(document) => {
                self.unsaved_bytes += document.body.len();
                if self.put.as_ref().is_none_or(|put| put.has(document.page)) {
                    writer.delete_term(self.fields.page_term(document.page));
                }
                if let Some(put) = &mut self.put {
                    put.note(document.page);
                }
                let document = document::to_tantivy(&self.fields, &document);
                if let Err(error) = writer.add_document(document) {
                    self.open = None;
                    return Err(WriterError::Apply(error));
                }
            }
            Operation::Remove(page) => {
                if self.put.as_ref().is_none_or(|put| put.has(page)) {
                    writer.delete_term(self.fields.page_term(page));
                }
            }
            Operation::RemoveUrl(url) => {
                writer.delete_term(self.fields.url_term(&url));
            }
        }
        self.is_unsaved = true;
        Ok(())
    }

    /// Takes out, and commits, every page that these rules shut out.
    pub(crate) fn shut_out(&mut self, rules: &Rules) -> Result<(), WriterError> {
        if self.is_unsaved {
            // Only what is committed can be looked at.
            self.commit()?;
        }
        for operation in self.meant(rules).map_err(WriterError::Read)? {
            self.apply(operation)?;
        }
        if self.is_unsaved { self.commit() } else { Ok(()) }
    }

    /// What takes the pages of the last commit out that are shut out: by their URLs, and by what they say.
    fn meant(&self, rules: &Rules) -> tantivy::Result<Vec<Operation>> {
        let mut meant = Vec::new();
        if rules.is_empty() {
            return Ok(meant);
        }
        let contents: HashSet<u64> = rules.contents().iter().map(|hash| schema::number(&hash.0)).collect();
        let builder = self.index.reader_builder().reload_policy(ReloadPolicy::Manual);
        let reader: IndexReader = builder.try_into()?;
        for segment in reader.searcher().segment_readers() {
            let inverted = segment.inverted_index(self.fields.url)?;
            let mut urls = inverted.terms().stream()?;
            while urls.advance() {
                let url = std::str::from_utf8(urls.key()).ok().and_then(schema::with_scheme);
                meant.extend(url.filter(|url| rules.shut_out(url, None)).map(Operation::RemoveUrl));
            }
            if !contents.is_empty() {
                let columns = Columns::open(segment, &self.fields)?;
                let lines = segment.doc_ids_alive().map(|doc| columns.line(doc));
                let is_meant = |content: Option<u64>| content.is_some_and(|hash| contents.contains(&hash));
                let lines = lines.filter(|line| is_meant(line.content));
                meant.extend(lines.map(|line| Operation::Remove(line.page)));
            }
        }
        Ok(meant)
    }

    /// Says that everything up to here was read, whether or not it held anything.
    pub(crate) fn reach(&mut self, place: Checkpoint) {
        self.is_unsaved |= self.reached != Some(place);
        self.reached = Some(place);
    }

    /// Makes everything applied so far findable, with its place, in one step. After an error nothing can
    /// be done but [`Writer::reopen`].
    pub(crate) fn commit(&mut self) -> Result<(), WriterError> {
        let writer = self.open.as_mut().ok_or_else(killed)?;
        let payload = if self.reached == self.last {
            self.payload.clone()
        } else {
            self.reached.map(|reached| reached.to_payload())
        };
        let begun = Instant::now();
        let committed = writer.prepare_commit().and_then(|mut prepared| {
            payload.iter().for_each(|payload| prepared.set_payload(payload));
            prepared.commit()
        });
        match committed {
            Ok(_opstamp) => {
                figures::COMMITS.took([], begun.elapsed());
                self.payload = payload;
                self.last = self.reached;
                self.is_unsaved = false;
                self.unsaved_bytes = 0;
                Ok(())
            }
            Err(error) => {
                self.open = None;
                Err(WriterError::Commit(error))
            }
        }
    }

    /// Ends the writing, and waits for merges that are under way.
    pub(crate) fn close(mut self) -> Result<(), WriterError> {
        match self.open.take() {
            Some(writer) => writer.wait_merging_threads().map_err(WriterError::Commit),
            None => Ok(()),
        }
    }
}

fn killed() -> WriterError {
    WriterError::Apply(tantivy::TantivyError::ErrorInThread("the writer failed before".to_owned()))
}

#[cfg(test)]
mod tests;
