//! Text from the wild, made safe once.
//!
//! Whatever a server sent becomes [`PageText`] or [`OneLine`] before any other module sees it: valid UTF-8,
//! bounded, without what Postgres, a terminal, a gemtext line or an index cannot bear.

use std::borrow::Borrow;
use std::fmt;
use std::ops::Deref;

use serde::{Deserialize, Serialize};

/// A text of many lines: no NUL, line ends as LF, at most [`PageText::MAX_BYTES`].
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "String", into = "String")]
pub struct PageText(String);

impl PageText {
    /// A longer text is cut at a character.
    pub const MAX_BYTES: usize = 4 * 1024 * 1024;

    /// Makes any text safe.
    #[must_use]
    pub fn new(text: impl Into<String>) -> Self {
        let mut text = text.into();
        if text.len() > Self::MAX_BYTES {
            text.truncate(text.floor_char_boundary(Self::MAX_BYTES));
        }
        if text.contains(['\0', '\r']) {
            text = text.replace("\r\n", "\n").replace('\r', "\n").replace('\0', "");
        }
        Self(text)
    }

    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// A text of one line: no control characters, no escape sequences, no line breaks of any alphabet, no
/// marks that turn the reading direction; at most [`OneLine::MAX_BYTES`]. It can stand in a gemtext
/// line, a log or a terminal and nothing behind it changes.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(from = "String", into = "String")]
pub struct OneLine(String);

impl OneLine {
    /// A longer line is cut at a character.
    pub const MAX_BYTES: usize = 1_024;

    /// Makes any text one line: every run of white space and unsafe characters becomes one space.
    #[must_use]
    pub fn new(text: &str) -> Self {
        let mut line = String::with_capacity(text.len().min(Self::MAX_BYTES));
        let mut gap = false;
        let mut rest = text.chars().peekable();
        while let Some(character) = rest.next() {
            if Self::MAX_BYTES * 4 < line.len() {
                break;
            }
            if character == '\u{1b}' {
                skip_escape(&mut rest);
                gap = true;
            } else if character.is_whitespace() || is_unsafe(character) {
                gap = true;
            } else {
                if gap && !line.is_empty() {
                    line.push(' ');
                }
                gap = false;
                line.push(character);
            }
        }
        if line.len() > Self::MAX_BYTES {
            line.truncate(line.floor_char_boundary(Self::MAX_BYTES));
            line.truncate(line.trim_end().len());
        }
        Self(line)
    }

    /// The line.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether nothing is left of it.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// The rest of a terminal's escape sequence: CSI up to its final byte, OSC up to its end.
fn skip_escape(rest: &mut std::iter::Peekable<std::str::Chars<'_>>) {
    match rest.peek() {
        Some('[') => {
            rest.next();
            while rest.next_if(|next| matches!(next, ' '..='?')).is_some() {}
            rest.next_if(|next| matches!(next, '@'..='~'));
        }
        Some(']') => while rest.next_if(|next| !matches!(next, '\u{7}' | '\u{1b}' | '\n')).is_some() {},
        _ => {}
    }
}

/// Controls (C0, DEL, C1), separators of lines and paragraphs, marks of direction, and the byte order mark.
fn is_unsafe(character: char) -> bool {
    character.is_control()
        || matches!(character, '\u{2028}' | '\u{2029}' | '\u{200e}' | '\u{200f}' | '\u{61c}' | '\u{feff}'
            | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

macro_rules! text_traits {
    ($name:ident, $from:expr) => {
        impl Deref for $name {
            type Target = str;

            fn deref(&self) -> &str {
                &self.0
            }
        }

        impl Borrow<str> for $name {
            fn borrow(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl From<String> for $name {
            fn from(text: String) -> Self {
                $from(text)
            }
        }

        impl From<$name> for String {
            fn from(text: $name) -> Self {
                text.0
            }
        }
    };
}

text_traits!(PageText, PageText::new);
text_traits!(OneLine, |text: String| OneLine::new(&text));

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_stays_one_line_whatever_is_in_it() {
        for (wild, safe) in [
            ("plain", "plain"),
            ("  two\twords \r\n", "two words"),
            ("a\u{1b}[31mred\u{1b}[0m b", "a red b"),
            ("title\u{1b}]0;pwned\u{7}end", "title end"),
            ("=> gemini://x\n=> gemini://y", "=> gemini://x => gemini://y"),
            ("abc\u{202e}def\u{2066}", "abc def"),
            ("nul\0 c1\u{9b}31m", "nul c1 31m"),
            ("a\u{2028}b\u{85}c", "a b c"),
            ("\u{feff}", ""),
        ] {
            assert_eq!(OneLine::new(wild).as_str(), safe, "{wild:?}");
        }
    }

    #[test]
    fn a_long_line_is_cut_at_a_character() {
        let line = OneLine::new(&"é".repeat(2_000));
        assert_eq!(line.len(), OneLine::MAX_BYTES);
    }

    #[test]
    fn a_page_keeps_its_lines_and_loses_its_nuls() {
        assert_eq!(PageText::new("a\r\nb\rc\0d").as_str(), "a\nb\ncd");
    }
}
