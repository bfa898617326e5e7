//! Random numbers that are the same on every machine and in every version: `SplitMix64` over a mixed key.

/// A stream of numbers that depends on its key alone.
#[derive(Clone, Debug)]
pub(crate) struct Random(u64);

impl Random {
    /// The stream of this key.
    pub(crate) fn of(key: &[u64]) -> Self {
        let mut state = 0x5e_c7_a0_7e_u64;
        for part in key {
            state = Self(state ^ part.wrapping_mul(0x9e37_79b9_7f4a_7c15)).next();
        }
        Self(state)
    }

    pub(crate) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// A number below `end`, which is at least 1.
    pub(crate) fn below(&mut self, end: u64) -> u64 {
        ((u128::from(self.next()) * u128::from(end.max(1))) >> 64) as u64
    }

    /// True in one of `n` cases.
    pub(crate) fn one_in(&mut self, n: u64) -> bool {
        self.below(n) == 0
    }

    /// From 0 to 1, without 1.
    pub(crate) fn unit(&mut self) -> f64 {
        (self.next() >> 11) as f64 / (1_u64 << 53) as f64
    }

    /// A rank below `end`, by Zipf's law with exponent 1: rank r comes about as often as 1 / (r + 1).
    pub(crate) fn zipf(&mut self, end: u64) -> u64 {
        let end = end.max(1) as f64;
        let rank = ((end + 1.0).ln() * self.unit()).exp() - 1.0;
        rank.clamp(0.0, end - 1.0) as u64
    }

    /// One of these; `choices` is not empty.
    pub(crate) fn pick<'a, T>(&mut self, choices: &'a [T]) -> &'a T {
        let index = self.below(choices.len() as u64);
        &choices[usize::try_from(index).unwrap_or(0)]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_stream_never_changes() {
        let mut random = Random::of(&[1, 2, 3]);
        let numbers = [random.next(), random.next()];
        assert_eq!(numbers, [Random::of(&[1, 2, 3]).next(), numbers[1]]);
        assert_ne!(numbers[0], Random::of(&[1, 2, 4]).next());
        assert_ne!(numbers[0], Random::of(&[3, 2, 1]).next());
    }

    #[test]
    fn low_ranks_come_often_and_high_ranks_do_come() {
        let mut random = Random::of(&[7]);
        let ranks: Vec<u64> = (0..20_000).map(|_| random.zipf(1_000)).collect();
        let count = |rank| ranks.iter().filter(|r| **r == rank).count();
        assert!(count(0) > count(9) * 5, "{} {}", count(0), count(9));
        assert!(ranks.iter().any(|rank| *rank > 900));
        assert!(ranks.iter().all(|rank| *rank < 1_000));
    }
}
