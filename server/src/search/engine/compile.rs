//! From our query to the library's.
//!
//! The words that are wanted stay apart, each a clause, so that some can be given up; everything that limits
//! is settled here. Words that no page has are named and left out, words that very many pages have are not
//! asked for, only counted where they stand.

use std::collections::HashMap;

use shared::index::analyzer::place_term;
use shared::index::schema::key;
use tantivy::Term;
use tantivy::query::{AllQuery, BooleanQuery, BoostQuery, EmptyQuery, Occur, TermQuery};
use tantivy::schema::IndexRecordOption;

use super::begins::Begins;
use super::bm25::Scored;
use super::limits::{self, exactly, phrase, silent};
use super::reader::Snapshot;
use super::terms::{Lookup, Marks, Part, Questioned, Statistics, any};
use crate::search::little::{QUESTION_WORDS, is_little};
use crate::search::query::{self, Filter, Group, Node, Placed, Query};

/// A word in more than this share of all pages is too common to be asked for.
const COMMON_SHARE: u64 = 4;
/// In an index of fewer pages no word is common.
const COMMON_PAGES: u64 = 50;
/// What a word that begins as asked counts, against about 10 for a rare whole word.
const PREFIX_SCORE: f32 = 3.0;
/// A word that is typed again counts twice, and no more often: each time costs as much as another word.
const REPEATS: usize = 2;
/// Words of a query whose nearness is looked at.
const NEAR_WORDS: usize = 12;
/// Sites of one name that are considered.
const NAMESAKES: usize = 50;

/// A query, ready to run.
pub(super) struct Plan {
    /// What pages should have; each can be given up.
    pub(super) clauses: Vec<Part>,
    /// What pages must have because an operator says so: phrases, prefixes, alternatives.
    pub(super) strict: Vec<Part>,
    /// How many words were typed that can be given up, the little and the unknown ones included.
    pub(super) typed: usize,
    /// What counts where it stands, and is never asked for.
    pub(super) common: Vec<Part>,
    /// What holds for every page.
    pub(super) limits: Vec<(Occur, Part)>,
    /// Words that no page has.
    pub(super) unknown: Vec<String>,
    /// Pages and sites that are called like the query.
    pub(super) named: Option<Part>,
    /// The page whose URL was typed.
    pub(super) addressed: Option<Part>,
    /// The key of the query as a name.
    pub(super) name_key: Option<u64>,
    /// Words in their order, as fields with places hold them.
    pub(super) near: Vec<String>,
    /// The terms that score.
    pub(super) scored: Vec<Scored>,
    /// What a snippet marks.
    pub(super) marks: Marks,
    /// How terms are counted.
    pub(super) statistics: Statistics,
    /// How many pages of one site are listed.
    pub(super) spread: Spread,
    /// Whether mass material was asked for.
    pub(super) mass: MassMaterial,
}

/// How many pages of one site are listed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Spread {
    /// Two; the rest stand behind "more".
    TwoOfEach,
    /// All: the query is about one site.
    All,
}

/// Whether mass material was asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum MassMaterial {
    /// By its kind.
    Asked,
    /// Not.
    Unasked,
}

impl Plan {
    /// Whether there is nothing but limits, so that no page fits better than another.
    pub(super) fn is_only_limits(&self) -> bool {
        self.clauses.is_empty() && self.strict.is_empty() && self.common.is_empty() && self.unknown.is_empty()
    }

    /// The query for pages that have at least so many of the clauses.
    pub(super) fn query(&self, minimum: usize) -> BooleanQuery {
        let copy = |part: &Part| part.box_clone();
        let mut parts: Vec<(Occur, Part)> = Vec::new();
        if minimum == 0 {
            // Nothing is asked of the words.
        } else if minimum >= self.clauses.len() {
            parts.extend(self.clauses.iter().map(|clause| (Occur::Must, copy(clause))));
        } else {
            let clauses = self.clauses.iter().map(copy).collect();
            let enough = BooleanQuery::union_with_minimum_required_clauses(clauses, minimum);
            parts.push((Occur::Must, Box::new(enough)));
        }
        parts.extend(self.strict.iter().map(|part| (Occur::Must, copy(part))));
        parts.extend(self.common.iter().map(|part| (Occur::Should, copy(part))));
        parts.extend(self.limits.iter().map(|(occur, part)| (*occur, copy(part))));
        if self.is_only_limits() {
            parts.push((Occur::Must, Box::new(AllQuery)));
        }
        BooleanQuery::new(parts)
    }
}

/// Compiles a query against one state of the index.
///
/// What stands in `beside` limits it whatever the words say.
pub(super) fn compile(snapshot: &Snapshot, query: &Query, beside: &Group) -> tantivy::Result<Plan> {
    let mut compiler = Compiler { snapshot, lookup: Lookup::new(snapshot), near: Vec::new() };
    let mut clauses = Vec::new();
    let mut strict = Vec::new();
    let mut common = Vec::new();
    let mut unknown = Vec::new();
    let pages = snapshot.searcher.num_docs();
    let asked: usize = query.group.wanted.iter().map(|node| words_of(node).len()).sum();
    if asked >= QUESTION_WORDS {
        compiler.lookup.questioned = Questioned::Yes;
    }
    let little = |term: &query::Term| asked >= QUESTION_WORDS && is_little(&term.plain);
    let is_common = |known: u64| pages > COMMON_PAGES && known > pages / COMMON_SHARE;
    let mut repeated: HashMap<&str, usize> = HashMap::new();
    for node in &query.group.wanted {
        for term in words_of(node) {
            let times = repeated.entry(&term.plain).or_default();
            *times += 1;
            if REPEATS < *times {
                continue;
            }
            let known = compiler.known(term)?;
            match known.query {
                Some(clause) if little(term) || is_common(known.pages) => common.push(clause),
                Some(clause) => clauses.push(clause),
                None if !unknown.contains(&term.plain) && !little(term) => unknown.push(term.plain.clone()),
                None => {}
            }
        }
        match node {
            Node::Word(_) | Node::Run(_) => {}
            Node::Hyphened { .. } | Node::Sign(_) => clauses.push(compiler.node(node)?),
            Node::Prefix(_) | Node::Phrase(_) | Node::Any(_) | Node::Group(_) | Node::Filter(_) => {
                strict.push(compiler.node(node)?);
            }
        }
    }
    if clauses.is_empty() && strict.is_empty() {
        clauses = std::mem::take(&mut common);
    }
    let mut limits: Vec<(Occur, Part)> = [&query.group.filters, &beside.filters]
        .into_iter()
        .flat_map(|filters| limits::all(&snapshot.fields, &compiler.lookup, filters))
        .map(|part| (Occur::Must, silent(part)))
        .collect();
    for node in query.group.without.iter().chain(&beside.without) {
        limits.push((Occur::MustNot, compiler.unwanted(node)?));
    }
    let near = compiler.near;
    let (statistics, scored, marks) = compiler.lookup.finish()?;
    let name_key = query.name.as_deref().map(key);
    let filters = || query.group.filters.iter().chain(&beside.filters);
    let asks_mass = |filter: &Filter| matches!(filter, Filter::Kind(kind) if kind.is_mass());
    Ok(Plan {
        named: name_key.and_then(|name_key| named(snapshot, name_key)),
        addressed: query.address.as_deref().and_then(|address| addressed(snapshot, address)),
        clauses,
        strict,
        typed: asked,
        common,
        limits,
        unknown,
        name_key,
        near,
        scored,
        marks,
        statistics,
        spread: if filters().any(|f| matches!(f, Filter::Site(_))) { Spread::All } else { Spread::TwoOfEach },
        mass: if filters().any(asks_mass) { MassMaterial::Asked } else { MassMaterial::Unasked },
    })
}

/// The words of a node that can each be given up; none for what holds together.
fn words_of(node: &Node) -> &[query::Term] {
    match node {
        Node::Word(term) => std::slice::from_ref(term),
        Node::Run(terms) => terms,
        Node::Hyphened { .. } | Node::Sign(_) | Node::Prefix(_) | Node::Phrase(_) => &[],
        Node::Any(_) | Node::Group(_) | Node::Filter(_) => &[],
    }
}

struct Compiler<'a> {
    snapshot: &'a Snapshot,
    lookup: Lookup<'a>,
    near: Vec<String>,
}

impl Compiler<'_> {
    fn known(&mut self, term: &query::Term) -> tantivy::Result<super::terms::Known> {
        self.note_place(&term.plain);
        self.lookup.term(term)
    }

    fn note_place(&mut self, plain: &str) {
        if self.near.len() < NEAR_WORDS {
            self.near.push(place_term(plain));
        }
    }

    fn word(&mut self, term: &query::Term) -> tantivy::Result<Part> {
        Ok(self.known(term)?.query.unwrap_or_else(|| Box::new(EmptyQuery)))
    }

    fn words(&mut self, terms: &[query::Term]) -> tantivy::Result<Part> {
        let parts = terms.iter().map(|term| Ok((Occur::Must, self.word(term)?)));
        Ok(Box::new(BooleanQuery::new(parts.collect::<tantivy::Result<Vec<_>>>()?)))
    }

    fn node(&mut self, node: &Node) -> tantivy::Result<Part> {
        let fields = &self.snapshot.fields;
        match node {
            Node::Word(term) => self.word(term),
            Node::Hyphened { words, joined } => {
                let apart = self.words(words)?;
                // The form without hyphens has no place of its own beside them.
                let joined = self.lookup.term(joined)?.query.unwrap_or_else(|| Box::new(EmptyQuery));
                let either = vec![apart, joined];
                Ok(any(either).unwrap_or_else(|| Box::new(EmptyQuery)))
            }
            Node::Run(terms) => self.words(terms),
            Node::Sign(term) => {
                let alone = self.word(term)?;
                let begins = self.prefix(&term.plain)?;
                Ok(any(vec![alone, begins]).unwrap_or_else(|| Box::new(EmptyQuery)))
            }
            Node::Prefix(term) => self.prefix(&term.plain),
            Node::Phrase(placed) => self.phrase(placed),
            Node::Any(nodes) => {
                let parts = nodes.iter().map(|node| self.node(node)).collect::<tantivy::Result<Vec<_>>>()?;
                Ok(any(parts).unwrap_or_else(|| Box::new(EmptyQuery)))
            }
            Node::Group(group) => self.group(group),
            Node::Filter(filter) => Ok(silent(limits::one(fields, &self.lookup, filter))),
        }
    }

    fn group(&mut self, group: &Group) -> tantivy::Result<Part> {
        let mut parts: Vec<(Occur, Part)> = Vec::new();
        for node in &group.wanted {
            parts.push((Occur::Must, self.node(node)?));
        }
        for limit in limits::all(&self.snapshot.fields, &self.lookup, &group.filters) {
            parts.push((Occur::Must, silent(limit)));
        }
        for node in &group.without {
            parts.push((Occur::MustNot, self.unwanted(node)?));
        }
        if group.wanted.is_empty() && group.filters.is_empty() {
            parts.push((Occur::Must, silent(Box::new(AllQuery))));
        }
        Ok(Box::new(BooleanQuery::new(parts)))
    }

    /// What pages must not have; it neither marks snippets nor counts as near.
    fn unwanted(&mut self, node: &Node) -> tantivy::Result<Part> {
        let marks = std::mem::take(&mut self.lookup.marks);
        let (near, scored) = (self.near.len(), self.lookup.scored.len());
        let part = self.node(node)?;
        self.lookup.marks = marks;
        self.near.truncate(near);
        self.lookup.scored.truncate(scored);
        Ok(part)
    }

    /// Words in their order, in the body or in the title; they score as words.
    fn phrase(&mut self, placed: &[Placed]) -> tantivy::Result<Part> {
        let fields = &self.snapshot.fields;
        let mut parts: Vec<(Occur, Part)> = Vec::new();
        for placed in placed {
            parts.extend(self.known(&placed.term)?.query.map(|word| (Occur::Should, word)));
        }
        let together = vec![phrase(fields.body, placed), phrase(fields.title, placed)];
        parts.extend(any(together).map(|together| (Occur::Must, silent(together))));
        Ok(Box::new(BooleanQuery::new(parts)))
    }

    /// Words that begin so, in the title, the body or the URL.
    fn prefix(&mut self, plain: &str) -> tantivy::Result<Part> {
        let fields = &self.snapshot.fields;
        let text = place_term(plain);
        let fields = [fields.title, fields.body, fields.url_words];
        let begins = Begins::find(&self.snapshot.searcher, &fields, &text)?;
        self.lookup.marks.prefixes.push(text);
        Ok(Box::new(BoostQuery::new(Box::new(begins), PREFIX_SCORE)))
    }
}

/// Pages whose title is this name, and front pages of sites that call themselves so or live at such a host.
fn named(snapshot: &Snapshot, name_key: u64) -> Option<Part> {
    let fields = &snapshot.fields;
    let number = |field, number| -> Part {
        Box::new(TermQuery::new(Term::from_field_u64(field, number), IndexRecordOption::Basic))
    };
    let mut parts = vec![number(fields.title_key, name_key)];
    for site_key in snapshot.signals.sites_named(name_key).iter().take(NAMESAKES) {
        parts.push(number(fields.front, *site_key));
    }
    any(parts).map(silent)
}

/// The page at a URL, with or without its final slash.
fn addressed(snapshot: &Snapshot, address: &str) -> Option<Part> {
    let bare = address.trim_end_matches('/');
    let either = [bare.to_owned(), format!("{bare}/")];
    any(either.iter().map(|url| exactly(snapshot.fields.url, url)).collect()).map(silent)
}
