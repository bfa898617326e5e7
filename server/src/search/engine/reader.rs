//! The newest state of the index, taken up by itself.
//!
//! A thread looks at `CURRENT`, at the generation's `meta.json` and at the signals every half second; what has
//! changed is opened and swapped in whole. A search works on the state it began with. A state that cannot be
//! opened changes nothing: the one before serves on, and the log says why.

use std::collections::HashSet;
use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::Path;
use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{Builder, JoinHandle};
use std::time::Duration;

use arc_swap::ArcSwapOption;
use chrono::DateTime;
use shared::index::analyzer::Held;
use shared::index::columns::Columns;
use shared::index::generation::{Generation, GenerationError, IndexFolder};
use shared::index::schema::{Fields, SCHEMA_VERSION};
use shared::index::signals::{self, Signals, SignalsError};
use tantivy::schema::Field;
use tantivy::{IndexReader, ReloadPolicy, Searcher};

use crate::search::results::IndexFacts;

/// One state of the index, with all that a search reads of it.
pub(crate) struct Snapshot {
    pub(super) searcher: Searcher,
    pub(super) fields: Fields,
    /// The fast fields, by the number of the segment.
    pub(super) columns: Vec<Columns>,
    pub(super) held: Held,
    pub(super) signals: Arc<Signals>,
    facts: IndexFacts,
}

/// Holds the newest state, and the thread that looks for newer ones.
pub(crate) struct Reader {
    inner: Arc<Inner>,
    stop: Option<Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

struct Inner {
    folder: IndexFolder,
    snapshot: ArcSwapOption<Snapshot>,
    opened: Mutex<Opened>,
}

/// What has been opened, and how the files looked then.
#[derive(Default)]
struct Opened {
    generation: Option<(Generation, IndexReader)>,
    meta: Option<Stamp>,
    signals_file: Option<Stamp>,
    signals: Arc<Signals>,
    complaint: String,
}

/// Tells a file from its successor of the same name.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Stamp {
    inode: u64,
    size: u64,
    seconds: i64,
    nanoseconds: i64,
}

/// Why a state could not be taken up.
#[derive(Debug, thiserror::Error)]
enum RefreshError {
    #[error("the index folder cannot be used")]
    Folder(#[from] GenerationError),
    #[error("the index is of schema {0}, and this program reads {SCHEMA_VERSION}")]
    Schema(u32),
    #[error("the index cannot be opened")]
    Index(#[from] tantivy::TantivyError),
    #[error("the index's terms cannot be read")]
    Terms(#[from] std::io::Error),
}

impl Reader {
    /// Opens what there is, and looks for newer states from now on.
    ///
    /// # Panics
    ///
    /// When the system gives no thread.
    pub(crate) fn start(folder: &Path, poll: Duration) -> Arc<Self> {
        let inner = Arc::new(Inner {
            folder: IndexFolder::at(folder),
            snapshot: ArcSwapOption::empty(),
            opened: Mutex::new(Opened::default()),
        });
        inner.refresh();
        let (stop, stopped) = channel();
        let watched = Arc::clone(&inner);
        let thread = Builder::new()
            .name("search-reader".to_owned())
            .spawn(move || {
                while stopped.recv_timeout(poll) == Err(RecvTimeoutError::Timeout) {
                    watched.refresh();
                }
            })
            .expect("a process that starts can start a thread");
        Arc::new(Self { inner, stop: Some(stop), thread: Some(thread) })
    }

    /// The newest state, if there is any.
    pub(crate) fn snapshot(&self) -> Option<Arc<Snapshot>> {
        self.inner.snapshot.load_full()
    }

    /// What the newest state holds.
    pub(crate) fn facts(&self) -> IndexFacts {
        let facts = self.inner.snapshot.load().as_ref().map(|snapshot| snapshot.facts);
        IndexFacts { rebuilding: self.inner.folder.rebuilding(), ..facts.unwrap_or_default() }
    }

    /// The folder that is read.
    pub(crate) fn folder(&self) -> IndexFolder {
        self.inner.folder.clone()
    }

    /// Looks for a newer state now.
    pub(crate) fn refresh(&self) {
        self.inner.refresh();
    }
}

impl Drop for Reader {
    fn drop(&mut self) {
        self.stop = None;
        if let Some(thread) = self.thread.take()
            && thread.join().is_err()
        {
            tracing::error!("the thread that watches the index ended by a panic");
        }
    }
}

impl Inner {
    fn refresh(&self) {
        let mut opened = self.opened.lock().unwrap_or_else(PoisonError::into_inner);
        match self.newer(&mut opened) {
            Ok(Some(snapshot)) => {
                opened.complaint.clear();
                self.snapshot.store(Some(Arc::new(snapshot)));
            }
            Ok(None) => opened.complaint.clear(),
            Err(error) => {
                // Once for each trouble, not twice a second.
                let complaint = format!("{error:?}");
                if opened.complaint != complaint {
                    tracing::warn!(
                        error = complaint,
                        "the index could not be taken up, the one before serves on"
                    );
                    opened.complaint = complaint;
                }
            }
        }
    }

    /// A snapshot, if anything is newer than what is open.
    fn newer(&self, opened: &mut Opened) -> Result<Option<Snapshot>, RefreshError> {
        let Some(generation) = self.folder.current()? else { return Ok(None) };
        let is_new = opened.generation.as_ref().is_none_or(|(known, _)| *known != generation);
        let meta = stamp(&generation.path().join("meta.json"));
        let signals_file = stamp(&self.folder.path().join(signals::FILE));
        if !is_new && meta == opened.meta && signals_file == opened.signals_file {
            return Ok(None);
        }
        if signals_file != opened.signals_file {
            // Without signals pages rank by their words; that is no reason to serve nothing.
            opened.signals = Arc::new(read_signals(self.folder.path()));
            opened.signals_file = signals_file;
        }
        let reader = match opened.generation.take() {
            Some((known, reader)) if !is_new => {
                opened.generation = Some((known, reader.clone()));
                reader.reload()?;
                reader
            }
            before => {
                // Until the new one is open, the old one stays what is known.
                opened.generation = before;
                let reader = open(&generation)?;
                opened.generation = Some((generation, reader.clone()));
                reader
            }
        };
        let snapshot = Snapshot::of(reader.searcher(), Arc::clone(&opened.signals))?;
        opened.meta = meta;
        Ok(Some(snapshot))
    }
}

fn open(generation: &Generation) -> Result<IndexReader, RefreshError> {
    match generation.schema() {
        Some(SCHEMA_VERSION) => {}
        other => return Err(RefreshError::Schema(other.unwrap_or_default())),
    }
    let index = generation.open()?;
    Ok(index.reader_builder().reload_policy(ReloadPolicy::Manual).try_into()?)
}

fn read_signals(folder: &Path) -> Signals {
    match Signals::read(folder) {
        Ok(signals) => signals.unwrap_or_default(),
        Err(error @ (SignalsError::Read(_) | SignalsError::Write(_) | SignalsError::Damaged)) => {
            tracing::warn!(?error, "pages rank without signals");
            Signals::default()
        }
    }
}

fn stamp(path: &Path) -> Option<Stamp> {
    let file = fs::metadata(path).ok()?;
    Some(Stamp {
        inode: file.ino(),
        size: file.size(),
        seconds: file.mtime(),
        nanoseconds: file.mtime_nsec(),
    })
}

impl Snapshot {
    fn of(searcher: Searcher, signals: Arc<Signals>) -> Result<Self, RefreshError> {
        let fields = Fields::new();
        let columns = searcher
            .segment_readers()
            .iter()
            .map(|segment| Columns::open(segment, &fields))
            .collect::<Result<Vec<_>, _>>()?;
        let languages = terms(&searcher, fields.language)?;
        let newest = columns.iter().map(Columns::newest).max();
        let facts = IndexFacts {
            pages: searcher.num_docs(),
            sites: terms(&searcher, fields.site)?.len() as u64,
            newest_change_at: newest.and_then(|seconds| DateTime::from_timestamp(seconds, 0)),
            rebuilding: None,
        };
        let held = Held::of(languages.iter().map(String::as_str));
        Ok(Self { searcher, fields, columns, held, signals, facts })
    }
}

/// All terms of a field of few.
fn terms(searcher: &Searcher, field: Field) -> Result<HashSet<String>, RefreshError> {
    let mut found = HashSet::new();
    for segment in searcher.segment_readers() {
        let inverted = segment.inverted_index(field)?;
        let mut stream = inverted.terms().stream()?;
        while stream.advance() {
            let term = String::from_utf8_lossy(stream.key());
            if !found.contains(term.as_ref()) {
                found.insert(term.into_owned());
            }
        }
    }
    Ok(found)
}
