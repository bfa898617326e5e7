//! A link of ours in both tongues, never longer than a Gemini request may be.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

/// A link of ours in both tongues.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Link {
    /// For gemtext.
    pub gemtext: String,
    /// For HTML.
    pub html: String,
}

impl Link {
    /// A link whose words stand in the query; none where it would be longer than a Gemini request may be.
    #[must_use]
    pub fn with_words(path: &str, words: &str) -> Option<Self> {
        let encoded = utf8_percent_encode(words, QUERY).to_string();
        (path.len() + encoded.len() <= LINK)
            .then(|| Self { gemtext: format!("{path}?{encoded}"), html: format!("{path}?q={encoded}") })
    }

    /// A link with as many of the words as it can carry: they are cut between two characters where they are too
    /// long for any link.
    #[must_use]
    pub fn with_beginning(path: &str, words: &str) -> Self {
        let encoded = beginning(words, LINK.saturating_sub(path.len()), QUERY);
        Self { gemtext: format!("{path}?{encoded}"), html: format!("{path}?q={encoded}") }
    }

    /// A link without words.
    #[must_use]
    pub fn to(path: &str) -> Self {
        Self { gemtext: path.to_owned(), html: path.to_owned() }
    }
}

/// What need not be encoded in a query.
const QUERY: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~')
    .remove(b':')
    .remove(b'/')
    .remove(b'*');

/// What need not be encoded in a segment of a path.
const SEGMENT: &AsciiSet =
    &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~').remove(b':').remove(b'*');

/// Bytes of path and words at most: with the scheme, the longest host, a port, `?` and `q=` that is 1,024 bytes at
/// most.
const LINK: usize = 740;

/// A text as one segment of a path, of so many bytes at most.
pub(crate) fn segment(text: &str, most: usize) -> String {
    beginning(text, most, SEGMENT)
}

/// As many characters of a text as fit, encoded.
fn beginning(text: &str, most: usize, plain: &'static AsciiSet) -> String {
    let mut encoded = String::new();
    let mut one = [0; 4];
    for character in text.chars() {
        let next = utf8_percent_encode(character.encode_utf8(&mut one), plain).to_string();
        if most < encoded.len() + next.len() {
            break;
        }
        encoded.push_str(&next);
    }
    encoded
}
