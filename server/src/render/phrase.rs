//! Moments, spans, sizes and outcomes as people say them.

use std::time::Duration;

use chrono::{DateTime, Utc};
pub use shared::process::told::{count, grouped};
use shared::store::outcome::{Outcome, Stage};

/// A span in its greatest unit that says enough: "40 s", "12 min", "5 h", "3 days".
#[must_use]
pub fn span(span: Duration) -> String {
    let seconds = span.as_secs();
    match seconds {
        0..90 => format!("{seconds} s"),
        90..5_400 => format!("{} min", (seconds + 30) / 60),
        5_400..172_800 => format!("{} h", (seconds + 1_800) / 3_600),
        _ => format!("{} days", (seconds + 43_200) / 86_400),
    }
}

/// How long ago a moment was.
#[must_use]
pub fn ago(now: DateTime<Utc>, moment: DateTime<Utc>) -> String {
    match (now - moment).to_std() {
        Ok(past) if past.as_secs() < 5 => "just now".to_owned(),
        Ok(past) => format!("{} ago", span(past)),
        Err(_) => "just now".to_owned(),
    }
}

/// When a moment will come.
#[must_use]
pub fn ahead(now: DateTime<Utc>, moment: DateTime<Utc>) -> String {
    match (moment - now).to_std() {
        Ok(future) if future.as_secs() > 0 => format!("in {}", span(future)),
        Ok(_) | Err(_) => "as soon as its turn comes".to_owned(),
    }
}

/// A day: "2026-11-24".
#[must_use]
pub fn day(moment: DateTime<Utc>) -> String {
    moment.format("%Y-%m-%d").to_string()
}

/// A moment: "2026-11-24 15:04 UTC".
#[must_use]
pub fn moment(moment: DateTime<Utc>) -> String {
    moment.format("%Y-%m-%d %H:%M UTC").to_string()
}

/// A size: "4.8 kB".
#[must_use]
pub fn bytes(bytes: u64) -> String {
    match bytes {
        0..1_000 => format!("{bytes} B"),
        1_000..1_000_000 => format!("{:.1} kB", bytes as f64 / 1e3),
        1_000_000..1_000_000_000 => format!("{:.1} MB", bytes as f64 / 1e6),
        _ => format!("{:.1} GB", bytes as f64 / 1e9),
    }
}

/// How a visit ended, for whoever asks about the page: goes on from "The last visit".
#[must_use]
pub const fn outcome(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Fetched => "fetched it, and its words or links were new",
        Outcome::Unchanged => "fetched it, and it was as before",
        Outcome::MovedTemporarily => "was sent elsewhere for the time being (status 30)",
        Outcome::MovedPermanently => "was sent elsewhere for good (status 31)",
        Outcome::WantsInput => "was asked for words (status 10 or 11), which a crawler does not give",
        Outcome::WantsCertificate => {
            "was asked for a client certificate (status 6x), which a crawler has not"
        }
        Outcome::SlowDown => "was asked to slow down (status 44)",
        Outcome::TemporaryFailure => "met a temporary failure (status 40 to 43)",
        Outcome::NotFound => "found nothing there (status 50, 51 or 59)",
        Outcome::Gone => "was told that it is gone for good (status 52)",
        Outcome::ForeignHost => "was told that the server does not serve this host (status 53)",
        Outcome::RefusedByRobots => "did not take place, for robots.txt forbids it",
        Outcome::Excluded => "did not take place, for the page is shut out here",
        Outcome::Unreachable(Stage::Dns) => "did not reach it: its name has no address",
        Outcome::Unreachable(Stage::Connect) => {
            "did not reach it: no public address of its name took the connection"
        }
        Outcome::Unreachable(Stage::Tls) => "did not reach it: the TLS handshake failed",
        Outcome::Unreachable(Stage::Request) => "did not reach it: the connection broke before the request",
        Outcome::Unreachable(Stage::Header) => "got no answer: no header line came in time",
        Outcome::Unreachable(Stage::Body) => "got half an answer: the body broke off or took too long",
        Outcome::Malformed => "got an answer that is not Gemini",
    }
}

/// How a visit ended, in a list.
#[must_use]
pub const fn outcome_in_short(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Fetched => "fetched",
        Outcome::Unchanged => "as before",
        Outcome::MovedTemporarily => "moved for now",
        Outcome::MovedPermanently => "moved",
        Outcome::WantsInput => "asks for words",
        Outcome::WantsCertificate => "asks for a certificate",
        Outcome::SlowDown => "asked to slow down",
        Outcome::TemporaryFailure => "temporary failure",
        Outcome::NotFound => "not found",
        Outcome::Gone => "gone",
        Outcome::ForeignHost => "not served there",
        Outcome::RefusedByRobots => "forbidden by robots.txt",
        Outcome::Excluded => "shut out here",
        Outcome::Unreachable(Stage::Dns) => "name has no address",
        Outcome::Unreachable(Stage::Connect) => "no connection",
        Outcome::Unreachable(Stage::Tls) => "TLS failed",
        Outcome::Unreachable(Stage::Request) => "connection broke",
        Outcome::Unreachable(Stage::Header) => "no answer",
        Outcome::Unreachable(Stage::Body) => "broke off",
        Outcome::Malformed => "not Gemini",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_read_like_words() {
        for (seconds, text) in
            [(0, "0 s"), (89, "89 s"), (90, "2 min"), (5_399, "90 min"), (7_200, "2 h"), (259_200, "3 days")]
        {
            assert_eq!(span(Duration::from_secs(seconds)), text);
        }
    }
}
