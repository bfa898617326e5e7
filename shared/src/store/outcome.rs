//! The closed list of ways a visit ends, as stored and as shown.
//!
//! No sentinel statuses: a failed connection is [`Outcome::Unreachable`] with the stage that failed, never
//! a number that a server could have sent. Matched without `_`, so that a new way is a compile error
//! wherever something must be decided about it.

use std::fmt;
use std::str::FromStr;

/// The stage of a connection that failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Stage {
    /// The name has no address, or the resolver did not answer.
    Dns,
    /// No address of the name accepted a connection, or none may be connected to.
    Connect,
    /// The TLS handshake.
    Tls,
    /// Sending the request.
    Request,
    /// Waiting for, or reading, the header line.
    Header,
    /// Reading the body.
    Body,
}

/// How a visit ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Outcome {
    /// A body came, and its words or links differ from the stored ones.
    Fetched,
    /// A body came, with the words and links that we have.
    Unchanged,
    /// Status 30: the target was queued, the page keeps its place.
    MovedTemporarily,
    /// Status 31: the target takes the page's place.
    MovedPermanently,
    /// Status 1x: the prompt is kept, never answered.
    WantsInput,
    /// Status 6x: a crawler has no certificate.
    WantsCertificate,
    /// Status 44.
    SlowDown,
    /// Status 40 to 43.
    TemporaryFailure,
    /// Status 51, and 50 or 59: nothing to be had there today.
    NotFound,
    /// Status 52: gone for good, by the server's own word.
    Gone,
    /// Status 53: the server does not serve this host.
    ForeignHost,
    /// robots.txt forbids it; nothing was sent.
    RefusedByRobots,
    /// The admin shut it out; nothing was sent.
    Excluded,
    /// No answer, by the stage that failed.
    Unreachable(Stage),
    /// An answer that is not Gemini.
    Malformed,
}

impl Outcome {
    /// Every outcome there is.
    pub const ALL: [Self; 20] = [
        Self::Fetched,
        Self::Unchanged,
        Self::MovedTemporarily,
        Self::MovedPermanently,
        Self::WantsInput,
        Self::WantsCertificate,
        Self::SlowDown,
        Self::TemporaryFailure,
        Self::NotFound,
        Self::Gone,
        Self::ForeignHost,
        Self::RefusedByRobots,
        Self::Excluded,
        Self::Unreachable(Stage::Dns),
        Self::Unreachable(Stage::Connect),
        Self::Unreachable(Stage::Tls),
        Self::Unreachable(Stage::Request),
        Self::Unreachable(Stage::Header),
        Self::Unreachable(Stage::Body),
        Self::Malformed,
    ];

    /// The word it is stored under.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Fetched => "fetched",
            Self::Unchanged => "unchanged",
            Self::MovedTemporarily => "moved-temporarily",
            Self::MovedPermanently => "moved-permanently",
            Self::WantsInput => "wants-input",
            Self::WantsCertificate => "wants-certificate",
            Self::SlowDown => "slow-down",
            Self::TemporaryFailure => "temporary-failure",
            Self::NotFound => "not-found",
            Self::Gone => "gone",
            Self::ForeignHost => "foreign-host",
            Self::RefusedByRobots => "refused-by-robots",
            Self::Excluded => "excluded",
            Self::Unreachable(Stage::Dns) => "unreachable-dns",
            Self::Unreachable(Stage::Connect) => "unreachable-connect",
            Self::Unreachable(Stage::Tls) => "unreachable-tls",
            Self::Unreachable(Stage::Request) => "unreachable-request",
            Self::Unreachable(Stage::Header) => "unreachable-header",
            Self::Unreachable(Stage::Body) => "unreachable-body",
            Self::Malformed => "malformed",
        }
    }
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

/// A word that is no outcome: the row was written by a newer program, or by hand.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is not an outcome")]
pub struct UnknownOutcome(pub String);

impl FromStr for Outcome {
    type Err = UnknownOutcome;

    fn from_str(word: &str) -> Result<Self, UnknownOutcome> {
        Self::ALL
            .into_iter()
            .find(|outcome| outcome.code() == word)
            .ok_or_else(|| UnknownOutcome(word.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_outcome_is_read_back_from_its_code() {
        for outcome in Outcome::ALL {
            assert_eq!(outcome.code().parse(), Ok(outcome));
        }
    }

    #[test]
    fn a_status_number_is_no_outcome() {
        assert_eq!("49".parse::<Outcome>(), Err(UnknownOutcome("49".to_owned())));
    }
}
