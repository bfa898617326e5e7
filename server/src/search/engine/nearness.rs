//! How near to each other a page has the words of a query.
//!
//! Neighbours of the query are looked at in pairs: standing next to each other in the same order counts
//! full, each word in between less, the other way round half.

use shared::index::analyzer::place_term;
use tantivy::postings::{Postings, SegmentPostings};
use tantivy::schema::{Field, IndexRecordOption};
use tantivy::{DocId, DocSet, SegmentReader, TERMINATED, Term};

/// Words farther apart than this have nothing to do with each other.
const FARTHEST: u32 = 10;
/// Places of a word on one page that are looked at.
const MOST_PLACES: usize = 2_000;

/// The nearness of the words in each of these pages (in ascending order), 0 to 1.
pub(super) fn of(
    segment: &SegmentReader,
    field: Field,
    words: &[String],
    pages: &[DocId],
) -> tantivy::Result<Vec<f32>> {
    let inverted = segment.inverted_index(field)?;
    let mut postings: Vec<Option<SegmentPostings>> = Vec::with_capacity(words.len());
    for word in words {
        let term = Term::from_field_text(field, &place_term(word));
        postings.push(inverted.read_postings(&term, IndexRecordOption::WithFreqsAndPositions)?);
    }
    let mut places: Vec<Vec<u32>> = vec![Vec::new(); words.len()];
    let mut found = Vec::with_capacity(pages.len());
    for page in pages {
        for (posting, places) in postings.iter_mut().zip(&mut places) {
            places.clear();
            let Some(posting) = posting else { continue };
            if posting.doc() != TERMINATED && posting.doc() < *page {
                posting.seek(*page);
            }
            if posting.doc() == *page {
                posting.positions(places);
                places.truncate(MOST_PLACES);
            }
        }
        found.push(together(&places));
    }
    Ok(found)
}

/// The mean over all neighbours.
fn together(places: &[Vec<u32>]) -> f32 {
    let pairs = places.len().saturating_sub(1);
    if pairs == 0 {
        return 0.0;
    }
    places.windows(2).map(|pair| pair_nearness(&pair[0], &pair[1])).sum::<f32>() / pairs as f32
}

/// 1 where the second follows the first, less with each word between them.
fn pair_nearness(first: &[u32], second: &[u32]) -> f32 {
    let mut best = u32::MAX;
    let (mut at, mut behind) = (0, 0);
    while let (Some(left), Some(right)) = (first.get(at), second.get(behind)) {
        if left < right {
            best = best.min(right - left);
            at += 1;
        } else {
            if left > right {
                best = best.min(left - right + 1);
            }
            behind += 1;
        }
    }
    if best > FARTHEST { 0.0 } else { 1.0 / best as f32 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_in_order_and_side_by_side_count_most() {
        let check = |first: &[u32], second: &[u32], expected: f32| {
            assert!((pair_nearness(first, second) - expected).abs() < 1e-6, "{first:?} {second:?}");
        };
        check(&[4], &[5], 1.0);
        check(&[5], &[4], 0.5);
        check(&[1, 9], &[3, 30], 0.5);
        check(&[1], &[100], 0.0);
        check(&[7], &[7], 0.0);
        check(&[], &[1], 0.0);
        assert!((together(&[vec![1], vec![2], vec![3]]) - 1.0).abs() < 1e-6);
        assert!(together(&[vec![1]]).abs() < 1e-6);
    }
}
