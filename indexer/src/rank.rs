//! Counts links now and then: what comes in are the links of the whole store, what goes out are signals.
//!
//! Signals (in-links of pages, authority and names of sites) are not in the index, so that they can change
//! without touching it. One indexer at a time leads a pass: it writes them to the store. Every indexer,
//! the leader too, then writes them from the store into one file beside its index, swapped by rename.
//! Losing a pass half way costs nothing: the next one starts from scratch, and the last whole one stands.
//!
//! The same pass finds pages whose anchor text is no longer what the index was given, and has them
//! numbered again, so that every follower reads them anew. Those numbers make one more pass due, which
//! finds nothing to number, and that is the end of it.

mod anchors;
mod authority;
mod graph;

use std::collections::HashMap;
use std::error::Error;
use std::time::Duration;

use shared::index::signals::{PageLinks, Signals, SignalsError, SiteStanding};
use shared::store::asked::job::{self, Ended, Job, JobKind};
use shared::store::feed::graph as links;
use shared::store::feed::graph::SiteName;
use shared::store::feed::signal::{self, PageSignal, SiteSignal};
use shared::store::id::{ChangeId, PageId};
use shared::store::{Store, StoreError};
use tokio::time::{self, Instant};
use tokio_util::sync::CancellationToken;

use crate::context::Context;
use crate::off_thread::{Panicked, off_thread};
use crate::patience::Patience;
use crate::rhythm::Situation;
use authority::authority;
use graph::{SiteKey, Tally};

/// Pages read at once.
const SLICE: i64 = 10_000;
/// Pages whose links are read at once; each has up to 2,000.
const LINKED: usize = 1_000;
/// Pages whose counts are written in one transaction.
const WRITTEN: usize = 10_000;
/// How often the question is asked whether a pass is due, or another indexer made one.
const GLANCE: Duration = Duration::from_secs(1);
/// One job for the whole store.
const TARGET: &str = "all";

/// Why there are no new signals. The old ones stand.
#[derive(Debug, thiserror::Error)]
pub(crate) enum RankError {
    #[error("the links cannot be read or the signals not written")]
    Store(#[source] StoreError),
    #[error("the signals' file cannot be written")]
    File(#[source] SignalsError),
    #[error("writing the signals' file panicked")]
    Panicked(#[source] Panicked),
    #[error("another indexer took over the pass")]
    Lost,
}

/// What this indexer knows about passes.
struct Watch {
    /// Up to here the links are counted.
    covered: ChangeId,
    /// The last position seen, and since when it has not moved.
    seen: ChangeId,
    quiet_since: Instant,
    /// Since when there is something to count.
    waiting_since: Option<Instant>,
    /// When the last pass ended, and how long it took.
    last: Option<(Instant, Duration)>,
    /// The pass that the file beside the index is of.
    published: Option<i64>,
}

/// Makes passes when they are due and keeps the file beside the index, until stopped.
pub(crate) async fn run(context: &Context, stop: &CancellationToken) {
    let mut watch = Watch::new();
    let mut patience = Patience::default();
    loop {
        let pause = match watch.glance(context, stop).await {
            Ok(()) => {
                patience.recovered();
                GLANCE
            }
            Err(error) => {
                if patience.is_fresh() {
                    tracing::warn!(
                        error = &error as &dyn Error,
                        "no new signals for now; the last ones stand"
                    );
                }
                patience.after_failure(rand::random())
            }
        };
        tokio::select! {
            () = stop.cancelled() => return,
            () = time::sleep(pause) => {}
        }
    }
}

impl Watch {
    fn new() -> Self {
        Self {
            covered: ChangeId::START,
            seen: ChangeId::START,
            quiet_since: Instant::now(),
            waiting_since: None,
            last: None,
            published: None,
        }
    }

    async fn glance(&mut self, context: &Context, stop: &CancellationToken) -> Result<(), RankError> {
        self.look_at(*context.position.borrow());
        let store = &context.store;
        if context.config.rhythm.is_due(self.situation()) {
            store
                .write(async |c| job::ask(c, JobKind::Rank, TARGET).await)
                .await
                .map_err(RankError::Store)?;
        }
        let leased = store
            .write(async |c| job::lease(c, context.worker, &[JobKind::Rank], None).await)
            .await
            .map_err(RankError::Store)?;
        let has_led = leased.is_some();
        if let Some(job) = leased {
            self.lead(context, &job, stop).await?;
        }
        let pass = store.read(signal::pass).await.map_err(RankError::Store)?;
        if self.published != Some(pass) && pass != 0 {
            publish(context, pass).await?;
            if self.published.is_some() && !has_led {
                // Another indexer led; what we had seen before is counted too.
                self.ended(Duration::ZERO);
            }
            self.published = Some(pass);
        }
        Ok(())
    }

    /// Notes where the index stands now.
    fn look_at(&mut self, position: ChangeId) {
        if position != self.seen {
            self.seen = position;
            self.quiet_since = Instant::now();
        }
        if self.covered < self.seen {
            self.waiting_since.get_or_insert_with(Instant::now);
        } else {
            self.waiting_since = None;
        }
    }

    fn situation(&self) -> Situation {
        Situation {
            waiting: self.waiting_since.map(|since| since.elapsed()),
            quiet: self.quiet_since.elapsed(),
            last: self.last.map(|(ended, took)| (ended.elapsed(), took)),
        }
    }

    /// A pass ended; what was seen before it began is counted.
    fn ended(&mut self, took: Duration) {
        self.covered = self.seen;
        self.waiting_since = None;
        self.last = Some((Instant::now(), took));
    }

    async fn lead(
        &mut self,
        context: &Context,
        job: &Job,
        stop: &CancellationToken,
    ) -> Result<(), RankError> {
        let begun = Instant::now();
        let outcome = pass(context, job, stop).await;
        let (ended, note) = match &outcome {
            Ok(note) => (Ended::Done, note.clone()),
            Err(RankError::Lost) => return Err(RankError::Lost),
            Err(error) => (Ended::Failed, error.to_string()),
        };
        let told =
            context.store.write(async |c| job::end(c, context.worker, job.id, ended, &note).await).await;
        let note = outcome?;
        told.map_err(RankError::Store)?;
        tracing::info!(pass.duration_ms = begun.elapsed().as_millis() as u64, "links counted: {note}");
        self.ended(begun.elapsed());
        Ok(())
    }
}

/// One pass over the whole store.
async fn pass(context: &Context, job: &Job, stop: &CancellationToken) -> Result<String, RankError> {
    let store = &context.store;
    let mut tally = Tally::default();
    let mut after = PageId(0);
    loop {
        let nodes =
            store.read(async |c| links::nodes(c, after, SLICE).await).await.map_err(RankError::Store)?;
        let Some(last) = nodes.last() else { break };
        after = last.page;
        nodes.into_iter().for_each(|node| tally.page(node));
        renew(context, job, 0, None, stop).await?;
    }
    let pages = tally.len() as u64;
    let mut counted = 0;
    for (after, up_to) in tally.slices(LINKED) {
        let edges =
            store.read(async |c| links::edges(c, after, up_to).await).await.map_err(RankError::Store)?;
        edges.into_iter().for_each(|edge| tally.link(edge));
        counted = pages.min(counted + LINKED as u64);
        renew(context, job, counted, Some(pages), stop).await?;
    }
    let names = store.read(links::site_names).await.map_err(RankError::Store)?;
    let sites = site_signals(&tally, names);
    let page_signals = tally.page_signals();
    let mut after = PageId(0);
    for slice in page_signals.chunks(WRITTEN) {
        let up_to = slice.last().map_or(after, |signal| signal.page);
        put(store, after, up_to, slice).await?;
        after = up_to;
        renew(context, job, pages, Some(pages), stop).await?;
    }
    put(store, after, PageId(i64::MAX), &[]).await?;
    store.write(async |c| signal::finish(c, &sites).await).await.map_err(RankError::Store)?;
    let renumbered = anchors::renumber(store, stop).await.map_err(RankError::Store)?;
    Ok(format!("{pages} pages of {} sites, {renumbered} with new anchor text", sites.len()))
}

async fn put(store: &Store, after: PageId, up_to: PageId, slice: &[PageSignal]) -> Result<(), RankError> {
    store.write(async |c| signal::put_pages(c, after, up_to, slice).await).await.map_err(RankError::Store)
}

async fn renew(
    context: &Context,
    job: &Job,
    done: u64,
    total: Option<u64>,
    stop: &CancellationToken,
) -> Result<(), RankError> {
    context.progress.advanced();
    let is_ours = context
        .store
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

/// Writes the signals that the store has into the file beside the index.
async fn publish(context: &Context, pass: i64) -> Result<(), RankError> {
    let store = &context.store;
    let mut pages = Vec::new();
    let mut after = PageId(0);
    loop {
        let slice =
            store.read(async |c| signal::pages(c, after, SLICE).await).await.map_err(RankError::Store)?;
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
