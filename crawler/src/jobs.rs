//! What people asked the crawler for: leases jobs of its kinds and does them, one after another.
//!
//! A job's row is its progress and its receipt. Its process may die at any moment: the job is then leased
//! again and begins anew, so each kind bears being repeated.

pub mod figures;
pub mod purge;
pub mod recrawl;
pub mod upkeep;

use std::time::Duration;

use shared::gemini::pattern::UrlPattern;
use shared::process::disk::{Scarcity, Step};
use shared::process::figures::JOBS;
use shared::process::progress::Part;
use shared::store::asked::job::{self, Ended, Job, JobKind};
use shared::store::bell::{Bell, Topic};
use shared::store::id::{PageId, WorkerId};
use shared::store::{Store, StoreError, register};
use tokio::sync::watch;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

/// While nothing is asked for, this long until the next look.
const LOOK_AGAIN: Duration = Duration::from_secs(2);
/// The pause after the database failed.
const AFTER_TROUBLE: Duration = Duration::from_secs(5);

/// What is told of the disk.
type Told = watch::Receiver<Option<Scarcity>>;

/// Does jobs and upkeep until asked to stop.
pub async fn run(store: Store, worker: WorkerId, (part, disk): (Part, Told), stop: CancellationToken) {
    let mut before = Step::Enough;
    let mut bell = Bell::new(store.clone(), Topic::Jobs);
    let mut upkeep_at = Instant::now();
    let mut figures_at = upkeep_at;
    while !stop.is_cancelled() {
        let step = disk.borrow().map_or(Step::Enough, |scarcity| scarcity.step);
        // A disk that begins to fill up waits for no hour.
        if Instant::now() >= upkeep_at || (before < Step::Tight && Step::Tight <= step) {
            upkeep_at = Instant::now() + upkeep::run(&store, step).await;
        }
        before = step;
        if Instant::now() >= figures_at {
            figures_at = Instant::now() + figures::run(&store).await;
        }
        part.advanced();
        if let Err(error) = purge::left_over(&store).await {
            tracing::warn!(
                error = &error as &dyn std::error::Error,
                "removals are not done yet, trying again"
            );
        }
        let pause = match next(&store, worker, &part, &stop).await {
            Ok(Did::Something) => continue,
            Ok(Did::Nothing) => LOOK_AGAIN,
            Err(error) => {
                tracing::warn!(
                    error = &error as &dyn std::error::Error,
                    "a job could not be done, trying again"
                );
                AFTER_TROUBLE
            }
        };
        tokio::select! {
            () = stop.cancelled() => {}
            () = part.idle_during("nothing is asked for", bell.wait(pause)) => {}
        }
    }
}

enum Did {
    Something,
    Nothing,
}

async fn next(
    store: &Store,
    worker: WorkerId,
    part: &Part,
    stop: &CancellationToken,
) -> Result<Did, StoreError> {
    let kinds = [JobKind::Recrawl, JobKind::Purge];
    let leased = store.write(async |c| job::lease(c, worker, &kinds, None).await).await?;
    let Some(job) = leased else { return Ok(Did::Nothing) };
    tracing::info!(job = %job.id, kind = job.kind.code(), target = %job.target, "doing a job");
    let (ended, note) = match job.target.parse::<UrlPattern>() {
        Err(error) => (Ended::Failed, format!("{error}")),
        Ok(pattern) => match perform((store, part), worker, &job, &pattern, stop).await? {
            Performed::Done { pages } => (Ended::Done, format!("{pages} pages")),
            // It stays open, and is taken up by whoever leases it next.
            Performed::Interrupted => return Ok(Did::Nothing),
        },
    };
    store.write(async |c| job::end(c, worker, job.id, ended, &note).await).await?;
    JOBS.add([job.kind.code()], 1);
    Ok(Did::Something)
}

async fn perform(
    (store, part): (&Store, &Part),
    worker: WorkerId,
    job: &Job,
    pattern: &UrlPattern,
    stop: &CancellationToken,
) -> Result<Performed, StoreError> {
    let removal = match job.kind {
        JobKind::Purge => purge::begin(store, pattern).await?,
        JobKind::Recrawl | JobKind::Rank | JobKind::Rebuild | JobKind::Verify | JobKind::RollBack => None,
    };
    let mut cursor = PageId(0);
    let mut pages = 0;
    loop {
        let slice = match (job.kind, &removal) {
            (JobKind::Recrawl, _) => recrawl::slice(store, pattern, cursor).await?,
            (JobKind::Purge, Some(removal)) => register::slice(store, &removal.newest, cursor).await?,
            (JobKind::Purge, None)
            | (JobKind::Rank | JobKind::Rebuild | JobKind::Verify | JobKind::RollBack, _) => None,
        };
        let Some((last, count)) = slice else {
            if let Some(removal) = removal {
                purge::done(store, &removal).await?;
            }
            return Ok(Performed::Done { pages });
        };
        part.advanced();
        cursor = last;
        pages += count;
        let is_ours = store.write(async |c| job::progress(c, worker, job.id, pages, None).await).await?;
        if !is_ours || stop.is_cancelled() {
            return Ok(Performed::Interrupted);
        }
    }
}

enum Performed {
    Done { pages: u64 },
    Interrupted,
}
