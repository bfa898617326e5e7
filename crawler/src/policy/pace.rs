//! How long a capsule, and the server address it lives on, is left alone between two requests.
//!
//! The gap follows the server: five times as long as it needed for the last answer, never under 2.5 s and
//! never over 30 s. What the capsule itself asks for (`Crawl-delay`, status 44) comes on top and holds
//! everywhere, also for routed spaces whose own gap is set to nothing.

use std::time::Duration;

/// The shortest gap on the open network.
pub const SHORTEST: Duration = Duration::from_millis(2500);
/// The longest gap that a slow answer causes.
pub const LONGEST: Duration = Duration::from_secs(30);
/// The longest `Crawl-delay` that is obeyed; a longer one counts as this.
pub const LONGEST_CRAWL_DELAY: Duration = Duration::from_secs(60);
/// The longest gap that repeated answers of status 44 lead to; a wait that 44 names itself may be longer.
pub const LONGEST_SLOW_GAP: Duration = Duration::from_secs(300);
/// The longest and shortest wait that an answer of status 44 may ask for.
pub const SLOW_DOWN_WAIT: (Duration, Duration) = (Duration::from_secs(1), Duration::from_secs(24 * 3600));

/// Requests take so many times their own duration before the next.
const DURATIONS: u32 = 5;
/// What a gap of nothing counts as when it is doubled.
const SEED_OF_DOUBLING: Duration = Duration::from_secs(1);

/// How a capsule is approached.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Manners {
    /// The rule for every capsule of the open network.
    Polite,
    /// No gap of our own: a space of our own machine, reached by a route.
    Unpaced,
}

/// What the capsule asked for in its own words.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Wishes {
    /// `Crawl-delay` of its robots.txt.
    pub crawl_delay: Option<Duration>,
    /// What answers of status 44 have led to.
    pub slow_gap: Duration,
}

/// The gap from the end of one request to the start of the next.
#[must_use]
pub fn gap(manners: Manners, last: Duration, wishes: Wishes) -> Duration {
    let ours = match manners {
        Manners::Polite => last.saturating_mul(DURATIONS).clamp(SHORTEST, LONGEST),
        Manners::Unpaced => Duration::ZERO,
    };
    let asked = wishes.crawl_delay.unwrap_or_default().min(LONGEST_CRAWL_DELAY);
    ours.max(asked).max(wishes.slow_gap.min(LONGEST_SLOW_GAP))
}

/// The gap that status 44 leads to: twice what it was.
#[must_use]
pub fn doubled(gap: Duration) -> Duration {
    gap.max(SEED_OF_DOUBLING).saturating_mul(2).min(LONGEST_SLOW_GAP)
}

/// What is left of a gap that status 44 led to after some time of answers without one: half of it a day.
/// It always loses something, so that rounding cannot keep it for ever.
#[must_use]
pub fn decayed(slow_gap: Duration, since_last_answer: Duration) -> Duration {
    let days = since_last_answer.as_secs_f64() / 86_400.0;
    let left = slow_gap.mul_f64(0.5_f64.powf(days));
    if left < Duration::from_millis(500) {
        return Duration::ZERO;
    }
    let whole_ms = u64::try_from(left.as_millis()).unwrap_or(u64::MAX);
    Duration::from_millis(whole_ms)
}

/// How long to stay away after an answer of status 44, and what the gap is from then on.
#[must_use]
pub fn slow_down(said: Option<Duration>, gap: Duration) -> (Duration, Duration) {
    let slow_gap = doubled(gap);
    let (least, most) = SLOW_DOWN_WAIT;
    (said.map_or(slow_gap, |wait| wait.clamp(least, most)), slow_gap)
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    const fn ms(ms: u64) -> Duration {
        Duration::from_millis(ms)
    }

    #[rstest]
    #[case::quick_answers_still_get_the_shortest_gap(Manners::Polite, 20, None, 0, 2_500)]
    #[case::five_times_the_last_duration(Manners::Polite, 1_000, None, 0, 5_000)]
    #[case::never_over_half_a_minute(Manners::Polite, 20_000, None, 0, 30_000)]
    #[case::a_crawl_delay_is_obeyed(Manners::Polite, 20, Some(10_000), 0, 10_000)]
    #[case::a_crawl_delay_never_shortens(Manners::Polite, 1_000, Some(1_000), 0, 5_000)]
    #[case::up_to_a_minute(Manners::Polite, 20, Some(86_400_000), 0, 60_000)]
    #[case::a_slow_gap_is_kept(Manners::Polite, 20, None, 40_000, 40_000)]
    #[case::our_own_space_has_no_gap(Manners::Unpaced, 1_000, None, 0, 0)]
    #[case::but_is_asked_politely_when_it_asks(Manners::Unpaced, 20, Some(2_000), 0, 2_000)]
    #[case::and_slows_down_when_told(Manners::Unpaced, 20, None, 4_000, 4_000)]
    fn the_gap(
        #[case] manners: Manners,
        #[case] last_ms: u64,
        #[case] crawl_delay: Option<u64>,
        #[case] slow_gap: u64,
        #[case] expected_ms: u64,
    ) {
        let wishes = Wishes { crawl_delay: crawl_delay.map(ms), slow_gap: ms(slow_gap) };
        assert_eq!(gap(manners, ms(last_ms), wishes), ms(expected_ms));
    }

    #[rstest]
    #[case::a_number_is_waited(Some(10_000), 2_500, 10_000, 5_000)]
    #[case::a_sentence_waits_the_doubled_gap(None, 2_500, 5_000, 5_000)]
    #[case::nought_is_a_second(Some(0), 2_500, 1_000, 5_000)]
    #[case::never_over_a_day(Some(999_999_999_000), 2_500, 86_400_000, 5_000)]
    #[case::doubling_ends(Some(1_000), 200_000, 1_000, 300_000)]
    #[case::no_gap_is_doubled_too(None, 0, 2_000, 2_000)]
    fn slowing_down(
        #[case] said: Option<u64>,
        #[case] gap_ms: u64,
        #[case] wait: u64,
        #[case] slow_gap: u64,
    ) {
        assert_eq!(slow_down(said.map(ms), ms(gap_ms)), (ms(wait), ms(slow_gap)));
    }

    #[rstest]
    #[case::nothing_stays_nothing(0, 86_400, 0)]
    #[case::half_in_a_day(8_000, 86_400, 4_000)]
    #[case::a_quarter_in_two(8_000, 2 * 86_400, 2_000)]
    #[case::gone_in_a_week(8_000, 7 * 86_400, 0)]
    #[case::every_answer_takes_something(5_000, 3, 4_999)]
    fn slow_gaps_decay(#[case] slow_gap: u64, #[case] seconds: u64, #[case] expected: u64) {
        assert_eq!(decayed(ms(slow_gap), Duration::from_secs(seconds)), ms(expected));
    }
}
