//! Builds, roll-backs and comparisons of this follower's index: those that people asked for, and those it
//! needs itself.
//!
//! A job names the follower whose index it is about, so that one of many can be asked. What the job comes
//! to is written into its row; whoever asked reads it there. Once a day the index's files are examined.

use std::error::Error;
use std::future::Future;
use std::time::Duration;

use shared::process::figures;
use shared::store::StoreError;
use shared::store::asked::job::{self, Ended, Job, JobKind};
use shared::store::bell::{Bell, Topic};
use tokio::sync::watch;
use tokio::time::{self, Instant};
use tokio_util::sync::CancellationToken;

use crate::context::Context;
use crate::heal::{self, Condition};
use crate::intake::Reason;
use crate::off_thread::off_thread;
use crate::patience::Patience;
use crate::rebuild::{self, Done, RebuildError};
use crate::spare::Spare;
use crate::verify::{self, VerifyError};

/// The longest wait for the bell.
const GLANCE: Duration = Duration::from_secs(2);
/// A job's lease lasts two minutes; its progress is told well before.
const TELL: Duration = Duration::from_secs(15);

/// How often the files of the index that serves are examined.
const EXAMINED: Duration = Duration::from_secs(24 * 3600);

/// Does jobs until stopped.
pub(crate) async fn run(context: &Context, stop: &CancellationToken) {
    let mut examined_at = Instant::now();
    let mut wanted = context.wanted.subscribe();
    let mut bell = Bell::new(context.primary.clone(), Topic::Jobs);
    let mut patience = Patience::default();
    let mut spare = Spare::default();
    while !stop.is_cancelled() {
        spare.look(context).await;
        if EXAMINED <= examined_at.elapsed() {
            examined_at = Instant::now();
            examine(context).await;
        }
        let reason = *wanted.borrow_and_update();
        let pause = match one(context, reason, stop).await {
            Ok(()) => {
                patience.recovered();
                GLANCE
            }
            Err(_) if stop.is_cancelled() => return,
            Err(error) => {
                if patience.is_fresh() {
                    tracing::warn!(
                        error = &error as &dyn Error,
                        "a job of the index was not done; trying again"
                    );
                }
                patience.after_failure(rand::random())
            }
        };
        let rest = async {
            // After a failure nothing shortens the wait.
            if patience.is_fresh() { bell.wait(pause).await } else { time::sleep(pause).await }
        };
        tokio::select! {
            () = stop.cancelled() => return,
            () = rest => {}
            Ok(()) = wanted.changed(), if patience.is_fresh() => {}
        }
    }
}

/// Bit rot is found before a searcher finds it.
async fn examine(context: &Context) {
    let folder = context.folder.clone();
    match off_thread(move || heal::examine(&folder)).await {
        Ok(Ok(Condition::Sound | Condition::None)) => {}
        Ok(Ok(Condition::SetAside)) => context.want(Reason::Damaged),
        Ok(Err(error)) => tracing::warn!(error = &error as &dyn Error, "the index was not examined"),
        Err(error) => tracing::warn!(error = &error as &dyn Error, "the index was not examined"),
    }
}

/// Why a job was not done.
#[derive(Debug, thiserror::Error)]
enum JobError {
    #[error("jobs cannot be read or written")]
    Store(#[source] StoreError),
    #[error("the index was not built")]
    Rebuild(#[source] RebuildError),
    #[error("the index was not compared")]
    Verify(#[source] VerifyError),
    #[error("it was stopped")]
    Stopped,
}

async fn one(context: &Context, wanted: Option<Reason>, stop: &CancellationToken) -> Result<(), JobError> {
    if let Some(reason) = wanted {
        tracing::info!("a new index is needed: {reason}");
        let (told, _) = watch::channel(Done::default());
        rebuild::rebuild(context, &told, stop).await.map_err(JobError::Rebuild)?;
        context.wanted.send_replace(None);
    }
    let kinds = [JobKind::Rebuild, JobKind::RollBack, JobKind::Verify];
    let target = context.config.follower.as_str();
    let leased = context
        .primary
        .write(async |c| job::lease(c, context.worker, &kinds, Some(target)).await)
        .await
        .map_err(JobError::Store)?;
    match leased {
        Some(job) => answer(context, &job, stop).await,
        None => Ok(()),
    }
}

/// Does a job and writes what it came to into its row.
async fn answer(context: &Context, job: &Job, stop: &CancellationToken) -> Result<(), JobError> {
    let (told, progress) = watch::channel(Done::default());
    let work = async {
        match job.kind {
            JobKind::Rebuild => rebuild::rebuild(context, &told, stop)
                .await
                .map(|report| report.to_string())
                .map_err(JobError::Rebuild),
            JobKind::RollBack => rebuild::roll_back(context, &told, stop)
                .await
                .map(|report| report.to_string())
                .map_err(JobError::Rebuild),
            JobKind::Verify => {
                let comparing = verify::verify_current(&context.config.folder, &context.store);
                tokio::select! {
                    report = comparing => Ok(report.map_err(JobError::Verify)?.to_string()),
                    () = stop.cancelled() => Err(JobError::Stopped),
                }
            }
            JobKind::Recrawl | JobKind::Purge | JobKind::Exclude | JobKind::Lift | JobKind::Rank => {
                Ok("not a job of an index".to_owned())
            }
        }
    };
    let result = telling(context, job, progress, work).await;
    let (ended, note) = match &result {
        Ok(note) => (Ended::Done, note.clone()),
        // Its lease runs out, and it begins anew.
        Err(JobError::Stopped | JobError::Rebuild(RebuildError::Stopped)) => return Ok(()),
        Err(error) => (Ended::Failed, sentence(error)),
    };
    tracing::info!(job = %job.id, kind = job.kind.code(), "{note}");
    figures::JOBS.add([job.kind.code()], 1);
    context
        .primary
        .write(async |c| job::end(c, context.worker, job.id, ended, &note).await)
        .await
        .map_err(JobError::Store)
}

/// Does the work and meanwhile keeps the job's lease and progress.
async fn telling<T>(
    context: &Context,
    job: &Job,
    progress: watch::Receiver<Done>,
    work: impl Future<Output = T>,
) -> T {
    let tell = async {
        loop {
            time::sleep(TELL).await;
            let Done { change, highest } = *progress.borrow();
            let (done, total) = (change.unsigned_abs(), highest.unsigned_abs());
            let told = context
                .primary
                .write(async |c| job::progress(c, context.worker, job.id, done, Some(total)).await)
                .await;
            if let Err(error) = told {
                tracing::debug!(error = &error as &dyn Error, "a job's progress was not told");
            }
        }
    };
    tokio::select! {
        value = work => value,
        () = tell => unreachable!("it tells until the work is done"),
    }
}

/// An error with all its causes in one line.
fn sentence(error: &dyn Error) -> String {
    let mut sentence = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        sentence.push_str(": ");
        sentence.push_str(&error.to_string());
        cause = error.source();
    }
    sentence
}
