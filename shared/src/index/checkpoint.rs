//! How far a commit has come.
//!
//! The payload of each commit: the number of the last change in it, of which store and under which schema.
//! It is written in one step with the index itself, so no crash can part them; a copy anywhere else could
//! be ahead of what the disk kept.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::schema::SCHEMA_VERSION;
use crate::store::id::{ChangeId, StoreIdentity};

/// The payload of a commit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Checkpoint {
    store: Uuid,
    epoch: i32,
    change: i64,
    schema: u32,
}

/// A payload that is none of ours.
#[derive(Debug, thiserror::Error)]
#[error("the index's checkpoint cannot be read")]
pub struct CheckpointError(#[source] serde_json::Error);

impl Checkpoint {
    /// All changes up to this one are in the index.
    #[must_use]
    pub const fn new(identity: StoreIdentity, change: ChangeId) -> Self {
        Self { store: identity.store, epoch: identity.epoch, change: change.0, schema: SCHEMA_VERSION }
    }

    /// Reads a commit's payload.
    ///
    /// # Errors
    ///
    /// When it is no checkpoint.
    pub fn parse(payload: &str) -> Result<Self, CheckpointError> {
        serde_json::from_str(payload).map_err(CheckpointError)
    }

    /// The payload for a commit.
    #[must_use]
    pub fn to_payload(&self) -> String {
        serde_json::to_string(self).expect("numbers and an id always have a JSON form")
    }

    /// The last change in the index.
    #[must_use]
    pub const fn change(&self) -> ChangeId {
        ChangeId(self.change)
    }

    /// The store that the changes are numbered by.
    #[must_use]
    pub const fn identity(&self) -> StoreIdentity {
        StoreIdentity { store: self.store, epoch: self.epoch }
    }

    /// The schema that the index was made with.
    #[must_use]
    pub const fn schema(&self) -> u32 {
        self.schema
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_payload_is_read_back_whatever_its_schema() {
        let identity = StoreIdentity { store: Uuid::from_u128(1), epoch: 2 };
        let checkpoint = Checkpoint::new(identity, ChangeId(5));
        assert_eq!(Checkpoint::parse(&checkpoint.to_payload()).unwrap(), checkpoint);
        let older = r#"{"store":"00000000-0000-0000-0000-000000000001","epoch":2,"change":5,"schema":0}"#;
        let older = Checkpoint::parse(older).unwrap();
        assert_eq!((older.identity(), older.change(), older.schema()), (identity, ChangeId(5), 0));
        assert!(Checkpoint::parse("42").is_err());
    }
}
