//! A row of figures over time as a line of blocks, for gemtext and terminals.
//!
//! It stands beside the figures as text, so that nobody has to see it.

/// Blocks by height; the lowest one is nought.
const BLOCKS: [char; 8] = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];

/// A line of blocks, one a figure, each as high as its share of the greatest: counted from nought, for a line that
/// begins at the least makes a cliff of every small change.
#[must_use]
pub fn sparkline(figures: &[u64]) -> String {
    let greatest = figures.iter().max().copied().unwrap_or_default();
    figures
        .iter()
        .map(|figure| {
            let share = if greatest == 0 { 0.0 } else { *figure as f64 / greatest as f64 };
            // A share is between 0 and 1.
            BLOCKS[((share * 7.0).round() as usize).min(7)]
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_stand_on_nought() {
        assert_eq!(sparkline(&[0, 8, 4]), "▁█▅");
        assert_eq!(sparkline(&[1_040_000, 1_044_000, 1_048_576]), "███", "a small change is no cliff");
        assert_eq!(sparkline(&[5, 5]), "██");
        assert_eq!(sparkline(&[0, 0]), "▁▁");
        assert_eq!(sparkline(&[0, u64::MAX]), "▁█");
        assert_eq!(sparkline(&[]), "");
    }
}
