//! The figures of the day, counted anew now and then, so that no visitor has to count.
//!
//! Counting walks all pages. How often it is done follows from how long it takes: a small store is counted twice a
//! minute, a large one so that counting takes half a percent of the time, and each at least once in six hours.

use std::time::Duration;

use shared::process::progress::Part;
use shared::store::Store;
use shared::store::known::statistic::{self, Counted};
use tokio::time::Instant;

/// Between two counts: so many times as long as the last one took.
const REST: u32 = 200;
/// At least, and at most.
const SHORTEST: Duration = Duration::from_secs(30);
/// The longest rest.
const LONGEST: Duration = Duration::from_secs(6 * 3600);

/// Counts; returns how long until the next time. Any number of workers may do it: the last one is right.
pub async fn run((store, part): (&Store, &Part)) -> Duration {
    let started = Instant::now();
    for what in Counted::ALL {
        if let Err(error) = store.write(async |c| statistic::count(c, what).await).await {
            tracing::warn!(
                error = &error as &dyn std::error::Error,
                ?what,
                "the figures could not be counted"
            );
        }
        part.advanced();
    }
    rest(started.elapsed())
}

/// How long to rest after a count that took so long.
fn rest(took: Duration) -> Duration {
    (took * REST).clamp(SHORTEST, LONGEST)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_large_store_is_counted_less_often() {
        for (took_ms, rest_s) in [(1, 30), (500, 100), (3_000, 600), (600_000, 21_600)] {
            assert_eq!(rest(Duration::from_millis(took_ms)), Duration::from_secs(rest_s));
        }
    }
}
