//! What people asked the crawler for: leases jobs of its kinds and does them, one after another.
//!
//! A job's row is its progress and its receipt. Its process may die at any moment: the job is then leased
//! again and begins anew, so each kind bears being repeated.

pub mod figures;
pub mod purge;
pub mod recrawl;
pub mod rules;
pub mod texts;
pub mod upkeep;

use std::time::Duration;

use shared::gemini::pattern::{PatternError, UrlPattern};
use shared::process::disk::{Scarcity, Step};
use shared::process::figures::JOBS;
use shared::process::progress::Part;
use shared::process::told;
use shared::store::asked::job::{self, Ended, Job, JobKind};
use shared::store::bell::{Bell, Topic};
use shared::store::id::{PageId, WorkerId};
use shared::store::known::page::Let;
use shared::store::rule::Rule;
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
    let mut rules_at = upkeep_at;
    while !stop.is_cancelled() {
        let step = disk.borrow().map_or(Step::Enough, |scarcity| scarcity.step);
        // A disk that begins to fill up waits for no hour.
        if Instant::now() >= upkeep_at || (before < Step::Tight && Step::Tight <= step) {
            upkeep_at = Instant::now() + upkeep::run((&store, &part), step).await;
        }
        before = step;
        if Instant::now() >= figures_at {
            figures_at = Instant::now() + figures::run((&store, &part)).await;
        }
        if Instant::now() >= rules_at {
            rules_at = Instant::now() + rules::run((&store, &part)).await;
        }
        part.advanced();
        if let Err(error) = purge::left_over((&store, &part)).await {
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
    let kinds = [JobKind::Recrawl, JobKind::Purge, JobKind::Exclude, JobKind::Lift];
    let leased = store.write(async |c| job::lease(c, worker, &kinds, None).await).await?;
    let Some(job) = leased else { return Ok(Did::Nothing) };
    tracing::info!(job = %job.id, kind = job.kind.code(), target = %job.target, "doing a job");
    let (ended, note) = match Work::of(store, &job).await? {
        Err(error) => (Ended::Failed, error.to_string()),
        Ok(work) => match perform((store, part), worker, &job, work, stop).await {
            Ok(Performed::Done { pages }) => (Ended::Done, told::count(pages, "page", "pages")),
            // It stays open, and is taken up by whoever leases it next.
            Ok(Performed::Interrupted) => return Ok(Did::Nothing),
            Err(error) if error.is_outage() => return Err(error),
            // What cannot be done must not stand before all that was asked for after it.
            Err(error) => (Ended::Failed, error.to_string()),
        },
    };
    store.write(async |c| job::end(c, worker, job.id, ended, &note).await).await?;
    JOBS.add([job.kind.code()], 1);
    Ok(Did::Something)
}

/// A job as it is done.
enum Work {
    Recrawl(UrlPattern),
    /// None: its entries of the register are done already.
    Purge(Option<purge::Begun>),
    Exclude(Rule),
    /// First what the rule means now, then whatever else is out for no reason.
    Lift(Rule),
    LiftTheRest,
}

impl Work {
    /// What a job asks for; the inner error: its target cannot be read.
    async fn of(store: &Store, job: &Job) -> Result<Result<Self, PatternError>, StoreError> {
        let (pattern, rule) = (job.target.parse::<UrlPattern>(), job.target.parse::<Rule>());
        Ok(match job.kind {
            JobKind::Recrawl => pattern.map(Self::Recrawl),
            JobKind::Purge => match pattern {
                Ok(pattern) => Ok(Self::Purge(purge::begin(store, &pattern).await?)),
                Err(error) => Err(error),
            },
            JobKind::Exclude => rule.map(Self::Exclude),
            JobKind::Lift => rule.map(Self::Lift),
            // Not leased here; nothing is done.
            JobKind::Rank | JobKind::Rebuild | JobKind::Verify | JobKind::RollBack => Ok(Self::Purge(None)),
        })
    }

    /// One slice after `cursor`: the last page looked at, and how many were changed. None: it was the last.
    async fn slice(&self, store: &Store, cursor: PageId) -> Result<Option<(PageId, u64)>, StoreError> {
        match self {
            Self::Recrawl(pattern) => recrawl::slice(store, pattern, cursor).await,
            Self::Purge(None) => Ok(None),
            Self::Purge(Some(begun)) => register::slice(store, &begun.newest, cursor).await,
            Self::Exclude(rule) => rules::shut_out(store, rule, cursor).await,
            Self::Lift(rule) => rules::let_in(store, Let::Of(rule), cursor).await,
            Self::LiftTheRest => rules::let_in(store, Let::All, cursor).await,
        }
    }

    /// What follows when all slices are done.
    async fn then(self, at_work: (&Store, &Part)) -> Result<Option<Self>, StoreError> {
        match self {
            Self::Lift(_) => Ok(Some(Self::LiftTheRest)),
            Self::Purge(Some(begun)) => purge::done(at_work, &begun).await.map(|()| None),
            Self::Recrawl(_) | Self::Purge(None) | Self::Exclude(_) | Self::LiftTheRest => Ok(None),
        }
    }
}

async fn perform(
    (store, part): (&Store, &Part),
    worker: WorkerId,
    job: &Job,
    mut work: Work,
    stop: &CancellationToken,
) -> Result<Performed, StoreError> {
    let mut cursor = PageId(0);
    let mut pages = 0;
    loop {
        let Some((last, count)) = work.slice(store, cursor).await? else {
            match work.then((store, part)).await? {
                Some(next) => work = next,
                None => return Ok(Performed::Done { pages }),
            }
            cursor = PageId(0);
            continue;
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
