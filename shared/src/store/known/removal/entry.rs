//! What stands in the register: removals, and the lifting of rules.

use std::str::FromStr;

use chrono::{DateTime, SubsecRound as _, Utc};

use super::super::super::codec;
use super::super::super::id::RemovalId;
use super::super::super::pool::StoreError;
use super::super::super::rule::Rule;
use crate::gemini::pattern::UrlPattern;

/// Whose wish a removal was.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Origin {
    /// An admin's.
    Takedown,
    /// Its owner's.
    Owner,
    /// Its server said that it is gone for good (status 52).
    Gone,
}

impl Origin {
    const ALL: [Self; 3] = [Self::Takedown, Self::Owner, Self::Gone];

    /// The word it is stored under.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Takedown => "takedown",
            Self::Owner => "owner",
            Self::Gone => "gone",
        }
    }

    /// Whether the pages are to stay out. What a server called gone may come back by its server.
    #[must_use]
    pub const fn keeps_out(self) -> bool {
        match self {
            Self::Takedown | Self::Owner => true,
            Self::Gone => false,
        }
    }
}

impl FromStr for Origin {
    type Err = StoreError;

    fn from_str(word: &str) -> Result<Self, StoreError> {
        Self::ALL
            .into_iter()
            .find(|origin| origin.code() == word)
            .ok_or_else(|| StoreError::Unreadable { what: "origin of a removal", value: word.to_owned() })
    }
}

/// Pages were taken out for good.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Removal {
    /// Which pages.
    pub pattern: UrlPattern,
    /// Only what was fetched before this moment is removed. To the microsecond.
    pub moment: DateTime<Utc>,
    /// Whose wish it was.
    pub origin: Origin,
}

impl Removal {
    /// A removal; its moment is cut to what the table can hold.
    #[must_use]
    pub fn new(pattern: UrlPattern, moment: DateTime<Utc>, origin: Origin) -> Self {
        Self { pattern, moment: moment.trunc_subsecs(6), origin }
    }
}

/// A rule was lifted, whatever it named.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Lift {
    /// Which rule.
    pub rule: Rule,
    /// Only what was made before this moment is lifted. To the microsecond.
    pub moment: DateTime<Utc>,
}

/// The word under which liftings are stored, where removals have their origin.
const LIFTED: &str = "lifted";

/// An entry of the register.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Entry {
    /// Pages were taken out.
    Removal(Removal),
    /// A rule was lifted.
    Lift(Lift),
}

impl Entry {
    /// Reads an entry as it is stored: what it names, when it was, and a word for what it is.
    ///
    /// # Errors
    ///
    /// When it is none that this program knows.
    pub fn read(target: &str, moment: DateTime<Utc>, word: &str) -> Result<Self, StoreError> {
        if word == LIFTED {
            let rule = codec::word("rule that was lifted", target)?;
            return Ok(Self::Lift(Lift { rule, moment: moment.trunc_subsecs(6) }));
        }
        let pattern = codec::word("pattern of a removal", target)?;
        Ok(Self::Removal(Removal::new(pattern, moment, word.parse()?)))
    }

    /// What it names, as it is stored: a pattern, or the spelling of a rule.
    #[must_use]
    pub fn target(&self) -> String {
        match self {
            Self::Removal(removal) => removal.pattern.to_string(),
            Self::Lift(lift) => lift.rule.to_string(),
        }
    }

    /// When it was.
    #[must_use]
    pub const fn moment(&self) -> DateTime<Utc> {
        match self {
            Self::Removal(removal) => removal.moment,
            Self::Lift(lift) => lift.moment,
        }
    }

    /// The word for what it is.
    #[must_use]
    pub const fn word(&self) -> &'static str {
        match self {
            Self::Removal(removal) => removal.origin.code(),
            Self::Lift(_) => LIFTED,
        }
    }

    /// The removal that it is; none where it is another thing.
    #[must_use]
    pub fn removal(self) -> Option<Removal> {
        match self {
            Self::Removal(removal) => Some(removal),
            Self::Lift(_) => None,
        }
    }
}

/// An entry, or only a removal, with its row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Registered<T> {
    /// The row.
    pub id: RemovalId,
    /// What stands there.
    pub entry: T,
}
