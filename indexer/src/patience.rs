//! How long to wait after a failure: longer each time, never for ever, never all followers at once.

use std::time::Duration;

/// The first wait.
const SHORTEST: Duration = Duration::from_secs(1);
/// No wait is longer.
const LONGEST: Duration = Duration::from_secs(30);

/// Failures in a row.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Patience {
    failures: u32,
}

impl Patience {
    /// The wait after one more failure. `dice` is thrown evenly between 0 and 1 and moves the wait by up
    /// to a fifth either way, so that followers of one store do not come back in step.
    pub(crate) fn after_failure(&mut self, dice: f64) -> Duration {
        let doubled = SHORTEST.saturating_mul(2_u32.saturating_pow(self.failures)).min(LONGEST);
        self.failures = self.failures.saturating_add(1);
        doubled.mul_f64(0.8 + 0.4 * dice.clamp(0.0, 1.0)).min(LONGEST)
    }

    /// Whether the next failure is the first, and worth telling.
    pub(crate) const fn is_fresh(self) -> bool {
        self.failures == 0
    }

    /// It works again. Returns how often it had failed.
    pub(crate) fn recovered(&mut self) -> u32 {
        std::mem::take(&mut self.failures)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_double_up_to_half_a_minute_and_begin_anew_after_a_success() {
        let mut patience = Patience::default();
        let waits: Vec<u64> = (0..8).map(|_| patience.after_failure(0.5).as_secs()).collect();
        assert_eq!(waits, [1, 2, 4, 8, 16, 30, 30, 30]);
        assert_eq!(patience.recovered(), 8);
        assert!(patience.is_fresh());
        assert_eq!(patience.after_failure(0.5).as_secs(), 1);
    }

    #[test]
    fn the_dice_move_a_wait_within_its_bounds() {
        for failures in [0, 3, 10, u32::MAX] {
            for dice in [0.0, 0.3, 1.0, 7.0, -1.0] {
                let wait = Patience { failures }.after_failure(dice);
                assert!(Duration::from_millis(800) <= wait && wait <= LONGEST, "{failures} {dice} {wait:?}");
            }
        }
    }
}
