//! A message to the admin: what it is about, what is the matter, and what to do.

use serde::{Deserialize, Serialize};

/// What a message is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Kind {
    Disk,
    Backup,
    NoCrawl,
    Restarts,
    Certificate,
    NewCertificate,
    Reports,
    Database,
    Index,
    DamagedIndex,
    Heartbeat,
}

/// Whether something begins, lasts, is over, or only happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum State {
    Trouble,
    Reminder,
    Resolved,
    News,
}

/// What is to be told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Message {
    pub(super) kind: Kind,
    pub(super) state: State,
    pub(super) words: String,
    /// How bad, within its kind.
    pub(super) rank: u8,
}

impl Kind {
    pub(super) const fn word(self) -> &'static str {
        match self {
            Self::Disk => "disk",
            Self::Backup => "backup",
            Self::NoCrawl => "no-crawl",
            Self::Restarts => "restarts",
            Self::Certificate => "certificate",
            Self::NewCertificate => "new-certificate",
            Self::Reports => "reports",
            Self::Database => "database",
            Self::Index => "index",
            Self::DamagedIndex => "damaged-index",
            Self::Heartbeat => "heartbeat",
        }
    }

    /// What to do about it.
    const fn advice(self) -> &'static str {
        match self {
            Self::Disk => "Make room, or give it a larger disk: `sextant doctor` says where the state lies.",
            Self::Backup => "Look in the log for what kept it from being written.",
            Self::NoCrawl => {
                "`sextant admin status` says what keeps it, `sextant doctor` what is wrong with the machine."
            }
            Self::Restarts => "The log says why each one ended; restarting it by hand will not help.",
            Self::Certificate => {
                "Clients trust the certificate they know: announce the new one before you change it."
            }
            Self::NewCertificate => {
                "If that was not you, put the old certificate and its key back: clients will warn of the new one."
            }
            Self::Reports => "Judge them at the admin's desk.",
            Self::Database => "Searches go on without it. `sextant doctor` says how to reach it.",
            Self::Index => {
                "`sextant index verify` compares it with the store, `sextant index rebuild` builds it anew."
            }
            Self::DamagedIndex => {
                "A new one is built from the store by itself. Check the disk if it happens again."
            }
            Self::Heartbeat => "",
        }
    }
}

impl State {
    pub(super) const fn word(self) -> &'static str {
        match self {
            Self::Trouble => "trouble",
            Self::Reminder => "reminder",
            Self::Resolved => "resolved",
            Self::News => "news",
        }
    }
}

impl Message {
    /// The whole text: a line that says it, and one that says what to do.
    pub(super) fn text(&self, name: &str) -> String {
        let Self { kind, state, words, .. } = self;
        let (before, advice) = match state {
            State::Trouble | State::News => ("", kind.advice()),
            State::Reminder => ("still: ", kind.advice()),
            State::Resolved => ("over: ", ""),
        };
        let advice = if advice.is_empty() { String::new() } else { format!("\n{advice}\n") };
        format!("Sextant {name}: {before}{words}\n{advice}")
    }
}
