//! The list of results, and the same list in each corner: images, files, audio, ASCII art.
//!
//! First what the list is limited to, each limit with a link that takes it away; then how much was found and
//! what has to be said of the query; the hits, four lines each; and at the end where to go from here. Values
//! are cleaned again by the templates' escapers, so nothing of a page can begin a line or a tag.

use shared::gemini::url::GeminiUrl;

use super::around::{self, Active, Choices, Elsewhere};
use super::hit::{self, HitView};
use crate::app::App;
use crate::app::manners::{Leave, Manners};
use crate::ask::{Ask, Tongue};
use crate::paths::trail::{Corner, Trail};
use crate::paths::{self, Link};
use crate::render::answer::{Answer, Page};
use crate::render::phrase::grouped;
use crate::render::problem::Problem;
use crate::render::subscription::Format;
use crate::render::view::view;
use crate::search::results::Results as Found;
use crate::search::{HITS_PER_PAGE, PageNumber, SearchRequest, Verbosity};

/// A page of results, or the form where nothing was asked yet.
#[derive(Debug, Default)]
pub struct Results {
    /// What was asked, as it was typed.
    pub words: String,
    /// What it is a list of, where not of everything: "Images".
    pub corner: Option<&'static str>,
    /// How many pages match: "1,238 pages found".
    pub count: String,
    /// Whether anything was asked at all.
    pub asked: bool,
    /// Whether no page matches.
    pub found_nothing: bool,
    /// What the list is limited to.
    pub active: Vec<Active>,
    /// The hits.
    pub hits: Vec<HitView>,
    /// What has to be said of the query.
    pub notes: Vec<String>,
    /// What may have been meant, and the search for it.
    pub suggestion: Option<(String, Link)>,
    /// The page that was typed, and what is known of it.
    pub address: Option<(String, Link)>,
    /// The page's number.
    pub page: u32,
    /// The last page's number.
    pub last_page: u32,
    /// The page before it.
    pub previous: Option<Link>,
    /// The next page.
    pub next: Option<Link>,
    /// Asks for a page's number; none where there is only one.
    pub jump: Option<String>,
    /// Limits that would part the list.
    pub choices: Vec<Choices>,
    /// The other corners.
    pub corners: Vec<Elsewhere>,
    /// The same list with, or without, its reasons; none in a corner.
    pub other_manner: Option<Link>,
    /// The list as Atom, and as a gemfeed.
    pub feeds: Option<(Link, Link)>,
    /// Where the form of the web leads.
    pub action: String,
    /// Whether the reasons are shown.
    pub explained: bool,
    /// How long it took: "12 ms".
    pub took: String,
}

view!(Results, "results/page.gmi", "results/page.html");

/// Shows a page of results; without words, asks for them.
///
/// # Errors
///
/// When the search cannot be made now.
pub async fn answer(app: &App, ask: &Ask, trail: &Trail, page: PageNumber) -> Result<Answer, Problem> {
    let words = match &ask.words {
        Some(words) => words.as_str(),
        // The first page of a list without words asks for some: so a limited search can be anybody's own.
        None if page == PageNumber::FIRST && ask.tongue == Tongue::Gemtext => {
            return Ok(input(trail));
        }
        None if trail.limits.is_empty() && trail.corner == Corner::All => {
            return Ok(input(trail));
        }
        None => "",
    };
    if let Some(url) = typed_url(words) {
        return Ok(Answer::Redirect(about(&url, ask.tongue)));
    }
    let mut limits = trail.limits.clone();
    limits.extend(around::kinds(trail.corner));
    let (verbosity, extras) = (trail.verbosity, ask.extras);
    let request = SearchRequest { limits, page, verbosity, extras, ..SearchRequest::new(words) };
    let found = app.searcher.search(request).await?;
    Ok(Answer::Page(Page::new(shown(words, &found, trail, &app.manners))))
}

/// What the prompt says.
const fn prompt(corner: Corner) -> &'static str {
    match corner {
        Corner::All => "What are you looking for?",
        Corner::Images => "Which images are you looking for?",
        Corner::Files => "Which files are you looking for?",
        Corner::Audio => "Which sounds are you looking for?",
        Corner::AsciiArt => "Which pictures of characters are you looking for?",
    }
}

/// Asks for words.
pub(super) fn input(trail: &Trail) -> Answer {
    asked(prompt(trail.corner), trail)
}

/// Asks for something; on the web the form is shown.
pub(super) fn asked(prompt: &'static str, trail: &Trail) -> Answer {
    Answer::Input { prompt, form: Page::new(form(trail)) }
}

/// The page with the form, for the web.
fn form(trail: &Trail) -> Results {
    Results {
        corner: corner(trail.corner),
        active: around::active(trail, ""),
        corners: around::corners(trail, ""),
        action: trail.path(),
        explained: trail.verbosity == Verbosity::Explained,
        ..Results::default()
    }
}

pub(super) fn corner(corner: Corner) -> Option<&'static str> {
    (corner != Corner::All).then(|| around::corner_name(corner))
}

/// Whoever types a whole URL wants to know about that page.
fn typed_url(words: &str) -> Option<GeminiUrl> {
    let text = words.trim();
    let begins = text.get(..9).is_some_and(|scheme| scheme.eq_ignore_ascii_case("gemini://"));
    begins.then(|| GeminiUrl::parse(text).ok()).flatten()
}

pub(super) fn about(url: &GeminiUrl, tongue: Tongue) -> String {
    let link = Link::with_beginning(paths::PAGE, url.as_str());
    match tongue {
        Tongue::Gemtext => link.gemtext,
        Tongue::Html => link.html,
    }
}

/// The page that a word with a dot in it may name.
fn address(words: &str) -> Option<(String, Link)> {
    let text = words.trim();
    let host = text.split(['/', ':']).next().unwrap_or_default();
    let is_name = host.contains('.') && !host.starts_with('.') && !host.ends_with('.');
    if !is_name || text.contains(char::is_whitespace) {
        return None;
    }
    let url = GeminiUrl::parse(&format!("gemini://{text}")).ok()?;
    let link = Link::with_words(paths::PAGE, url.as_str())?;
    Some((url.to_string(), link))
}

/// The view of what was found.
#[must_use]
pub fn shown(words: &str, found: &Found, trail: &Trail, manners: &Manners) -> Results {
    let first = usize::try_from(found.page.get() - 1).unwrap_or_default() * HITS_PER_PAGE;
    let other = match trail.verbosity {
        Verbosity::Plain => Verbosity::Explained,
        Verbosity::Explained => Verbosity::Plain,
    };
    let mut notes: Vec<String> = found.notes.iter().map(ToString::to_string).collect();
    // Where nothing was found nothing is shown instead.
    let relaxed = found.relaxed.as_ref().filter(|relaxed| found.total > 0 || !relaxed.unknown.is_empty());
    notes.extend(relaxed.map(|relaxed| match found.total {
        0 => relaxed.without_pages(),
        _ => relaxed.to_string(),
    }));
    if found.hits.is_empty() && found.total > 0 {
        notes.push(format!("The list ends with page {}.", found.last_page.get()));
    }
    let leave = |url: &GeminiUrl| -> Leave { manners.leave(url) };
    Results {
        words: words.to_owned(),
        corner: corner(trail.corner),
        count: match found.total {
            1 => "1 page found".to_owned(),
            total => format!("{} pages found", grouped(total)),
        },
        asked: true,
        found_nothing: found.total == 0,
        active: around::active(trail, words),
        hits: (first + 1..)
            .zip(&found.hits)
            .map(|(number, hit)| hit::view(number, hit, words, trail, leave(&hit.url)))
            .collect(),
        notes,
        suggestion: found
            .suggestion
            .as_ref()
            .map(|suggestion| (suggestion.text.clone(), trail.list(&suggestion.text, PageNumber::FIRST))),
        address: address(words),
        page: found.page.get(),
        last_page: found.last_page.get(),
        previous: found.page.previous().map(|page| trail.list(words, page.min(found.last_page))),
        next: (found.page < found.last_page).then(|| trail.list(words, found.page.next())),
        jump: (found.last_page > PageNumber::FIRST.next() && !words.is_empty()).then(|| trail.jump(words)),
        choices: around::choices(trail, words, &found.facets),
        corners: around::corners(trail, words),
        other_manner: (trail.corner == Corner::All)
            .then(|| Trail { verbosity: other, ..trail.clone() }.list(words, PageNumber::FIRST)),
        feeds: Some((trail.feed(words, Format::Atom), trail.feed(words, Format::Gemfeed))),
        action: trail.path(),
        explained: trail.verbosity == Verbosity::Explained,
        took: match found.elapsed.as_millis() {
            0 => "less than 1 ms".to_owned(),
            milliseconds => format!("{milliseconds} ms"),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_whole_url_leads_away_from_the_list() {
        for (words, url) in [
            ("gemini://example.org/x", Some("gemini://example.org/x")),
            (" GEMINI://Example.org ", Some("gemini://example.org/")),
            ("example.org", None),
            ("gemini://", None),
            ("gemini:// protocol", None),
            ("what is gemini://example.org/", None),
        ] {
            assert_eq!(typed_url(words).map(|url| url.to_string()).as_deref(), url, "{words}");
        }
        assert_eq!(address("example.org/~ann/").unwrap().0, "gemini://example.org/~ann/");
        for words in ["word", "two words.example", "ends.", ".hidden", "a..b", "3.14:x"] {
            assert_eq!(address(words), None, "{words}");
        }
    }
}
