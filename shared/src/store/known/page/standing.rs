//! What searchers may see of a page.

use super::super::super::pool::StoreError;

/// What searchers may see of a page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// Never fetched.
    Unseen,
    /// It can be found.
    Searchable,
    /// Out of search for now.
    Withdrawn,
    /// A tombstone.
    Gone,
}

impl Standing {
    const ALL: [Self; 4] = [Self::Unseen, Self::Searchable, Self::Withdrawn, Self::Gone];

    /// The word it is stored under.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Unseen => "unseen",
            Self::Searchable => "searchable",
            Self::Withdrawn => "withdrawn",
            Self::Gone => "gone",
        }
    }

    /// Reads the word it is stored under.
    pub(crate) fn read(word: &str) -> Result<Self, StoreError> {
        Self::ALL
            .into_iter()
            .find(|standing| standing.code() == word)
            .ok_or_else(|| StoreError::Unreadable { what: "standing", value: word.to_owned() })
    }
}
