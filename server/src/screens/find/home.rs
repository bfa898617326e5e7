//! The front page: the search box, how large and fresh the index is, and what it found last.

use shared::gemini::host::CapsuleAddr;

use super::hit::{TITLE, shortened};
use crate::app::App;
use crate::ask::Ask;
use crate::paths::{self, Link};
use crate::render::answer::{Answer, Page};
use crate::render::phrase::{self, grouped};
use crate::render::problem::Problem;
use crate::render::view::view;
use crate::search::results::Seen;
use crate::search::{Extras, IndexFacts};

/// Pages that are shown as new, one of each capsule: who writes much does not fill the front page.
const NEW: usize = 6;

/// The front page.
#[derive(Debug)]
pub struct Home {
    /// Pages that can be found; none before the first index.
    pub pages: Option<String>,
    /// What follows their number: "pages of 12 sites".
    pub of_sites: String,
    /// The day of the newest change.
    pub newest: Option<String>,
    /// What was found last.
    pub new: Vec<NewPage>,
    /// How far a rebuild has come, in percent.
    pub rebuilding: Option<u8>,
    /// Whether it knows who runs it.
    pub stage: Stage,
    /// Where it is in Geminispace.
    pub capsule: String,
}

/// A page that was found lately.
#[derive(Debug)]
pub struct NewPage {
    /// Its URL.
    pub url: String,
    /// What it is called.
    pub title: String,
    /// Whose it is.
    pub capsule: String,
    /// The day on which it was first seen.
    pub day: String,
    /// The page that tells all we know of it; none where its URL is too long for a link.
    pub about: Option<Link>,
}

/// Whether this copy has been told who it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    /// It serves the public.
    Told,
    /// It runs on somebody's machine, to be tried.
    Trial,
}

view!(Home, "home/page.gmi", "home/page.html");

/// Shows the front page. What is new is left out where there is no room for it, or no index: the search box is not.
///
/// # Errors
///
/// Never; every screen's answer has this form.
pub async fn answer(app: &App, ask: &Ask) -> Result<Answer, Problem> {
    let stage = if app.contact.is_some() { Stage::Told } else { Stage::Trial };
    let new = match ask.extras {
        Extras::Wanted => app.latest.or_looked_up(&app.searcher).await,
        Extras::LeftOut => Vec::new(),
    };
    Ok(Answer::Page(Page::welcome(Home::new(app.searcher.facts(), stage, &app.capsule, &new))))
}

impl Home {
    /// The front page over an index.
    #[must_use]
    pub fn new(facts: IndexFacts, stage: Stage, capsule: &CapsuleAddr, seen: &[Seen]) -> Self {
        Self {
            new: new_pages(seen),
            pages: (facts.pages > 0).then(|| grouped(facts.pages)),
            of_sites: match (facts.pages, facts.sites) {
                (1, _) => "page".to_owned(),
                (_, 1) => "pages of one site".to_owned(),
                (_, sites) => format!("pages of {} sites", grouped(sites)),
            },
            newest: facts.newest_change_at.map(|moment| moment.format("%-d %B %Y").to_string()),
            rebuilding: facts.rebuilding,
            stage,
            capsule: capsule.to_string(),
        }
    }

    /// Whether to say that this is a trial.
    #[must_use]
    pub fn is_trial(&self) -> bool {
        self.stage == Stage::Trial
    }
}

/// The first page of each capsule, with what it is called.
fn new_pages(seen: &[Seen]) -> Vec<NewPage> {
    let mut new: Vec<NewPage> = Vec::new();
    for seen in seen {
        let capsule = seen.url.capsule().to_string();
        if new.len() == NEW {
            break;
        }
        if new.iter().any(|page| page.capsule == capsule) {
            continue;
        }
        let title = if seen.title.is_empty() { seen.url.name() } else { seen.title.clone() };
        new.push(NewPage {
            title: shortened(&title, TITLE),
            capsule,
            day: phrase::day(seen.first_seen),
            about: Link::with_words(paths::PAGE, seen.url.as_str()),
            url: seen.url.to_string(),
        });
    }
    new
}
