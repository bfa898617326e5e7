//! What is asked: a text, limits beside it, a page of the list, and how much is to be said.

use std::num::NonZeroU32;

use super::limit::Limit;

/// Hits on one page of the list.
pub const HITS_PER_PAGE: usize = 10;

/// What is asked.
#[derive(Clone, Debug)]
pub struct SearchRequest {
    /// As a person typed it.
    pub text: String,
    /// Limits beside the words, such as those in a screen's path; they hold whatever is typed.
    pub limits: Vec<Limit>,
    /// Which page of the list.
    pub page: PageNumber,
    /// Whether to say why each hit stands where it stands.
    pub verbosity: Verbosity,
    /// Whether more than the hits is wanted.
    pub extras: Extras,
}

impl SearchRequest {
    /// The first page of results for a text.
    #[must_use]
    pub fn new(text: impl Into<String>) -> Self {
        Self {
            text: text.into(),
            limits: Vec::new(),
            page: PageNumber::FIRST,
            verbosity: Verbosity::Plain,
            extras: Extras::Wanted,
        }
    }
}

/// The number of a page of the list, from 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct PageNumber(NonZeroU32);

impl PageNumber {
    /// The first page.
    pub const FIRST: Self = Self(NonZeroU32::MIN);

    /// A page by its number; there is none with the number 0.
    #[must_use]
    pub fn new(number: u32) -> Option<Self> {
        NonZeroU32::new(number).map(Self)
    }

    /// Its number.
    #[must_use]
    pub const fn get(self) -> u32 {
        self.0.get()
    }

    /// The page after it.
    #[must_use]
    pub const fn next(self) -> Self {
        Self(self.0.saturating_add(1))
    }

    /// The page before it; the first one has none.
    #[must_use]
    pub fn previous(self) -> Option<Self> {
        Self::new(self.get() - 1)
    }

    /// The last page of a list of so many hits; an empty list has one page.
    pub(crate) fn last(listed: usize) -> Self {
        let pages = listed.div_ceil(HITS_PER_PAGE).max(1);
        Self(u32::try_from(pages).ok().and_then(NonZeroU32::new).unwrap_or(NonZeroU32::MAX))
    }

    /// The place of its first hit in the list.
    pub(crate) fn offset(self) -> usize {
        usize::try_from(self.get() - 1).unwrap_or(usize::MAX).saturating_mul(HITS_PER_PAGE)
    }
}

/// How much is said of each hit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verbosity {
    /// What a list shows.
    Plain,
    /// Also why it stands where it stands.
    Explained,
}

/// Whether what stands around the hits is wanted: facets, and what may have been meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Extras {
    /// It is.
    Wanted,
    /// Many wait: the hits alone.
    LeftOut,
}
