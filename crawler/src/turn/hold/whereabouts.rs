//! Where a capsule can be found, and whether a turn may go there.

use std::time::Duration;

use crate::fetch::fetched::FetchError;

/// Whether the capsule has an address that may be connected to.
#[derive(Debug)]
pub enum Whereabouts {
    /// It has, and it is leased.
    Found,
    /// It has, but another turn is there.
    Busy,
    /// It has, but it is new, and enough new ones have settled there today.
    Full {
        /// How long until the next day.
        wait: Duration,
    },
    /// It has none.
    Nowhere(FetchError),
}

/// What came of the way to another address of it.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Moved {
    /// It is leased with the capsule.
    There,
    /// Another turn is there.
    NotThere,
    /// Enough new capsules have settled there today.
    Full {
        /// How long until the next day.
        wait: Duration,
    },
}
