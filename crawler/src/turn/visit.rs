//! One page: fetched, parsed, judged. What comes out is a [`Visit`] to commit and what the capsule is to do.
//!
//! A redirect is an outcome: its target goes to the frontier and is visited in its own capsule's turn. A
//! body that was cut short is taken where there was none before; it replaces a text only at the second try.
//! What is served as before is not even read. Where only what changes by itself is another (a date, a counter), the
//! page is unchanged, and its kept text stays until the page is looked at less than once a week: so a clock on a
//! page costs at most one writing a week, and what the store shows of it is never much older than that.

use std::time::Duration;

use shared::gemini::media_type::MediaType;
use shared::gemini::response::ResponseHeader;
use shared::gemini::url::GeminiUrl;
use shared::store::id::CapsuleId;
use shared::store::known::content::NewContent;
use shared::store::known::page::{DuePage, LinksAfter, PageAfter, ServedMark, Shown, Standing, Text};
use shared::store::known::post::PostKey;
use shared::store::outcome::{Outcome, Stage};
use shared::store::rule::Rules;
use tokio::time::Instant;

use super::answer::{self, Answer};
use super::aside::aside;
use super::hold::{Halt, Hold, throw};
use super::{proactive, served};
use crate::fetch::fetched::{Ending, Fetch, FetchError, Fetched, Want};
use crate::frontier::seam::Frontier;
use crate::parse::parsed::{Extent, Parsed};
use crate::parse::{self, parse};
use crate::policy::redirect::{self, Hop};
use crate::policy::schedule::{self, History, Plan, Rhythm};
use crate::policy::standing::Rest;
use crate::record::handover::{FoundLink, Links, PageVisit, Posts, Subject, Visit};

/// So much text takes milliseconds to understand.
const LONG_BYTES: usize = 64 * 1024;

/// A visit that is over.
#[derive(Debug)]
pub struct Visited {
    /// What is to be committed.
    pub visit: Visit,
    /// Whether the capsule is to be left alone now.
    pub rest: Option<Rest>,
    /// How it ended.
    pub outcome: Outcome,
}

/// Fetches a page and says what follows.
///
/// # Errors
///
/// Why the turn cannot go on.
pub async fn visit<F: Frontier, N: Fetch>(
    hold: &mut Hold<'_, F, N>,
    page: &DuePage,
    exclusions: &Rules,
) -> Result<Visited, Halt> {
    let begun = Instant::now();
    let answer = hold.get(&page.url, Want::Page).await?;
    let (answer, reading) = if hold.shows_shut_out_key() {
        // Only its answer could tell.
        (answer, Reading { outcome: Outcome::Excluded, served: None, found: Found::Nothing })
    } else {
        read_beside(page, answer).await?
    };
    Ok(conclude(hold, page, (&answer, begun), reading, exclusions))
}

/// Reads an answer, a long one beside the threads of all turns.
async fn read_beside(page: &DuePage, answer: Answer) -> Result<(Answer, Reading), Halt> {
    let is_long = answer.as_ref().is_ok_and(|fetched| LONG_BYTES < fetched.body.bytes().len());
    if !is_long {
        let reading = read(page, &answer);
        return Ok((answer, reading));
    }
    let page = page.clone();
    aside(move || {
        let reading = read(&page, &answer);
        (answer, reading)
    })
    .await
}

/// What follows where the capsule could not even be asked.
pub fn unreachable<F: Frontier, N: Fetch>(
    hold: &mut Hold<'_, F, N>,
    page: &DuePage,
    error: FetchError,
) -> Visited {
    let answer = Err(error);
    let reading = read(page, &answer);
    conclude(hold, page, (&answer, Instant::now()), reading, &Rules::default())
}

/// What follows where nothing was to be asked.
pub fn unasked<F: Frontier, N: Fetch>(hold: &Hold<'_, F, N>, page: &DuePage, outcome: Outcome) -> Visited {
    let capsule = hold.unasked();
    let plan = schedule::after(&history(page, Rhythm::Ordinary), outcome, Duration::ZERO, throw());
    let after = after((capsule.capsule, page), outcome, plan, shown(page.standing, plan.standing));
    let subject = Subject::Page(Box::new(PageVisit {
        after,
        moved: None,
        content: None,
        likeness: None,
        links: Links::Kept,
        posts: Posts::none(),
        begun: Instant::now(),
    }));
    let folder = page.url.site().folder().to_owned();
    Visited {
        visit: Visit { request: None, folder, capsule: Some(capsule), certificate: None, subject },
        rest: None,
        outcome,
    }
}

fn conclude<F: Frontier, N: Fetch>(
    hold: &mut Hold<'_, F, N>,
    page: &DuePage,
    (answer, begun): (&Answer, Instant),
    reading: Reading,
    exclusions: &Rules,
) -> Visited {
    let Reading { outcome, served, found } = reading;
    let (_, said) = answer::outcome(answer);
    let (capsule, rest) = hold.judge(outcome, said);
    let id = capsule.capsule;
    let path = page.url.path_and_query();
    let folder = page.url.site().folder().to_owned();
    let rhythm = match &found {
        Found::Text(parsed, _) => Rhythm::of(path, &folder, parsed.kind),
        Found::Same | Found::Churn(_) => Rhythm::of(path, &folder, page.kind),
        Found::Target(..) | Found::Nothing => Rhythm::Ordinary,
    };
    let wait = rest.map_or(Duration::ZERO, Rest::span);
    let plan = schedule::after(&history(page, rhythm), outcome, wait, throw());
    let mut links_after = LinksAfter::Kept;
    let mut likeness = None;
    let mut posts = Posts::none();
    let (moved, content, links, shown) = match found {
        Found::Text(mut parsed, shown) => {
            let links;
            likeness = parsed.likeness;
            (links, links_after) = self::links(&parsed, exclusions);
            posts = Posts::Told(std::mem::take(&mut parsed.posts));
            (None, keep(id, *parsed), links, Shown::Text(Box::new(shown)))
        }
        Found::Churn(parsed) => {
            let links;
            (links, links_after) = self::links(&parsed, exclusions);
            posts = Posts::Told(parsed.posts);
            (None, None, links, Shown::Kept)
        }
        Found::Same => (None, None, Links::Kept, Shown::Kept),
        Found::Target(target, hops) => {
            (Some((target, hops)), None, Links::Kept, shown(page.standing, plan.standing))
        }
        Found::Nothing if plan.standing == Standing::Gone => {
            posts = Posts::Gone(PostKey::of_url(page.url.as_str()));
            // Of what is gone for good, the register of removals takes the links out, and tells those they led to.
            let links = if outcome == Outcome::Gone { Links::Kept } else { Links::Are(Vec::new()) };
            (None, None, links, Shown::Gone)
        }
        Found::Nothing => (None, None, Links::Kept, shown(page.standing, plan.standing)),
    };
    let after = PageAfter { served, links: links_after, ..after((id, page), outcome, plan, shown) };
    let visit = Visit {
        request: answer::request(id, path, outcome, hold.last_took(), answer),
        folder,
        capsule: Some(capsule),
        certificate: answer::certificate(id, answer),
        subject: Subject::Page(Box::new(PageVisit { after, moved, content, likeness, links, posts, begun })),
    };
    Visited { visit, rest, outcome }
}

/// What an answer is for this page.
struct Reading {
    outcome: Outcome,
    /// By which it will be known when it is served again.
    served: Option<ServedMark>,
    found: Found,
}

enum Found {
    /// Something to show.
    Text(Box<Parsed>, Text),
    /// Something else in the bytes, and nothing that matters.
    Churn(Box<Parsed>),
    /// What was served before; nothing was read.
    Same,
    /// A redirect's target to queue, with the redirects on the way to it.
    Target(GeminiUrl, u8),
    /// Nothing.
    Nothing,
}

fn read(page: &DuePage, answer: &Answer) -> Reading {
    let (outcome, _) = answer::outcome(answer);
    let found = |outcome, found| Reading { outcome, served: None, found };
    let nothing = |outcome| found(outcome, Found::Nothing);
    let Ok(fetched) = answer else { return nothing(outcome) };
    match &fetched.header {
        ResponseHeader::Success(media_type) => {
            let served = served::mark(fetched, media_type);
            if served::is_as_before(page, served) {
                return Reading { outcome: Outcome::Unchanged, served, found: Found::Same };
            }
            Reading { served, ..text(page, fetched, media_type) }
        }
        ResponseHeader::Redirect { target, .. } => match redirect::judge(&page.url, page.hops, target) {
            Hop::Queue { target, hops } => found(outcome, Found::Target(target, hops)),
            Hop::Foreign(_) | Hop::TooFar => nothing(outcome),
            Hop::Itself | Hop::Unreadable => nothing(Outcome::Malformed),
        },
        // Where text was, the plan withdraws it.
        ResponseHeader::Input { prompt, .. } if page.content.is_none() => {
            let parsed = parse::prompt(prompt, &page.url);
            let shown = seen(&parsed, String::new(), None);
            found(outcome, Found::Text(Box::new(parsed), shown))
        }
        ResponseHeader::Input { .. }
        | ResponseHeader::TemporaryFailure { .. }
        | ResponseHeader::SlowDown { .. }
        | ResponseHeader::PermanentFailure { .. }
        | ResponseHeader::Certificate { .. } => nothing(outcome),
    }
}

fn text(page: &DuePage, fetched: &Fetched, media_type: &MediaType) -> Reading {
    let ending = fetched.body.ending();
    let extent = if ending.is_cut() { Extent::Cut } else { Extent::Whole };
    let mut parsed = parse(fetched.body.bytes(), extent, media_type, &page.url);
    if proactive::is_contact(&page.url) {
        parsed.links.clear();
    }
    let is_known = page.content.is_some() && page.content == parsed.content;
    let was_cut_before = page.last == Some(Outcome::Unreachable(Stage::Body));
    if answer::was_cut_short(fetched) && page.content.is_some() && !is_known && !was_cut_before {
        return Reading { outcome: Outcome::Unreachable(Stage::Body), served: None, found: Found::Nothing };
    }
    if !is_known && is_churn(page, &parsed) && page.interval < TAKEN_OVER {
        return Reading { outcome: Outcome::Unchanged, served: None, found: Found::Churn(Box::new(parsed)) };
    }
    let outcome =
        if is_known || is_churn(page, &parsed) { Outcome::Unchanged } else { unchanged_file(page, &parsed) };
    let size_bytes = matches!(ending, Ending::Complete | Ending::WithoutCloseNotify)
        .then(|| fetched.body.bytes().len() as u64);
    let shown = seen(&parsed, media_type.essence().to_owned(), size_bytes);
    Reading { outcome, served: None, found: Found::Text(Box::new(parsed), shown) }
}

/// What searchers see of a page; prompts have no media type.
fn seen(parsed: &Parsed, media_type: String, size_bytes: Option<u64>) -> Text {
    Text {
        content: parsed.content,
        title: parsed.title.clone(),
        kind: parsed.kind,
        media_type,
        language: parsed.language.clone(),
        charset: parsed.charset.clone(),
        size_bytes,
        dimensions: parsed.dimensions,
        words: parsed.words,
    }
}

/// A page that is looked at as rarely as this has its text kept anew even where nothing in it matters.
const TAKEN_OVER: Duration = Duration::from_secs(7 * 24 * 3600);

/// Whether the page is found as it was but for dates, counters and the like.
fn is_churn(page: &DuePage, parsed: &Parsed) -> bool {
    parsed.words.is_some() && parsed.words == page.words && page.standing == Standing::Searchable
}

/// What has no text has nothing by which a change could be told.
fn unchanged_file(page: &DuePage, parsed: &Parsed) -> Outcome {
    if parsed.content.is_none() && page.content.is_none() && page.standing == Standing::Searchable {
        Outcome::Unchanged
    } else {
        Outcome::Fetched
    }
}

fn keep(capsule: CapsuleId, parsed: Parsed) -> Option<NewContent> {
    let hash = parsed.content?;
    let Parsed { source, text, headings, alt, art, .. } = parsed;
    Some(NewContent { capsule, hash, source, body: text, headings, alt, art })
}

/// The links to be entered. Those that are shut out now may be let in later.
fn links(parsed: &Parsed, exclusions: &Rules) -> (Links, LinksAfter) {
    let is_shut_out = |url: &GeminiUrl| exclusions.shut_out(url, None);
    let found: Vec<FoundLink> = parsed
        .links
        .iter()
        .filter(|link| !is_shut_out(&link.target))
        .map(|link| FoundLink { target: link.target.clone(), label: link.label.clone() })
        .collect();
    let after = if found.len() == parsed.links.len() { LinksAfter::Entered } else { LinksAfter::Wait };
    (Links::Are(found), after)
}

fn history(page: &DuePage, rhythm: Rhythm) -> History {
    History {
        interval: page.interval,
        failures: page.failures,
        last: page.last,
        standing: page.standing,
        usual: page.usual,
        rhythm,
    }
}

fn after((capsule, page): (CapsuleId, &DuePage), outcome: Outcome, plan: Plan, shown: Shown) -> PageAfter {
    PageAfter {
        capsule,
        page: page.id,
        was: page.standing,
        outcome,
        due_in: plan.due_in,
        interval: plan.interval,
        failures: plan.failures,
        moved_to: None,
        served: None,
        links: LinksAfter::Kept,
        shown,
    }
}

/// What becomes of what searchers see, where no text came.
fn shown(before: Standing, now: Standing) -> Shown {
    if now == before {
        return Shown::Kept;
    }
    match now {
        Standing::Withdrawn => Shown::Withdrawn,
        Standing::Gone => Shown::Gone,
        Standing::Unseen | Standing::Searchable => Shown::Kept,
    }
}
