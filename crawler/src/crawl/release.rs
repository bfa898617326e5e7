//! After the clock has jumped ahead, everything is due at once. It is released at no more than twice the rate at
//! which turns were begun before, until what is due is no more than there are slots.

use std::time::Duration;

use tokio::time::Instant;

/// The rate is that of about the last ten minutes.
const MEMORY: Duration = Duration::from_secs(600);

/// How many turns may be begun.
#[derive(Debug)]
pub struct Release {
    /// The slots of this crawl.
    slots: usize,
    /// Turns begun in a second, lately.
    rate: f64,
    counted: Instant,
    /// Since a jump: turns that may be begun now.
    permits: Option<f64>,
}

impl Release {
    /// Nothing is held back.
    #[must_use]
    pub fn new(slots: usize) -> Self {
        Self { slots, rate: 0.0, counted: Instant::now(), permits: None }
    }

    /// Turns were begun.
    pub fn begun(&mut self, turns: usize) {
        self.pass();
        if let Some(permits) = &mut self.permits {
            *permits -= turns as f64;
        } else {
            self.rate += turns as f64 / MEMORY.as_secs_f64();
        }
    }

    /// The clock jumped ahead.
    pub fn jumped(&mut self) {
        self.pass();
        self.permits.get_or_insert(0.0);
    }

    /// How many turns may be begun where `free` slots are free and `due` capsules wait.
    pub fn at_most(&mut self, free: usize, due: u64) -> usize {
        self.pass();
        if due <= self.slots as u64 {
            self.permits = None;
        }
        match self.permits {
            None => free,
            // The number is small and not negative.
            Some(permits) => free.min(permits.max(0.0) as usize),
        }
    }

    fn pass(&mut self) {
        let passed = self.counted.elapsed().as_secs_f64();
        self.counted = Instant::now();
        match &mut self.permits {
            // The normal rate is remembered as it was before the jump. A crawl that was nearly idle has a turn a
            // minute for each slot.
            Some(permits) => {
                let normal = self.rate.max(self.slots as f64 / 60.0);
                *permits = (*permits + 2.0 * normal * passed).min(self.slots as f64);
            }
            None => self.rate *= (-passed / MEMORY.as_secs_f64()).exp(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn after_a_jump_at_most_twice_the_normal_rate_is_released() {
        let mut release = Release::new(64);
        let second = Duration::from_secs(1);
        for _ in 0..3_600 {
            assert_eq!(release.at_most(64, 0), 64);
            release.begun(4);
            tokio::time::sleep(second).await;
        }
        release.jumped();
        let mut begun = 0;
        for _ in 0..600 {
            let turns = release.at_most(64, 5_000);
            release.begun(turns);
            begun += turns;
            tokio::time::sleep(second).await;
        }
        assert!((3_600..=2 * 4 * 600 + 64).contains(&begun), "{begun} turns in ten minutes");
        assert_eq!(release.at_most(64, 64), 64, "what is due is no more than usual");
    }

    #[tokio::test(start_paused = true)]
    async fn a_crawl_that_was_idle_does_not_stall_after_a_jump() {
        let mut release = Release::new(64);
        release.jumped();
        tokio::time::sleep(Duration::from_secs(2)).await;
        assert!(0 < release.at_most(64, 5_000));
    }
}
