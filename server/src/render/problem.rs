//! What can go wrong for a visitor: one error, each tongue's status, one sentence.

use std::time::Duration;

use shared::gemini::fingerprint::Fingerprint;
use shared::store::StoreError;

use super::phrase::count;

/// Why there is no screen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Problem {
    /// No such path.
    NotFound,
    /// What was named is none, in one sentence: a filter that is no filter, an address that is no address.
    NoSuch(String),
    /// The request breaks a rule.
    Malformed(String),
    /// The request is for another host, port or scheme.
    ForeignHost,
    /// More is asked than can be answered in time.
    Busy {
        /// When to try again.
        retry_after: Duration,
    },
    /// The search is more work than one search may be: to wait does not help, to ask for less does.
    TooHard,
    /// There is no index yet.
    NoIndexYet,
    /// The database cannot be asked now; searches need none and go on.
    StoreAway,
    /// The visitor has had enough done for now.
    UsedUp {
        /// When the next wish is allowed.
        retry_after: Duration,
    },
    /// The visitor asks faster than one may.
    TooFast {
        /// When the next request is answered.
        retry_after: Duration,
    },
    /// The desk opens to client certificates, and none was shown.
    CertificateWanted,
    /// A certificate was shown that is not pinned.
    CertificateUnknown {
        /// What it is known by.
        fingerprint: Fingerprint,
    },
    /// A pinned certificate was shown that cannot be accepted; why, in a sentence.
    CertificateInvalid(&'static str),
    /// Our own fault.
    Broken,
}

/// What the store could not do, as visitors need to know it.
impl From<StoreError> for Problem {
    fn from(error: StoreError) -> Self {
        if error.is_outage() {
            tracing::warn!(error = &error as &dyn std::error::Error, "a screen waits for the database");
            return Self::StoreAway;
        }
        tracing::error!(error = &error as &dyn std::error::Error, "a screen could not be read");
        Self::Broken
    }
}

impl Problem {
    /// The header line of a Gemini response.
    #[must_use]
    pub fn gemini_line(&self) -> String {
        match self {
            Self::NotFound | Self::NoSuch(_) => format!("51 {self}"),
            Self::Malformed(_) => format!("59 {self}"),
            Self::ForeignHost => format!("53 {self}"),
            // Bare seconds: clients and crawlers of the older specification read a number.
            Self::Busy { retry_after } | Self::UsedUp { retry_after } | Self::TooFast { retry_after } => {
                format!("44 {}", seconds(*retry_after))
            }
            Self::NoIndexYet | Self::StoreAway => format!("41 {self}"),
            // What an answer is made by failed, or ran out of time; the server itself is well.
            Self::TooHard | Self::Broken => format!("42 {self}"),
            Self::CertificateWanted => format!("60 {self}"),
            Self::CertificateUnknown { .. } => format!("61 {self}"),
            Self::CertificateInvalid(_) => format!("62 {self}"),
        }
    }

    /// The status of an HTTP response.
    #[must_use]
    pub const fn http_status(&self) -> u16 {
        match self {
            Self::NotFound | Self::NoSuch(_) => 404,
            Self::Malformed(_) => 400,
            Self::ForeignHost => 421,
            Self::UsedUp { .. } | Self::TooFast { .. } => 429,
            Self::Busy { .. } | Self::TooHard | Self::NoIndexYet | Self::StoreAway => 503,
            Self::Broken => 500,
            Self::CertificateWanted => 401,
            Self::CertificateUnknown { .. } | Self::CertificateInvalid(_) => 403,
        }
    }

    /// When to try again, where that is known.
    #[must_use]
    pub const fn retry_after(&self) -> Option<Duration> {
        match self {
            Self::Busy { retry_after } | Self::UsedUp { retry_after } | Self::TooFast { retry_after } => {
                Some(*retry_after)
            }
            Self::StoreAway => Some(Duration::from_secs(30)),
            Self::NoIndexYet => Some(Duration::from_secs(10)),
            Self::NotFound
            | Self::NoSuch(_)
            | Self::Malformed(_)
            | Self::ForeignHost
            | Self::TooHard
            | Self::CertificateWanted
            | Self::CertificateUnknown { .. }
            | Self::CertificateInvalid(_)
            | Self::Broken => None,
        }
    }
}

/// Whole seconds that are long enough: who comes back after them is not sent away again.
#[must_use]
pub const fn seconds(wait: Duration) -> u64 {
    let begun = if wait.subsec_nanos() == 0 { 0 } else { 1 };
    let whole = wait.as_secs() + begun;
    if whole == 0 { 1 } else { whole }
}

impl std::fmt::Display for Problem {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::NotFound => f.write_str("there is no such page here"),
            Self::NoSuch(what) | Self::Malformed(what) => f.write_str(what),
            Self::ForeignHost => f.write_str("this server does not serve that host, port or scheme"),
            Self::Busy { retry_after } => {
                let wait = count(seconds(*retry_after), "second", "seconds");
                write!(f, "this server is busy just now, please try again in {wait}")
            }
            Self::TooHard => f.write_str("this search takes too long, please try fewer or rarer words"),
            Self::NoIndexYet => f.write_str("the index is being built, please try again in a moment"),
            Self::StoreAway => f.write_str(
                "the database is away just now, so this page cannot be shown; searches go on, please try again in a minute",
            ),
            Self::UsedUp { .. } => f.write_str("that is enough for one visitor and hour, please try again later"),
            Self::TooFast { .. } => f.write_str("so many requests in so little time, please wait a moment"),
            Self::CertificateWanted => {
                f.write_str("the desk opens to a client certificate: sextant admin certificate NAME makes one")
            }
            Self::CertificateUnknown { fingerprint } => write!(
                f,
                "this certificate does not open the desk; its owner can be let in: sextant admin pin sha256:{fingerprint}"
            ),
            Self::CertificateInvalid(why) => f.write_str(why),
            Self::Broken => f.write_str("something is wrong on our side, and the admin can see it"),
        }
    }
}
