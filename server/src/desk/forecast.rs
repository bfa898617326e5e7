//! When a disk will be full, if it goes on as it did: a straight line through what was taken each day.

/// Days that must be known before anything is foretold.
const KNOWN: usize = 3;
/// Days that are foretold at most; what lies beyond is too far away to be worth a number.
const FURTHEST: u64 = 3_650;

/// What is to be expected.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Forecast {
    /// Too few days are known.
    TooEarly,
    /// It does not grow.
    Steady,
    /// It grows.
    Growing {
        /// By so many bytes a day.
        a_day: u64,
        /// So many days until it is full; none: not within ten years.
        full_in: Option<u64>,
    },
}

/// What is to be expected of a disk on which so much was taken on each of the last days, the oldest first.
#[must_use]
pub fn of(used: &[u64], total: u64) -> Forecast {
    let (Some(last), true) = (used.last(), KNOWN <= used.len()) else { return Forecast::TooEarly };
    let slope = slope(used);
    if slope < 1.0 {
        return Forecast::Steady;
    }
    // A slope of bytes in a day is far below what a float holds exactly.
    let a_day = slope.round() as u64;
    let days = total.saturating_sub(*last) / a_day.max(1);
    Forecast::Growing { a_day, full_in: (days <= FURTHEST).then_some(days) }
}

impl Forecast {
    /// What is expected on each of the next days, from the last known figure on.
    #[must_use]
    pub fn days(self, last: u64, total: u64, count: u64) -> Vec<u64> {
        match self {
            Self::TooEarly | Self::Steady => Vec::new(),
            Self::Growing { a_day, .. } => {
                (1..=count).map(|day| last.saturating_add(a_day.saturating_mul(day)).min(total)).collect()
            }
        }
    }
}

/// The slope of the straight line with the least squares.
fn slope(figures: &[u64]) -> f64 {
    let count = figures.len() as f64;
    let middle = (count - 1.0) / 2.0;
    let mean = figures.iter().map(|figure| *figure as f64).sum::<f64>() / count;
    let (mut with, mut within) = (0.0, 0.0);
    for (place, figure) in figures.iter().enumerate() {
        let away = place as f64 - middle;
        with += away * (*figure as f64 - mean);
        within += away * away;
    }
    if within == 0.0 { 0.0 } else { with / within }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_straight_line_is_gone_on_with() {
        assert_eq!(of(&[10, 20], 100), Forecast::TooEarly);
        assert_eq!(of(&[50, 50, 50, 49], 100), Forecast::Steady);
        let growing = of(&[10, 20, 30, 40], 100);
        assert_eq!(growing, Forecast::Growing { a_day: 10, full_in: Some(6) });
        assert_eq!(growing.days(40, 100, 8), [50, 60, 70, 80, 90, 100, 100, 100]);
        let slow = of(&[10, 11, 12], u64::MAX);
        assert_eq!(slow, Forecast::Growing { a_day: 1, full_in: None });
    }
}
