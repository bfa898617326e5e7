//! What can keep an indexer from following.

use shared::index::generation::GenerationError;
use shared::store::StoreError;
use shared::store::register::RegisterError;

use crate::heal::HealError;
use crate::off_thread::Panicked;
use crate::writer::WriterError;

/// Why a step was not made. The next one may be.
#[derive(Debug, thiserror::Error)]
pub(super) enum FollowError {
    #[error("the feed cannot be read")]
    Store(#[source] StoreError),
    #[error("the index cannot be written")]
    Writer(#[source] WriterError),
    #[error("the index folder cannot be read")]
    Folder(#[source] GenerationError),
    #[error("the index cannot be examined")]
    Heal(#[source] HealError),
    #[error("nobody knows what must not be shown")]
    Register(#[source] RegisterError),
    #[error("the index writer panicked")]
    Panicked(#[source] Panicked),
}
