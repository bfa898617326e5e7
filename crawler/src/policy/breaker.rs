//! When a capsule that cannot be reached is left alone as a whole.
//!
//! Five failures in a row, over all its pages, open the breaker: 15 min, then twice as long each time the
//! one probe after it fails, up to seven days. One answer closes it.

use std::time::Duration;

use super::schedule::Jitter;

/// Failures in a row that open the breaker.
pub const OPENS_AT: u32 = 5;
/// How long it stays open at first, and at most.
pub const FIRST: Duration = Duration::from_secs(15 * 60);
/// The longest time without a probe.
pub const LONGEST: Duration = Duration::from_secs(7 * 24 * 3600);

/// How long a capsule is left alone after so many failures in a row; nothing while the breaker is closed.
#[must_use]
pub fn open_for(failures: u32, jitter: Jitter) -> Option<Duration> {
    let doublings = failures.checked_sub(OPENS_AT)?;
    let factor = 2_u32.checked_pow(doublings).unwrap_or(u32::MAX);
    Some(jitter.spread(FIRST.saturating_mul(factor).min(LONGEST)))
}

/// Whether a turn begins as a probe: one request, and more only if it is answered.
#[must_use]
pub const fn is_probing(failures: u32) -> bool {
    failures >= OPENS_AT
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case::closed(0, None)]
    #[case::closed_at_four(4, None)]
    #[case::open_at_five(5, Some(15))]
    #[case::twice_as_long(6, Some(30))]
    #[case::and_again(8, Some(120))]
    #[case::up_to_a_week(15, Some(7 * 24 * 60))]
    #[case::and_no_longer(4_000_000_000, Some(7 * 24 * 60))]
    fn minutes_of_rest(#[case] failures: u32, #[case] minutes: Option<u64>) {
        assert_eq!(
            open_for(failures, Jitter::NONE),
            minutes.map(|minutes| Duration::from_secs(minutes * 60))
        );
        assert_eq!(is_probing(failures), minutes.is_some());
    }
}
