//! The ceiling: the library alone on the same index, with the same fields and terms. The best ten by its own
//! score, how many there are, and of each the stored page with a quotation as the library makes it.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use anyhow::Context as _;
use shared::index::analyzer::words::words;
use shared::index::analyzer::{Chain, place_term};
use shared::index::document::stored;
use shared::index::generation::IndexFolder;
use shared::index::schema::Fields;
use tantivy::collector::{Count, TopDocs};
use tantivy::query::{BooleanQuery, Occur, PhraseQuery, Query, RangeQuery, TermQuery};
use tantivy::schema::{Field, IndexRecordOption};
use tantivy::snippet::SnippetGenerator;
use tantivy::tokenizer::{Language, LowerCaser, SimpleTokenizer, Stemmer, TextAnalyzer};
use tantivy::{Searcher, TantivyDocument, Term};

use super::asked::Asked;

/// Results of one answer.
const SHOWN: usize = 10;
/// Characters of a quotation.
const QUOTED: usize = 220;

/// The library with the index open.
pub(super) struct Plain {
    searcher: Searcher,
    fields: Fields,
    /// Cuts a stored text into stems, as the library does.
    stems: TextAnalyzer,
}

/// What it found.
pub(super) struct Found {
    pub(super) total: usize,
}

impl Plain {
    pub(super) fn open(folder: &Path) -> anyhow::Result<Self> {
        let current = IndexFolder::at(folder).current()?.context("there is no index")?;
        let stems = TextAnalyzer::builder(SimpleTokenizer::default())
            .filter(LowerCaser)
            .filter(Stemmer::new(Language::English))
            .build();
        Ok(Self { searcher: current.open()?.reader()?.searcher(), fields: Fields::new(), stems })
    }

    /// Answers a question.
    pub(super) fn search(&self, asked: &Asked) -> anyhow::Result<Found> {
        let (query, marked) = self.query(asked);
        let best = TopDocs::with_limit(SHOWN).order_by_score();
        let (hits, total) = self.searcher.search(&query, &(best, Count))?;
        let marked: BTreeMap<String, f32> = marked.into_iter().map(|stem| (stem, 1.0)).collect();
        let generator = SnippetGenerator::new(marked, self.stems.clone(), self.fields.body, QUOTED);
        for (_score, address) in hits {
            let document: TantivyDocument = self.searcher.doc(address)?;
            let page = stored(&self.fields, &document)?;
            std::hint::black_box(generator.snippet(&page.body).to_html());
        }
        Ok(Found { total })
    }

    /// The library's query, and the stems that a quotation marks.
    fn query(&self, asked: &Asked) -> (Box<dyn Query>, BTreeSet<String>) {
        let fields = &self.fields;
        let exactly = |field: Field, term: &str, option| -> Box<dyn Query> {
            Box::new(TermQuery::new(Term::from_field_text(field, term), option))
        };
        let word = |word: &str| exactly(fields.words, &term(word), IndexRecordOption::WithFreqs);
        let both = |first, second| Box::new(BooleanQuery::intersection(vec![first, second]));
        let (query, words): (Box<dyn Query>, Vec<&String>) = match asked {
            Asked::Words(words) => {
                let parts = words.iter().map(|text| (Occur::Must, word(text)));
                (Box::new(BooleanQuery::new(parts.collect())), words.iter().collect())
            }
            Asked::Phrase(words) => {
                let terms = words.iter().map(|word| Term::from_field_text(fields.body, &place_term(word)));
                (Box::new(PhraseQuery::new(terms.collect())), words.iter().collect())
            }
            Asked::OnCapsule(text, host) => {
                let capsule = exactly(fields.place, host, IndexRecordOption::Basic);
                (both(word(text), capsule), vec![text])
            }
            Asked::Since(text, moment) => {
                let since = Term::from_field_i64(fields.changed, moment.timestamp());
                let range = RangeQuery::new(std::ops::Bound::Included(since), std::ops::Bound::Unbounded);
                (both(word(text), Box::new(range)), vec![text])
            }
        };
        (query, words.into_iter().map(|word| stem(&term(word)).to_owned()).collect())
    }
}

/// The term of the scoring field that a word of the made pages has.
fn term(word: &str) -> String {
    let mut lines = String::new();
    Chain::of(None).push_terms(&words(word), &mut lines);
    lines.lines().next().unwrap_or_default().to_owned()
}

/// A term without its language.
fn stem(term: &str) -> &str {
    term.split_once(':').map_or(term, |(_language, stem)| stem)
}
