//! When a pass is due: soon after the crawl goes quiet, now and then while it does not, never in a hurry.

use std::time::Duration;

/// The times between passes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rhythm {
    /// A pass waits until no change came for this long.
    pub quiet: Duration,
    /// But while changes keep coming, it waits no longer than this.
    pub at_most: Duration,
    /// The same for the first pass of a store, which has nothing to rank by until then.
    pub first: Duration,
    /// Two passes are at least this far apart.
    pub apart: Duration,
}

impl Default for Rhythm {
    fn default() -> Self {
        Self {
            quiet: Duration::from_secs(10),
            at_most: Duration::from_secs(600),
            first: Duration::from_secs(40),
            apart: Duration::from_secs(60),
        }
    }
}

/// What is known when asking whether a pass is due.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Situation {
    /// How long the oldest change without a pass has waited; none when there is none.
    pub(crate) waiting: Option<Duration>,
    /// How long ago the last change came.
    pub(crate) quiet: Duration,
    /// How long ago the last pass ended, and how long it took; none if there never was one.
    pub(crate) last: Option<(Duration, Duration)>,
}

/// A pass takes at most this share of the time.
const SHARE: u32 = 10;

impl Rhythm {
    /// Whether a pass is due now.
    pub(crate) fn is_due(&self, now: Situation) -> bool {
        let Some(waiting) = now.waiting else { return false };
        let (patience, rested) = match now.last {
            None => (self.first, true),
            Some((ago, took)) => (self.at_most, self.apart.max(took.saturating_mul(SHARE)) <= ago),
        };
        rested && (self.quiet <= now.quiet || patience <= waiting)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seconds(seconds: u64) -> Duration {
        Duration::from_secs(seconds)
    }

    #[track_caller]
    fn check(waiting: Option<u64>, quiet: u64, last: Option<(u64, u64)>, due: bool) {
        let last = last.map(|(ago, took)| (seconds(ago), seconds(took)));
        let now = Situation { waiting: waiting.map(seconds), quiet: seconds(quiet), last };
        assert_eq!(Rhythm::default().is_due(now), due, "{now:?}");
    }

    #[test]
    fn nothing_new_is_never_due() {
        check(None, 9_999, None, false);
        check(None, 9_999, Some((9_999, 1)), false);
    }

    #[test]
    fn a_first_crawl_is_ranked_when_it_goes_quiet_and_within_a_minute_if_it_does_not() {
        check(Some(12), 9, None, false);
        check(Some(12), 10, None, true);
        check(Some(39), 0, None, false);
        check(Some(40), 0, None, true);
    }

    #[test]
    fn later_passes_keep_apart() {
        check(Some(20), 15, Some((59, 1)), false);
        check(Some(20), 15, Some((60, 1)), true);
        check(Some(300), 1, Some((300, 1)), false);
        check(Some(600), 1, Some((600, 1)), true);
    }

    #[test]
    fn a_pass_that_takes_long_comes_seldom() {
        check(Some(100), 15, Some((100, 30)), false);
        check(Some(100), 15, Some((300, 30)), true);
    }
}
