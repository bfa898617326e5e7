//! Capsules: their pace and their breaker, and which of a batch's leases still hold.

use super::super::pool::StoreError;
use std::collections::{HashMap, HashSet};
use std::time::Duration;

use sqlx::PgConnection;

use super::super::codec;
use super::super::id::{CapsuleId, LeaseToken};
use crate::gemini::host::CapsuleAddr;
use crate::gemini::text::OneLine;

/// How a capsule has behaved; the policies turn one state into the next.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct CapsuleState {
    /// The gap that status 44 asked for; zero: none.
    pub slow_gap: Duration,
    /// Connection failures in a row.
    pub failures: u32,
    /// How long it has not answered; none while it answers.
    pub failing_for: Option<Duration>,
    /// How long ago it last answered; none: never.
    pub answered_ago: Option<Duration>,
    /// Whether to ask whom it names for holes in it: not before it has been known for a day.
    pub wants_contact: bool,
}

/// The next capsules after `after`, at most `at_most`, in the order of their ids.
///
/// # Errors
///
/// When the database is away.
pub async fn next(
    c: &mut PgConnection,
    after: CapsuleId,
    at_most: i64,
) -> Result<Vec<CapsuleId>, StoreError> {
    let ids =
        sqlx::query_scalar!("select id from capsule where id > $1 order by id limit $2", after.0, at_most)
            .fetch_all(c)
            .await?;
    Ok(ids.into_iter().map(CapsuleId).collect())
}

/// Locks a capsule.
///
/// # Errors
///
/// When the database is away.
pub async fn lock(c: &mut PgConnection, capsule: CapsuleId) -> Result<(), StoreError> {
    sqlx::query!("select id from capsule where id = $1 for no key update", capsule.0)
        .fetch_optional(c)
        .await?;
    Ok(())
}

/// Reads a capsule's state.
///
/// # Errors
///
/// When the database is away.
pub async fn state(c: &mut PgConnection, capsule: CapsuleId) -> Result<CapsuleState, StoreError> {
    let row = sqlx::query!(
        r#"select slow_gap_ms, failures,
                  greatest(0, extract(epoch from clock() - failing_since))::float8 as failing_s,
                  greatest(0, extract(epoch from clock() - answered_at))::float8 as answered_s,
                  failing_since is null as "answers!", answered_at is null as "never!",
                  first_seen < clock() - interval '1 day' and coalesce(contact_again <= clock(), true) as "wants_contact!"
           from capsule where id = $1"#,
        capsule.0
    )
    .fetch_one(c)
    .await?;
    Ok(CapsuleState {
        slow_gap: Duration::from_millis(row.slow_gap_ms.unsigned_abs()),
        failures: row.failures.unsigned_abs(),
        failing_for: row.failing_s.filter(|_| !row.answers).map(Duration::from_secs_f64),
        answered_ago: row.answered_s.filter(|_| !row.never).map(Duration::from_secs_f64),
        wants_contact: row.wants_contact,
    })
}

/// What asking a capsule for its contact came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Contact {
    /// These are its lines.
    Says(Vec<OneLine>),
    /// It names nobody.
    Nobody,
    /// It could not be asked; what it said before is kept.
    Unknown,
}

/// Keeps whom a leased capsule names for holes in it, and when to ask again. False: the lease was lost.
///
/// # Errors
///
/// When the database is away.
pub async fn keep_contact(
    c: &mut PgConnection,
    (capsule, token): (CapsuleId, LeaseToken),
    contact: &Contact,
    again: Duration,
) -> Result<bool, StoreError> {
    let (is_known, said) = match contact {
        Contact::Says(lines) => (true, Some(codec::texts(lines).join("\n"))),
        Contact::Nobody => (true, None),
        Contact::Unknown => (false, None),
    };
    let kept = sqlx::query!(
        "update capsule set contact = case when $3 then $4 else contact end,
                            contact_again = clock() + make_interval(secs => $5)
         where id = $1 and token = $2 and lease_until > clock()",
        capsule.0,
        token.0,
        is_known,
        said,
        again.as_secs_f64()
    )
    .execute(c)
    .await?;
    Ok(kept.rows_affected() == 1)
}

/// A capsule after a visit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CapsuleAfter {
    /// Which one.
    pub capsule: CapsuleId,
    /// The gap that status 44 asked for.
    pub slow_gap: Duration,
    /// Connection failures in a row, this visit included.
    pub failures: u32,
    /// How long its breaker stays open; none: closed.
    pub breaker: Option<Duration>,
    /// Whether it answered this time.
    pub answer: Answer,
}

/// Whether a capsule answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answer {
    /// It answered something.
    Came,
    /// It could not be reached.
    Failed,
    /// Nothing was asked of it, or it was our own machine's fault.
    NotAsked,
}

/// What a batch may write.
#[derive(Clone, Debug, Default)]
pub struct Entered {
    /// Leased capsules whose token still holds; all others' visits are left out.
    pub held: HashSet<CapsuleId>,
    /// The capsules of new links, those that were new themselves included.
    pub targets: HashMap<CapsuleAddr, CapsuleId>,
}

/// Locks the capsules of a batch, in the order of ids: those of its leases and those that get new pages.
/// Capsules not known yet are made, after all locks, in the order of their addresses, and what another batch has made
/// meanwhile is locked too.
///
/// # Errors
///
/// When the database is away.
pub async fn enter(
    c: &mut PgConnection,
    leases: &[(CapsuleId, LeaseToken)],
    targets: &[CapsuleAddr],
) -> Result<Entered, StoreError> {
    let mut targets = targets.to_vec();
    targets.sort();
    targets.dedup();
    let hosts = codec::texts(targets.iter().map(CapsuleAddr::host));
    let ports: Vec<i32> = targets.iter().map(|target| i32::from(target.port())).collect();
    let leased: Vec<i64> = leases.iter().map(|(capsule, _)| capsule.0).collect();
    // One list of ids: two conditions with "or" between them are a walk through all capsules.
    let locked = sqlx::query!(
        "select c.id, c.token, coalesce(c.lease_until > clock(), false) as \"live!\" from capsule c
         where c.id in (select unnest($1::bigint[])
                        union
                        select k.id from capsule k
                        join unnest($2::text[], $3::integer[]) as t (host, port) on (k.host, k.port) = (t.host, t.port))
         order by c.id for no key update of c",
        &leased,
        &hosts,
        &ports
    )
    .fetch_all(&mut *c)
    .await?;
    let tokens: HashMap<i64, Option<i64>> =
        locked.into_iter().filter(|row| row.live).map(|row| (row.id, row.token)).collect();
    let held = leases
        .iter()
        .filter(|(capsule, token)| tokens.get(&capsule.0) == Some(&Some(token.0)))
        .map(|(capsule, _)| *capsule)
        .collect();
    let targets = make(c, &hosts, &ports).await?;
    Ok(Entered { held, targets })
}

/// Makes capsules that are not known yet and returns the ids of all; nothing is due in them before a page is.
async fn make(
    c: &mut PgConnection,
    hosts: &[String],
    ports: &[i32],
) -> Result<HashMap<CapsuleAddr, CapsuleId>, StoreError> {
    if hosts.is_empty() {
        return Ok(HashMap::new());
    }
    sqlx::query!(
        "insert into capsule (host, port)
         select t.host, t.port from unnest($1::text[], $2::integer[]) as t (host, port)
         where not exists (select from capsule k where (k.host, k.port) = (t.host, t.port))
         order by t.host, t.port
         on conflict (host, port) do nothing",
        hosts,
        ports
    )
    .execute(&mut *c)
    .await?;
    let rows = sqlx::query!(
        "select k.id, k.host, k.port from capsule k
         join unnest($1::text[], $2::integer[]) as t (host, port) on (k.host, k.port) = (t.host, t.port)
         order by k.id for no key update of k",
        hosts,
        ports
    )
    .fetch_all(c)
    .await?;
    rows.into_iter().map(|row| Ok((codec::capsule_addr(&row.host, row.port)?, CapsuleId(row.id)))).collect()
}

/// Writes how capsules stand after their visits. Their rows are locked by [`enter`].
///
/// # Errors
///
/// When the database is away.
pub async fn settle(c: &mut PgConnection, after: &[CapsuleAfter]) -> Result<(), StoreError> {
    if after.is_empty() {
        return Ok(());
    }
    let ids: Vec<i64> = after.iter().map(|state| state.capsule.0).collect();
    let gaps: Vec<i64> = after.iter().map(|state| codec::millis(state.slow_gap)).collect();
    let failures: Vec<i32> = after.iter().map(|state| state.failures.cast_signed()).collect();
    let breakers: Vec<Option<f64>> =
        after.iter().map(|state| state.breaker.map(|open| open.as_secs_f64())).collect();
    let answers: Vec<Option<bool>> = after
        .iter()
        .map(|state| match state.answer {
            Answer::Came => Some(true),
            Answer::Failed => Some(false),
            Answer::NotAsked => None,
        })
        .collect();
    sqlx::query!(
        "update capsule c
         set slow_gap_ms = s.slow_gap_ms,
             failures = s.failures,
             breaker_until = clock() + make_interval(secs => s.breaker_s),
             answered_at = case when s.came then clock() else c.answered_at end,
             failing_since = case when s.came then null
                                  when not s.came then coalesce(c.failing_since, clock())
                                  else c.failing_since end
         from unnest($1::bigint[], $2::bigint[], $3::integer[], $4::float8[], $5::boolean[])
              as s (id, slow_gap_ms, failures, breaker_s, came)
         where c.id = s.id",
        &ids,
        &gaps,
        &failures,
        &breakers as &[Option<f64>],
        &answers as &[Option<bool>]
    )
    .execute(c)
    .await?;
    Ok(())
}

/// Makes capsules that got new or newly due pages ask for a turn, not before their pace and breaker allow.
///
/// # Errors
///
/// When the database is away.
pub async fn wake(c: &mut PgConnection, capsules: &[CapsuleId]) -> Result<(), StoreError> {
    if capsules.is_empty() {
        return Ok(());
    }
    let mut ids: Vec<i64> = capsules.iter().map(|capsule| capsule.0).collect();
    ids.sort_unstable();
    ids.dedup();
    sqlx::query!(
        "update capsule c
         set due_at = least(c.due_at, greatest(clock(), c.next_at, c.breaker_until))
         from (select id from capsule where id = any($1) order by id for no key update) locked
         where c.id = locked.id",
        &ids
    )
    .execute(c)
    .await?;
    Ok(())
}

/// Makes one capsule ask for a turn, as [`wake`] does.
///
/// # Errors
///
/// When the database is away.
pub async fn wake_at(c: &mut PgConnection, capsule: &CapsuleAddr) -> Result<(), StoreError> {
    sqlx::query!(
        "update capsule set due_at = least(due_at, greatest(clock(), next_at, breaker_until))
         where host = $1 and port = $2",
        capsule.host().as_str(),
        i32::from(capsule.port())
    )
    .execute(c)
    .await?;
    Ok(())
}

/// Makes capsules the next ones to be visited: before all that wait by themselves, and an open breaker is probed at
/// once. Their pace holds: the lease looks at `next_at` itself.
///
/// # Errors
///
/// When the database is away.
pub async fn hurry(c: &mut PgConnection, capsules: &[CapsuleId]) -> Result<(), StoreError> {
    if capsules.is_empty() {
        return Ok(());
    }
    let ids: Vec<i64> = capsules.iter().map(|capsule| capsule.0).collect();
    sqlx::query!(
        "update capsule c set due_at = 'epoch', breaker_until = null
         from (select id from capsule where id = any($1) order by id for no key update) locked
         where c.id = locked.id",
        &ids
    )
    .execute(c)
    .await?;
    Ok(())
}
