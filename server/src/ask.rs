//! What was asked, in whichever tongue it came.

mod refusal;
pub mod target;

use shared::gemini::request::decode_query;

use crate::people::Visitor;
use crate::search::Extras;

/// The tongue an answer is written in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tongue {
    /// Gemtext, for Gemini.
    Gemtext,
    /// HTML, for browsers.
    Html,
}

/// What may come of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Intent {
    /// Something is looked at. On the web every link is no more than that: browsers, checkers and other people's pages
    /// follow them without anybody's wish.
    Look,
    /// Something is to be done with the words.
    Act,
}

/// A request for a screen: a path and, where there are any, words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ask {
    /// The path, decoded.
    pub path: String,
    /// Its segments, each decoded by itself: a slash within one is none between two.
    parts: Vec<String>,
    /// The visitor's words; an empty text is no words.
    pub words: Option<String>,
    /// What may come of it.
    pub intent: Intent,
    /// How to answer.
    pub tongue: Tongue,
    /// Who asks.
    pub visitor: Visitor,
    /// Whether there is room for more than the hits of a search.
    pub extras: Extras,
}

impl Ask {
    /// Asked over Gemini: the whole query is text. It has one way to say anything, so what is said may act.
    #[must_use]
    pub fn by_gemini(path: &str, query: Option<&str>) -> Self {
        Self::new(path, query.map(decode_query), Intent::Act, Tongue::Gemtext)
    }

    /// Asked over the web by a link or a form that only looks: the words are in `q`, or in `query`.
    #[must_use]
    pub fn by_web(path: &str, words: Option<String>) -> Self {
        Self::new(path, words, Intent::Look, Tongue::Html)
    }

    /// Asked over the web by a form that acts, with its words.
    #[must_use]
    pub fn by_form(path: &str, words: Option<String>) -> Self {
        Self::new(path, words, Intent::Act, Tongue::Html)
    }

    /// Asked over Spartan: the words are the data of the request, or, where it brings none, the query.
    #[must_use]
    pub fn by_spartan(path: &str, data: String) -> Self {
        let (path, query) = path.split_once('?').map_or((path, None), |(path, query)| (path, Some(query)));
        let words = if data.trim().is_empty() { query.map(decode_query) } else { Some(data) };
        Self::new(path, words, Intent::Act, Tongue::Gemtext)
    }

    /// The same, asked by this visitor.
    #[must_use]
    pub fn of(self, visitor: Visitor) -> Self {
        Self { visitor, ..self }
    }

    /// The same, with or without what stands around the hits.
    #[must_use]
    pub fn with(self, extras: Extras) -> Self {
        Self { extras, ..self }
    }

    fn new(path: &str, words: Option<String>, intent: Intent, tongue: Tongue) -> Self {
        let words = words.filter(|words| !words.trim().is_empty());
        let parts = path.split('/').filter(|part| !part.is_empty()).map(decode_query).collect();
        Self {
            path: decode_query(path),
            parts,
            words,
            intent,
            tongue,
            visitor: Visitor::default(),
            extras: Extras::Wanted,
        }
    }

    /// The path's segments; the front page has none.
    #[must_use]
    pub fn segments(&self) -> Vec<&str> {
        self.parts.iter().map(String::as_str).collect()
    }
}
