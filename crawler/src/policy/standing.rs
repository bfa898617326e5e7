//! A capsule after a visit: how many failures in a row, how slowly from now on, and how long it rests.

use std::time::Duration;

use shared::store::outcome::{Outcome, Stage};

use super::schedule::Jitter;
use super::{breaker, pace};

/// What is kept about a capsule from visit to visit.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Standing {
    /// Failures to reach it, in a row, over all its pages.
    pub failures: u32,
    /// The gap that answers of status 44 have led to.
    pub slow_gap: Duration,
}

/// What one visit says about the capsule as a whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sign {
    /// It answered, whatever it said.
    Answered,
    /// It asks to be left alone, for so long if it said so.
    SlowDown(Option<Duration>),
    /// It could not be reached, or did not say a word.
    Silent,
    /// Nothing was asked.
    Nothing,
}

impl Sign {
    /// Reads the sign in an outcome; `wait` is what status 44 named.
    #[must_use]
    pub const fn of(outcome: Outcome, wait: Option<Duration>) -> Self {
        match outcome {
            Outcome::Fetched
            | Outcome::Unchanged
            | Outcome::MovedTemporarily
            | Outcome::MovedPermanently
            | Outcome::WantsInput
            | Outcome::WantsCertificate
            | Outcome::TemporaryFailure
            | Outcome::NotFound
            | Outcome::Gone
            | Outcome::ForeignHost
            | Outcome::Malformed
            | Outcome::Unreachable(Stage::Body) => Self::Answered,
            Outcome::SlowDown => Self::SlowDown(wait),
            Outcome::Unreachable(
                Stage::Dns | Stage::Connect | Stage::Tls | Stage::Request | Stage::Header,
            ) => Self::Silent,
            Outcome::RefusedByRobots | Outcome::Excluded => Self::Nothing,
        }
    }
}

/// What follows for the capsule.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Verdict {
    /// What is kept from now on.
    pub standing: Standing,
    /// How long nothing at all is asked of it, beyond its gap.
    pub rest: Option<Rest>,
}

/// A time in which a capsule is left alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rest {
    /// It asked for it (status 44).
    Asked(Duration),
    /// The breaker is open.
    Breaker(Duration),
}

impl Rest {
    /// How long.
    #[must_use]
    pub const fn span(self) -> Duration {
        match self {
            Self::Asked(span) | Self::Breaker(span) => span,
        }
    }
}

/// Judges a capsule after a visit. `gap` is the gap it has now, `since_last_answer` the time in which its
/// slow gap decays.
#[must_use]
pub fn after(
    before: Standing,
    sign: Sign,
    gap: Duration,
    since_last_answer: Duration,
    jitter: Jitter,
) -> Verdict {
    match sign {
        Sign::Answered => {
            let slow_gap = pace::decayed(before.slow_gap, since_last_answer);
            Verdict { standing: Standing { failures: 0, slow_gap }, rest: None }
        }
        Sign::SlowDown(said) => {
            let (wait, slow_gap) = pace::slow_down(said, gap.max(before.slow_gap));
            Verdict { standing: Standing { failures: 0, slow_gap }, rest: Some(Rest::Asked(wait)) }
        }
        Sign::Silent => {
            let failures = before.failures.saturating_add(1);
            let rest = breaker::open_for(failures, jitter).map(Rest::Breaker);
            Verdict { standing: Standing { failures, ..before }, rest }
        }
        Sign::Nothing => Verdict { standing: before, rest: None },
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    const GAP: Duration = Duration::from_secs(5);

    fn check(failures: u32, sign: Sign) -> (u32, Option<Rest>) {
        let before = Standing { failures, slow_gap: Duration::ZERO };
        let verdict = after(before, sign, GAP, Duration::ZERO, Jitter::NONE);
        (verdict.standing.failures, verdict.rest)
    }

    #[rstest]
    #[case::an_answer_closes_the_breaker(7, Sign::Answered, 0, None)]
    #[case::silence_is_counted(3, Sign::Silent, 4, None)]
    #[case::the_fifth_opens_the_breaker(4, Sign::Silent, 5, Some(Rest::Breaker(Duration::from_secs(900))))]
    #[case::a_failed_probe_doubles_it(5, Sign::Silent, 6, Some(Rest::Breaker(Duration::from_secs(1800))))]
    #[case::slow_down_is_an_answer(4, Sign::SlowDown(Some(GAP * 2)), 0, Some(Rest::Asked(GAP * 2)))]
    #[case::what_was_not_asked_says_nothing(4, Sign::Nothing, 4, None)]
    fn failures_and_rest(
        #[case] failures: u32,
        #[case] sign: Sign,
        #[case] expected: u32,
        #[case] rest: Option<Rest>,
    ) {
        assert_eq!(check(failures, sign), (expected, rest));
    }

    #[rstest]
    #[case::refused_connection(Outcome::Unreachable(Stage::Connect), Sign::Silent)]
    #[case::silence_after_the_handshake(Outcome::Unreachable(Stage::Header), Sign::Silent)]
    #[case::a_body_that_was_cut(Outcome::Unreachable(Stage::Body), Sign::Answered)]
    #[case::an_error_is_an_answer(Outcome::TemporaryFailure, Sign::Answered)]
    #[case::not_asked(Outcome::RefusedByRobots, Sign::Nothing)]
    fn signs(#[case] outcome: Outcome, #[case] expected: Sign) {
        assert_eq!(Sign::of(outcome, None), expected);
    }

    #[test]
    fn every_slow_down_doubles_the_gap_and_quiet_days_halve_it() {
        let first = after(Standing::default(), Sign::SlowDown(None), GAP, Duration::ZERO, Jitter::NONE);
        assert_eq!(first.standing.slow_gap, GAP * 2);
        let second = after(first.standing, Sign::SlowDown(None), GAP, Duration::ZERO, Jitter::NONE);
        assert_eq!(second.standing.slow_gap, GAP * 4);
        let day = Duration::from_secs(24 * 3600);
        let later = after(second.standing, Sign::Answered, GAP, day, Jitter::NONE);
        assert_eq!(later.standing.slow_gap, GAP * 2);
    }
}
