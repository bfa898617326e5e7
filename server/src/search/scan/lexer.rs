//! The signs of a query: words, quotes, parentheses, operators. No sign can be wrong.

use std::ops::Range;

/// A sign of a query.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Lexeme {
    /// `(`
    Open,
    /// `)`
    Close,
    /// `AND`, `&&`: what stands side by side holds together anyway.
    And,
    /// `OR`, `|`, as it was written.
    Or(String),
    /// `NOT`, or a `-` before something.
    Not(String),
    /// Text without spaces.
    Text(String),
    /// Text in quotes.
    Quoted(String),
    /// `name:value` or `name:"value"`, with a name that is known.
    Field {
        /// The name, in lower case.
        name: String,
        /// The value, without quotes.
        value: String,
        /// All of it, as it was written.
        written: String,
    },
}

/// Names of fields, with the other names they go by.
const FIELDS: [&str; 19] = [
    "site",
    "domain",
    "intitle",
    "title",
    "inurl",
    "url",
    "type",
    "content_type",
    "filetype",
    "ext",
    "lang",
    "language",
    "charset",
    "size",
    "kind",
    "before",
    "after",
    "linkto",
    "link",
];

const fn is_quote(c: char) -> bool {
    matches!(c, '"' | '“' | '”' | '„' | '«' | '»' | '「' | '」' | '『' | '』')
}

/// Cuts a query into signs.
pub(super) fn lex(text: &str) -> Vec<Lexeme> {
    placed(text).into_iter().map(|(lexeme, _)| lexeme).collect()
}

/// Cuts a query into signs, each with the bytes where it stands.
pub(super) fn placed(text: &str) -> Vec<(Lexeme, Range<usize>)> {
    let mut lexemes = Vec::new();
    let mut rest = text.trim_start();
    while let Some(first) = rest.chars().next() {
        let start = text.len() - rest.len();
        let (lexeme, after) = next(rest, first);
        lexemes.push((lexeme, start..text.len() - after.len()));
        rest = after.trim_start();
    }
    lexemes
}

/// The first sign of a text that begins with this character, and what stands behind it.
fn next(rest: &str, first: char) -> (Lexeme, &str) {
    let behind = &rest[first.len_utf8()..];
    match first {
        '(' => (Lexeme::Open, behind),
        ')' => (Lexeme::Close, behind),
        '-' | '−' if behind.starts_with(|c: char| !c.is_whitespace() && c != '-' && c != ')') => {
            (Lexeme::Not(first.to_string()), behind)
        }
        quote if is_quote(quote) => {
            let (quoted, after) = quoted(behind);
            (Lexeme::Quoted(quoted.to_owned()), after)
        }
        _ => text_or_field(rest),
    }
}

/// The text up to the closing quote, and what stands behind it.
fn quoted(text: &str) -> (&str, &str) {
    match text.char_indices().find(|(_, c)| is_quote(*c)) {
        Some((end, quote)) => (&text[..end], &text[end + quote.len_utf8()..]),
        None => (text, ""),
    }
}

fn text_or_field(text: &str) -> (Lexeme, &str) {
    let end =
        text.find(|c: char| c.is_whitespace() || matches!(c, '(' | ')') || is_quote(c)).unwrap_or(text.len());
    let (word, behind) = text.split_at(end);
    let lexeme = match word {
        "OR" | "|" | "||" => Lexeme::Or(word.to_owned()),
        "AND" | "&&" => Lexeme::And,
        "NOT" => Lexeme::Not(word.to_owned()),
        _ => return field(text, word, behind).unwrap_or_else(|| (Lexeme::Text(word.to_owned()), behind)),
    };
    (lexeme, behind)
}

fn field<'a>(text: &str, word: &str, behind: &'a str) -> Option<(Lexeme, &'a str)> {
    let (name, value) = word.split_once(':')?;
    let name = name.to_ascii_lowercase();
    if !FIELDS.contains(&name.as_str()) {
        return None;
    }
    let opened = behind.chars().next().filter(|c| value.is_empty() && is_quote(*c));
    let (value, after) = match opened {
        Some(quote) => quoted(&behind[quote.len_utf8()..]),
        None => (value, behind),
    };
    let written = text[..text.len() - after.len()].to_owned();
    let value = value.to_owned();
    Some((Lexeme::Field { name, value, written }, after))
}
