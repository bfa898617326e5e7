//! What can keep a pass from being made.

use shared::index::signals::SignalsError;
use shared::store::StoreError;

use crate::off_thread::Panicked;

/// Why there are no new signals. The old ones stand.
#[derive(Debug, thiserror::Error)]
pub(crate) enum RankError {
    #[error("the links cannot be read or the signals not written")]
    Store(#[source] StoreError),
    #[error("the signals' file cannot be written")]
    File(#[source] SignalsError),
    #[error("writing the signals' file panicked")]
    Panicked(#[source] Panicked),
    #[error("another indexer took over the pass")]
    Lost,
}
