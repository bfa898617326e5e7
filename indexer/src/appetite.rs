//! How much is asked of the database at once: less after it was too slow for so much, by and by more again.
//!
//! Everything asked has one deadline. A batch that never comes in time (a cold disk, a page that half the
//! world links to) would be asked for again and again for ever, were it not made smaller.

use shared::store::StoreError;

/// A number of rows to ask for.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Appetite {
    most: usize,
    now: usize,
}

impl Appetite {
    /// At most this many at once.
    pub(crate) fn new(most: usize) -> Self {
        let most = most.max(1);
        Self { most, now: most }
    }

    /// How many to ask for now.
    pub(crate) const fn rows(self) -> usize {
        self.now
    }

    /// The same as the store takes it.
    pub(crate) fn limit(self) -> i64 {
        i64::try_from(self.now).unwrap_or(i64::MAX)
    }

    /// Takes note of how it went, and says whether to try again at once with less.
    pub(crate) fn learn<T>(&mut self, asked: &Result<T, StoreError>) -> bool {
        match asked {
            Ok(_) => {
                self.now = self.most.min(self.now.saturating_mul(2));
                false
            }
            Err(error) => {
                let could_be_less = 1 < self.now;
                self.now = 1.max(self.now / 4);
                could_be_less && error.is_outage()
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn a_slow_database_is_asked_for_less_and_by_and_by_for_more_again() {
        let mut appetite = Appetite::new(1_000);
        let too_slow = Err::<(), _>(StoreError::Deadline(Duration::from_secs(5)));
        let mut asked = Vec::new();
        for answer in [&too_slow, &too_slow, &too_slow, &too_slow, &too_slow, &too_slow, &Ok(()), &Ok(())] {
            let again = appetite.learn(answer);
            asked.push((appetite.rows(), again));
        }
        let less = [(250, true), (62, true), (15, true), (3, true), (1, true), (1, false)];
        assert_eq!(asked[..6], less);
        assert_eq!(asked[6..], [(2, false), (4, false)]);
        (0..20).for_each(|_| assert!(!appetite.learn(&Ok(()))));
        assert_eq!(appetite.limit(), 1_000);
    }
}
