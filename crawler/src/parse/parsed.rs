//! What a page says, once its bytes are understood.

use shared::gemini::dimensions::Dimensions;
use shared::gemini::kind::Kind;
use shared::gemini::media_type::{Charset, Language};
use shared::gemini::text::{OneLine, PageText};
use shared::gemini::url::GeminiUrl;
use shared::store::id::ContentHash;
use shared::store::known::page::WordsMark;
use shared::store::known::post::NewPost;

use super::likeness::Likeness;

/// A page, understood. Everything in it is clean text: no NUL, no control characters in single lines, bounded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Parsed {
    /// Its title; never empty.
    pub title: OneLine,
    /// Its headings in their order.
    pub headings: Vec<OneLine>,
    /// The decoded document as it was served; empty for what is no text.
    pub source: PageText,
    /// Its prose: no markup, no ASCII art.
    pub text: PageText,
    /// Alt texts of preformatted blocks.
    pub alt: Vec<OneLine>,
    /// Pictures made of characters, apart from the prose.
    pub art: PageText,
    /// Links into Geminispace, each target once, never the page itself.
    pub links: Vec<ParsedLink>,
    /// Detected, else as served.
    pub language: Option<Language>,
    /// As decoded; none for what is no text.
    pub charset: Option<Charset>,
    /// What it is.
    pub kind: Kind,
    /// Over words and links; none for what is no text.
    pub content: Option<ContentHash>,
    /// By which pages that are all but the same are known; none for what has too few words.
    pub likeness: Option<Likeness>,
    /// Over the same without what changes by itself; none for what is no text.
    pub words: Option<WordsMark>,
    /// How large the picture is, where it is one.
    pub dimensions: Option<Dimensions>,
    /// What it tells of as a feed; mostly nothing.
    pub posts: Vec<NewPost>,
}

/// A link into Geminispace.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ParsedLink {
    /// Where it leads.
    pub target: GeminiUrl,
    /// What the page calls it: the first label that is not empty; empty where there is none.
    pub label: OneLine,
}

/// Whether the bytes are all of the page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Extent {
    /// They are, as far as one can know.
    Whole,
    /// They end somewhere in the middle: the last line is not to be trusted.
    Cut,
}
