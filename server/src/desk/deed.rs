//! What may be done at the desk: a closed list, with the words for each.

use std::str::FromStr;

use shared::store::asked::exclusion::Visibility;

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
    /// Shut pages out until the rule is lifted.
    Exclude,
    /// Lift a rule.
    Lift,
    /// Take down what a report names.
    TakeDown,
    /// Shut out what a report names.
    ShutOut,
    /// Leave what a report names.
    Decline,
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
    /// Why; none: nothing was said of it.
    pub note: Option<String>,
    /// How much of it visitors may see, where there is something to see.
    pub visibility: Visibility,
}

/// What a deed costs if it was not meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Weight {
    /// Nothing that another deed would not put right.
    Light,
    /// Something is gone, or somebody is told: it is asked for once more.
    Grave,
}

/// A text that is no deed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("there is no such act")]
pub struct NoDeed;

impl Deed {
    /// All of them.
    pub const ALL: [Self; 13] = [
        Self::Recrawl,
        Self::Seed,
        Self::Pause,
        Self::Resume,
        Self::Purge,
        Self::Exclude,
        Self::Lift,
        Self::TakeDown,
        Self::ShutOut,
        Self::Decline,
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
            Self::Exclude => "exclude",
            Self::Lift => "lift",
            Self::TakeDown => "take-down",
            Self::ShutOut => "shut-out",
            Self::Decline => "decline",
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
            Self::Exclude => "Exclude",
            Self::Lift => "Lift",
            Self::TakeDown => "Take down",
            Self::ShutOut => "Shut out",
            Self::Decline => "Decline",
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
            Self::Seed => "Which URL is to be planted, so that it is crawled from now on?",
            Self::Pause => {
                "What is to be left alone? A host, *.domain, a site such as gemini://host/~ann/*, or *"
            }
            Self::Resume => "What is to go on? Write it as it was paused",
            Self::Purge => "What is to be deleted for good? A URL, a prefix ending in *, a host, or *.domain",
            Self::Exclude => {
                "What is to be shut out, and stay in the store? A URL, a prefix ending in *, a host, *.domain, address:192.0.2.0/24, key:sha256:... or content:..."
            }
            Self::Lift => "Which rule is to be lifted? Write it as it stands in the list",
            Self::TakeDown | Self::ShutOut | Self::Decline => "Which report? Its number",
            Self::Rebuild => "Which follower's index is to be built anew?",
            Self::Verify => "Which follower's index is to be compared with the store?",
            Self::RollBack => "Which follower's earlier index is to serve again?",
        }
    }

    /// What its target is, where that is not plain from the target itself; a space follows.
    #[must_use]
    pub const fn object(self) -> &'static str {
        match self {
            Self::TakeDown | Self::ShutOut | Self::Decline => "report ",
            Self::Rebuild | Self::Verify | Self::RollBack => "index ",
            Self::Recrawl
            | Self::Seed
            | Self::Pause
            | Self::Resume
            | Self::Purge
            | Self::Exclude
            | Self::Lift => "",
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
            Self::Exclude => {
                "The pages are not visited, not searched and not shown any more. Nothing is deleted: lifting the rule brings them back. A rule that is there already gets another reason, and visitors see as much of it as is chosen now."
            }
            Self::Lift => "What only this rule kept out is visited, searched and shown again.",
            Self::TakeDown => {
                "What the report names leaves search, store and history for good, and is kept out; the receipt says so."
            }
            Self::ShutOut => {
                "What the report names is not visited, not searched and not shown any more, until the rule is lifted; the receipt says so."
            }
            Self::Decline => "What the report names stays as it is; the receipt says so.",
            Self::Rebuild => {
                "A new index is built beside the old one, which serves until the new one is verified."
            }
            Self::Verify => "Index and store are compared page by page; nothing is changed.",
            Self::RollBack => "The index before this one serves again, once it has read on to now.",
        }
    }

    /// What the last word may say beside.
    #[must_use]
    pub const fn note(self) -> &'static str {
        match self {
            Self::TakeDown | Self::ShutOut | Self::Decline => {
                "What do you tell whoever reported it? It may be empty."
            }
            Self::Exclude => {
                "Why? It stands in the audit log, and in the public list of rules where visitors see the whole rule; it may be empty."
            }
            Self::Recrawl
            | Self::Seed
            | Self::Pause
            | Self::Resume
            | Self::Purge
            | Self::Lift
            | Self::Rebuild
            | Self::Verify
            | Self::RollBack => "Why? It stands in the audit log; it may be empty.",
        }
    }

    /// How much of it visitors may be let see; empty where there is nothing to choose.
    #[must_use]
    pub const fn visibilities(self) -> &'static [Visibility] {
        match self {
            Self::Exclude => &Visibility::ALL,
            Self::Recrawl
            | Self::Seed
            | Self::Pause
            | Self::Resume
            | Self::Purge
            | Self::Lift
            | Self::TakeDown
            | Self::ShutOut
            | Self::Decline
            | Self::Rebuild
            | Self::Verify
            | Self::RollBack => &[],
        }
    }

    /// What it costs if it was not meant.
    #[must_use]
    pub const fn weight(self) -> Weight {
        match self {
            Self::Recrawl | Self::Seed | Self::Pause | Self::Resume | Self::Lift | Self::Verify => {
                Weight::Light
            }
            Self::Purge
            | Self::Exclude
            | Self::TakeDown
            | Self::ShutOut
            | Self::Decline
            | Self::Rebuild
            | Self::RollBack => Weight::Grave,
        }
    }
}

impl FromStr for Deed {
    type Err = NoDeed;

    fn from_str(word: &str) -> Result<Self, NoDeed> {
        Self::ALL.into_iter().find(|deed| deed.word() == word).ok_or(NoDeed)
    }
}
