//! Ids of rows, each a type of its own, so that a page's id can never be taken for a capsule's.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::gemini::fingerprint::Fingerprint;

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident($inner:ty);)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, sqlx::Type)]
        #[sqlx(transparent)]
        #[serde(transparent)]
        pub struct $name(pub $inner);

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }
    )*};
}

ids! {
    /// A capsule's row.
    CapsuleId(i64);
    /// A page's row; unique over all capsules, and the key by which the index knows the page.
    PageId(i64);
    /// A place in the feed. Numbers grow in the order in which changes become visible.
    ChangeId(i64);
    /// What a turn's writes are checked against: a lease that was lost has another token.
    LeaseToken(i64);
    /// A job's row.
    JobId(i64);
    /// An entry of the register of removals. A restored store gives the same numbers to others.
    RemovalId(i64);
    /// A crawler process, known by its locked state folder over restarts.
    WorkerId(Uuid);
}

impl ChangeId {
    /// Before the first change: where a new follower starts.
    pub const START: Self = Self(0);
}

/// Which store this is. A restore and a promotion raise the epoch: numbers of another epoch say nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct StoreIdentity {
    /// Made once, when the store was created.
    pub store: Uuid,
    /// Raised whenever the history may have forked.
    pub epoch: i32,
}

/// BLAKE3 over the words and links of a page (not its bytes: a new date in a footer is no change).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ContentHash(pub [u8; 32]);

impl fmt::Display for ContentHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for ContentHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ContentHash({self})")
    }
}

/// A text that is no content hash.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is not a content hash of 64 hexadecimal digits")]
pub struct NoContentHash(pub String);

impl FromStr for ContentHash {
    type Err = NoContentHash;

    fn from_str(text: &str) -> Result<Self, NoContentHash> {
        // Both are 32 bytes in hexadecimal.
        let read: Result<Fingerprint, _> = text.parse();
        read.map(|Fingerprint(bytes)| Self(bytes)).map_err(|_| NoContentHash(text.to_owned()))
    }
}
