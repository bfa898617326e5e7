//! Compares an index with the store, page by page: missing, extra, stale. A healthy index says 0.
//!
//! The index is read first, as its last commit left it, then the store in slices by id. The store goes on
//! changing meanwhile: what carries a number above the index's own place is not a difference but pending.
//! A page that only one side has may have changed between the two readings, so it is looked up once more
//! in the feed before it counts.

use std::collections::HashMap;
use std::fmt;
use std::iter::Peekable;
use std::path::Path;
use std::vec;

use shared::index::checkpoint::Checkpoint;
use shared::index::columns::{Columns, Line as IndexedLine};
use shared::index::generation::{Generation, GenerationError, IndexFolder};
use shared::index::schema::{Fields, number};
use shared::process::told;
use shared::store::asked::exclusion;
use shared::store::feed::entry::{self, Entry, EntryState, Line};
use shared::store::feed::identity;
use shared::store::id::{ChangeId, PageId};
use shared::store::rule::Rules;
use shared::store::{Store, StoreError};
use tantivy::{IndexReader, ReloadPolicy, TantivyError};

use crate::off_thread::off_thread;

/// Lines of the store read at once.
const SLICE: i64 = 10_000;
/// Suspects looked up at once, with all their text.
const LOOKED_UP: usize = 100;
/// Suspects looked up at all; with more than these the index is wrong anyway.
const SUSPECTS: usize = 5_000;
/// Pages named in a report for each kind of difference.
const NAMED: usize = 20;

/// Pages of one kind of difference.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Findings {
    /// How many.
    pub count: u64,
    /// The first of them.
    pub first: Vec<PageId>,
}

impl Findings {
    fn add(&mut self, page: PageId) {
        self.count += 1;
        if self.first.len() < NAMED {
            self.first.push(page);
        }
    }
}

/// How an index compares with the store.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VerifyReport {
    /// How far the index goes.
    pub change: ChangeId,
    /// Pages that the index holds.
    pub indexed: u64,
    /// Pages that the store has, and the index has as they are.
    pub matching: u64,
    /// Pages that changed after the index's place; it has not read them yet.
    pub pending: u64,
    /// Pages that the index should have and has not.
    pub missing: Findings,
    /// Pages that the index should not have, or has twice.
    pub extra: Findings,
    /// Pages that the index has as they were before.
    pub stale: Findings,
}

impl VerifyReport {
    /// All differences; must be 0.
    #[must_use]
    pub const fn differences(&self) -> u64 {
        self.missing.count + self.extra.count + self.stale.count
    }
}

impl fmt::Display for VerifyReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{} ({} missing, {} extra, {} stale); {} alike, {} pending after change {}",
            told::count(self.differences(), "difference", "differences"),
            self.missing.count,
            self.extra.count,
            self.stale.count,
            told::count(self.matching, "page", "pages"),
            self.pending,
            self.change,
        )?;
        for (name, findings) in [("missing", &self.missing), ("extra", &self.extra), ("stale", &self.stale)] {
            if !findings.first.is_empty() {
                let pages: Vec<String> = findings.first.iter().map(ToString::to_string).collect();
                write!(
                    f,
                    "\n{name}: {}{}",
                    pages.join(" "),
                    if NAMED < findings.count as usize { " ..." } else { "" }
                )?;
            }
        }
        Ok(())
    }
}

/// Why index and store could not be compared.
#[derive(Debug, thiserror::Error)]
pub enum VerifyError {
    /// There is no index.
    #[error("there is no index yet")]
    NoIndex,
    /// The generation cannot be found or opened.
    #[error("the index cannot be opened")]
    Generation(#[source] GenerationError),
    /// The index cannot be read.
    #[error("the index cannot be read")]
    Index(#[source] TantivyError),
    /// The index does not say how far it goes.
    #[error("the index does not say where it stands")]
    NoPosition,
    /// The index was made from another store or another epoch of this one.
    #[error("the index was made from another store, or before a restore")]
    OtherStore,
    /// The store cannot be read.
    #[error("the store cannot be read")]
    Store(#[source] StoreError),
    /// Reading the index panicked.
    #[error("reading the index panicked: {0}")]
    Panicked(String),
}

/// An index's side of the comparison: every document by page, in the order of ids.
struct Indexed {
    place: Checkpoint,
    lines: Vec<IndexedLine>,
}

impl Indexed {
    /// Reads the last commit of the index in `folder`. Blocks, and holds about 24 bytes a page.
    fn read(generation: &Generation) -> Result<Self, VerifyError> {
        let index = generation.open().map_err(VerifyError::Generation)?;
        // The place first: were a commit to fall between, the documents would be ahead of the place, and
        // what is above the place is not judged. The other way round they would seem to be missing.
        let payload = index.load_metas().map_err(VerifyError::Index)?.payload;
        let place = payload.ok_or(VerifyError::NoPosition)?;
        let place = Checkpoint::parse(&place).map_err(|_| VerifyError::NoPosition)?;
        let builder = index.reader_builder().reload_policy(ReloadPolicy::Manual);
        let reader: IndexReader = builder.try_into().map_err(VerifyError::Index)?;
        let fields = Fields::new();
        let mut lines = Vec::new();
        for segment in reader.searcher().segment_readers() {
            let columns = Columns::open(segment, &fields).map_err(VerifyError::Index)?;
            lines.extend(segment.doc_ids_alive().map(|doc| columns.line(doc)));
        }
        lines.sort_unstable();
        Ok(Self { place, lines })
    }
}

/// Compares the index that serves with the store.
pub(crate) async fn verify_current(folder: &Path, store: &Store) -> Result<VerifyReport, VerifyError> {
    let current = IndexFolder::at(folder).current().map_err(VerifyError::Generation)?;
    verify(store, &current.ok_or(VerifyError::NoIndex)?).await
}

/// Compares one generation of the index with the store.
pub(crate) async fn verify(store: &Store, generation: &Generation) -> Result<VerifyReport, VerifyError> {
    let generation = generation.clone();
    let read = off_thread(move || Indexed::read(&generation)).await;
    let indexed = read.map_err(|panicked| VerifyError::Panicked(panicked.to_string()))??;
    compare(store, indexed).await
}

/// Compares what was read of an index with the store.
async fn compare(store: &Store, indexed: Indexed) -> Result<VerifyReport, VerifyError> {
    let feed = store.read(identity::current).await.map_err(VerifyError::Store)?;
    if feed.identity != indexed.place.identity() {
        return Err(VerifyError::OtherStore);
    }
    let mut comparison = Comparison::new(indexed);
    let mut after = PageId(0);
    loop {
        let slice =
            store.read(async |c| entry::all(c, after, SLICE).await).await.map_err(VerifyError::Store)?;
        let Some(last) = slice.last() else { break };
        after = last.page;
        slice.into_iter().for_each(|line| comparison.stored(line));
    }
    let mut open = comparison.finish();
    for suspects in open.suspects().chunks(LOOKED_UP) {
        let known = store
            .read(async |c| {
                let entries = entry::of(c, suspects).await?;
                let rules = exclusion::rules(c).await?;
                Ok(entries.into_iter().map(|entry| Known::of(&entry, &rules)).collect::<Vec<_>>())
            })
            .await
            .map_err(VerifyError::Store)?;
        known.into_iter().for_each(|known| open.explain(known));
    }
    Ok(open.report())
}

/// What the store says of a suspect.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Known {
    page: PageId,
    change: ChangeId,
    is_shown: bool,
}

impl Known {
    fn of(entry: &Entry, rules: &Rules) -> Self {
        let is_shown = match &entry.state {
            EntryState::Searchable(content) => !rules.shut_out(&content.url, content.content),
            EntryState::Removed | EntryState::Unreadable { .. } => false,
        };
        Self { page: entry.page, change: entry.change, is_shown }
    }
}

/// The comparison under way: both sides go by in the order of pages.
struct Comparison {
    place: ChangeId,
    lines: Peekable<vec::IntoIter<IndexedLine>>,
    missing: Vec<PageId>,
    extra: Vec<PageId>,
    report: VerifyReport,
}

impl Comparison {
    fn new(indexed: Indexed) -> Self {
        let place = indexed.place.change();
        let report = VerifyReport {
            change: place,
            indexed: indexed.lines.len() as u64,
            matching: 0,
            pending: 0,
            missing: Findings::default(),
            extra: Findings::default(),
            stale: Findings::default(),
        };
        Self {
            place,
            lines: indexed.lines.into_iter().peekable(),
            missing: Vec::new(),
            extra: Vec::new(),
            report,
        }
    }

    /// The next page of the store.
    fn stored(&mut self, stored: Line) {
        while let Some(line) = self.lines.next_if(|line| line.page < stored.page) {
            self.extra.push(line.page);
        }
        let line = self.lines.next_if(|line| line.page == stored.page);
        while let Some(twice) = self.lines.next_if(|line| line.page == stored.page) {
            self.report.extra.add(twice.page);
        }
        let is_pending = self.place < stored.change;
        match line {
            _ if is_pending => self.report.pending += 1,
            None => self.missing.push(stored.page),
            Some(line)
                if line.change == stored.change
                    && line.content == stored.content.map(|hash| number(&hash.0)) =>
            {
                self.report.matching += 1;
            }
            Some(_) => self.report.stale.add(stored.page),
        }
    }

    fn finish(mut self) -> Open {
        self.extra.extend(self.lines.map(|line| line.page));
        self.extra.dedup();
        Open {
            place: self.place,
            missing: self.missing,
            extra: self.extra,
            report: self.report,
            known: HashMap::new(),
        }
    }
}

/// A comparison whose suspects are still to be looked up.
struct Open {
    place: ChangeId,
    missing: Vec<PageId>,
    extra: Vec<PageId>,
    report: VerifyReport,
    known: HashMap<PageId, Known>,
}

impl Open {
    fn suspects(&self) -> Vec<PageId> {
        self.missing.iter().chain(&self.extra).copied().take(SUSPECTS).collect()
    }

    fn explain(&mut self, known: Known) {
        self.known.insert(known.page, known);
    }

    fn report(mut self) -> VerifyReport {
        let is_pending = |page: &PageId| self.known.get(page).is_some_and(|known| self.place < known.change);
        for page in &self.missing {
            // A page that a rule shuts out is searchable in the store and rightly not in the index.
            let is_shut_out = self.known.get(page).is_some_and(|known| !known.is_shown);
            if is_pending(page) {
                self.report.pending += 1;
            } else if !is_shut_out {
                self.report.missing.add(*page);
            }
        }
        for page in &self.extra {
            if is_pending(page) {
                self.report.pending += 1;
            } else {
                self.report.extra.add(*page);
            }
        }
        self.report
    }
}

#[cfg(test)]
mod tests;
