//! The stored text of a page, where its capsule's rules let us show one.

use shared::gemini::robots::Use;
use shared::gemini::url::GeminiUrl;
use shared::store::asked::exclusion;
use shared::store::known::leave::{self, StoredText};

use crate::app::App;
use crate::ask::{Ask, Intent, Tongue, target};
use crate::paths::{self, Link};
use crate::render::answer::{Answer, Page};
use crate::render::gemtext::{self, Scheme, Shown};
use crate::render::phrase;
use crate::render::problem::Problem;
use crate::render::view::view;
use crate::screens::page::info;
use crate::screens::sheet::{Block, Entry, Form, Sheet};

/// What the prompt says.
const PROMPT: &str = "The stored text of which page? Give its address";

/// A stored text.
#[derive(Debug)]
pub struct Cached {
    /// Its title.
    pub title: String,
    /// What this is, and from when.
    pub told: String,
    /// Where the page lives.
    pub url: String,
    /// Our page about it.
    pub about: Option<Link>,
    /// The tag of its language; empty where it is not known.
    pub lang: String,
    /// Its lines.
    pub lines: Vec<Shown>,
}

view!(Cached, "cached/page.gmi", "cached/page.html");

enum Found {
    Text(StoredText),
    Refused(String),
}

/// Shows the stored text of the page that was asked for.
///
/// # Errors
///
/// When the database is away.
pub async fn answer(app: &App, ask: &Ask) -> Result<Answer, Problem> {
    let Some(words) = &ask.words else { return Ok(asked("", PROMPT.to_owned()).prompt(PROMPT)) };
    let url = match target::page(words) {
        Ok(url) => url,
        Err(error) => {
            return Ok(asked(words, format!("No address of a page can be read there: {error}.")).answer());
        }
    };
    // On the web a copy is a proxy's work too.
    let uses: &[Use] = match ask.tongue {
        Tongue::Gemtext => &[Use::Archive],
        Tongue::Html => &[Use::Archive, Use::Proxy],
    };
    let found = app
        .store()?
        .read(async |c| {
            if let Some(rule) = exclusion::against(c, &url).await? {
                return Ok(Found::Refused(info::shut_out(&rule)));
            }
            Ok(match leave::ask(c, &url, uses).await? {
                leave::Answer::Given(leave) => match leave::stored_text(c, &leave).await? {
                    Some(text) => Found::Text(text),
                    None => Found::Refused("No text of this page is stored.".to_owned()),
                },
                leave::Answer::NoText => Found::Refused("No text of this page is stored.".to_owned()),
                leave::Answer::RulesUnknown => Found::Refused(
                    "Not shown: the rules of its capsule are not known, for its robots.txt could not be read."
                        .to_owned(),
                ),
                leave::Answer::Forbidden(forbidden) => Found::Refused(format!(
                    "Not shown: line {} of {}robots.txt forbids it ({}).",
                    forbidden.line, forbidden.folder, forbidden.rule
                )),
            })
        })
        .await?;
    Ok(match found {
        Found::Text(text) => Answer::Page(Page::new(shown(&url, &text))),
        Found::Refused(sentence) => refused(&url, sentence).answer(),
    })
}

/// The sheet with the field.
fn asked(words: &str, sentence: String) -> Sheet {
    let form = Form {
        action: paths::CACHED.to_owned(),
        intent: Intent::Look,
        label: "The address of a page",
        value: words.to_owned(),
        button: "Show",
    };
    Sheet { form: Some(form), ..Sheet::new("The stored text of a page", sentence) }
}

/// The sheet where there is nothing to show.
#[must_use]
pub fn refused(url: &GeminiUrl, sentence: String) -> Sheet {
    let mut entries = vec![Entry::gemini(url, "The page itself, where it lives")];
    entries.extend(Entry::ours(Link::with_words(paths::PAGE, url.as_str()), "About it"));
    Sheet::new(url.to_string(), sentence).part("", vec![Block::Entries(entries)])
}

/// The view of a stored text.
#[must_use]
pub fn shown(url: &GeminiUrl, text: &StoredText) -> Cached {
    let (lines, cut) = gemtext::shown(text.source.as_str(), &text.media_type, url);
    let when = text
        .fetched_at
        .map_or_else(|| "at an unknown time".to_owned(), |moment| format!("on {}", phrase::moment(moment)));
    let cut = if cut { " Only its beginning is shown." } else { "" };
    Cached {
        title: if text.title.is_empty() { url.to_string() } else { text.title.clone() },
        told: format!("The text of {url}, as Sextant fetched it {when}.{cut}"),
        url: url.to_string(),
        about: Link::with_words(paths::PAGE, url.as_str()),
        lang: text.language.clone().filter(|tag| tag != "und").unwrap_or_default(),
        lines,
    }
}
