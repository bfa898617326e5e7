//! The list of results.
//!
//! Four lines a hit: the title as a link; whose it is, in which language, from when, how large; one line of
//! it with the match; and the reasons of its place where they were asked for. Values are cleaned again by the
//! templates' escapers, so nothing of a page can begin a line or a tag.

use shared::gemini::kind::Kind;
use shared::gemini::request::decode_query;

use super::home::grouped;
use crate::app::App;
use crate::ask::{Ask, Tongue};
use crate::paths::{self, Link};
use crate::render::answer::{Answer, Page};
use crate::render::problem::Problem;
use crate::render::view::view;
use crate::search::results::{Hit, Results as Found, Role};
use crate::search::{HITS_PER_PAGE, PageNumber, SearchError, SearchRequest, Verbosity};

/// Characters of a title at most.
const TITLE: usize = 160;
/// Characters of a path at most, where it is shown.
const PATH: usize = 80;
/// What the prompt says.
const PROMPT: &str = "What are you looking for?";

/// A page of results, or the form where nothing was asked yet.
#[derive(Debug, Default)]
pub struct Results {
    /// What was asked, as it was typed.
    pub words: String,
    /// How many pages match: "1,238 pages found".
    pub count: String,
    /// Whether anything was asked at all.
    pub asked: bool,
    /// The hits.
    pub hits: Vec<HitView>,
    /// What has to be said of the query.
    pub notes: Vec<String>,
    /// The page's number.
    pub page: u32,
    /// The last page's number.
    pub last_page: u32,
    /// Links to the pages around it, and to the other manner of showing.
    pub previous: Option<Link>,
    /// The next page.
    pub next: Option<Link>,
    /// The same list with, or without, its reasons.
    pub other_manner: Link,
    /// Whether the reasons are shown.
    pub explained: bool,
    /// How long it took: "12 ms".
    pub took: String,
}

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
    /// More of the same site, and the search that lists it.
    pub more: Option<(u32, Link)>,
    /// Why it stands here.
    pub reasons: Vec<(String, String, String)>,
}

view!(Results, "results/page.gmi", "results/page.html");

/// Shows a page of results; without words, asks for them.
///
/// # Errors
///
/// When the search cannot be made now.
pub async fn answer(app: &App, ask: &Ask, page: PageNumber, verbosity: Verbosity) -> Result<Answer, Problem> {
    let Some(words) = &ask.words else {
        let form = Page::new(Results { explained: verbosity == Verbosity::Explained, ..Results::default() });
        return Ok(Answer::Input { prompt: PROMPT, form });
    };
    let request = SearchRequest { page, verbosity, ..SearchRequest::new(words) };
    let found = app.searcher.search(request).await.map_err(|error| match error {
        SearchError::Busy { retry_after } => Problem::Busy { retry_after },
        SearchError::NoIndex => Problem::NoIndexYet,
        SearchError::TimedOut => Problem::Slow,
        SearchError::Engine(source) => {
            tracing::error!(error = &source as &dyn std::error::Error, "a search failed");
            Problem::Broken
        }
    })?;
    Ok(Answer::Page(Page::new(shown(words, &found, verbosity))))
}

/// The view of what was found.
#[must_use]
pub fn shown(words: &str, found: &Found, verbosity: Verbosity) -> Results {
    let list = |page, verbosity| Link {
        gemtext: paths::search(Tongue::Gemtext, words, page, verbosity),
        html: paths::search(Tongue::Html, words, page, verbosity),
    };
    let first = usize::try_from(found.page.get() - 1).unwrap_or_default() * HITS_PER_PAGE;
    let other = match verbosity {
        Verbosity::Plain => Verbosity::Explained,
        Verbosity::Explained => Verbosity::Plain,
    };
    let mut notes: Vec<String> = found.notes.iter().map(ToString::to_string).collect();
    notes.extend(found.relaxed.iter().map(ToString::to_string));
    Results {
        words: words.to_owned(),
        count: match found.total {
            1 => "1 page found".to_owned(),
            total => format!("{} pages found", grouped(total)),
        },
        asked: true,
        hits: found
            .hits
            .iter()
            .enumerate()
            .map(|(place, hit)| hit_view(first + place + 1, hit, words))
            .collect(),
        notes,
        page: found.page.get(),
        last_page: found.last_page.get(),
        previous: found.page.previous().map(|page| list(page.min(found.last_page), verbosity)),
        next: (found.page < found.last_page).then(|| list(found.page.next(), verbosity)),
        other_manner: list(PageNumber::FIRST, other),
        explained: verbosity == Verbosity::Explained,
        took: match found.elapsed.as_millis() {
            0 => "less than 1 ms".to_owned(),
            milliseconds => format!("{milliseconds} ms"),
        },
    }
}

fn hit_view(number: usize, hit: &Hit, words: &str) -> HitView {
    let mut facts = Vec::new();
    let language = hit.language.as_ref().filter(|language| language.as_str() != "und");
    if let Some(language) = language {
        facts.push(language_name(language.as_str()).to_owned());
    }
    match hit.kind {
        Kind::Page => {}
        Kind::Gemlog
        | Kind::Feed
        | Kind::Input
        | Kind::Image
        | Kind::Audio
        | Kind::Video
        | Kind::Archive
        | Kind::Document
        | Kind::AsciiArt
        | Kind::News
        | Kind::WebMirror
        | Kind::MailingList
        | Kind::ChatLog
        | Kind::File => facts.push(hit.kind.as_str().replace('-', " ")),
    }
    if hit.media_type != "text/gemini" && !hit.media_type.is_empty() {
        facts.push(hit.media_type.clone());
    }
    facts.push(hit.changed.format("%Y-%m-%d").to_string());
    facts.extend(hit.size_bytes.map(size));
    let site = hit.site.to_string();
    let more = (hit.more_from_site > 0).then(|| {
        // The filter stands before the words: where they are too long for a link, it is not cut off.
        let within = format!("site:{} {words}", site.trim_end_matches('/'));
        let link = |tongue| paths::search(tongue, &within, PageNumber::FIRST, Verbosity::Plain);
        (hit.more_from_site, Link { gemtext: link(Tongue::Gemtext), html: link(Tongue::Html) })
    });
    HitView {
        number,
        title: shortened(&hit.title, TITLE),
        url: hit.url.to_string(),
        capsule: hit.url.capsule().to_string(),
        path: shortened(&decode_query(hit.url.path_and_query()), PATH),
        facts,
        lang: language.map(ToString::to_string).unwrap_or_default(),
        quote: hit.snippet.0.iter().map(|span| (span.text.clone(), span.role == Role::Match)).collect(),
        more,
        reasons: hit
            .explanation
            .iter()
            .flat_map(|explanation| &explanation.terms)
            .map(|term| (term.name.to_owned(), format!("{:+.2}", term.value), term.meaning.to_owned()))
            .collect(),
    }
}

/// A text of so many characters at most: from a longer one the middle is left out, for the end of an address
/// says as much as its beginning.
fn shortened(text: &str, most: usize) -> String {
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

/// The language's English name, for those whose tag says little; else the tag.
fn language_name(tag: &str) -> &str {
    match tag {
        "ar" => "Arabic",
        "cs" => "Czech",
        "da" => "Danish",
        "de" => "German",
        "el" => "Greek",
        "en" => "English",
        "eo" => "Esperanto",
        "es" => "Spanish",
        "fi" => "Finnish",
        "fr" => "French",
        "he" => "Hebrew",
        "hi" => "Hindi",
        "hu" => "Hungarian",
        "it" => "Italian",
        "ja" => "Japanese",
        "ko" => "Korean",
        "nl" => "Dutch",
        "no" | "nb" | "nn" => "Norwegian",
        "pl" => "Polish",
        "pt" => "Portuguese",
        "ro" => "Romanian",
        "ru" => "Russian",
        "sv" => "Swedish",
        "th" => "Thai",
        "tr" => "Turkish",
        "uk" => "Ukrainian",
        "vi" => "Vietnamese",
        "zh" => "Chinese",
        other => other,
    }
}
