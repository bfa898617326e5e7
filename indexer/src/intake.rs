//! One reading of the feed: where it stands, and its next entries as operations on the index.
//!
//! Entries are judged by the exclusions of the moment they are read, not of the moment they were numbered:
//! what was shut out meanwhile is a removal. The database connection is given back before anything is done
//! with the entries, so no transaction is ever open while the index writes.

mod stance;

use shared::gemini::url::GeminiUrl;
use shared::index::checkpoint::Checkpoint;
use shared::store::asked::exclusion::{self, Exclusion};
use shared::store::feed::entry::{self, Entry, EntryState};
use shared::store::feed::identity::{self, Feed};
use shared::store::id::ChangeId;
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
    Foreign(Reason, Vec<Exclusion>),
}

/// Entries in the order of the feed.
#[derive(Debug)]
pub(crate) struct Intake {
    feed: Feed,
    entries: Vec<Entry>,
    exclusions: Vec<Exclusion>,
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
            let exclusions = exclusion::all(c).await?;
            let last = match judge(place.as_ref(), &feed) {
                Stance::Follow(last) => last,
                Stance::Rebuild(reason) => return Ok(Reading::Foreign(reason, exclusions)),
            };
            let entries = entry::since(c, last, limit).await?;
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
            let exclusions = exclusion::all(c).await?;
            let entries = entry::since(c, last, limit).await?;
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
    pub(crate) fn rules(&self) -> &[Exclusion] {
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

fn operation(entry: Entry, exclusions: &[Exclusion]) -> Operation {
    let Entry { change, page, state } = entry;
    match state {
        EntryState::Searchable(content) if is_excluded(&content.url, exclusions) => Operation::Remove(page),
        EntryState::Searchable(content) => Operation::Put(Box::new(document::of(page, change, *content))),
        EntryState::Removed => Operation::Remove(page),
        EntryState::Unreadable { what, value } => {
            tracing::error!(page = page.0, what, value, "a page's row cannot be read; it is not to be found");
            Operation::Remove(page)
        }
    }
}

/// Whether a rule shuts this URL out.
pub(crate) fn is_excluded(url: &GeminiUrl, exclusions: &[Exclusion]) -> bool {
    exclusions.iter().any(|exclusion| exclusion.pattern.matches(url))
}
