//! A transaction that writes pages: what it knows until it is sealed, and how it ends in no other way.

use std::collections::BTreeSet;
use std::ops::{Deref, DerefMut};

use sqlx::{PgConnection, Postgres, Transaction};

use super::id::{CapsuleId, PageId};
use super::showing::Showing;

/// A transaction that writes pages: the only value through which page, content and link rows are written.
///
/// It remembers which pages changed for the followers of the feed, and what those with a new text are to show, and
/// cannot be committed but by `feed::change::sealed`, which writes that with their numbers as the very last
/// statements: until then their rows are as they were. Dropped, it is rolled back.
#[derive(Debug)]
pub struct PageTx {
    transaction: Transaction<'static, Postgres>,
    changed: BTreeSet<(CapsuleId, PageId)>,
    showings: Vec<Showing>,
}

/// A page whose row is written at the end of the transaction, and when it is due from then on.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct ToBeDue {
    pub(super) capsule: CapsuleId,
    pub(super) page: PageId,
    /// From the commit on; none: never by itself.
    pub(super) in_seconds: Option<f64>,
}

impl PageTx {
    pub(super) const fn new(transaction: Transaction<'static, Postgres>) -> Self {
        Self { transaction, changed: BTreeSet::new(), showings: Vec::new() }
    }

    /// Notes that followers must hear of this page. Its row must be locked by this transaction.
    pub(super) fn mark_changed(&mut self, capsule: CapsuleId, page: PageId) {
        self.changed.insert((capsule, page));
    }

    /// Keeps what pages are to show until the end. Their rows must be locked by this transaction.
    pub(super) fn show_at_last(&mut self, showing: Showing) {
        self.showings.push(showing);
    }

    /// When the pages are due that are written at the end.
    pub(super) fn to_be_due(&self) -> impl Iterator<Item = ToBeDue> {
        self.showings.iter().flat_map(|showing| {
            showing.pages().zip(&showing.visited.due).map(|((capsule, page), due)| ToBeDue {
                capsule,
                page,
                in_seconds: *due,
            })
        })
    }

    /// The transaction, the pages that only need a number, and those that are written with theirs.
    pub(super) fn into_parts(
        mut self,
    ) -> (Transaction<'static, Postgres>, BTreeSet<(CapsuleId, PageId)>, Vec<Showing>) {
        for page in self.showings.iter().flat_map(Showing::pages) {
            self.changed.remove(&page);
        }
        (self.transaction, self.changed, self.showings)
    }
}

impl Deref for PageTx {
    type Target = PgConnection;

    fn deref(&self) -> &PgConnection {
        &self.transaction
    }
}

impl DerefMut for PageTx {
    fn deref_mut(&mut self) -> &mut PgConnection {
        &mut self.transaction
    }
}
