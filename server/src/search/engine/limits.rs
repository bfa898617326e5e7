//! Limits: they let a page through or not, and give no score.

use std::ops::Bound;

use shared::index::analyzer::place_term;
use shared::index::analyzer::words::Script;
use shared::index::schema::Fields;
use tantivy::Term;
use tantivy::query::{
    BooleanQuery, ConstScoreQuery, EmptyQuery, InvertedIndexRangeQuery, Occur, PhraseQuery, RangeQuery,
    TermQuery,
};
use tantivy::schema::{Field, IndexRecordOption};

use super::terms::{Lookup, Part, any};
use crate::search::query::{Filter, Place, Placed};

/// The shortest beginning of a media type that stands for all that begin so.
const SHORTEST_MEDIA: usize = 3;

/// The same condition without a score.
pub(super) fn silent(query: Part) -> Part {
    Box::new(ConstScoreQuery::new(query, 0.0))
}

/// Filters of a group: those of one kind are alternatives, all others hold together.
pub(super) fn all(fields: &Fields, lookup: &Lookup<'_>, filters: &[Filter]) -> Vec<Part> {
    let mut parts = Vec::new();
    let mut done = vec![false; filters.len()];
    for (at, filter) in filters.iter().enumerate() {
        if done[at] {
            continue;
        }
        let mut alternatives = vec![one(fields, lookup, filter)];
        for (other_at, other) in filters.iter().enumerate().skip(at + 1) {
            if !done[other_at] && filter.is_alternative_to(other) {
                alternatives.push(one(fields, lookup, other));
                done[other_at] = true;
            }
        }
        parts.extend(any(alternatives));
    }
    parts
}

/// One filter.
pub(super) fn one(fields: &Fields, lookup: &Lookup<'_>, filter: &Filter) -> Part {
    match filter {
        Filter::Site(at) => place(fields.place, fields.url, at),
        Filter::Domain(domain) => exactly(fields.domain, domain),
        Filter::Title(placed) => placed_words(fields.title, lookup, placed),
        Filter::Url(placed) => placed_words(fields.url_words, lookup, placed),
        Filter::Media(media) => {
            let mut queries = vec![exactly(fields.media, media), exactly(fields.media, &format!(".{media}"))];
            if media.len() >= SHORTEST_MEDIA {
                queries.push(beginning(fields.media, media));
            }
            any(queries).unwrap_or_else(|| Box::new(EmptyQuery))
        }
        Filter::Language(code) => exactly(fields.language, code),
        Filter::Charset(charset) => exactly(fields.charset, charset),
        Filter::Kind(kind) => exactly(fields.kind, kind.as_str()),
        Filter::AtLeast(bytes) => {
            range(Bound::Included(Term::from_field_u64(fields.size, *bytes)), Bound::Unbounded)
        }
        Filter::AtMost(bytes) => {
            range(Bound::Unbounded, Bound::Included(Term::from_field_u64(fields.size, *bytes)))
        }
        Filter::Before(moment) => {
            range(Bound::Unbounded, Bound::Excluded(Term::from_field_i64(fields.changed, *moment)))
        }
        Filter::After(moment) => {
            range(Bound::Included(Term::from_field_i64(fields.changed, *moment)), Bound::Unbounded)
        }
        Filter::LinkTo(at) => place(fields.links, fields.links, at),
    }
}

/// Words that stand together in a field with places; a single one also by its stem.
fn placed_words(field: Field, lookup: &Lookup<'_>, placed: &[Placed]) -> Part {
    match placed {
        [] => Box::new(EmptyQuery),
        [only] if only.term.script != Script::Unspaced => {
            let terms = lookup.beside(&only.term);
            any(terms.iter().map(|term| exactly(field, term)).collect())
                .unwrap_or_else(|| Box::new(EmptyQuery))
        }
        several => phrase(field, several),
    }
}

/// Words in their order; of a single word, the word.
pub(super) fn phrase(field: Field, placed: &[Placed]) -> Part {
    let mut terms: Vec<(usize, Term)> = placed
        .iter()
        .map(|placed| (placed.offset, Term::from_field_text(field, &place_term(&placed.term.plain))))
        .collect();
    match terms.len() {
        0 => Box::new(EmptyQuery),
        // A single sign of a script without spaces stands at the beginning of some pair.
        1 if placed[0].term.script == Script::Unspaced => {
            beginning(field, &place_term(&placed[0].term.plain))
        }
        1 => {
            let (_, term) = terms.remove(0);
            Box::new(TermQuery::new(term, IndexRecordOption::Basic))
        }
        _ => Box::new(PhraseQuery::new_with_offset(terms)),
    }
}

/// Everything in a field that begins so.
pub(super) fn beginning(field: Field, text: &str) -> Part {
    let lower = Bound::Included(Term::from_field_text(field, text));
    // No text has this character, and all that begin with `text` come before it.
    let upper = Bound::Excluded(Term::from_field_text(field, &format!("{text}\u{10ffff}")));
    Box::new(InvertedIndexRangeQuery::new(lower, upper))
}

/// A word of a field that is not analysed.
pub(super) fn exactly(field: Field, word: &str) -> Part {
    Box::new(TermQuery::new(Term::from_field_text(field, word), IndexRecordOption::Basic))
}

fn place(at_field: Field, beginning_field: Field, place: &Place) -> Part {
    match place {
        Place::At(at) if at.contains('/') && !at.ends_with('/') => {
            // A folder may be named without its slash.
            let either = vec![exactly(at_field, at), exactly(at_field, &format!("{at}/"))];
            Box::new(BooleanQuery::new(either.into_iter().map(|query| (Occur::Should, query)).collect()))
        }
        Place::At(at) => exactly(at_field, at),
        Place::Beginning(text) => beginning(beginning_field, text),
    }
}

fn range(lower: Bound<Term>, upper: Bound<Term>) -> Part {
    Box::new(RangeQuery::new(lower, upper))
}
