//! One reading of the feed: where it stands, and its next entries as operations on the index.
//!
//! Entries are judged by the exclusions of the moment they are read, not of the moment they were numbered:
//! what was shut out meanwhile is a removal. The database connection is given back before anything is done
//! with the entries, so no transaction is ever open while the index writes.

mod stance;

use shared::index::checkpoint::Checkpoint;
use shared::store::asked::exclusion;
use shared::store::feed::entry::{self, Entry, EntryState};
use shared::store::feed::identity::{self, Feed};
use shared::store::id::ChangeId;
use shared::store::known::removal;
use shared::store::rule::Rules;
use shared::store::{Store, StoreError};

use crate::appetite::Appetite;
use crate::document;
use crate::writer::Operation;

pub use stance::Reason;
pub(crate) use stance::{Stance, judge};

/// What reading the feed for an index gave.
#[derive(Debug)]
pub(crate) enum Reading {
    /// The next entries for it; none when the feed has run dry.
    Entries(Intake),
    /// The feed is not this index's. The rules hold for it all the same.
    Foreign(Reason, Rules),
}

/// Entries in the order of the feed.
#[derive(Debug)]
pub(crate) struct Intake {
    feed: Feed,
    entries: Vec<Entry>,
    exclusions: Rules,
}

/// Reads the next entries for the index that stands at `place`.
pub(crate) async fn read(
    store: &Store,
    place: Option<Checkpoint>,
    appetite: &mut Appetite,
) -> Result<Reading, StoreError> {
    let limit = appetite.limit();
    let read = store
        .read(async |c| {
            let feed = identity::current(c).await?;
            let last = match judge(place.as_ref(), &feed) {
                Stance::Follow(last) => last,
                Stance::Rebuild(reason) => {
                    // What was removed for good may be in an index from before; its ids are no help there.
                    let removed = removal::patterns(c).await?;
                    let exclusions = exclusion::rules(c).await?.with_patterns(removed);
                    return Ok(Reading::Foreign(reason, exclusions));
                }
            };
            let entries = entry::since(c, last, limit).await?;
            // The rules last: what a lifted rule had kept out is numbered after the rule is gone, and must not be judged
            // by it.
            let exclusions = exclusion::rules(c).await?;
            Ok(Reading::Entries(Intake { feed, entries, exclusions }))
        })
        .await;
    appetite.learn(&read);
    read
}

/// The same for an index that is being built, whose place need not be within the feed's bounds yet.
pub(crate) async fn read_on(
    store: &Store,
    last: ChangeId,
    appetite: &mut Appetite,
) -> Result<Intake, StoreError> {
    let limit = appetite.limit();
    let read = store
        .read(async |c| {
            let feed = identity::current(c).await?;
            let entries = entry::since(c, last, limit).await?;
            let exclusions = exclusion::rules(c).await?;
            Ok(Intake { feed, entries, exclusions })
        })
        .await;
    appetite.learn(&read);
    read
}

impl Intake {
    /// The feed as it stood just before.
    pub(crate) const fn feed(&self) -> &Feed {
        &self.feed
    }

    /// The rules by which pages are shut out, at the time of reading.
    pub(crate) const fn rules(&self) -> &Rules {
        &self.exclusions
    }

    /// The number of the last entry; none when there is no entry.
    pub(crate) fn end(&self) -> Option<ChangeId> {
        self.entries.last().map(|entry| entry.change)
    }

    /// How many entries there are.
    pub(crate) const fn len(&self) -> u64 {
        self.entries.len() as u64
    }

    /// What the entries mean for the index, each with the place that the index has reached after it.
    pub(crate) fn operations(self) -> impl Iterator<Item = (Checkpoint, Operation)> {
        let Self { feed, entries, exclusions } = self;
        entries.into_iter().map(move |entry| {
            let place = Checkpoint::new(feed.identity, entry.change);
            (place, operation(entry, &exclusions))
        })
    }
}

fn operation(entry: Entry, exclusions: &Rules) -> Operation {
    let Entry { change, page, state } = entry;
    match state {
        EntryState::Searchable(content) if exclusions.shut_out(&content.url, content.content) => {
            Operation::Remove(page)
        }
        EntryState::Searchable(content) => Operation::Put(Box::new(document::of(page, change, *content))),
        EntryState::Removed => Operation::Remove(page),
        EntryState::Unreadable { what, value } => {
            tracing::error!(page = page.0, what, value, "a page's row cannot be read; it is not to be found");
            Operation::Remove(page)
        }
    }
}
