//! What is known of a page, of a capsule, and who links to them.

use chrono::{DateTime, SecondsFormat, Utc};
use serde::Serialize;
use shared::store::known::backlink::Backlink;
use shared::store::known::portrait::{self, Portrait};
use shared::store::known::profile::{self, InIndex, PageProfile};

use crate::app::App;
use crate::ask::target;
use crate::render::problem::Problem;
use crate::screens::page::backlinks::{self, Sort, Subject};

/// A page.
#[derive(Debug, Serialize)]
pub struct KnownPage {
    url: String,
    title: String,
    kind: &'static str,
    media_type: String,
    language: Option<String>,
    charset: Option<String>,
    size_bytes: Option<u64>,
    standing: &'static str,
    is_in_index: bool,
    first_seen: String,
    changed: Option<String>,
    last_visit: Option<String>,
    last_outcome: Option<String>,
    next_visit: Option<String>,
    moved_to: Option<String>,
    links_from_other_sites: u32,
    links_from_own_site: u32,
}

/// A capsule.
#[derive(Debug, Serialize)]
pub struct KnownCapsule {
    capsule: String,
    name: String,
    first_seen: String,
    answered: Option<String>,
    failing_since: Option<String>,
    failures_in_a_row: u32,
    pages: Vec<PagesOf>,
    linked_by_sites: u64,
}

#[derive(Debug, Serialize)]
struct PagesOf {
    standing: &'static str,
    last_outcome: Option<String>,
    count: u64,
}

/// Who links to a page, a site or a capsule.
#[derive(Debug, Serialize)]
pub struct KnownLinks {
    to: String,
    links: Vec<KnownLink>,
}

#[derive(Debug, Serialize)]
struct KnownLink {
    sort: &'static str,
    from: String,
    title: String,
    label: String,
    to: String,
    first_seen: String,
}

/// What is known of a page.
///
/// # Errors
///
/// When the text names no page, nobody has heard of it, or the database is away.
pub async fn page(app: &App, words: &str) -> Result<KnownPage, Problem> {
    let url = target::page(words).map_err(|error| Problem::NoSuch(error.to_string()))?;
    let known = app.store()?.read(async |c| profile::of(c, &url).await).await?;
    known.map(known_page).ok_or(Problem::NotFound)
}

/// What is known of a capsule.
///
/// # Errors
///
/// As for [`page`].
pub async fn capsule(app: &App, words: &str) -> Result<KnownCapsule, Problem> {
    let capsule = target::capsule(words).map_err(|error| Problem::NoSuch(error.to_string()))?;
    let known = app.store()?.read(async |c| portrait::of(c, &capsule).await).await?;
    known.map(|portrait| known_capsule(capsule.to_string(), portrait)).ok_or(Problem::NotFound)
}

/// Who links there, the newest first, those of other sites before its own.
///
/// # Errors
///
/// As for [`page`].
pub async fn links(app: &App, words: &str) -> Result<KnownLinks, Problem> {
    let subject = Subject::read(words).map_err(|error| Problem::NoSuch(error.to_string()))?;
    let links = app.store()?.read(async |c| backlinks::to(c, &subject).await).await?;
    let links = links.ok_or(Problem::NotFound)?.iter().map(known_link).collect();
    Ok(KnownLinks { to: subject.to_string(), links })
}

fn known_page(page: PageProfile) -> KnownPage {
    KnownPage {
        url: page.url.to_string(),
        title: page.title,
        kind: page.kind.as_str(),
        media_type: page.media_type,
        language: page.language,
        charset: page.charset,
        size_bytes: page.size_bytes,
        standing: page.standing.code(),
        is_in_index: match page.index {
            InIndex::Has => true,
            InIndex::NothingToHave | InIndex::Waiting => false,
        },
        first_seen: moment(page.first_seen),
        changed: page.changed_at.map(moment),
        last_visit: page.last_visit.map(|(at, _)| moment(at)),
        last_outcome: page.last_visit.map(|(_, outcome)| outcome.to_string()),
        next_visit: page.due_at.map(moment),
        moved_to: page.moved_to.map(|url| url.to_string()),
        links_from_other_sites: page.rank.external_links,
        links_from_own_site: page.rank.internal_links,
    }
}

fn known_capsule(capsule: String, portrait: Portrait) -> KnownCapsule {
    KnownCapsule {
        capsule,
        name: portrait.name,
        first_seen: moment(portrait.first_seen),
        answered: portrait.answered_at.map(moment),
        failing_since: portrait.failing_since.map(moment),
        failures_in_a_row: portrait.failures,
        pages: portrait
            .pages
            .iter()
            .map(|pages| PagesOf {
                standing: pages.standing.code(),
                last_outcome: pages.outcome.map(|outcome| outcome.to_string()),
                count: pages.count,
            })
            .collect(),
        linked_by_sites: portrait.linked_by,
    }
}

fn known_link(link: &Backlink) -> KnownLink {
    KnownLink {
        sort: match backlinks::sort(link) {
            Sort::Reply => "reply",
            Sort::Mention => "mention",
            Sort::List => "list",
            Sort::Own => "own",
        },
        from: link.from.to_string(),
        title: link.title.clone(),
        label: link.label.clone(),
        to: link.to.to_string(),
        first_seen: moment(link.first_seen),
    }
}

fn moment(moment: DateTime<Utc>) -> String {
    moment.to_rfc3339_opts(SecondsFormat::Secs, true)
}
