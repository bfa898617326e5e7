//! From text to terms: one chain, the same for pages and for queries.
//!
//! [`mod@words`] cuts a text, [`fold`] gives each word its plain form, [`stem`] its stem by language and
//! [`compound`] the words inside it. What comes out is one line of text per term, in the form that the
//! index's only tokenizer ([`super::schema::TOKENIZER`]) takes apart again: whoever analyses decides, and the
//! index only stores.
//!
//! A term is one of
//! - `en:hous`: the stem of a word, by its language;
//! - `en~cafe`: the second chance of a word written with accents: its stem without them;
//! - `=en:hous`: the same beside its word in a field with places;
//! - `dom`, `~dom`: a word whose language has no stemmer, and its second chance; numbers; pairs of graphemes.
//!
//! A word's language is the page's, if the word is in that language's script; a Latin word on a Japanese page
//! is taken for English. Where the language was guessed wrong the word is still found by its own form,
//! for the query asks in every language that the index holds.

pub mod compound;
pub mod fold;
pub mod stem;
pub mod words;

use self::stem::Tongue;
use self::words::{Script, Shape, Word, words};
use crate::gemini::media_type::Language;

/// Begins a line of terms that stands at the same position as the line before.
pub(super) const SAME_PLACE: char = '\u{1}';

/// Marks a stem that stands beside a word, so that no prefix of words reaches it.
pub const BESIDE: char = '=';

/// How the words of one page become terms.
#[derive(Clone, Copy, Debug)]
pub struct Chain {
    script: Script,
    tongue: Option<&'static Tongue>,
}

impl Chain {
    /// The chain for a page in this language, or in none that is known.
    #[must_use]
    pub fn of(language: Option<&Language>) -> Self {
        match language {
            Some(language) => {
                let code = language.as_str();
                let script = stem::script_of(code);
                Self { script, tongue: stem::tongue(code) }
            }
            None => Self { script: Script::Latin, tongue: stem::usual(Script::Latin) },
        }
    }

    fn tongue(&self, script: Script) -> Option<&'static Tongue> {
        if script == self.script { self.tongue } else { stem::usual(script) }
    }

    /// Whether the stem of every word in plain letters begins with the word's first letter.
    #[must_use]
    pub fn keeps_first_letters(&self) -> bool {
        self.tongue(Script::Latin).is_none_or(Tongue::keeps_first_letters)
    }

    /// Appends the terms of these words, one a line, to be counted and not placed.
    pub fn push_terms(&self, words: &[Word], lines: &mut String) {
        for word in words {
            let tongue = self.tongue(word.script);
            push_forms(tongue, &word.plain, lines);
            for part in &word.parts {
                push_forms(tongue, part, lines);
            }
            if let Some(joined) = &word.joined {
                push_forms(tongue, &joined.plain, lines);
            }
        }
    }

    /// Appends the words with their places, one a line, without accents; stems too if `stems` says so.
    pub fn push_places(&self, words: &[Word], stems: Stems, lines: &mut String) {
        for word in words {
            match fold::fold(&word.plain) {
                Some(folded) => lines.push_str(&folded),
                None => lines.push_str(&word.plain),
            }
            lines.push('\n');
            if stems == Stems::Beside
                && let Some(tongue) = self.tongue(word.script)
            {
                let mut forms = String::new();
                push_forms(Some(tongue), &word.plain, &mut forms);
                for form in forms.lines() {
                    lines.push(SAME_PLACE);
                    lines.push(BESIDE);
                    lines.push_str(form);
                    lines.push('\n');
                }
            }
        }
    }
}

/// Whether a field with places holds stems beside the words.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stems {
    /// Words as written only.
    None,
    /// Each word's stem at the word's place too.
    Beside,
}

/// The term of a word in fields with places.
#[must_use]
pub fn place_term(plain: &str) -> String {
    fold::fold(plain).unwrap_or_else(|| plain.to_owned())
}

/// The terms of one form of a word: its stem, and the second chance where it has accents.
fn push_forms(tongue: Option<&'static Tongue>, plain: &str, lines: &mut String) {
    push_term(tongue, ':', plain, lines);
    if let Some(folded) = fold::fold(plain) {
        push_term(tongue, '~', &folded, lines);
    }
}

fn push_term(tongue: Option<&'static Tongue>, mark: char, word: &str, lines: &mut String) {
    if let Some(tongue) = tongue {
        lines.push_str(tongue.code);
        lines.push(mark);
        tongue.push_stem(word, lines);
    } else {
        if mark == '~' {
            lines.push(mark);
        }
        lines.push_str(word);
    }
    lines.push('\n');
}

/// The languages that an index holds, for queries.
#[derive(Clone, Debug)]
pub struct Held(Vec<&'static Tongue>);

impl Held {
    /// From the language codes of the pages; those that unknown pages are taken for always belong to them.
    #[must_use]
    pub fn of<'a>(codes: impl IntoIterator<Item = &'a str>) -> Self {
        let mut held: Vec<&'static Tongue> = Script::ALL.into_iter().filter_map(stem::usual).collect();
        for tongue in codes.into_iter().filter_map(stem::tongue) {
            if !held.contains(&tongue) {
                held.push(tongue);
            }
        }
        Self(held)
    }

    /// Every term by which a page may hold this word.
    #[must_use]
    pub fn terms(&self, plain: &str, script: Script) -> QueryTerms {
        let mut terms = QueryTerms::default();
        let folded = fold::fold(plain);
        let bare = folded.as_deref().unwrap_or(plain);
        let tongues = self.0.iter().copied().filter(|tongue| tongue.script == script).map(Some);
        for tongue in tongues.chain([None]) {
            push_term(tongue, ':', plain, &mut terms.exact);
            push_term(tongue, '~', bare, &mut terms.second_chance);
            if folded.is_some() {
                push_term(tongue, ':', bare, &mut terms.second_chance);
            }
        }
        terms
    }
}

/// The terms that a word of a query asks for, one a line each.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct QueryTerms {
    exact: String,
    second_chance: String,
}

impl QueryTerms {
    /// Terms of the word as it was typed.
    pub fn exact(&self) -> impl Iterator<Item = &str> {
        self.exact.lines()
    }

    /// Terms that differ from it by accents; worth less.
    pub fn second_chance(&self) -> impl Iterator<Item = &str> {
        self.second_chance.lines().filter(|term| !self.exact.lines().any(|exact| exact == *term))
    }
}

/// Words that a query is asked in: the tail of an unspaced run only stands in pages.
#[must_use]
pub fn query_words(text: &str) -> Vec<Word> {
    let mut found = words(text);
    found.retain(|word| word.shape != Shape::Tail);
    found
}

/// A title or a name as people compare them: its words without case, accents and signs.
///
/// `None` for a text without words.
#[must_use]
pub fn name(text: &str) -> Option<String> {
    let words = query_words(text);
    if words.is_empty() {
        return None;
    }
    Some(words.iter().map(|word| place_term(&word.plain)).collect::<Vec<_>>().join(" "))
}

#[cfg(test)]
mod tests;
