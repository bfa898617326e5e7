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

/// What a checkpoint is worth to a store as it is now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// The index follows on from this change.
    Follows(ChangeId),
    /// The index is of another store, another epoch or another schema.
    Foreign,
    /// The index knows a change that the store has not given yet: the store's past was taken back.
    Ahead,
}

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

    /// What the checkpoint is worth to the store, whose highest change is given.
    #[must_use]
    pub fn standing(&self, identity: StoreIdentity, highest: ChangeId) -> Standing {
        if self.schema != SCHEMA_VERSION || self.identity() != identity {
            Standing::Foreign
        } else if self.change > highest.0 {
            Standing::Ahead
        } else {
            Standing::Follows(self.change())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_its_own_store_and_schema_are_followed() {
        let identity = StoreIdentity { store: Uuid::from_u128(1), epoch: 2 };
        let checkpoint = Checkpoint::parse(&Checkpoint::new(identity, ChangeId(5)).to_payload()).unwrap();
        let check = |identity, highest, expected| {
            assert_eq!(checkpoint.standing(identity, ChangeId(highest)), expected);
        };
        check(identity, 5, Standing::Follows(ChangeId(5)));
        check(identity, 4, Standing::Ahead);
        check(StoreIdentity { epoch: 3, ..identity }, 9, Standing::Foreign);
        check(StoreIdentity { store: Uuid::from_u128(7), ..identity }, 9, Standing::Foreign);
        assert!(Checkpoint::parse("42").is_err());
        let older = r#"{"store":"00000000-0000-0000-0000-000000000001","epoch":2,"change":5,"schema":0}"#;
        let older = Checkpoint::parse(older).unwrap();
        assert_eq!(older.standing(identity, ChangeId(9)), Standing::Foreign);
    }
}
