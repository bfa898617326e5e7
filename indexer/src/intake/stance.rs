//! May this index follow this feed? One pure decision, made anew with every batch.
//!
//! An index knows its place only by the payload of its last commit. If that names another store, another
//! epoch or another schema, or a number that the feed has not given or no longer holds, the number means
//! nothing here: the index is built anew, beside the one that serves. An index that is merely behind is not
//! rebuilt; it reads on.

use std::fmt;

use shared::index::checkpoint::Checkpoint;
use shared::index::schema::SCHEMA_VERSION;
use shared::store::feed::identity::Feed;
use shared::store::id::ChangeId;

/// What to do with the index at hand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Stance {
    /// Read on after this number.
    Follow(ChangeId),
    /// Build a new one; take nothing but removals into this one meanwhile.
    Rebuild(Reason),
}

/// Why an index must be built anew.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reason {
    /// There is none.
    Missing,
    /// Its last commit does not say where it stands.
    NoPosition,
    /// It was made from another store.
    OtherStore,
    /// The store was restored or promoted since: numbers may mean other changes.
    OtherEpoch,
    /// Its fields are those of another version of this program.
    OtherSchema,
    /// It knows a number that the store has not given.
    AheadOfStore,
    /// The feed no longer holds all changes since.
    BelowFloor,
    /// Its files are damaged, and were set aside.
    Damaged,
    /// Somebody asked.
    Asked,
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Missing => "there is no index yet",
            Self::NoPosition => "the index does not say where it stands",
            Self::OtherStore => "the index was made from another store",
            Self::OtherEpoch => "the store was restored or promoted",
            Self::OtherSchema => "the index has the fields of another version",
            Self::AheadOfStore => "the index knows changes that the store does not",
            Self::BelowFloor => "the feed no longer holds all changes since",
            Self::Damaged => "the index was damaged",
            Self::Asked => "it was asked for",
        })
    }
}

/// Judges the position of an index against the feed.
pub(crate) fn judge(position: Option<&Checkpoint>, feed: &Feed) -> Stance {
    let Some(position) = position else { return Stance::Rebuild(Reason::NoPosition) };
    let reason = if position.schema() != SCHEMA_VERSION {
        Reason::OtherSchema
    } else if position.identity().store != feed.identity.store {
        Reason::OtherStore
    } else if position.identity().epoch != feed.identity.epoch {
        Reason::OtherEpoch
    } else if feed.highest < position.change() {
        Reason::AheadOfStore
    } else if position.change() < feed.floor {
        Reason::BelowFloor
    } else {
        return Stance::Follow(position.change());
    };
    Stance::Rebuild(reason)
}

#[cfg(test)]
mod tests {
    use shared::store::id::StoreIdentity;

    use super::*;

    fn identity(store: &str, epoch: i32) -> StoreIdentity {
        StoreIdentity { store: format!("00000000-0000-0000-0000-00000000000{store}").parse().unwrap(), epoch }
    }

    /// A feed of store 1 in epoch 1 that holds the changes 10 to 20.
    fn feed() -> Feed {
        Feed { identity: identity("1", 1), highest: ChangeId(20), floor: ChangeId(10) }
    }

    #[track_caller]
    fn check(store: &str, epoch: i32, change: i64, expected: Stance) {
        let place = Checkpoint::new(identity(store, epoch), ChangeId(change));
        assert_eq!(judge(Some(&place), &feed()), expected, "{place:?}");
    }

    #[test]
    fn an_index_that_is_merely_behind_reads_on() {
        for change in [10, 15, 20] {
            check("1", 1, change, Stance::Follow(ChangeId(change)));
        }
    }

    #[test]
    fn a_place_that_means_nothing_in_this_feed_is_no_place() {
        check("2", 1, 15, Stance::Rebuild(Reason::OtherStore));
        check("1", 2, 15, Stance::Rebuild(Reason::OtherEpoch));
        check("1", 0, 15, Stance::Rebuild(Reason::OtherEpoch));
        let older = Checkpoint::new(identity("1", 1), ChangeId(15))
            .to_payload()
            .replace(&format!("\"schema\":{SCHEMA_VERSION}"), "\"schema\":0");
        let older = Checkpoint::parse(&older).unwrap();
        assert_eq!(judge(Some(&older), &feed()), Stance::Rebuild(Reason::OtherSchema));
        check("1", 1, 21, Stance::Rebuild(Reason::AheadOfStore));
        check("1", 1, 9, Stance::Rebuild(Reason::BelowFloor));
        assert_eq!(judge(None, &feed()), Stance::Rebuild(Reason::NoPosition));
    }

    #[test]
    fn an_empty_store_is_followed_from_its_start() {
        let feed = Feed { highest: ChangeId::START, floor: ChangeId::START, ..feed() };
        let place = Checkpoint::new(feed.identity, ChangeId::START);
        assert_eq!(judge(Some(&place), &feed), Stance::Follow(ChangeId::START));
    }
}
