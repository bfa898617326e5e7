//! When a page is visited again, and what searchers may see of it until then.
//!
//! Pages that change are visited more often, pages that do not less often, between a day and thirty (front
//! pages and feeds: six hours to seven days). What fails is tried again soon, then ever later; what the
//! server takes back leaves the search. Everything is a span from the visit's end: the store adds it to its
//! own clock.

use std::time::Duration;

use shared::gemini::kind::Kind;
use shared::store::known::page::Standing;
use shared::store::outcome::Outcome;

const MINUTE: Duration = Duration::from_secs(60);
const HOUR: Duration = Duration::from_secs(3600);
const DAY: Duration = Duration::from_secs(24 * 3600);

/// From the first visit of a page to the second, unless the pages of its site are known to be more stable.
pub const FIRST_INTERVAL: Duration = DAY.saturating_mul(3);
/// After the n-th transient failure in a row; the last stands for all that follow.
pub const TRANSIENT: [Duration; 6] = [
    MINUTE.saturating_mul(15),
    HOUR.saturating_mul(2),
    HOUR.saturating_mul(12),
    DAY,
    DAY.saturating_mul(3),
    DAY.saturating_mul(7),
];
/// After the n-th "not found" in a row: at the second the page leaves the search, at the third, a month
/// after the first, it is a tombstone.
const NOT_FOUND: [Duration; 2] = [DAY, DAY.saturating_mul(29)];
/// After the n-th "this host is not served here" in a row: at the fifth, after 22 days, the page leaves the search.
const FOREIGN_HOST: [Duration; 5] =
    [DAY, DAY.saturating_mul(7), DAY.saturating_mul(7), DAY.saturating_mul(7), DAY.saturating_mul(30)];
/// A page that robots.txt forbids is looked up again (in the rules, not on the wire) after this time.
const FORBIDDEN: Duration = DAY.saturating_mul(7);
/// A page that the admin shut out.
const EXCLUDED: Duration = DAY.saturating_mul(30);

/// A throw of dice between -1 and 1, made by the caller.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Jitter(f64);

impl Jitter {
    /// No deviation.
    pub const NONE: Self = Self(0.0);
    const SHARE: f64 = 0.2;

    /// From a throw between -1 and 1; what lies outside is cut.
    #[must_use]
    pub fn new(throw: f64) -> Self {
        if throw.is_nan() { Self::NONE } else { Self(throw.clamp(-1.0, 1.0)) }
    }

    /// The span, up to a fifth shorter or longer.
    #[must_use]
    pub fn spread(self, span: Duration) -> Duration {
        span.mul_f64(Self::SHARE.mul_add(self.0, 1.0))
    }
}

/// How often a page may change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rhythm {
    /// Most pages: a day to thirty.
    Ordinary,
    /// Front pages and feeds, where news appears first: six hours to seven days.
    Lively,
}

impl Rhythm {
    /// The rhythm of a page by its path and kind.
    #[must_use]
    pub fn of(path_and_query: &str, folder: &str, kind: Kind) -> Self {
        let is_front = path_and_query == folder || path_and_query == "/";
        match kind {
            Kind::Feed | Kind::Gemlog => Self::Lively,
            Kind::Page
            | Kind::Input
            | Kind::Image
            | Kind::Audio
            | Kind::Video
            | Kind::Archive
            | Kind::Document
            | Kind::AsciiArt
            | Kind::News
            | Kind::WebMirror
            | Kind::MailingList
            | Kind::ChatLog
            | Kind::File => {
                if is_front {
                    Self::Lively
                } else {
                    Self::Ordinary
                }
            }
        }
    }

    const fn bounds(self) -> (Duration, Duration) {
        match self {
            Self::Ordinary => (DAY, DAY.saturating_mul(30)),
            Self::Lively => (HOUR.saturating_mul(6), DAY.saturating_mul(7)),
        }
    }

    fn bounded(self, interval: Duration) -> Duration {
        let (shortest, longest) = self.bounds();
        interval.clamp(shortest, longest)
    }
}

/// What is known of a page before the visit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct History {
    /// From the last good visit to the next; nothing before the first.
    pub interval: Duration,
    /// Visits in a row that ended like the last one, if that was a failure.
    pub failures: u32,
    /// How the last visit ended.
    pub last: Option<Outcome>,
    /// What searchers may see of it.
    pub standing: Standing,
    /// The usual interval of its site, where it is known.
    pub usual: Option<Duration>,
    /// How often it may change.
    pub rhythm: Rhythm,
}

/// What follows from a visit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Plan {
    /// From the visit's end to the next; `None`: never again by itself.
    pub due_in: Option<Duration>,
    /// The interval to keep.
    pub interval: Duration,
    /// The count of failures to keep.
    pub failures: u32,
    /// What searchers may see of the page from now on.
    pub standing: Standing,
}

/// The families of failures that are counted, each for itself.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Failure {
    Transient,
    NotFound,
    ForeignHost,
}

/// Plans the next visit. `wait` is what the capsule rests after status 44.
#[must_use]
pub fn after(history: &History, outcome: Outcome, wait: Duration, jitter: Jitter) -> Plan {
    let kept = |due_in, interval, standing| Plan { due_in: Some(due_in), interval, failures: 0, standing };
    let first = history.usual.unwrap_or_default().max(FIRST_INTERVAL);
    let grown = history.rhythm.bounded(if history.interval.is_zero() {
        first
    } else {
        history.interval.saturating_add(history.interval / 2)
    });
    match outcome {
        Outcome::Fetched => {
            let interval =
                history.rhythm.bounded(if history.interval.is_zero() { first } else { history.interval / 2 });
            kept(interval, interval, Standing::Searchable)
        }
        Outcome::Unchanged => kept(grown, grown, Standing::Searchable),
        Outcome::MovedTemporarily => kept(grown, grown, history.standing),
        Outcome::MovedPermanently | Outcome::WantsInput | Outcome::WantsCertificate => {
            kept(grown, grown, withdrawn(history.standing))
        }
        Outcome::SlowDown => Plan { due_in: Some(wait), ..unchanged(history) },
        Outcome::TemporaryFailure | Outcome::Unreachable(_) | Outcome::Malformed => {
            let failures = in_a_row(history, Failure::Transient);
            Plan { due_in: Some(jitter.spread(nth(&TRANSIENT, failures))), failures, ..unchanged(history) }
        }
        Outcome::NotFound => {
            let failures = in_a_row(history, Failure::NotFound);
            let (due_in, standing) = match failures {
                1 => (Some(nth(&NOT_FOUND, 1)), history.standing),
                2 => (Some(nth(&NOT_FOUND, 2)), withdrawn(history.standing)),
                _ => (None, Standing::Gone),
            };
            Plan { due_in: due_in.map(|span| jitter.spread(span)), failures, standing, ..unchanged(history) }
        }
        Outcome::Gone => {
            Plan { due_in: None, interval: history.interval, failures: 0, standing: Standing::Gone }
        }
        Outcome::ForeignHost => {
            let failures = in_a_row(history, Failure::ForeignHost);
            let is_over = usize::try_from(failures).is_ok_and(|count| count >= FOREIGN_HOST.len());
            let standing = if is_over { withdrawn(history.standing) } else { history.standing };
            Plan { due_in: Some(nth(&FOREIGN_HOST, failures)), failures, standing, ..unchanged(history) }
        }
        Outcome::RefusedByRobots => {
            kept(jitter.spread(FORBIDDEN), history.interval, withdrawn(history.standing))
        }
        Outcome::Excluded => kept(EXCLUDED, history.interval, withdrawn(history.standing)),
    }
}

const fn unchanged(history: &History) -> Plan {
    Plan { due_in: None, interval: history.interval, failures: history.failures, standing: history.standing }
}

/// Out of search what was in it; what never was, or is gone, stays as it is.
const fn withdrawn(standing: Standing) -> Standing {
    match standing {
        Standing::Searchable => Standing::Withdrawn,
        Standing::Unseen | Standing::Withdrawn | Standing::Gone => standing,
    }
}

fn in_a_row(history: &History, failure: Failure) -> u32 {
    if history.last.and_then(family) == Some(failure) { history.failures.saturating_add(1) } else { 1 }
}

fn nth(spans: &[Duration], count: u32) -> Duration {
    let index = usize::try_from(count).unwrap_or(usize::MAX).saturating_sub(1);
    spans.get(index).or(spans.last()).copied().unwrap_or(DAY)
}

const fn family(outcome: Outcome) -> Option<Failure> {
    match outcome {
        Outcome::TemporaryFailure | Outcome::Unreachable(_) | Outcome::Malformed => Some(Failure::Transient),
        Outcome::NotFound => Some(Failure::NotFound),
        Outcome::ForeignHost => Some(Failure::ForeignHost),
        Outcome::Fetched
        | Outcome::Unchanged
        | Outcome::MovedTemporarily
        | Outcome::MovedPermanently
        | Outcome::WantsInput
        | Outcome::WantsCertificate
        | Outcome::SlowDown
        | Outcome::Gone
        | Outcome::RefusedByRobots
        | Outcome::Excluded => None,
    }
}

#[cfg(test)]
mod tests;
