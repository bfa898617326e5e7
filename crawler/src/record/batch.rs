//! One batch, one transaction, in the lock order of `shared::store`: address, capsule, site, content, page,
//! link, post, certificate, robots, request, removal.
//!
//! Two accepted races: a URL that two workers find at the same moment is charged to its site's budget
//! twice, and a URL that became known between the first read and the locks is taken for new and found
//! to be there.

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::time::Duration;

use shared::gemini::url::GeminiUrl;
use shared::process::disk::Step;
use shared::store::bell::{self, Topic};
use shared::store::crawl::turn::GiveBack;
use shared::store::crawl::{address, request, turn};
use shared::store::feed::change::{plan_by_keys, sealed};
use shared::store::id::{CapsuleId, LeaseToken, PageId};
use shared::store::known::link::NewLink;
use shared::store::known::page::{LinksAfter, NewPage, PageAfter, Standing};
use shared::store::known::post::{self, FeedPosts};
use shared::store::known::removal;
use shared::store::known::{capsule, certificate, content, link, newcomer, page, robots};
use shared::store::outcome::Outcome;
use shared::store::page_tx::PageTx;
use shared::store::{Store, StoreError};

use super::entrance;
use super::handover::{FoundLink, Grip, Handover, Links, PageVisit, Posts, Subject, Visit};
use super::known::{Finds, Known, Places};
use crate::policy::budget::Allowances;

/// So long the list of exclusions is used before it is read again, and a little more.
const EXCLUSIONS_FOR: Duration = Duration::from_secs(15);

/// Commits a batch; says of each handover whether its lease held.
///
/// # Errors
///
/// When nothing was written, or (the database went away during the commit) it is not known.
pub async fn commit(
    store: &Store,
    allowances: &Allowances,
    known: &mut Known,
    (room, batch): (Step, &[Handover]),
) -> Result<Vec<Grip>, StoreError> {
    let finds = finds(batch);
    let places = known.places(finds.keys());
    let written = sealed(store, async |tx| write(tx, allowances, (finds, places), (room, batch)).await).await;
    match written {
        Ok(((grips, places), _highest)) => {
            known.learn(places);
            Ok(grips)
        }
        Err(error) => {
            known.forget();
            Err(error)
        }
    }
}

/// Enters seeds, like links of a page that nobody wrote: due at once, without a budget. Returns how many
/// of them were new.
///
/// # Errors
///
/// When the database is away.
pub async fn plant(store: &Store, seeds: &BTreeSet<GeminiUrl>) -> Result<usize, StoreError> {
    let (planted, _highest) = sealed(store, async |tx| {
        let known = page::find(tx, seeds).await?;
        let new: Vec<&GeminiUrl> = seeds.iter().filter(|seed| !known.contains_key(*seed)).collect();
        let targets: Vec<_> = new.iter().map(|seed| seed.capsule().clone()).collect();
        let entered = capsule::enter(tx, &[], &targets).await?;
        let pages: Vec<NewPage> = new
            .into_iter()
            .filter_map(|seed| {
                let capsule = *entered.targets.get(seed.capsule())?;
                Some(NewPage { capsule, url: seed.clone(), hops: 0 })
            })
            .collect();
        page::discover(tx, &pages).await?;
        wake(tx, &pages).await?;
        Ok(pages.len())
    })
    .await?;
    Ok(planted)
}

async fn write(
    tx: &mut PageTx,
    allowances: &Allowances,
    (finds, mut places): (Finds, Places),
    (room, batch): (Step, &[Handover]),
) -> Result<(Vec<Grip>, Places), StoreError> {
    plan_by_keys(tx).await?;
    let unknown: BTreeSet<GeminiUrl> =
        finds.keys().filter(|url| !places.contains_key(*url)).cloned().collect();
    places.extend(page::find(tx, &unknown).await?);
    // Where room is scarce what is new waits: a page whose links wait is read again.
    let is_open = room < Step::Scarce;
    let unknown: Finds = finds.into_iter().filter(|(url, _)| is_open && !places.contains_key(url)).collect();
    let (unknown, arrived) = entrance::hosts(tx, allowances, unknown, batch).await?;

    let newest = newest_leases(batch);
    let is_newest =
        |handover: &Handover| newest.get(&handover.leased.capsule) == Some(&handover.leased.token);
    let ends: Vec<GiveBack> = batch
        .iter()
        .filter(|handover| is_newest(handover))
        .filter_map(|handover| handover.end.clone())
        .collect();
    address::release(tx, &ends).await?;

    let leases: Vec<(CapsuleId, LeaseToken)> =
        newest.iter().map(|(capsule, token)| (*capsule, *token)).collect();
    let targets: Vec<_> = unknown.keys().map(|url| url.capsule().clone()).collect();
    let entered = capsule::enter(tx, &leases, &targets).await?;
    newcomer::taken_up(tx, &arrived).await?;
    let is_held =
        |handover: &Handover| is_newest(handover) && entered.held.contains(&handover.leased.capsule);
    let held: Vec<&Handover> = batch.iter().filter(|handover| is_held(handover)).collect();
    let visits: Vec<&Visit> = held.iter().filter_map(|handover| handover.visit.as_ref()).collect();
    let (held, removed) = standing(tx, held).await?;
    let pages: Vec<&PageVisit> = held.iter().filter_map(|handover| handover.page()).collect();

    let states: Vec<_> = visits.iter().filter_map(|visit| visit.capsule).collect();
    capsule::settle(tx, &states).await?;

    let wanted = wanted_by(&pages);
    let unknown: Finds = unknown.into_iter().filter(|(url, _)| wanted.contains(url)).collect();
    let new = entrance::urls(tx, allowances, &entered, unknown, &visits).await?;
    let contents: Vec<_> = pages.iter().filter_map(|page| page.content.clone()).collect();
    content::keep(tx, &contents).await?;
    places.extend(page::discover(tx, &new).await?);
    let after: Vec<PageAfter> = pages.iter().map(|page| with_places(page, &places, allowances)).collect();
    let settled = page::settle(tx, &after).await?;
    let pages: Vec<&PageVisit> =
        pages.into_iter().filter(|page| settled.contains(&page.after.page)).collect();
    page::put_off(tx, &removed, EXCLUSIONS_FOR).await?;
    let gone: Vec<GeminiUrl> = held.iter().filter_map(|handover| gone_for_good(handover)).collect();
    replace_links(tx, &pages, &places).await?;
    keep_posts(tx, &pages).await?;

    let certificates: Vec<_> = visits.iter().filter_map(|visit| visit.certificate).collect();
    certificate::record(tx, &certificates).await?;
    for visit in &visits {
        if let Subject::Robots(asked) = &visit.subject {
            robots::keep(tx, asked).await?;
        }
    }
    let requests: Vec<_> = visits.iter().filter_map(|visit| visit.request.clone()).collect();
    request::record(tx, &requests).await?;

    wake(tx, &new).await?;
    turn::give_back(tx, &ends).await?;
    removal::record_gone(tx, &gone).await?;
    let grips = batch.iter().map(|handover| if is_held(handover) { Grip::Held } else { Grip::Lost });
    Ok((grips.collect(), places))
}

/// Tells the handovers that stand from the pages that were removed while they were visited; the capsules are locked, so
/// nothing can be removed meanwhile. Where a page is to stay out, too, its visit may also have begun a moment later, by
/// a list of exclusions from before.
async fn standing<'a>(
    tx: &mut PageTx,
    held: Vec<&'a Handover>,
) -> Result<(Vec<&'a Handover>, Vec<(CapsuleId, PageId)>), StoreError> {
    let ages = held.iter().filter_map(|handover| Some(handover.page()?.begun.elapsed()));
    let Some(oldest) = ages.max() else { return Ok((held, Vec::new())) };
    let removals = removal::within(tx, oldest + EXCLUSIONS_FOR).await?;
    let removed = |handover: &Handover| -> Option<(CapsuleId, PageId)> {
        let (page, url) = (handover.page()?, handover.asked()?);
        let is_removed = removals.iter().any(|removal| {
            let slack = if removal.origin.keeps_out() { EXCLUSIONS_FOR } else { Duration::ZERO };
            removal.age < page.begun.elapsed() + slack && removal.pattern.matches(&url)
        });
        is_removed.then_some((page.after.capsule, page.after.page))
    };
    let (mut stand, mut gone) = (Vec::new(), Vec::new());
    for handover in held {
        match removed(handover) {
            Some(page) => gone.push(page),
            None => stand.push(handover),
        }
    }
    Ok((stand, gone))
}

/// The URL of a page that was there, where its server says now that it is gone for good.
fn gone_for_good(handover: &Handover) -> Option<GeminiUrl> {
    let after = &handover.page()?.after;
    let was_there = match after.was {
        Standing::Searchable | Standing::Withdrawn => true,
        Standing::Unseen | Standing::Gone => false,
    };
    (was_there && after.outcome == Outcome::Gone).then(|| handover.asked()).flatten()
}

/// The newest lease of each capsule: where an old turn and its successor meet in one batch, the old one lost.
fn newest_leases(batch: &[Handover]) -> BTreeMap<CapsuleId, LeaseToken> {
    let mut newest = BTreeMap::new();
    for handover in batch {
        let token = newest.entry(handover.leased.capsule).or_insert(handover.leased.token);
        *token = (*token).max(handover.leased.token);
    }
    newest
}

/// Every URL that the batch names, with the fewest redirects on the way to it.
fn finds(batch: &[Handover]) -> Finds {
    let mut finds = Finds::new();
    let mut find = |url: &GeminiUrl, hops: u8| {
        let fewest = finds.entry(url.clone()).or_insert(hops);
        *fewest = (*fewest).min(hops);
    };
    for page in batch.iter().filter_map(Handover::page) {
        for link in page.found() {
            find(&link.target, 0);
        }
        if let Some((target, hops)) = &page.moved {
            find(target, *hops);
        }
    }
    finds
}

fn wanted_by<'a>(pages: &[&'a PageVisit]) -> HashSet<&'a GeminiUrl> {
    let links = pages.iter().flat_map(|page| page.found().iter().map(|link| &link.target));
    let targets = pages.iter().filter_map(|page| page.moved.as_ref().map(|(target, _)| target));
    links.chain(targets).collect()
}

/// The page with what only the batch knows: where its redirect leads, and whether links of it are left to be
/// entered another time.
fn with_places(page: &PageVisit, places: &Places, allowances: &Allowances) -> PageAfter {
    let target = page.moved.as_ref().and_then(|(target, _)| places.get(target));
    let waits =
        |link: &FoundLink| !places.contains_key(&link.target) && allowances.includes(link.target.capsule());
    let links = if page.found().iter().any(waits) { LinksAfter::Wait } else { page.after.links };
    PageAfter { moved_to: target.map(|(_, id)| *id), links, ..page.after.clone() }
}

async fn replace_links(tx: &mut PageTx, pages: &[&PageVisit], places: &Places) -> Result<(), StoreError> {
    let mut replaced = Vec::new();
    let mut links = Vec::new();
    for page in pages {
        let Links::Are(found) = &page.links else { continue };
        let from = (page.after.capsule, page.after.page);
        replaced.push(from);
        // One link per pair of pages: the first label that says something.
        let mut labels = BTreeMap::new();
        for link in found {
            let Some(&to) = places.get(&link.target) else { continue };
            if to == from {
                continue;
            }
            let label = labels.entry(to).or_insert_with(|| link.label.clone());
            if label.is_empty() {
                *label = link.label.clone();
            }
        }
        links.extend(labels.into_iter().map(|(to, label)| NewLink { from, to, label }));
    }
    link::replace(tx, &replaced, &links).await
}

/// Keeps what feeds tell of, and drops what is gone. Costs nothing where no page is a feed.
async fn keep_posts(tx: &mut PageTx, pages: &[&PageVisit]) -> Result<(), StoreError> {
    let (mut told, mut gone, mut keys) = (Vec::new(), Vec::new(), Vec::new());
    for page in pages {
        match &page.posts {
            Posts::Told(posts) if posts.is_empty() => (),
            Posts::Told(posts) => {
                let feed = (page.after.capsule, page.after.page);
                told.push(FeedPosts { feed, posts: posts.clone() });
            }
            Posts::Gone(key) => {
                gone.push(page.after.page);
                keys.push(*key);
            }
        }
    }
    post::drop_all(tx, &gone, &keys).await?;
    post::keep(tx, &told).await
}

/// Makes the capsules of new pages ask for a turn.
async fn wake(tx: &mut PageTx, new: &[NewPage]) -> Result<(), StoreError> {
    if new.is_empty() {
        return Ok(());
    }
    let capsules: BTreeSet<CapsuleId> = new.iter().map(|page| page.capsule).collect();
    capsule::wake(tx, &capsules.into_iter().collect::<Vec<_>>()).await?;
    bell::ring(tx, Topic::Crawl).await
}
