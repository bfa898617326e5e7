//! Pages with a word that begins so, found once for a search.
//!
//! To find them is to walk through all pages of all such words. A search that relaxes asks its query several times over,
//! so the pages are kept, a bit each, and every step walks through those.

use std::collections::HashMap;
use std::sync::Arc;

use tantivy::index::SegmentId;
use tantivy::query::{
    BitSetDocSet, ConstScorer, EmptyScorer, EnableScoring, Explanation, Query, Scorer, Weight,
};
use tantivy::schema::Field;
use tantivy::{BitSet, DocId, DocSet as _, Score, Searcher, SegmentReader, TERMINATED, TantivyError};

use super::limits::beginning;

/// The pages of each segment.
#[derive(Clone, Debug)]
pub(super) struct Begins {
    pages: Arc<HashMap<SegmentId, BitSet>>,
}

impl Begins {
    /// Pages that have such a word in one of the fields.
    pub(super) fn find(searcher: &Searcher, fields: &[Field], text: &str) -> tantivy::Result<Self> {
        let mut pages = HashMap::new();
        for segment in searcher.segment_readers() {
            let mut found = BitSet::with_max_value(segment.max_doc());
            for field in fields {
                let query = beginning(*field, text);
                let weight = query.weight(EnableScoring::disabled_from_searcher(searcher))?;
                let mut docs = weight.scorer(segment, 1.0)?;
                while docs.doc() != TERMINATED {
                    found.insert(docs.doc());
                    docs.advance();
                }
            }
            pages.insert(segment.segment_id(), found);
        }
        Ok(Self { pages: Arc::new(pages) })
    }
}

impl Query for Begins {
    fn weight(&self, _scoring: EnableScoring<'_>) -> tantivy::Result<Box<dyn Weight>> {
        Ok(Box::new(self.clone()))
    }
}

impl Weight for Begins {
    fn scorer(&self, segment: &SegmentReader, boost: Score) -> tantivy::Result<Box<dyn Scorer>> {
        Ok(match self.pages.get(&segment.segment_id()) {
            Some(pages) => Box::new(ConstScorer::new(BitSetDocSet::from(pages.clone()), boost)),
            None => Box::new(EmptyScorer),
        })
    }

    fn explain(&self, segment: &SegmentReader, page: DocId) -> tantivy::Result<Explanation> {
        let has = self.pages.get(&segment.segment_id()).is_some_and(|pages| pages.contains(page));
        if has {
            Ok(Explanation::new("a word begins so", 1.0))
        } else {
            Err(TantivyError::InvalidArgument(format!("page {page} has no word that begins so")))
        }
    }
}
