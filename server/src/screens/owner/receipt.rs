//! The receipt of what was handed in: from queued to searchable, or why not.

use chrono::{DateTime, Utc};
use shared::gemini::url::GeminiUrl;
use shared::store::asked::exclusion::{self, PublicRule};
use shared::store::asked::submission;
use shared::store::known::leave;
use shared::store::known::page::Standing;
use shared::store::known::profile::{self, InIndex, PageProfile};
use shared::store::outcome::Outcome;

use crate::app::App;
use crate::ask::{Ask, target};
use crate::paths::{self, Link};
use crate::render::answer::Answer;
use crate::render::phrase::{self, ago, ahead};
use crate::render::problem::Problem;
use crate::screens::page::info;
use crate::screens::sheet::{Block, Entry, Sheet};

/// What a receipt is made of.
#[derive(Debug, Default)]
pub struct Known {
    /// When it was handed in last; none: never.
    pub handed_in: Option<DateTime<Utc>>,
    /// The page; none: nobody knows it.
    pub page: Option<PageProfile>,
    /// The rule of ours that shuts it out.
    pub exclusion: Option<PublicRule>,
    /// The rule of its robots.txt that forbids it.
    pub forbidden: Option<String>,
}

/// How far it has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    /// Nobody knows it.
    Unknown,
    /// A rule of ours shuts it out.
    ShutOut,
    /// It waits for its visit.
    Queued,
    /// It was fetched, and the index will have it in a moment.
    Fetched,
    /// It can be found.
    Searchable,
    /// It cannot be found.
    Failed(Outcome),
    /// It was gone before, and stays so.
    Gone,
}

/// How far it has come since it was handed in.
#[must_use]
pub fn stage(known: &Known) -> Stage {
    if known.exclusion.is_some() {
        return Stage::ShutOut;
    }
    let Some(page) = &known.page else { return Stage::Unknown };
    let visit = page.last_visit.filter(|(at, _)| known.handed_in.is_none_or(|handed_in| handed_in <= *at));
    match (page.standing, visit) {
        (Standing::Gone, _) => Stage::Gone,
        (Standing::Unseen | Standing::Searchable | Standing::Withdrawn, None) => Stage::Queued,
        (Standing::Searchable, Some(_)) => match page.index {
            InIndex::Has => Stage::Searchable,
            InIndex::Waiting | InIndex::NothingToHave => Stage::Fetched,
        },
        (Standing::Unseen | Standing::Withdrawn, Some((_, outcome))) => Stage::Failed(outcome),
    }
}

/// Shows the receipt of a URL.
///
/// # Errors
///
/// When the database is away.
pub async fn answer(app: &App, ask: &Ask) -> Result<Answer, Problem> {
    let Some(words) = &ask.words else { return Ok(Answer::Redirect(paths::ADD_SEED.to_owned())) };
    let url = target::page(words)
        .map_err(|error| Problem::Malformed(format!("no address can be read there: {error}")))?;
    let known = app
        .store()?
        .read(async |c| {
            let page = profile::of(c, &url).await?;
            let forbidden = match &page {
                Some(page) if page.content.is_none() => leave::forbidden(c, page.capsule, &url).await?,
                Some(_) | None => None,
            };
            Ok(Known {
                handed_in: submission::latest(c, &url).await?,
                exclusion: exclusion::against(c, &url).await?,
                forbidden: forbidden
                    .map(|rule| format!("line {} of {}robots.txt ({})", rule.line, rule.folder, rule.rule)),
                page,
            })
        })
        .await?;
    Ok(shown(&url, &known).answer())
}

/// The sheet of a receipt.
#[must_use]
pub fn shown(url: &GeminiUrl, known: &Known) -> Sheet {
    let stage = stage(known);
    let now = known.page.as_ref().map(|page| page.now);
    let since = |moment: DateTime<Utc>| now.map_or_else(|| phrase::moment(moment), |now| ago(now, moment));
    let verdict = match stage {
        Stage::Unknown => {
            "Not known: it was not handed in, and no page that we have read links to it.".to_owned()
        }
        Stage::ShutOut => known.exclusion.as_ref().map_or_else(String::new, info::shut_out),
        Stage::Queued => queued(known),
        Stage::Fetched => {
            "Fetched: it can be found as soon as the index has it, usually within a minute.".to_owned()
        }
        Stage::Searchable => "Searchable: it can be found.".to_owned(),
        Stage::Gone => {
            "Gone: its server said so, or did not find it for a month, or it was removed here. If it is there again, hand it in."
                .to_owned()
        }
        Stage::Failed(outcome) => failed(known, outcome),
    };
    let mut facts = Vec::new();
    facts.extend(
        known.handed_in.map(|at| Block::fact("Handed in", format!("{}, {}", phrase::moment(at), since(at)))),
    );
    if let Some(page) = &known.page {
        if let Some((at, outcome)) = page.last_visit {
            let text = format!("{}: {}", phrase::moment(at), phrase::outcome_in_short(outcome));
            facts.push(Block::fact("Visited", text));
        }
        facts.push(Block::fact(
            "In the index",
            match page.index {
                InIndex::Has => "yes",
                InIndex::Waiting => "waiting",
                InIndex::NothingToHave => "no",
            },
        ));
        facts.extend(page.due_at.map(|due| Block::fact("Next visit", ahead(page.now, due))));
    }
    let name = url.as_str();
    let capsule = url.capsule().to_string();
    let mut entries = Vec::new();
    match stage {
        Stage::Queued | Stage::Fetched => {
            entries.extend(Entry::ours(Link::with_words(paths::SUBMISSION, name), "How far is it now?"));
        }
        Stage::Unknown | Stage::Gone => {
            entries.extend(Entry::deed(paths::ADD_SEED, name, "Hand it in"));
        }
        Stage::ShutOut | Stage::Searchable | Stage::Failed(_) => {}
    }
    entries.push(Entry::gemini(url, "The page itself, where it lives"));
    entries.extend(Entry::ours(Link::with_words(paths::PAGE, name), "All that is known of the page"));
    entries.extend(Entry::ours(Link::with_words(paths::CAPSULE, &capsule), format!("The capsule {capsule}")));
    entries.extend(Entry::ours(Some(Link::to(paths::ADD_SEED)), "Hand in another one"));
    Sheet::new(format!("Receipt for {name}"), verdict)
        .part("", vec![Block::Facts(facts)])
        .part("Go on", vec![Block::Entries(entries)])
}

fn queued(known: &Known) -> String {
    let Some(page) = &known.page else { return "Queued.".to_owned() };
    match page.capsule_rests_until {
        Some(until) => format!(
            "Queued: its capsule rests, and the visit comes {} at the earliest.",
            ahead(page.now, until)
        ),
        None => "Queued: the visit comes as soon as a worker is free, usually within a minute.".to_owned(),
    }
}

fn failed(known: &Known, outcome: Outcome) -> String {
    let next = known.page.as_ref().and_then(|page| Some(ahead(page.now, page.due_at?)));
    let next = next
        .map_or_else(|| "no other visit is planned".to_owned(), |next| format!("the next try comes {next}"));
    match (&known.forbidden, outcome) {
        (Some(rule), Outcome::RefusedByRobots) => {
            format!("No: {rule} forbids it. Once it is allowed, it is visited; {next}.")
        }
        (_, Outcome::MovedTemporarily | Outcome::MovedPermanently) => {
            let target = known.page.as_ref().and_then(|page| page.moved_to.as_ref());
            let target = target.map(|target| format!(", to {target}")).unwrap_or_default();
            format!("Moved: the visit was sent elsewhere{target}; that page is visited in its stead.")
        }
        (_, outcome) => format!("No: the visit {}; {next}.", phrase::outcome(outcome)),
    }
}
