//! What to give up when too few pages have all the words.
//!
//! First the words that no page has: they can only empty the list. Then pages with most of the words follow
//! those with all of them, and only if the list is still short those with some. The steps go on from each
//! other, so a person never falls from "all" to "any" over a cliff. In a longer query they are only steps to
//! gather pages by, and the scores decide their order.

use super::results::Kept;

/// A query of so few words is a wish for all of them; more are a description.
const FEW_WORDS: usize = 3;

/// Whether pages with all of so many words stand before all others. The best page for a long description
/// often lacks one of its words, and a page that has them all may have them by chance: there the scores
/// decide, to which every word that a page has adds.
pub(crate) const fn all_come_first(words: usize) -> bool {
    words <= FEW_WORDS
}

/// How many hits are enough, so that nothing more is given up. A long query is a description: pages with
/// all its words are rarely the best ones, so more of the others are looked at.
pub(crate) const fn enough(words: usize) -> u64 {
    match words {
        0..=FEW_WORDS => 10,
        4 | 5 => 30,
        _ => 100,
    }
}

/// One step: pages with at least `minimum` of the words.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Step {
    /// What is said of it.
    pub(crate) kept: Kept,
    /// How many words a page needs.
    pub(crate) minimum: usize,
}

/// The steps for so many words, the first one asking for all.
pub(crate) fn steps(words: usize) -> Vec<Step> {
    let wished = [
        Step { kept: Kept::All, minimum: words },
        Step { kept: Kept::Most, minimum: (2 * words).div_ceil(3) },
        Step { kept: Kept::Some, minimum: words.div_ceil(3) },
        Step { kept: Kept::Some, minimum: 1 },
    ];
    let mut steps: Vec<Step> = Vec::new();
    for step in wished {
        if steps.last().is_none_or(|last| step.minimum < last.minimum) {
            steps.push(step);
        }
    }
    steps
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_given_up_step_by_step() {
        let check = |words, expected: &[usize]| {
            let minima: Vec<usize> = steps(words).into_iter().map(|step| step.minimum).collect();
            assert_eq!(minima, expected, "{words} words");
        };
        check(0, &[0]);
        check(1, &[1]);
        check(2, &[2, 1]);
        check(3, &[3, 2, 1]);
        check(9, &[9, 6, 3, 1]);
        assert_eq!(steps(3)[0].kept, Kept::All);
    }
}
