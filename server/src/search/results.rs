//! What a search gives: hits with their snippets, and what has to be said about them.

use std::fmt;
use std::time::Duration;

use chrono::{DateTime, Utc};
use shared::gemini::dimensions::Dimensions;
use shared::gemini::kind::Kind;
use shared::gemini::media_type::Language;
use shared::gemini::site::Site;
use shared::gemini::text::{OneLine, PageText};
use shared::gemini::url::GeminiUrl;

use super::limit::Limit;
pub use super::note::Note;
use super::request::PageNumber;

/// The answer to a search.
#[derive(Clone, Debug)]
pub struct Results {
    /// The query as it was understood, on one line.
    pub shown_query: String,
    /// The hits of this page.
    pub hits: Vec<Hit>,
    /// How many pages match, copies and hidden ones included.
    pub total: u64,
    /// The page of the list that this is.
    pub page: PageNumber,
    /// The last page of the list.
    pub last_page: PageNumber,
    /// What was given up, because too few pages have all the words.
    pub relaxed: Option<Relaxed>,
    /// What was not understood or cut.
    pub notes: Vec<Note>,
    /// The limits beside the words that this list keeps.
    pub limits: Vec<Limit>,
    /// Limits that would part this list, the fullest first; at most eight.
    pub facets: Vec<Facet>,
    /// What may have been meant, where little was found.
    pub suggestion: Option<Suggestion>,
    /// How long the search took.
    pub elapsed: Duration,
}

/// One page that was found.
#[derive(Clone, Debug)]
pub struct Hit {
    /// Where it is.
    pub url: GeminiUrl,
    /// Its title; its URL, where it has none.
    pub title: OneLine,
    /// Whose it is.
    pub site: Site,
    /// Its type.
    pub media_type: String,
    /// What it is.
    pub kind: Kind,
    /// Its language, if known.
    pub language: Option<Language>,
    /// Its size, if known.
    pub size_bytes: Option<u64>,
    /// Width and height of a picture, if known.
    pub dimensions: Option<Dimensions>,
    /// Its first pictures made of characters; mostly empty.
    pub art: PageText,
    /// When it was first seen.
    pub first_seen: DateTime<Utc>,
    /// When its words last changed.
    pub changed: DateTime<Utc>,
    /// Where the words stand.
    pub snippet: Snippet,
    /// The sum of its factors.
    pub score: f32,
    /// Why it stands here; only when asked for.
    pub explanation: Option<Explanation>,
    /// Pages of the same site that are not listed; only at the last listed one of the site.
    pub more_from_site: u32,
}

/// A page in the order in which pages were first seen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Seen {
    /// Where it is.
    pub url: GeminiUrl,
    /// Its title; empty, where it has none.
    pub title: OneLine,
    /// When it was first seen.
    pub first_seen: DateTime<Utc>,
}

/// A limit that a person may want next, and how much it leaves.
#[derive(Clone, Debug, PartialEq)]
pub struct Facet {
    /// What the limit is about.
    pub group: FacetGroup,
    /// What it limits to, in short: `de`, `gemlog`, `example.org/~ann`.
    pub value: String,
    /// The limit itself: add it to those of the request.
    pub limit: Limit,
    /// How many of the best pages (a thousand at most) it leaves, copies included.
    pub count: u32,
}

/// What a facet is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum FacetGroup {
    /// The language of a page.
    Language,
    /// Its kind.
    Kind,
    /// Its site.
    Site,
}

/// What may have been meant: the query with words that pages have.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Suggestion {
    /// The whole query, ready to be asked.
    pub text: String,
    /// The words that were changed: as they were typed, and as pages have them.
    pub changed: Vec<(String, String)>,
}

/// A line out of a page, in pieces.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Snippet(pub Vec<Span>);

/// A piece of a snippet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Span {
    /// Its text: no control characters, no line break.
    pub text: String,
    /// Whether it is what was searched for.
    pub role: Role,
}

/// Whether a piece is what was searched for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// Text around a match.
    Plain,
    /// A match.
    Match,
}

impl fmt::Display for Snippet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|span| f.write_str(&span.text))
    }
}

/// Why a page stands where it stands: factors that add up to its score.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Explanation {
    /// The factors, in a fixed order, those that count nothing left out.
    pub terms: Vec<Factor>,
}

/// One factor of a score.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Factor {
    /// Its name, such as `authority`.
    pub name: &'static str,
    /// What it means, in a few words.
    pub meaning: &'static str,
    /// What it adds.
    pub value: f32,
}

/// What was given up to find enough.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Relaxed {
    /// Words that no page has.
    pub unknown: Vec<String>,
    /// How many of the other words a page at the end of the list has.
    pub kept: Kept,
}

/// How much of a query the last pages of the list fulfil.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kept {
    /// All words that are known at all.
    All,
    /// Most of the words; pages with all of them come first.
    Most,
    /// Some of the words; pages with more of them come first.
    Some,
    /// Most or some of the words of a long query; pages stand by their scores.
    Mixed,
}

impl Relaxed {
    /// What there is to say where no page has any of the other words.
    #[must_use]
    pub fn without_pages(&self) -> String {
        format!("No page has {}.", quoted(&self.unknown))
    }
}

impl fmt::Display for Relaxed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.unknown.is_empty() {
            write!(f, "No page has {}. ", quoted(&self.unknown))?;
        }
        match self.kept {
            Kept::All => f.write_str("Pages with all other words are shown."),
            Kept::Most => f.write_str("Few pages have all words; those with most of them follow."),
            Kept::Some => f.write_str("Few pages have all words; those with some of them follow."),
            Kept::Mixed => f.write_str("Few pages have all words; those with most of them are among these."),
        }
    }
}

/// What the home page says of the index.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct IndexFacts {
    /// Pages that can be found.
    pub pages: u64,
    /// Sites that they belong to.
    pub sites: u64,
    /// The newest change in the index.
    pub newest_change_at: Option<DateTime<Utc>>,
    /// How far a rebuild has come, in percent, if there is one.
    pub rebuilding: Option<u8>,
}

fn quoted(words: &[String]) -> String {
    words.iter().map(|word| format!("\u{201c}{word}\u{201d}")).collect::<Vec<_>>().join(" or ")
}
