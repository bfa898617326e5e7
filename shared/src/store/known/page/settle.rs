//! A batch of pages after their visits.
//!
//! The rows are locked in the order of their keys, compared with what they are to become, and written once
//! each: those with a new text to show at the end of the transaction, with their numbers, all others (whose standing
//! may change) at once.

use super::super::super::page_tx::PageTx;
use super::super::super::pool::StoreError;
use std::collections::{HashMap, HashSet};
use std::time::Duration;

use super::super::super::codec;
use super::super::super::id::{CapsuleId, ContentHash, PageId};
use super::super::super::outcome::Outcome;
use super::super::super::showing::{Showing, Visited};
use super::standing::Standing;
use crate::gemini::dimensions::Dimensions;
use crate::gemini::kind::Kind;
use crate::gemini::media_type::{Charset, Language};
use crate::gemini::text::OneLine;

/// A page after a visit.
#[derive(Clone, Debug)]
pub struct PageAfter {
    /// Its capsule, locked by this transaction.
    pub capsule: CapsuleId,
    /// The page.
    pub page: PageId,
    /// What searchers saw of it when the visit began: if it became a tombstone since, it stays one.
    pub was: Standing,
    /// How the visit ended.
    pub outcome: Outcome,
    /// When to visit it next; none: never by itself.
    pub due_in: Option<Duration>,
    /// The interval that was chosen, apart from jitter and haste.
    pub interval: Duration,
    /// Transient failures in a row, this visit included.
    pub failures: u32,
    /// Where a redirect leads.
    pub moved_to: Option<PageId>,
    /// How it was served; none: not at all, or so that it is to be read again whatever comes.
    pub served: Option<ServedMark>,
    /// Whether its links are all entered.
    pub links: LinksAfter,
    /// What becomes of what searchers see.
    pub shown: Shown,
}

/// A short mark of the header and the bytes with which a page was served, and of how they are read: what comes
/// with the same mark says the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ServedMark(pub i64);

/// A short mark of the words and links of a page without what changes by itself: dates, clocks, counters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WordsMark(pub i64);

/// Whether the links of a page are all entered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LinksAfter {
    /// As before the visit.
    Kept,
    /// They are.
    Entered,
    /// Some wait for a budget, or for the end of an exclusion; they are looked at again at the next visit.
    Wait,
}

/// What becomes of what searchers see of a page.
#[derive(Clone, Debug)]
pub enum Shown {
    /// It stays as it was.
    Kept,
    /// This is what is to be seen now.
    Text(Box<Text>),
    /// It leaves the search for now; its text stays.
    Withdrawn,
    /// It is gone for good: text and tombstone.
    Gone,
}

/// What is to be seen of a page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Text {
    /// The text, kept before by `content::keep`; none for what has no text.
    pub content: Option<ContentHash>,
    /// Its title.
    pub title: OneLine,
    /// What it is.
    pub kind: Kind,
    /// Its type without parameters.
    pub media_type: String,
    /// Detected, or as served.
    pub language: Option<Language>,
    /// As decoded.
    pub charset: Option<Charset>,
    /// Size of the body, where it was read to its end.
    pub size_bytes: Option<u64>,
    /// How large the picture is, where it is one and says so.
    pub dimensions: Option<Dimensions>,
    /// By which a change that matters is known.
    pub words: Option<WordsMark>,
}

/// What is compared to know whether followers must hear of it.
#[derive(PartialEq, Eq)]
struct Seen {
    standing: Standing,
    content: Option<Vec<u8>>,
    title: String,
    kind: String,
    media_type: String,
    language: Option<String>,
    charset: Option<String>,
    size_bytes: Option<i64>,
    width: Option<i32>,
    height: Option<i32>,
}

impl Seen {
    fn text(text: &Text) -> Self {
        Self {
            standing: Standing::Searchable,
            content: text.content.map(|hash| hash.0.to_vec()),
            title: text.title.as_str().to_owned(),
            kind: text.kind.as_str().to_owned(),
            media_type: text.media_type.clone(),
            language: text.language.as_ref().map(|language| language.as_str().to_owned()),
            charset: text.charset.as_ref().map(|charset| charset.as_str().to_owned()),
            size_bytes: text.size_bytes.map(u64::cast_signed),
            width: text.dimensions.map(|size| size.width().cast_signed()),
            height: text.dimensions.map(|size| size.height().cast_signed()),
        }
    }
}

/// Writes how pages stand after their visits and notes those of which followers must hear. A page comes
/// once. Returns the pages that were written: what was purged while it was visited is left out, for a
/// removal holds against every visit that began before it.
///
/// # Errors
///
/// When the database is away, or a row cannot be read.
pub async fn settle(tx: &mut PageTx, pages: &[PageAfter]) -> Result<HashSet<PageId>, StoreError> {
    if pages.iter().all(|page| matches!(page.shown, Shown::Kept)) {
        // Nothing to compare and nothing to number: most visits of most batches, once the crawl has seen it all.
        return stand(tx, pages.iter().map(|page| (page, None)).collect()).await;
    }
    let before = lock(tx, pages).await?;
    let mut texts = Vec::new();
    let mut others = Vec::new();
    for page in pages {
        let Some(seen) = before.get(&page.page) else { continue };
        if seen.standing == Standing::Gone && page.was != Standing::Gone {
            continue;
        }
        let standing = match &page.shown {
            Shown::Kept => None,
            Shown::Text(text) => {
                let now = Seen::text(text);
                if *seen != now {
                    texts.push((page, now, text.words));
                    continue;
                }
                None
            }
            Shown::Withdrawn => match seen.standing {
                Standing::Unseen | Standing::Withdrawn | Standing::Gone => None,
                Standing::Searchable => Some(Standing::Withdrawn),
            },
            Shown::Gone => Some(Standing::Gone),
        };
        let standing = standing.filter(|standing| *standing != seen.standing);
        if standing.is_some() && seen.standing == Standing::Searchable {
            tx.mark_changed(page.capsule, page.page);
        }
        others.push((page, standing));
    }
    let mut settled: HashSet<PageId> = texts.iter().map(|(page, ..)| page.page).collect();
    if !texts.is_empty() {
        tx.show_at_last(showing(&texts));
    }
    settled.extend(stand(tx, others).await?);
    Ok(settled)
}

async fn lock(tx: &mut PageTx, pages: &[PageAfter]) -> Result<HashMap<PageId, Seen>, StoreError> {
    let capsules: Vec<i64> = pages.iter().map(|page| page.capsule.0).collect();
    let ids: Vec<i64> = pages.iter().map(|page| page.page.0).collect();
    let rows = sqlx::query!(
        "select p.id, p.standing, p.content, p.title, p.kind, p.media_type, p.language, p.charset, p.size_bytes,
                p.width, p.height
         from page p join unnest($1::bigint[], $2::bigint[]) as v (capsule, id) on (p.capsule, p.id) = (v.capsule, v.id)
         order by p.capsule, p.id for no key update of p",
        &capsules,
        &ids
    )
    .fetch_all(&mut **tx)
    .await?;
    rows.into_iter()
        .map(|row| {
            let seen = Seen {
                standing: Standing::read(&row.standing)?,
                content: row.content,
                title: row.title,
                kind: row.kind,
                media_type: row.media_type,
                language: row.language,
                charset: row.charset,
                size_bytes: row.size_bytes,
                width: row.width,
                height: row.height,
            };
            Ok((PageId(row.id), seen))
        })
        .collect()
}

fn visited<'a>(pages: impl Iterator<Item = &'a PageAfter> + Clone) -> Visited {
    let links_wait = |page: &PageAfter| match page.links {
        LinksAfter::Kept => None,
        LinksAfter::Entered => Some(false),
        LinksAfter::Wait => Some(true),
    };
    Visited {
        capsules: pages.clone().map(|page| page.capsule.0).collect(),
        ids: pages.clone().map(|page| page.page.0).collect(),
        outcomes: codec::texts(pages.clone().map(|page| page.outcome)),
        due: pages.clone().map(|page| page.due_in.map(|wait| wait.as_secs_f64())).collect(),
        intervals: pages.clone().map(|page| codec::seconds(page.interval)).collect(),
        failures: pages.clone().map(|page| page.failures.cast_signed()).collect(),
        moved: pages.clone().map(|page| page.moved_to.map(|target| target.0)).collect(),
        served: pages.clone().map(|page| page.served.map(|mark| mark.0)).collect(),
        links_wait: pages.map(links_wait).collect(),
    }
}

fn showing(texts: &[(&PageAfter, Seen, Option<WordsMark>)]) -> Showing {
    let seen = || texts.iter().map(|(_, seen, _)| seen);
    Showing {
        visited: visited(texts.iter().map(|(page, _, _)| *page)),
        contents: seen().map(|seen| seen.content.clone()).collect(),
        titles: seen().map(|seen| seen.title.clone()).collect(),
        kinds: seen().map(|seen| seen.kind.clone()).collect(),
        types: seen().map(|seen| seen.media_type.clone()).collect(),
        languages: seen().map(|seen| seen.language.clone()).collect(),
        charsets: seen().map(|seen| seen.charset.clone()).collect(),
        sizes: seen().map(|seen| seen.size_bytes).collect(),
        widths: seen().map(|seen| seen.width).collect(),
        heights: seen().map(|seen| seen.height).collect(),
        words: texts.iter().map(|(_, _, words)| words.map(|mark| mark.0)).collect(),
    }
}

/// Writes the visits of pages whose text stays, or goes, but for those that were purged meanwhile; returns which were
/// written. Rows that are not locked yet are locked in the order of their keys.
async fn stand(
    tx: &mut PageTx,
    mut pages: Vec<(&PageAfter, Option<Standing>)>,
) -> Result<HashSet<PageId>, StoreError> {
    if pages.is_empty() {
        return Ok(HashSet::new());
    }
    pages.sort_by_key(|(page, _)| (page.capsule, page.page));
    let were_gone: Vec<bool> = pages.iter().map(|(page, _)| page.was == Standing::Gone).collect();
    let visited = visited(pages.iter().map(|(page, _)| *page));
    let standings: Vec<Option<String>> =
        pages.iter().map(|(_, standing)| standing.map(|standing| standing.code().to_owned())).collect();
    let written = sqlx::query_scalar!(
        "update page p
         set visited_at = clock(), outcome = v.outcome, due_at = clock() + make_interval(secs => v.due_s),
             interval_s = v.interval_s, failures = v.failures, moved_to = v.moved_to, served = v.served,
             links_wait = coalesce(v.links_wait, p.links_wait),
             fetched_at = case when v.outcome in ('fetched', 'unchanged') then clock() else p.fetched_at end,
             standing = coalesce(v.standing, p.standing),
             shut_out = v.outcome = 'excluded' and (p.shut_out or p.standing = 'searchable'),
             content = case when v.standing = 'gone' then null else p.content end,
             title = case when v.standing = 'gone' then '' else p.title end
         from unnest($1::bigint[], $2::bigint[], $3::text[], $4::float8[], $5::bigint[], $6::integer[], $7::bigint[],
                     $8::bigint[], $9::boolean[], $10::text[], $11::boolean[])
              as v (capsule, id, outcome, due_s, interval_s, failures, moved_to, served, links_wait, standing, was_gone)
         where (p.capsule, p.id) = (v.capsule, v.id) and (p.standing <> 'gone' or v.was_gone)
         returning p.id",
        &visited.capsules,
        &visited.ids,
        &visited.outcomes,
        &visited.due as &[Option<f64>],
        &visited.intervals,
        &visited.failures,
        &visited.moved as &[Option<i64>],
        &visited.served as &[Option<i64>],
        &visited.links_wait as &[Option<bool>],
        &standings as &[Option<String>],
        &were_gone
    )
    .fetch_all(&mut **tx)
    .await?;
    Ok(written.into_iter().map(PageId).collect())
}
