//! The usual measures: nDCG@10, MRR@10 and recall@100.

use std::collections::HashMap;
use std::fmt;

use super::asked::{DEPTH, Found};

/// Results that a person looks at.
const SHOWN: usize = 10;

/// What the documents of one query are worth; those not named are worth nothing.
pub type Gains = HashMap<String, f64>;

/// Means over all queries.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Measured {
    /// Gain of the first ten, each discounted by its rank, as a share of the best possible.
    pub ndcg: f64,
    /// One over the rank of the first document that is worth something, if it is among the first ten.
    pub mrr: f64,
    /// Share of the documents worth something that are among the first hundred.
    pub recall: f64,
    /// Queries.
    pub queries: u32,
}

impl Measured {
    /// Takes one more query into the means.
    pub fn add(&mut self, found: &[Found], gains: &Gains) {
        let discount = |rank: usize| 1.0 / (rank as f64 + 2.0).log2();
        let gain = |found: &Found| gains.get(&found.document).copied().unwrap_or(0.0);
        let shown = found.iter().take(SHOWN).enumerate();
        let reached: f64 = shown.clone().map(|(rank, found)| gain(found) * discount(rank)).sum();
        let mut best: Vec<f64> = gains.values().copied().filter(|gain| *gain > 0.0).collect();
        best.sort_by(|left, right| right.total_cmp(left));
        let ideal: f64 = best.iter().take(SHOWN).enumerate().map(|(rank, gain)| gain * discount(rank)).sum();
        let first = shown.clone().find(|(_, found)| gain(found) > 0.0);
        let right = found.iter().take(DEPTH).filter(|found| gain(found) > 0.0).count();
        let queries = f64::from(self.queries);
        let mean = |mean: f64, new: f64| (mean * queries + new) / (queries + 1.0);
        self.ndcg = mean(self.ndcg, if ideal > 0.0 { reached / ideal } else { 0.0 });
        self.mrr = mean(self.mrr, first.map_or(0.0, |(rank, _)| 1.0 / (rank as f64 + 1.0)));
        self.recall = mean(self.recall, right as f64 / (best.len() as f64).max(1.0));
        self.queries += 1;
    }
}

impl fmt::Display for Measured {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { ndcg, mrr, recall, queries } = self;
        write!(f, "nDCG@10 {ndcg:.4}, MRR@10 {mrr:.4}, recall@100 {recall:.4} ({queries} queries)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_measures_are_those_of_the_books() {
        let found: Vec<Found> =
            ["x", "a", "b"].iter().map(|name| Found { document: (*name).into(), score: 1.0 }).collect();
        let gains = Gains::from([("a".into(), 1.0), ("b".into(), 1.0), ("c".into(), 1.0), ("x".into(), 0.0)]);
        let mut measured = Measured::default();
        measured.add(&found, &gains);
        let near = |left: f64, right: f64| (left - right).abs() < 1e-4;
        // (1/log2(3) + 1/log2(4)) / (1 + 1/log2(3) + 1/log2(4))
        assert!(near(measured.ndcg, 0.5307), "{measured}");
        assert!(near(measured.mrr, 0.5), "{measured}");
        assert!(near(measured.recall, 2.0 / 3.0), "{measured}");
        measured.add(&[], &gains);
        assert!(near(measured.mrr, 0.25) && measured.queries == 2, "{measured}");
    }
}
