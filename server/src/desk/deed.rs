//! What may be done at the desk: a closed list, with the words for each.

use std::str::FromStr;

/// One of the admin's acts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Deed {
    /// Visit pages again now.
    Recrawl,
    /// Plant one URL.
    Seed,
    /// Leave something alone.
    Pause,
    /// Go on with it.
    Resume,
    /// Take pages out of store and search, and keep them out.
    Purge,
    /// Build a follower's index anew.
    Rebuild,
    /// Compare a follower's index with the store.
    Verify,
    /// Let a follower's earlier index serve again.
    RollBack,
}

/// Something is to be done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Order {
    /// What.
    pub deed: Deed,
    /// To what, as it was typed.
    pub target: String,
    /// Why; may be empty.
    pub note: String,
}

/// What a deed costs if it was not meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Weight {
    /// Nothing that another deed would not put right.
    Light,
    /// Something is gone: it is asked for once more.
    Grave,
}

/// A text that is no deed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("there is no such act")]
pub struct NoDeed;

impl Deed {
    /// All of them.
    pub const ALL: [Self; 8] = [
        Self::Recrawl,
        Self::Seed,
        Self::Pause,
        Self::Resume,
        Self::Purge,
        Self::Rebuild,
        Self::Verify,
        Self::RollBack,
    ];

    /// Its word in a path.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Recrawl => "recrawl",
            Self::Seed => "seed",
            Self::Pause => "pause",
            Self::Resume => "resume",
            Self::Purge => "purge",
            Self::Rebuild => "rebuild",
            Self::Verify => "verify",
            Self::RollBack => "roll-back",
        }
    }

    /// What a button says.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Recrawl => "Recrawl",
            Self::Seed => "Plant",
            Self::Pause => "Pause",
            Self::Resume => "Resume",
            Self::Purge => "Purge",
            Self::Rebuild => "Rebuild",
            Self::Verify => "Verify",
            Self::RollBack => "Roll back",
        }
    }

    /// What it asks for.
    #[must_use]
    pub const fn prompt(self) -> &'static str {
        match self {
            Self::Recrawl => {
                "What is to be visited again? A URL, a prefix ending in *, a host, *.domain, or *"
            }
            Self::Seed => "Which URL is to be planted?",
            Self::Pause => {
                "What is to be left alone? A host, *.domain, a site such as gemini://host/~ann/*, or *"
            }
            Self::Resume => "What is to go on? As it was paused",
            Self::Purge => "What is to be taken out? A URL, a prefix ending in *, a host, or *.domain",
            Self::Rebuild => "Which follower's index is to be built anew?",
            Self::Verify => "Which follower's index is to be compared with the store?",
            Self::RollBack => "Which follower's earlier index is to serve again?",
        }
    }

    /// What it does, in a sentence.
    #[must_use]
    pub const fn told(self) -> &'static str {
        match self {
            Self::Recrawl => "The pages become due at once; robots.txt and pace hold all the same.",
            Self::Seed => "The page becomes known and due at once.",
            Self::Pause => "Nothing of it is visited until it is resumed; it stays due.",
            Self::Resume => "It is visited again as it becomes due.",
            Self::Purge => {
                "The pages leave search, store and history for good, and are shut out, so that no link brings them back."
            }
            Self::Rebuild => {
                "A new index is built beside the old one, which serves until the new one is verified."
            }
            Self::Verify => "Index and store are compared page by page; nothing is changed.",
            Self::RollBack => "The index before this one serves again, once it has read on to now.",
        }
    }

    /// What it costs if it was not meant.
    #[must_use]
    pub const fn weight(self) -> Weight {
        match self {
            Self::Recrawl | Self::Seed | Self::Pause | Self::Resume | Self::Verify => Weight::Light,
            Self::Purge | Self::Rebuild | Self::RollBack => Weight::Grave,
        }
    }
}

impl FromStr for Deed {
    type Err = NoDeed;

    fn from_str(word: &str) -> Result<Self, NoDeed> {
        Self::ALL.into_iter().find(|deed| deed.word() == word).ok_or(NoDeed)
    }
}
