//! What can keep an index from being written.

use std::io;
use std::path::PathBuf;

use shared::index::generation::GenerationError;

/// Why an index cannot be written.
#[derive(Debug, thiserror::Error)]
pub enum WriterError {
    /// Another process writes there.
    #[error("another indexer works in {}", .0.display())]
    Taken(PathBuf),
    /// The lock file cannot be made or locked.
    #[error("the lock in {} cannot be taken", folder.display())]
    Lock {
        /// The index folder.
        folder: PathBuf,
        /// What the system says.
        #[source]
        source: io::Error,
    },
    /// The index cannot be made or opened.
    #[error("the index cannot be made or opened")]
    Open(#[source] GenerationError),
    /// It cannot be written, now: another writer has it, or the machine is short of something.
    #[error("the index cannot be opened for writing")]
    Start(#[source] tantivy::TantivyError),
    /// A document was not taken.
    #[error("the index takes no documents")]
    Apply(#[source] tantivy::TantivyError),
    /// A commit failed; the one before it stands.
    #[error("the index cannot be committed")]
    Commit(#[source] tantivy::TantivyError),
    /// What was committed cannot be read.
    #[error("the index cannot be read")]
    Read(#[source] tantivy::TantivyError),
    /// The work panicked; the last commit stands.
    #[error("the index writer panicked: {0}")]
    Panicked(String),
}
