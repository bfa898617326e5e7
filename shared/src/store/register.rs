//! The register of removals: a table, and a file on every machine with an indexer or a server.
//!
//! What is removed must stay removed, even if the database is brought back to a state from before. So a removal is
//! committed in the table and done only when the machine where it was asked for has it in its file, synced; the other
//! machines copy it from the table ([`Keeper`]). When they differ, as after a restore, the table becomes the union of
//! both, and what came from the file is applied before anything is served ([`restored`] is what a restore calls; a
//! keeper does the same at its start and whenever the store has become another).

mod file;

use std::collections::{HashMap, HashSet};
use std::io;
use std::path::{Path, PathBuf};

use chrono::{DateTime, Utc};
use tokio::task::JoinSet;

use super::asked::exclusion;
use super::asked::job::{self, JobKind};
use super::feed::{change, identity};
use super::id::{PageId, RemovalId, StoreIdentity};
use super::known::page;
use super::known::removal::{self, Entry, Lift, Open, Registered, Removal};
use super::pool::{Store, StoreError};
use super::rule::Rule;

/// The name of the file in a state folder, and of its copy in a backup.
pub const FILE_NAME: &str = "removals.jsonl";

/// Entries read or written at once.
const SLICE: usize = 1_000;
/// Pages looked at in one transaction; each may number hundreds of pages that it links to.
const PAGES: i64 = 200;

/// Why the register was not kept.
#[derive(Debug, thiserror::Error)]
pub enum RegisterError {
    /// The table.
    #[error("the table of removals is not to be had")]
    Store(#[from] StoreError),
    /// The file cannot be read: nobody knows what must not be shown.
    #[error("the register of removals {} cannot be read", path.display())]
    Read {
        /// Which file.
        path: PathBuf,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// The file cannot be written: the table has the removal, and the file will have it once it can be written.
    #[error("the register of removals {} cannot be written", path.display())]
    Write {
        /// Which file.
        path: PathBuf,
        /// Why.
        #[source]
        source: io::Error,
    },
}

/// The file of one machine, or a copy of one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Register {
    path: PathBuf,
}

impl Register {
    /// The register in this file, which need not be there yet.
    #[must_use]
    pub fn at(path: impl Into<PathBuf>) -> Self {
        Self { path: path.into() }
    }

    /// The register in a state folder, or in a backup's folder.
    #[must_use]
    pub fn within(folder: &Path) -> Self {
        Self::at(folder.join(FILE_NAME))
    }

    /// Its file.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// All entries of the file; none where there is no file. A line that is no entry is told and passed over.
    ///
    /// # Errors
    ///
    /// When the file cannot be read.
    pub async fn entries(&self) -> Result<Vec<Entry>, RegisterError> {
        let path = self.path.clone();
        let read = off_thread(move || file::read(&path)).await;
        read.map_err(|source| RegisterError::Read { path: self.path.clone(), source })
    }

    /// Adds entries that the file does not have. When it returns they are on the disk.
    ///
    /// # Errors
    ///
    /// When the file cannot be written.
    pub async fn add(&self, entries: Vec<Entry>) -> Result<usize, RegisterError> {
        let path = self.path.clone();
        let added = off_thread(move || file::add(&path, &entries)).await;
        added.map_err(|source| RegisterError::Write { path: self.path.clone(), source })
    }
}

/// What a restore put back.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Restored {
    /// Entries that the restored table did not have.
    pub entries: u64,
    /// Pages that were taken out again.
    pub pages: u64,
}

/// After a restore or an import, before anything is served: the table becomes the union of itself, this machine's file
/// and the files of backups, all of it is applied to what was restored, and this machine's file has all of it, too.
/// Can be repeated.
///
/// # Errors
///
/// When the database is away, or a file cannot be read or written.
pub async fn restored(
    store: &Store,
    own: &Register,
    backups: &[Register],
) -> Result<Restored, RegisterError> {
    let mut entries = own.entries().await?;
    for backup in backups {
        entries.extend(backup.entries().await?);
    }
    let entries = unite(store, entries).await?;
    store.write(removal::reopen).await?;
    let pages = apply(store).await?;
    let known = table(store, RemovalId(0)).await?;
    own.add(known.into_iter().map(|registered| registered.entry).collect()).await?;
    Ok(Restored { entries, pages })
}

/// Adds entries to the table that it does not have: removals to be done, with the rules that keep their pages out unless
/// those were lifted since; and liftings, which take away the rules that they had ended, whatever those name. Returns how
/// many removals those were.
///
/// # Errors
///
/// When the database is away.
pub async fn unite(store: &Store, entries: Vec<Entry>) -> Result<u64, RegisterError> {
    let entries: Vec<Entry> = entries.into_iter().collect::<HashSet<Entry>>().into_iter().collect();
    let known = table(store, RemovalId(0)).await?.into_iter().map(|registered| registered.entry);
    let last = LastWords::of(known.chain(entries.iter().cloned()));
    let mut new = 0;
    for slice in entries.chunks(SLICE) {
        new += store
            .write(async |c| {
                let missing = removal::missing(c, slice).await?;
                let heard: Vec<&Entry> = missing.iter().filter(|entry| last.has(entry)).collect();
                // The jobs first, then the rules, then the register: see the lock order.
                for entry in &heard {
                    let Entry::Lift(Lift { rule, moment }) = entry else { continue };
                    if exclusion::of(c, rule).await?.is_some_and(|there| there.since < *moment) {
                        job::ask(c, JobKind::Lift, &rule.to_string()).await?;
                    }
                }
                for entry in heard {
                    match entry {
                        Entry::Removal(removal) => {
                            exclusion::keep_out(c, &removal.pattern, removal.moment).await?;
                        }
                        Entry::Lift(Lift { rule, moment }) => exclusion::lifted(c, rule, *moment).await?,
                    }
                }
                let new = removal::unite(c, &missing).await?;
                Ok(new.iter().filter(|entry| matches!(entry, Entry::Removal(_))).count() as u64)
            })
            .await?;
    }
    Ok(new)
}

/// When something was last said of each rule: that it keeps pages out, or that it is lifted.
struct LastWords(HashMap<Rule, DateTime<Utc>>);

impl LastWords {
    fn of(entries: impl Iterator<Item = Entry>) -> Self {
        let mut last = HashMap::new();
        for entry in entries {
            if let Some(rule) = rule(&entry) {
                let moment = last.entry(rule).or_insert(entry.moment());
                *moment = entry.moment().max(*moment);
            }
        }
        Self(last)
    }

    /// Whether an entry says something of a rule, and nothing later does.
    fn has(&self, entry: &Entry) -> bool {
        rule(entry).and_then(|rule| self.0.get(&rule)).is_some_and(|last| *last == entry.moment())
    }
}

/// The rule that an entry made or lifted; none where it did neither.
fn rule(entry: &Entry) -> Option<Rule> {
    match entry {
        Entry::Removal(Removal { pattern, origin, .. }) if origin.keeps_out() => {
            Some(Rule::Urls(pattern.clone()))
        }
        Entry::Removal(_) => None,
        Entry::Lift(lift) => Some(lift.rule.clone()),
    }
}

/// Takes out the pages of all entries that are still to be done; returns how many pages those were.
///
/// # Errors
///
/// When the database is away.
pub async fn apply(store: &Store) -> Result<u64, StoreError> {
    let mut pages = 0;
    loop {
        let open = store.read(async |c| removal::open(c, Open::All, 100).await).await?;
        if open.is_empty() {
            return Ok(pages);
        }
        for registered in open {
            pages += apply_one(store, &registered).await?;
        }
    }
}

/// Takes out the pages of one entry; returns how many those were.
async fn apply_one(store: &Store, registered: &Registered<Removal>) -> Result<u64, StoreError> {
    let (mut cursor, mut pages) = (PageId(0), 0);
    while let Some((last, count)) = slice(store, &registered.entry, cursor).await? {
        cursor = last;
        pages += count;
    }
    store.write(async |c| removal::applied(c, &[registered.id]).await).await?;
    Ok(pages)
}

/// One slice of an entry's pages after `cursor`: the last page looked at, and how many were taken out. None: it was
/// the last.
///
/// # Errors
///
/// When the database is away.
pub async fn slice(
    store: &Store,
    removal: &Removal,
    cursor: PageId,
) -> Result<Option<(PageId, u64)>, StoreError> {
    let (pattern, moment) = (&removal.pattern, removal.moment);
    let purged = change::sealed(store, async |tx| page::purge(tx, pattern, moment, cursor, PAGES).await);
    Ok(purged.await?.0)
}

/// All entries of the table after a row.
async fn table(store: &Store, mut last: RemovalId) -> Result<Vec<Registered<Entry>>, StoreError> {
    let limit = i64::try_from(SLICE).unwrap_or(i64::MAX);
    let newest = store.read(removal::newest).await?;
    let mut entries = Vec::new();
    while last < newest {
        let mut slice = store.read(async |c| removal::after(c, last, limit).await).await?;
        // A slice of rows that cannot be read is none.
        last = slice.last().map_or(newest, |registered| registered.id);
        entries.append(&mut slice);
    }
    Ok(entries)
}

/// Keeps a machine's file and the table the same, over restores and restarts.
#[derive(Debug)]
pub struct Keeper {
    register: Register,
    /// The store whose entries up to this row the file has, and that has all entries of the file.
    seen: Option<(StoreIdentity, RemovalId)>,
}

impl Keeper {
    /// A keeper that has looked at nothing yet.
    #[must_use]
    pub const fn new(register: Register) -> Self {
        Self { register, seen: None }
    }

    /// Makes both the same: at first, and when the store has become another, the table gets what only the file has, and
    /// that is applied; always, the file gets what only the table has. `read` may be a replica; `write` is used only
    /// where something must be written.
    ///
    /// # Errors
    ///
    /// When a database is away, or the file cannot be read or written. Where only the writing of the file failed, all
    /// else is done.
    pub async fn keep(&mut self, read: &Store, write: &Store) -> Result<(), RegisterError> {
        let (feed, newest) =
            read.read(async |c| Ok((identity::current(c).await?, removal::newest(c).await?))).await?;
        let last = match self.seen {
            Some((identity, last)) if identity == feed.identity && last <= newest => last,
            Some(_) | None => {
                self.bring_back(read, write).await?;
                self.seen = Some((feed.identity, RemovalId(0)));
                RemovalId(0)
            }
        };
        if last == newest {
            return Ok(());
        }
        let entries = table(read, last).await?;
        self.register.add(entries.into_iter().map(|registered| registered.entry).collect()).await?;
        self.seen = Some((feed.identity, newest));
        Ok(())
    }

    /// The table gets what only the file has.
    async fn bring_back(&self, read: &Store, write: &Store) -> Result<(), RegisterError> {
        let there: HashSet<Entry> =
            table(read, RemovalId(0)).await?.into_iter().map(|registered| registered.entry).collect();
        let mut missing = self.register.entries().await?;
        missing.retain(|entry| !there.contains(entry));
        if missing.is_empty() {
            return Ok(());
        }
        let entries = unite(write, missing).await?;
        let pages = apply(write).await?;
        tracing::warn!(
            entries,
            pages,
            "the store did not know of removals that this machine's register has: it was restored; they are done again"
        );
        Ok(())
    }
}

/// Runs blocking work on a thread for it.
async fn off_thread<T: Send + 'static>(
    work: impl FnOnce() -> io::Result<T> + Send + 'static,
) -> io::Result<T> {
    let mut one = JoinSet::new();
    one.spawn_blocking(work);
    match one.join_next().await {
        Some(Ok(done)) => done,
        Some(Err(error)) => Err(io::Error::other(error)),
        None => Err(io::Error::other("the work was lost")),
    }
}
