//! From the store to the index: follows the feed, ranks, rebuilds and verifies.
//!
//! An [`Indexer`] owns one index folder. [`Indexer::run`] is three loops over it, side by side, until it is
//! stopped: `follow` keeps the index that serves as the store is, `rank` counts links and writes the
//! signals beside it, `jobs` builds and compares when asked or when it must. They meet in the folder
//! (`CURRENT` says which generation serves) and in two values: how far the index has come, and whether a
//! new one is wanted.
//!
//! Nothing here is ever lost that the store has: the index and its signals can be deleted at any time and
//! come back. Nothing here stops the search: the server reads the folder by itself, and an index serves
//! until the next one is verified.

mod appetite;
mod config;
mod context;
mod document;
mod follow;
mod heal;
mod intake;
mod jobs;
mod off_thread;
mod patience;
mod rank;
mod rebuild;
mod rhythm;
mod spare;
mod verify;
mod writer;

use shared::index::generation::{GenerationError, IndexFolder};
use shared::process::progress::Progress;
use shared::store::Store;
use shared::store::id::{ChangeId, WorkerId};
use tokio::sync::{Mutex, watch};
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

pub use config::Config;
pub use intake::Reason;

pub use rebuild::RebuildError;
pub use rhythm::Rhythm;
pub use verify::{Findings, VerifyError, VerifyReport};
pub use writer::{WriterError, merges, options};

use context::Context;
use heal::{Condition, HealError};
use off_thread::{Panicked, off_thread};
use rebuild::Done;
use writer::WriterLock;

/// One indexer and its index folder.
#[derive(Clone, Debug)]
pub struct Indexer {
    config: Config,
    store: Store,
    primary: Store,
    progress: Progress,
}

/// Why an indexer cannot work. All else it waits out by itself.
#[derive(Debug, thiserror::Error)]
pub enum IndexerError {
    /// The index folder cannot be made.
    #[error("the index folder cannot be made")]
    Folder(#[source] GenerationError),
    /// The right to write is not to be had.
    #[error("the index folder cannot be written")]
    Writer(#[source] WriterError),
    /// The index folder cannot be put in order.
    #[error("the index folder cannot be put in order")]
    Heal(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// The build failed; the old index serves.
    #[error("no new index was built")]
    Rebuild(#[source] RebuildError),
    /// The comparison failed.
    #[error("index and store were not compared")]
    Verify(#[source] VerifyError),
}

impl From<HealError> for IndexerError {
    fn from(error: HealError) -> Self {
        Self::Heal(Box::new(error))
    }
}

impl From<Panicked> for IndexerError {
    fn from(error: Panicked) -> Self {
        Self::Heal(Box::new(error))
    }
}

impl Indexer {
    /// An indexer that has not begun.
    #[must_use]
    pub fn new(config: Config, store: Store) -> Self {
        Self { config, primary: store.clone(), store, progress: Progress::default() }
    }

    /// The same where the store is a replica, which takes no writing: positions, answers and signals go to
    /// this one.
    #[must_use]
    pub fn writing_to(self, primary: Store) -> Self {
        Self { primary, ..self }
    }

    /// Tells its progress to whoever watches this one.
    #[must_use]
    pub fn telling(self, progress: Progress) -> Self {
        Self { progress, ..self }
    }

    /// What it tells the watchdog.
    #[must_use]
    pub fn progress(&self) -> Progress {
        self.progress.clone()
    }

    /// Works until stopped. A database that is away, a full disk and a damaged index are waited out and
    /// healed here; an error means that it could not begin.
    ///
    /// # Errors
    ///
    /// When another indexer has the folder, or the folder cannot be put in order.
    pub async fn run(&self, stop: CancellationToken) -> Result<(), IndexerError> {
        let context = self.begin().await?;
        tokio::join!(follow::run(&context, &stop), rank::run(&context, &stop), jobs::run(&context, &stop));
        Ok(())
    }

    /// Builds the index anew beside the one that serves, verifies it and lets it serve. For a folder that
    /// no indexer works in; a running one is asked by a job.
    ///
    /// # Errors
    ///
    /// When another indexer has the folder, the disk has no room, or the new index is not as the store.
    pub async fn rebuild(&self, stop: &CancellationToken) -> Result<VerifyReport, IndexerError> {
        let context = self.begin().await?;
        let (told, _) = watch::channel(Done::default());
        rebuild::rebuild(&context, &told, stop).await.map_err(IndexerError::Rebuild)
    }

    /// Lets the index before this one serve again, once it has read on to now. For a folder that no
    /// indexer works in.
    ///
    /// # Errors
    ///
    /// When another indexer has the folder, or there is no earlier index that could follow the feed.
    pub async fn roll_back(&self, stop: &CancellationToken) -> Result<VerifyReport, IndexerError> {
        let context = self.begin().await?;
        let (told, _) = watch::channel(Done::default());
        rebuild::roll_back(&context, &told, stop).await.map_err(IndexerError::Rebuild)
    }

    /// Compares the index that serves with the store, while both go on changing.
    ///
    /// # Errors
    ///
    /// When one of the two cannot be read.
    pub async fn verify(&self) -> Result<VerifyReport, IndexerError> {
        verify::verify_current(&self.config.folder, &self.store).await.map_err(IndexerError::Verify)
    }

    async fn begin(&self) -> Result<Context, IndexerError> {
        let folder = self.config.folder.clone();
        let (folder, right, condition) = off_thread(move || {
            let folder = IndexFolder::create(&folder).map_err(IndexerError::Folder)?;
            let right = WriterLock::take(folder.path()).map_err(IndexerError::Writer)?;
            let condition = heal::at_start(&right, &folder)?;
            Ok::<_, IndexerError>((folder, right, condition))
        })
        .await??;
        let context = Context {
            config: self.config.clone(),
            store: self.store.clone(),
            primary: self.primary.clone(),
            folder,
            right,
            worker: WorkerId(Uuid::new_v4()),
            progress: self.progress.clone(),
            position: watch::Sender::new(ChangeId::START),
            wanted: watch::Sender::new(None),
            turn: Mutex::new(()),
        };
        match condition {
            Condition::Sound | Condition::None => {}
            Condition::SetAside => context.want(Reason::Damaged),
        }
        Ok(context)
    }
}
