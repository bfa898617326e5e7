//! BM25F with our own constants, for the candidates.
//!
//! The library's constants are fixed (k1 1.2, b 0.75), and good enough to choose a thousand pages by. Among
//! these the order is made anew: the scoring field holds a page's words with the weights of their places as
//! repetitions, so one count and one length per page are BM25F.

use tantivy::postings::{Postings, SegmentPostings};
use tantivy::schema::{Field, IndexRecordOption};
use tantivy::{DocId, DocSet, SegmentReader, TERMINATED, Term};

/// How slowly more of the same word counts less. Titles and labels count several times, so more than usual.
const K1: f32 = 4.0;
/// How much a long page has to say it more often. Long pages of one author are often lists and logs.
const B: f32 = 0.75;

/// A term with its worth in a query.
#[derive(Clone, Debug)]
pub(super) struct Scored {
    term: Term,
    worth: f32,
}

impl Scored {
    /// A term that so many of all pages have, in the form that was typed (1) or a lesser one.
    pub(super) fn new(term: Term, weight: f32, pages: u64, all_pages: u64) -> Self {
        let (pages, all_pages) = (pages.min(all_pages) as f32, all_pages as f32);
        let idf = (1.0 + (all_pages - pages + 0.5) / (pages + 0.5)).ln();
        Self { term, worth: weight * idf * (K1 + 1.0) }
    }
}

/// The scores of these pages of a segment, which come in ascending order.
pub(super) fn of(
    segment: &SegmentReader,
    field: Field,
    mean_length: f32,
    terms: &[Scored],
    pages: &[DocId],
) -> tantivy::Result<Vec<f32>> {
    let inverted = segment.inverted_index(field)?;
    let lengths = segment.get_fieldnorms_reader(field)?;
    let norms: Vec<f32> = pages
        .iter()
        .map(|page| K1 * (1.0 - B + B * lengths.fieldnorm(*page) as f32 / mean_length.max(1.0)))
        .collect();
    let mut scores = vec![0.0; pages.len()];
    for Scored { term, worth } in terms {
        let Some(mut postings): Option<SegmentPostings> =
            inverted.read_postings(term, IndexRecordOption::WithFreqs)?
        else {
            continue;
        };
        for ((page, norm), score) in pages.iter().zip(&norms).zip(&mut scores) {
            if postings.doc() < *page {
                postings.seek(*page);
            }
            if postings.doc() == TERMINATED {
                break;
            }
            if postings.doc() == *page {
                let count = postings.term_freq() as f32;
                *score += worth * count / (count + norm);
            }
        }
    }
    Ok(scores)
}
