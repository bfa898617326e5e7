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
mod pass;
mod trouble;

use std::error::Error;
use std::time::Duration;

use shared::process::told;
use shared::store::asked::job::{self, Ended, Job, JobKind};
use shared::store::feed::signal;
use shared::store::id::ChangeId;
use tokio::time::{self, Instant};
use tokio_util::sync::CancellationToken;

use crate::context::Context;
use crate::patience::Patience;
use crate::rhythm::Situation;
use trouble::RankError;

/// How often the question is asked whether a pass is due, or another indexer made one.
const GLANCE: Duration = Duration::from_secs(1);
/// One job for the whole store.
const TARGET: &str = "all";

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
    let part = context.progress.part("rank");
    loop {
        // A pass over a large store takes minutes, and its job's lease watches over it.
        let pause = match part
            .idle_during("counting links, or looking whether to", watch.glance(context, stop))
            .await
        {
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
            () = part.idle_during("no pass is due", time::sleep(pause)) => {}
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
        let (store, primary) = (&context.store, &context.primary);
        if context.config.rhythm.is_due(self.situation()) {
            primary
                .write(async |c| job::ask(c, JobKind::Rank, TARGET).await)
                .await
                .map_err(RankError::Store)?;
        }
        let leased = primary
            .write(async |c| job::lease(c, context.worker, &[JobKind::Rank], None).await)
            .await
            .map_err(RankError::Store)?;
        if let Some(job) = leased {
            self.lead(context, &job, stop).await?;
        }
        let pass = store.read(signal::pass).await.map_err(RankError::Store)?;
        if self.published != Some(pass) && pass != 0 {
            pass::publish(context, store, pass).await?;
            if self.published.is_some() {
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
        let outcome = self.make(context, job, begun, stop).await;
        let (ended, note) = match &outcome {
            Ok(note) => (Ended::Done, note.clone()),
            Err(RankError::Lost) => return Err(RankError::Lost),
            Err(error) => (Ended::Failed, error.to_string()),
        };
        let told =
            context.primary.write(async |c| job::end(c, context.worker, job.id, ended, &note).await).await;
        let note = outcome?;
        told.map_err(RankError::Store)?;
        tracing::info!(pass.duration_ms = begun.elapsed().as_millis() as u64, "links counted: {note}");
        Ok(())
    }

    /// Makes a pass: first the signals, which take effect at once, then the anchor texts, which take the
    /// followers some reading.
    async fn make(
        &mut self,
        context: &Context,
        job: &Job,
        begun: Instant,
        stop: &CancellationToken,
    ) -> Result<String, RankError> {
        let tally = pass::count(context, job, stop).await?;
        let (number, sites) = pass::write(context, job, &tally, stop).await?;
        pass::publish(context, &context.primary, number).await?;
        self.published = Some(number);
        self.ended(begun.elapsed());
        let pages = tally.len() as u64;
        let renumbered = anchors::renumber(context, job, pages, stop).await?;
        Ok(format!(
            "{} of {}, {} with new anchor text",
            told::count(pages, "page", "pages"),
            told::count(sites as u64, "site", "sites"),
            told::grouped(renumbered)
        ))
    }
}
