//! One pass: the links of the whole store come in, signals go out, to the store and from there to the file.

use std::collections::HashMap;

use shared::index::signals::{PageLinks, Signals, SiteStanding};
use shared::store::Store;
use shared::store::asked::job::{self, Job};
use shared::store::feed::graph::{self as links, SiteName};
use shared::store::feed::signal::{self, PageSignal, SiteSignal};
use shared::store::id::PageId;
use tokio_util::sync::CancellationToken;

use super::authority::authority;
use super::graph::{SiteKey, Tally};
use super::trouble::RankError;
use crate::appetite::Appetite;
use crate::context::Context;
use crate::off_thread::off_thread;

/// Pages read at once, without their links.
const READ: i64 = 10_000;
/// Pages whose links are read at once, at most; each has up to 2,000.
const LINKED: usize = 1_000;
/// Pages whose counts are written in one transaction.
const WRITTEN: usize = 10_000;

/// Counts the links of the whole store.
pub(super) async fn count(
    context: &Context,
    job: &Job,
    stop: &CancellationToken,
) -> Result<Tally, RankError> {
    let store = &context.store;
    let mut tally = Tally::default();
    let mut after = PageId(0);
    loop {
        let nodes =
            store.read(async |c| links::nodes(c, after, READ).await).await.map_err(RankError::Store)?;
        let Some(last) = nodes.last() else { break };
        after = last.page;
        nodes.into_iter().for_each(|node| tally.page(node));
        renew(context, job, 0, None, stop).await?;
    }
    let pages = tally.len();
    let mut place = 0;
    let mut appetite = Appetite::new(LINKED);
    while let Some((after, up_to)) = tally.slice(place, appetite.rows()) {
        let asked = appetite.rows();
        let edges = store.read(async |c| links::edges(c, after, up_to).await).await;
        if appetite.learn(&edges) {
            continue;
        }
        edges.map_err(RankError::Store)?.into_iter().for_each(|edge| tally.link(edge));
        place += asked;
        renew(context, job, pages.min(place) as u64, Some(pages as u64), stop).await?;
    }
    Ok(tally)
}

/// Writes what was counted into the store. Returns the number of the pass, and how many sites there are.
pub(super) async fn write(
    context: &Context,
    job: &Job,
    tally: &Tally,
    stop: &CancellationToken,
) -> Result<(i64, usize), RankError> {
    let store = &context.primary;
    let names = store.read(links::site_names).await.map_err(RankError::Store)?;
    let sites = site_signals(tally, names);
    let pages = tally.len() as u64;
    let mut after = PageId(0);
    for slice in tally.page_signals().chunks(WRITTEN) {
        let up_to = slice.last().map_or(after, |signal| signal.page);
        put(store, after, up_to, slice).await?;
        after = up_to;
        renew(context, job, pages, Some(pages), stop).await?;
    }
    put(store, after, PageId(i64::MAX), &[]).await?;
    let pass = store.write(async |c| signal::finish(c, &sites).await).await.map_err(RankError::Store)?;
    Ok((pass, sites.len()))
}

async fn put(store: &Store, after: PageId, up_to: PageId, slice: &[PageSignal]) -> Result<(), RankError> {
    store.write(async |c| signal::put_pages(c, after, up_to, slice).await).await.map_err(RankError::Store)
}

/// Keeps the job's lease and tells how far the pass is. An error when it is no longer ours.
pub(super) async fn renew(
    context: &Context,
    job: &Job,
    done: u64,
    total: Option<u64>,
    stop: &CancellationToken,
) -> Result<(), RankError> {
    context.progress.advanced();
    let is_ours = context
        .primary
        .write(async |c| job::progress(c, context.worker, job.id, done, total).await)
        .await
        .map_err(RankError::Store)?;
    if is_ours && !stop.is_cancelled() { Ok(()) } else { Err(RankError::Lost) }
}

fn site_signals(tally: &Tally, names: Vec<SiteName>) -> Vec<SiteSignal> {
    let mut names: HashMap<SiteKey, String> =
        names.into_iter().map(|name| ((name.capsule, name.folder), name.name)).collect();
    let authority = authority(tally.sites().len(), &tally.site_links());
    tally
        .sites()
        .iter()
        .zip(authority)
        .map(|(key, authority)| SiteSignal {
            capsule: key.0,
            folder: key.1.clone(),
            authority,
            name: names.remove(key).unwrap_or_default(),
        })
        .collect()
}

/// Writes the signals that a store has from this pass into the file beside the index. A replica may be behind
/// the store that the pass was written to.
pub(super) async fn publish(context: &Context, store: &Store, pass: i64) -> Result<(), RankError> {
    let mut pages = Vec::new();
    let mut after = PageId(0);
    loop {
        let slice =
            store.read(async |c| signal::pages(c, after, READ).await).await.map_err(RankError::Store)?;
        let Some(last) = slice.last() else { break };
        after = last.page;
        pages.extend(slice.into_iter().map(|signal| PageLinks {
            page: signal.page,
            external: signal.external_links,
            internal: signal.internal_links,
        }));
    }
    let sites = store.read(signal::sites).await.map_err(RankError::Store)?;
    let sites = sites
        .into_iter()
        .map(|ranked| SiteStanding {
            site: ranked.site.to_string(),
            authority: ranked.authority,
            name: ranked.name,
        })
        .collect();
    let folder = context.folder.clone();
    off_thread(move || Signals::new(pass, pages, sites).write(folder.path()))
        .await
        .map_err(RankError::Panicked)?
        .map_err(RankError::File)
}
