//! One hit as it is shown: a link, whose and what it is, one line of it, and where to learn more.
//!
//! A hit is read aloud as often as it is seen: each line says one thing and can be passed over.

use shared::gemini::kind::Kind;
use shared::gemini::request::decode_query;

use crate::app::manners::Leave;
use crate::paths::trail::{Corner, Trail};
use crate::paths::{self, Link};
use crate::render::language;
use crate::render::picture::Picture;
use crate::search::results::{Hit, Role};
use crate::search::{Limit, PageNumber};

/// Characters of a title at most.
pub(super) const TITLE: usize = 160;
/// Characters of a path at most, where it is shown.
const PATH: usize = 80;

/// One hit as it is shown.
#[derive(Debug)]
pub struct HitView {
    /// Its place in the whole list, from 1.
    pub number: usize,
    /// Its title.
    pub title: String,
    /// Its URL.
    pub url: String,
    /// Whose it is.
    pub capsule: String,
    /// Where on it, as people read it.
    pub path: String,
    /// Language, kind, type, date, size: what is known and worth saying.
    pub facts: Vec<String>,
    /// Its language's tag, for readers aloud; empty when it is not known.
    pub lang: String,
    /// The quote, in pieces: text and whether it is the match.
    pub quote: Vec<(String, bool)>,
    /// Whether the web may see the quote.
    pub quoted_on_the_web: bool,
    /// The picture made of characters, where one is looked for.
    pub picture: Option<Picture>,
    /// The page that tells all we know of it; none where its URL is too long for a link.
    pub about: Option<Link>,
    /// Its stored text, for the web; none where the capsule does not allow it, or it has no text.
    pub read_here: Option<Link>,
    /// More of the same site, and the search that lists it.
    pub more: Option<(u32, Link)>,
    /// Why it stands here: what a factor adds, its name, what it means.
    pub reasons: Vec<(String, String, String)>,
}

/// The view of a hit in a list.
pub(super) fn view(number: usize, hit: &Hit, words: &str, trail: &Trail, leave: Leave) -> HitView {
    let language = hit.language.as_ref().filter(|language| language.as_str() != "und");
    let url = hit.url.to_string();
    let title = if hit.title.as_str() == url { file_name(hit) } else { hit.title.to_string() };
    HitView {
        number,
        title: shortened(&title, TITLE),
        capsule: hit.url.capsule().to_string(),
        path: shortened(&decode_query(hit.url.path_and_query()), PATH),
        facts: facts(hit, trail.corner),
        lang: language.map(ToString::to_string).unwrap_or_default(),
        quote: hit.snippet.0.iter().map(|span| (span.text.clone(), span.role == Role::Match)).collect(),
        quoted_on_the_web: leave.may_be_quoted(),
        picture: picture(hit, trail.corner),
        about: Link::with_words(paths::PAGE, &url),
        read_here: read_here(hit, &url, leave),
        more: more(hit, words, trail),
        reasons: hit
            .explanation
            .iter()
            .flat_map(|explanation| &explanation.terms)
            .map(|term| (term.name.to_owned(), format!("{:+.2}", term.value), term.meaning.to_owned()))
            .collect(),
        url,
    }
}

/// What is known and worth saying. In a corner of one kind the kind goes without saying.
fn facts(hit: &Hit, corner: Corner) -> Vec<String> {
    let mut facts = Vec::new();
    if let Some(language) = hit.language.as_ref().filter(|language| language.as_str() != "und") {
        facts.push(language::name(language.as_str()).to_owned());
    }
    match (hit.kind, corner) {
        (Kind::Page, _)
        | (Kind::Image, Corner::Images)
        | (Kind::Audio, Corner::Audio)
        | (Kind::AsciiArt, Corner::AsciiArt) => {}
        (kind, _) => facts.push(kind.as_str().replace('-', " ")),
    }
    if let Some(dimensions) = hit.dimensions {
        facts.push(format!("{} × {} pixels", dimensions.width(), dimensions.height()));
    }
    if hit.media_type != "text/gemini" && !hit.media_type.is_empty() {
        facts.push(hit.media_type.clone());
    }
    facts.push(hit.changed.format("%Y-%m-%d").to_string());
    facts.extend(hit.size_bytes.map(size));
    facts
}

/// What a file without a title is called: its name, for its whole URL stands in the next line.
fn file_name(hit: &Hit) -> String {
    let name = hit.url.path().rsplit('/').find(|part| !part.is_empty()).map(decode_query);
    name.unwrap_or_else(|| hit.url.capsule().to_string())
}

fn picture(hit: &Hit, corner: Corner) -> Option<Picture> {
    match corner {
        Corner::AsciiArt => Picture::of(&hit.art),
        Corner::All | Corner::Images | Corner::Files | Corner::Audio => None,
    }
}

/// Only texts are kept whole; of anything else there is nothing to read here.
fn read_here(hit: &Hit, url: &str, leave: Leave) -> Option<Link> {
    let has_text = hit.media_type.starts_with("text/");
    (has_text && leave.may_be_read_here()).then(|| Link::with_words(paths::CACHED, url)).flatten()
}

/// The same search within the site.
fn more(hit: &Hit, words: &str, trail: &Trail) -> Option<(u32, Link)> {
    let within = Limit::site(&hit.site).and_then(|site| trail.with(&site));
    let within = within.filter(|_| hit.more_from_site > 0)?;
    Some((hit.more_from_site, within.list(words, PageNumber::FIRST)))
}

/// A text of so many characters at most: from a longer one the middle is left out, for the end of an address
/// says as much as its beginning.
pub(super) fn shortened(text: &str, most: usize) -> String {
    let length = text.chars().count();
    if length <= most {
        return text.to_owned();
    }
    let half = most / 2;
    let beginning: String = text.chars().take(half).collect();
    let end: String = text.chars().skip(length - (most - half - 1)).collect();
    format!("{}…{}", beginning.trim_end(), end.trim_start())
}

fn size(bytes: u64) -> String {
    match bytes {
        0..1_000 => format!("{bytes} B"),
        1_000..1_000_000 => format!("{:.1} kB", bytes as f64 / 1e3),
        _ => format!("{:.1} MB", bytes as f64 / 1e6),
    }
}
