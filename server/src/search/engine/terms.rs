//! From a word to the terms that the index may hold it by.

use std::cmp::Reverse;
use std::collections::{HashMap, HashSet};

use shared::index::analyzer::words::Script;
use shared::index::analyzer::{Held, place_term};
use tantivy::query::{
    Bm25StatisticsProvider, BooleanQuery, BoostQuery, Occur, Query as TantivyQuery, TermQuery,
};
use tantivy::schema::{Field, IndexRecordOption};
use tantivy::{Searcher, Term};

use super::bm25::Scored;
use super::reader::Snapshot;
use crate::search::little::{LITTLE, is_little};
use crate::search::query;

/// What a word without its accents is worth against the word as it was typed.
const SECOND_CHANCE: f32 = 0.6;
/// The same where it was typed with accents and pages have it so: who can type them means them. In languages
/// that write their tones (Vietnamese) words without them are other words.
const LESSER_CHANCE: f32 = 0.25;
/// Terms of one word at most, the most frequent ones first: what a search costs goes with them.
const TYPED_TERMS: usize = 12;
/// And without its accents.
const FOLDED_TERMS: usize = 6;

/// A query of the library's.
pub(super) type Part = Box<dyn TantivyQuery>;

/// The words of a snippet that are to be marked.
#[derive(Debug, Default)]
pub(super) struct Marks {
    /// Terms of the scoring field.
    pub(super) terms: HashSet<String>,
    /// Beginnings of words.
    pub(super) prefixes: Vec<String>,
}

/// A word looked up.
pub(super) struct Known {
    /// Pages that have it as typed, in whatever language.
    pub(super) pages: u64,
    /// The query for it; none, if no page has it in any form.
    pub(super) query: Option<Part>,
}

/// Looks words up in one state of the index and keeps count of what they cost.
pub(super) struct Lookup<'a> {
    searcher: &'a Searcher,
    words: Field,
    held: &'a Held,
    /// How many pages have a term; all languages' forms of a word count together.
    frequencies: HashMap<Term, u64>,
    pub(super) scored: Vec<Weighed>,
    pub(super) marks: Marks,
    pub(super) questioned: Questioned,
}

/// Whether a query is long enough to be a question, in which little words count for little.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Questioned {
    /// It is.
    Yes,
    /// It is not.
    No,
}

/// A term that scores, with the weight of its form.
#[derive(Clone, Debug)]
pub(super) struct Weighed {
    term: Term,
    weight: f32,
}

impl<'a> Lookup<'a> {
    pub(super) fn new(snapshot: &'a Snapshot) -> Self {
        Self {
            searcher: &snapshot.searcher,
            words: snapshot.fields.words,
            held: &snapshot.held,
            frequencies: HashMap::new(),
            scored: Vec::new(),
            marks: Marks::default(),
            questioned: Questioned::No,
        }
    }

    /// A word with the words inside it.
    pub(super) fn term(&mut self, term: &query::Term) -> tantivy::Result<Known> {
        let whole = self.word(&term.plain, term.script)?;
        if term.parts.len() < 2 {
            return Ok(whole);
        }
        let mut parts = Vec::new();
        for part in &term.parts {
            match self.word(part, term.script)?.query {
                Some(query) => parts.push((Occur::Must, query)),
                None => return Ok(whole),
            }
        }
        let apart: Part = Box::new(BooleanQuery::new(parts));
        let pages = whole.pages;
        let query = match whole.query {
            Some(whole) => any(vec![whole, apart]),
            None => Some(apart),
        };
        Ok(Known { pages, query })
    }

    fn word(&mut self, plain: &str, script: Script) -> tantivy::Result<Known> {
        let forms = self.held.terms(plain, script);
        let typed = self.existing(forms.exact(), TYPED_TERMS)?;
        let folded = self.existing(forms.second_chance(), FOLDED_TERMS)?;
        let pages = typed.iter().map(|(_, pages)| pages).sum();
        let mut queries: Vec<Part> = Vec::new();
        let chance =
            if place_term(plain) != plain && !typed.is_empty() { LESSER_CHANCE } else { SECOND_CHANCE };
        let worth = match self.questioned {
            Questioned::Yes if is_little(plain) => LITTLE,
            Questioned::Yes | Questioned::No => 1.0,
        };
        for (terms, weight) in [(typed, worth), (folded, worth * chance)] {
            let together: u64 = terms.iter().map(|(_, pages)| pages).sum();
            for (term, _) in terms {
                self.frequencies.insert(term.clone(), together);
                if self.scored.iter().all(|scored| scored.term != term) {
                    self.scored.push(Weighed { term: term.clone(), weight });
                }
                let query: Part = Box::new(TermQuery::new(term, IndexRecordOption::WithFreqs));
                queries.push(if weight < 1.0 { Box::new(BoostQuery::new(query, weight)) } else { query });
            }
        }
        Ok(Known { pages, query: any(queries) })
    }

    /// Those of the terms that some page has, with the number of pages.
    fn existing<'t>(
        &mut self,
        terms: impl Iterator<Item = &'t str>,
        most: usize,
    ) -> tantivy::Result<Vec<(Term, u64)>> {
        let mut found = Vec::new();
        for text in terms {
            self.marks.terms.insert(text.to_owned());
            let term = Term::from_field_text(self.words, text);
            let pages = self.searcher.doc_freq(&term)?;
            if pages > 0 {
                found.push((term, pages));
            }
        }
        found.sort_by_key(|(_, pages)| Reverse(*pages));
        found.truncate(most);
        Ok(found)
    }

    /// Terms by which a field with places may hold a word, with its stems beside it.
    pub(super) fn beside(&self, term: &query::Term) -> Vec<String> {
        let forms = self.held.terms(&term.plain, term.script);
        let mark = shared::index::analyzer::BESIDE;
        let mut terms = vec![place_term(&term.plain)];
        terms.extend(forms.exact().chain(forms.second_chance()).map(|form| format!("{mark}{form}")));
        terms
    }

    /// The statistics for the terms looked up, the terms that score, and the words to mark.
    pub(super) fn finish(self) -> tantivy::Result<(Statistics, Vec<Scored>, Marks)> {
        let pages = self.searcher.total_num_docs()?;
        let tokens = self.searcher.total_num_tokens(self.words)?;
        let searcher = self.searcher.clone();
        let pages_of = |term: &Term| self.frequencies.get(term).copied().unwrap_or_default();
        let scored = self
            .scored
            .into_iter()
            .map(|Weighed { term, weight }| {
                let with_it = pages_of(&term);
                Scored::new(term, weight, with_it, pages)
            })
            .collect();
        let statistics =
            Statistics { words: self.words, pages, tokens, frequencies: self.frequencies, searcher };
        Ok((statistics, scored, self.marks))
    }
}

/// Any of these; none of none.
pub(super) fn any(mut queries: Vec<Part>) -> Option<Part> {
    if queries.len() > 1 { Some(Box::new(BooleanQuery::union(queries))) } else { queries.pop() }
}

/// How frequent terms are, with all forms of a word counted as one word.
///
/// Otherwise an English word on a German page would be a rare German word, and worth more than on an
/// English one.
pub(super) struct Statistics {
    words: Field,
    pages: u64,
    tokens: u64,
    frequencies: HashMap<Term, u64>,
    searcher: Searcher,
}

impl Statistics {
    /// The mean length of a page in the scoring field.
    pub(super) fn mean_length(&self) -> f32 {
        if self.pages == 0 { 0.0 } else { self.tokens as f32 / self.pages as f32 }
    }
}

impl Bm25StatisticsProvider for Statistics {
    fn total_num_tokens(&self, field: Field) -> tantivy::Result<u64> {
        if field == self.words { Ok(self.tokens) } else { self.searcher.total_num_tokens(field) }
    }

    fn total_num_docs(&self) -> tantivy::Result<u64> {
        Ok(self.pages)
    }

    fn doc_freq(&self, term: &Term) -> tantivy::Result<u64> {
        match self.frequencies.get(term) {
            Some(pages) => Ok((*pages).min(self.pages)),
            None => self.searcher.doc_freq(term),
        }
    }
}
