//! What one visitor may have done in an hour.
//!
//! Reading is bounded by connections alone. What makes the crawler visit a capsule, or the admin read a
//! report, is counted by visitor too, in memory only: nothing about a visitor is stored or logged, and a
//! restart forgets all.

use std::num::NonZeroU32;
use std::time::Duration;

use governor::clock::{Clock as _, DefaultClock};
use governor::{DefaultKeyedRateLimiter, Quota, RateLimiter};

use super::visitor::Visitor;

/// Submissions and "look again", by visitor and hour; so many may come at once.
const SUBMISSIONS: NonZeroU32 = NonZeroU32::new(30).expect("not zero");
/// Reports, by visitor and hour.
const REPORTS: NonZeroU32 = NonZeroU32::new(6).expect("not zero");
/// Visitors that are remembered before those with nothing used up are forgotten.
const REMEMBERED: usize = 10_000;

/// Counts what visitors have had done.
pub struct Allowance {
    submissions: DefaultKeyedRateLimiter<Visitor>,
    reports: DefaultKeyedRateLimiter<Visitor>,
}

/// What is counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wish {
    /// A URL handed in, or to be looked at again.
    Submission,
    /// A complaint.
    Report,
}

/// A visitor has had enough done for now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct UsedUp {
    /// When the next one is allowed.
    pub retry_after: Duration,
}

impl Default for Allowance {
    fn default() -> Self {
        Self {
            submissions: RateLimiter::keyed(Quota::per_hour(SUBMISSIONS)),
            reports: RateLimiter::keyed(Quota::per_hour(REPORTS)),
        }
    }
}

impl Allowance {
    /// Takes one of the visitor's wishes of this hour.
    ///
    /// # Errors
    ///
    /// When there is none left.
    pub fn take(&self, visitor: Visitor, wish: Wish) -> Result<(), UsedUp> {
        let limiter = match wish {
            Wish::Submission => &self.submissions,
            Wish::Report => &self.reports,
        };
        if REMEMBERED < limiter.len() {
            limiter.retain_recent();
        }
        limiter.check_key(&visitor).map_err(|not_until| UsedUp {
            retry_after: not_until.wait_time_from(DefaultClock::default().now()),
        })
    }
}

impl std::fmt::Debug for Allowance {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Allowance").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_visitor_is_bounded_and_the_next_one_is_not() {
        let allowance = Allowance::default();
        let visitor = |address: &str| Visitor::at(address.parse().unwrap());
        for _ in 0..SUBMISSIONS.get() {
            assert_eq!(allowance.take(visitor("2001:db8::1"), Wish::Submission), Ok(()));
        }
        let refused = allowance.take(visitor("2001:db8::2"), Wish::Submission).unwrap_err();
        assert!(refused.retry_after <= Duration::from_secs(3_600 / 30), "a neighbour in the same /64");
        assert_eq!(allowance.take(visitor("2001:db8::1"), Wish::Report), Ok(()), "other wishes count apart");
        assert_eq!(allowance.take(visitor("192.0.2.1"), Wish::Submission), Ok(()));
    }
}
