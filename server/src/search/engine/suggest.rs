//! Did you mean: words of pages that are a slip away from a word that no page has.
//!
//! Only the index's own words are offered, found by an automaton over its dictionary, so that what is
//! suggested can be found. It costs a walk through the dictionary for each unknown word, so few words are
//! tried, and none in a script whose words are not to be seen.

use std::cmp::Reverse;
use std::collections::HashMap;

use shared::index::analyzer::place_term;
use shared::index::analyzer::words::{Script, Shape, words};
use tantivy::Term;
use tantivy::query::FuzzyTermQuery;

use super::reader::Snapshot;
use crate::search::results::Suggestion;

/// Words of a query that are tried.
const TRIED: usize = 3;
/// Words of the index that are looked at for each, in each segment.
const LOOKED_AT: usize = 2_000;
/// Words shorter than this have too many neighbours to mean one of them.
const SHORTEST: usize = 4;
/// Words of at least so many letters may have two slips.
const LONG: usize = 7;
/// Longer than any word that a person types; its automaton would be costly.
const LONGEST: usize = 24;

/// The query with its unknown words mended, if any of them is close to a word of the index.
pub(super) fn mended(
    snapshot: &Snapshot,
    text: &str,
    unknown: &[String],
) -> tantivy::Result<Option<Suggestion>> {
    let mut meant: HashMap<&str, String> = HashMap::new();
    for word in unknown.iter().take(TRIED) {
        if let Some(close) = closest(snapshot, word)? {
            meant.insert(word, close);
        }
    }
    let mut mended = String::with_capacity(text.len());
    let mut changed = Vec::new();
    let mut done = 0;
    for word in
        words(text).iter().filter(|word| word.shape == Shape::Whole && word.script != Script::Unspaced)
    {
        if let Some(close) = meant.get(word.plain.as_str()) {
            mended.push_str(&text[done..word.start]);
            mended.push_str(close);
            done = word.end;
            changed.push((text[word.start..word.end].to_owned(), close.clone()));
        }
    }
    mended.push_str(&text[done..]);
    Ok((!changed.is_empty()).then_some(Suggestion { text: mended, changed }))
}

/// The word of the index that is the fewest slips away; of several the most frequent one.
fn closest(snapshot: &Snapshot, word: &str) -> tantivy::Result<Option<String>> {
    let word = place_term(word);
    let letters = word.chars().count();
    if !(SHORTEST..=LONGEST).contains(&letters) || !word.chars().all(char::is_alphabetic) {
        return Ok(None);
    }
    for slips in 1..=(if letters < LONG { 1 } else { 2 }) {
        let mut pages: HashMap<String, u32> = HashMap::new();
        for field in [snapshot.fields.body, snapshot.fields.title] {
            let automaton =
                || FuzzyTermQuery::new(Term::from_field_text(field, &word), slips, true).automaton();
            for segment in snapshot.searcher.segment_readers() {
                let inverted = segment.inverted_index(field)?;
                let mut stream = inverted.terms().search(automaton()?).into_stream()?;
                let mut looked_at = 0;
                while looked_at < LOOKED_AT && stream.advance() {
                    looked_at += 1;
                    if let Ok(term) = std::str::from_utf8(stream.key())
                        && is_plausible(&word, term, slips)
                    {
                        *pages.entry(term.to_owned()).or_default() += stream.value().doc_freq;
                    }
                }
            }
        }
        let best = pages.into_iter().max_by_key(|(term, pages)| (*pages, Reverse(term.clone())));
        if let Some((term, _)) = best {
            return Ok(Some(term));
        }
    }
    Ok(None)
}

/// Two slips are believed only behind the right first letter.
fn is_plausible(word: &str, term: &str, slips: u8) -> bool {
    term.chars().all(char::is_alphabetic) && (slips == 1 || term.chars().next() == word.chars().next())
}
