//! Jobs: what an act asked for and a process does, whoever gets to it first.
//!
//! One open job per kind and target: asking a hundred times is one job. A job is leased for two minutes and
//! the lease is renewed with its progress; a job whose process died is leased again and begins anew, so
//! the doing must bear being repeated.

use super::super::pool::StoreError;
use std::str::FromStr;
use std::time::Duration;

use sqlx::PgConnection;

use super::super::id::{JobId, WorkerId};

/// What is to be done.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum JobKind {
    /// Make pages due; the crawler does it.
    Recrawl,
    /// Turn pages into tombstones; the crawler does it.
    Purge,
    /// Withdraw what a new rule shuts out; the crawler does it.
    Exclude,
    /// Bring back what a lifted rule kept out; the crawler does it.
    Lift,
    /// Compute the signals; one indexer does it.
    Rank,
    /// Build a follower's index anew; that follower does it.
    Rebuild,
    /// Compare a follower's index with the store; that follower does it.
    Verify,
    /// Let a follower's earlier index serve again; that follower does it.
    RollBack,
}

impl JobKind {
    const ALL: [Self; 8] = [
        Self::Recrawl,
        Self::Purge,
        Self::Exclude,
        Self::Lift,
        Self::Rank,
        Self::Rebuild,
        Self::Verify,
        Self::RollBack,
    ];

    /// The word it is stored under.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Recrawl => "recrawl",
            Self::Purge => "purge",
            Self::Exclude => "exclude",
            Self::Lift => "lift",
            Self::Rank => "rank",
            Self::Rebuild => "rebuild",
            Self::Verify => "verify",
            Self::RollBack => "roll-back",
        }
    }
}

impl FromStr for JobKind {
    type Err = StoreError;

    fn from_str(word: &str) -> Result<Self, StoreError> {
        Self::ALL
            .into_iter()
            .find(|kind| kind.code() == word)
            .ok_or_else(|| StoreError::Unreadable { what: "job kind", value: word.to_owned() })
    }
}

/// A job in hand.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Job {
    /// Its row.
    pub id: JobId,
    /// What is to be done.
    pub kind: JobKind,
    /// To what: a URL pattern, a rule, or a follower's name.
    pub target: String,
}

/// Whether asking made a job.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Asked {
    /// It is a new one.
    New(JobId),
    /// The same was asked for before and is not done yet.
    Open(JobId),
}

/// Asks for a job.
///
/// # Errors
///
/// When the database is away.
pub async fn ask(c: &mut PgConnection, kind: JobKind, target: &str) -> Result<Asked, StoreError> {
    // Each round more means that one more job was asked for and ended; the deadline of the work bounds them.
    loop {
        if let Some(asked) = ask_once(c, kind, target).await? {
            return Ok(asked);
        }
    }
}

/// Asks for a job. Nothing where the open one ended between the look that found it and the one that reads it.
async fn ask_once(c: &mut PgConnection, kind: JobKind, target: &str) -> Result<Option<Asked>, StoreError> {
    let made = sqlx::query_scalar!(
        "insert into job (kind, target) values ($1, $2)
         on conflict (kind, target) where state in ('waiting', 'running') do nothing returning id",
        kind.code(),
        target
    )
    .fetch_optional(&mut *c)
    .await?;
    if let Some(id) = made {
        return Ok(Some(Asked::New(JobId(id))));
    }
    let open = sqlx::query_scalar!(
        "select id from job where kind = $1 and target = $2 and state in ('waiting', 'running')",
        kind.code(),
        target
    )
    .fetch_optional(c)
    .await?;
    Ok(open.map(|id| Asked::Open(JobId(id))))
}

/// Takes the oldest open job of these kinds that nobody has in hand; `target` narrows it to one target.
///
/// # Errors
///
/// When the database is away.
pub async fn lease(
    c: &mut PgConnection,
    worker: WorkerId,
    kinds: &[JobKind],
    target: Option<&str>,
) -> Result<Option<Job>, StoreError> {
    let kinds: Vec<String> = kinds.iter().map(|kind| kind.code().to_owned()).collect();
    let row = sqlx::query!(
        "update job set state = 'running', worker = $1, lease_until = clock() + interval '2 min', done = 0
         where id = (select id from job
                     where kind = any($2) and ($3::text is null or target = $3)
                       and (state = 'waiting' or state = 'running' and (lease_until <= clock() or worker = $1))
                     order by id limit 1 for no key update skip locked)
         returning id, kind, target",
        worker.0,
        &kinds,
        target
    )
    .fetch_optional(c)
    .await?;
    row.map(|row| Ok(Job { id: JobId(row.id), kind: row.kind.parse()?, target: row.target })).transpose()
}

/// Says how far a job is and renews its lease. False: it was lost.
///
/// # Errors
///
/// When the database is away.
pub async fn progress(
    c: &mut PgConnection,
    worker: WorkerId,
    job: JobId,
    done: u64,
    total: Option<u64>,
) -> Result<bool, StoreError> {
    let updated = sqlx::query!(
        "update job set done = $3, total = $4, lease_until = clock() + interval '2 min'
         where id = $1 and worker = $2 and state = 'running'",
        job.0,
        worker.0,
        done.cast_signed(),
        total.map(u64::cast_signed)
    )
    .execute(c)
    .await?;
    Ok(updated.rows_affected() == 1)
}

/// A job that is not done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OpenJob {
    /// The job.
    pub job: Job,
    /// How long ago it was asked for.
    pub age: Duration,
    /// Pages done so far.
    pub done: u64,
    /// Of so many, where that is known.
    pub total: Option<u64>,
    /// Whether somebody has it in hand.
    pub is_running: bool,
}

/// All jobs that are not done, the oldest first.
///
/// # Errors
///
/// When the database is away, or a kind cannot be read.
pub async fn open(c: &mut PgConnection) -> Result<Vec<OpenJob>, StoreError> {
    let rows = sqlx::query!(
        r#"select id, kind, target, done, total, state = 'running' as "running!",
                  greatest(0, extract(epoch from clock() - asked_at))::float8 as "age!"
           from job where state in ('waiting', 'running') order by id"#
    )
    .fetch_all(c)
    .await?;
    let read = rows.into_iter().map(|row| {
        Ok(OpenJob {
            job: Job { id: JobId(row.id), kind: row.kind.parse()?, target: row.target },
            age: Duration::from_secs_f64(row.age),
            done: row.done.unsigned_abs(),
            total: row.total.map(i64::unsigned_abs),
            is_running: row.running,
        })
    });
    read.collect()
}

/// How a job ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ended {
    /// It was done.
    Done,
    /// It cannot be done.
    Failed,
}

/// Ends a job with a sentence for whoever asked.
///
/// # Errors
///
/// When the database is away.
pub async fn end(
    c: &mut PgConnection,
    worker: WorkerId,
    job: JobId,
    ended: Ended,
    note: &str,
) -> Result<(), StoreError> {
    let state = match ended {
        Ended::Done => "done",
        Ended::Failed => "failed",
    };
    sqlx::query!(
        "update job set state = $3, note = $4, finished_at = clock(), lease_until = null
         where id = $1 and worker = $2 and state = 'running'",
        job.0,
        worker.0,
        state,
        note
    )
    .execute(c)
    .await?;
    Ok(())
}

/// How far a job is, or how it ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum JobState {
    /// Nobody has it in hand.
    Waiting,
    /// Somebody has it in hand.
    Running,
    /// It is over.
    Over(Ended),
}

/// A job as the desk shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Run {
    /// The job.
    pub job: Job,
    /// How far it is, or how it ended.
    pub state: JobState,
    /// How long ago it was asked for.
    pub age: Duration,
    /// How long ago it ended; none while it is open.
    pub ended_ago: Option<Duration>,
    /// Pages done so far.
    pub done: u64,
    /// Of so many, where that is known.
    pub total: Option<u64>,
    /// What it came to, in a sentence.
    pub note: String,
}

/// All jobs, the latest first: `limit` of them after `offset`, and how many there are in all.
///
/// # Errors
///
/// When the database is away, or a row cannot be read.
pub async fn runs(c: &mut PgConnection, offset: i64, limit: i64) -> Result<(Vec<Run>, u64), StoreError> {
    let count = sqlx::query_scalar!(r#"select count(*) as "count!" from job"#).fetch_one(&mut *c).await?;
    let rows = sqlx::query!(
        r#"select id, kind, target, state, done, total, note,
                  greatest(0, extract(epoch from clock() - asked_at))::float8 as "age!",
                  greatest(0, extract(epoch from clock() - finished_at))::float8 as ended
           from job order by state in ('waiting', 'running') desc, id desc offset $1 limit $2"#,
        offset,
        limit
    )
    .fetch_all(c)
    .await?;
    let read = rows.into_iter().map(|row| {
        let state = match row.state.as_str() {
            "waiting" => JobState::Waiting,
            "running" => JobState::Running,
            "done" => JobState::Over(Ended::Done),
            "failed" => JobState::Over(Ended::Failed),
            other => return Err(StoreError::Unreadable { what: "state of a job", value: other.to_owned() }),
        };
        Ok(Run {
            job: Job { id: JobId(row.id), kind: row.kind.parse()?, target: row.target },
            state,
            age: Duration::from_secs_f64(row.age),
            // A job that is open has no end, and its null is not nought.
            ended_ago: match state {
                JobState::Over(_) => row.ended.map(Duration::from_secs_f64),
                JobState::Waiting | JobState::Running => None,
            },
            done: row.done.unsigned_abs(),
            total: row.total.map(i64::unsigned_abs),
            note: row.note,
        })
    });
    Ok((read.collect::<Result<_, StoreError>>()?, count.unsigned_abs()))
}

/// Forgets jobs that ended longer ago than that: each day's passes of the rank alone are a hundred.
///
/// # Errors
///
/// When the database is away.
pub async fn forget(c: &mut PgConnection, older_than: Duration) -> Result<(), StoreError> {
    sqlx::query!(
        "delete from job where state in ('done', 'failed') and finished_at < clock() - make_interval(secs => $1)",
        older_than.as_secs_f64()
    )
    .execute(c)
    .await?;
    Ok(())
}

/// How many jobs failed within the last so long.
///
/// # Errors
///
/// When the database is away.
pub async fn failed(c: &mut PgConnection, back: Duration) -> Result<u64, StoreError> {
    let count = sqlx::query_scalar!(
        r#"select count(*) as "count!" from job
           where state = 'failed' and finished_at > clock() - make_interval(secs => $1)"#,
        back.as_secs_f64()
    )
    .fetch_one(c)
    .await?;
    Ok(count.unsigned_abs())
}
