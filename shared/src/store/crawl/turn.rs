//! A turn: one capsule's lease on a worker, together with its last known address.
//!
//! The lease is taken in one short transaction with `skip locked`, so any number of workers on any
//! machines share one store without waiting for each other. It carries a token that every later write of
//! the turn is checked against: a worker that was away too long finds that its token is no longer the one
//! in the row, and what it brings is left out.

use super::super::page_tx::{PageTx, ToBeDue};
use super::super::pool::StoreError;
use std::collections::{HashMap, HashSet};
use std::net::IpAddr;
use std::time::Duration;

use chrono::{DateTime, Utc};
use sqlx::PgConnection;

use super::super::codec;
use super::super::id::{CapsuleId, LeaseToken, WorkerId};
use crate::gemini::host::CapsuleAddr;

/// How long a lease lasts without being renewed.
pub const LEASE: Duration = Duration::from_secs(120);
const LEASE_S: f64 = 120.0;

/// A capsule leased for a turn.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Leased {
    /// The capsule.
    pub capsule: CapsuleId,
    /// Its host and port.
    pub addr: CapsuleAddr,
    /// Its last known address, leased with it; none when it was never resolved.
    pub ip: Option<IpAddr>,
    /// What later writes are checked against.
    pub token: LeaseToken,
}

/// The time of one process as its worker: from the moment that it took over from the process before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shift {
    /// Whose.
    pub worker: WorkerId,
    began: DateTime<Utc>,
}

/// Leases up to `at_most` capsules that have something due, those that have waited longest first, each with
/// its address. Of several capsules at one address one is leased. Nothing where another process has taken over: what
/// a dead one had still sent to the database is not to be leased to nobody.
///
/// # Errors
///
/// When the database is away, or a row cannot be read.
pub async fn lease(c: &mut PgConnection, shift: &Shift, at_most: usize) -> Result<Vec<Leased>, StoreError> {
    let worker = shift.worker;
    // The worker first: whoever takes over waits for this, and then sees what was leased.
    let is_on = sqlx::query_scalar!(
        r#"select started_at = $2 as "is_on!" from worker where id = $1 for share"#,
        worker.0,
        shift.began
    );
    if is_on.fetch_optional(&mut *c).await? != Some(true) {
        return Ok(Vec::new());
    }
    let at_most = i64::try_from(at_most).unwrap_or(i64::MAX);
    let mut candidates = sqlx::query!(
        r#"select c.id, c.host, c.port, c.ip as "ip: IpAddr" from capsule c
           where c.due_at <= clock() and (c.lease_until is null or c.lease_until <= clock())
             -- A turn that never gave back has claimed a moment that due_at does not know.
             and c.next_at <= clock()
             and not exists (select from address a
                             where a.ip = c.ip and (a.lease_until > clock() or a.next_at > clock()))
             -- What the admin has paused; a paused site's pages are left out by the brief.
             and not exists (select from pause p
                             where p.scope = 'everything'
                                or p.scope = 'capsule' and p.host = c.host and p.port = c.port
                                or p.scope = 'domain' and (c.host = p.host or c.host like '%.' || p.host))
           order by c.due_at, c.id limit $1 for no key update of c skip locked"#,
        at_most.saturating_mul(4),
    )
    .fetch_all(&mut *c)
    .await?;
    // One capsule per address, the one that has waited longest.
    let mut taken = HashSet::new();
    candidates.retain(|row| row.ip.is_none_or(|ip| taken.insert(ip)));
    candidates.truncate(usize::try_from(at_most).unwrap_or(usize::MAX));
    let addresses: Vec<IpAddr> = candidates.iter().filter_map(|row| row.ip).collect();
    let free: HashSet<IpAddr> = sqlx::query_scalar!(
        r#"select ip as "ip: IpAddr" from address
           where ip = any($1) and (lease_until is null or lease_until <= clock()) and next_at <= clock()
           for no key update skip locked"#,
        &addresses as &[IpAddr]
    )
    .fetch_all(&mut *c)
    .await?
    .into_iter()
    .collect();
    candidates.retain(|row| row.ip.is_none_or(|ip| free.contains(&ip)));
    let ids: Vec<i64> = candidates.iter().map(|row| row.id).collect();
    let tokens: HashMap<i64, i64> = sqlx::query!(
        r#"update capsule set worker = $2, token = nextval('lease_token'),
                              lease_until = clock() + make_interval(secs => $3)
           where id = any($1) returning id, token as "token!""#,
        &ids,
        worker.0,
        LEASE_S
    )
    .fetch_all(&mut *c)
    .await?
    .into_iter()
    .map(|row| (row.id, row.token))
    .collect();
    let mut leased = Vec::with_capacity(candidates.len());
    for row in candidates {
        let Some(&token) = tokens.get(&row.id) else { continue };
        leased.push(Leased {
            capsule: CapsuleId(row.id),
            addr: codec::capsule_addr(&row.host, row.port)?,
            ip: row.ip,
            token: LeaseToken(token),
        });
    }
    take_addresses(c, worker, &leased).await?;
    Ok(leased)
}

/// How long until something that rests now, the capsule or its address, may be leased; none: not within `horizon`.
/// Rows that others hold are left out, for their end is announced by nobody but them.
///
/// # Errors
///
/// When the database is away.
pub async fn soonest(c: &mut PgConnection, horizon: Duration) -> Result<Option<Duration>, StoreError> {
    let seconds = sqlx::query_scalar!(
        r#"select extract(epoch from min(greatest(c.due_at, c.next_at, a.next_at)) - clock())::float8
           from capsule c left join address a on a.ip = c.ip
           where c.due_at <= clock() + make_interval(secs => $1)
             and c.next_at <= clock() + make_interval(secs => $1)
             and (c.lease_until is null or c.lease_until <= clock())
             and not exists (select from pause p
                             where p.scope = 'everything'
                                or p.scope = 'capsule' and p.host = c.host and p.port = c.port
                                or p.scope = 'domain' and (c.host = p.host or c.host like '%.' || p.host))
             and (a.ip is null
                  or (a.next_at <= clock() + make_interval(secs => $1)
                      and (a.lease_until is null or a.lease_until <= clock())))"#,
        horizon.as_secs_f64()
    )
    .fetch_one(c)
    .await?;
    Ok(seconds.map(|seconds| Duration::from_secs_f64(seconds.max(0.0))))
}

/// Leases the addresses of freshly leased capsules; their rows are locked by the lease.
async fn take_addresses(c: &mut PgConnection, worker: WorkerId, leased: &[Leased]) -> Result<(), StoreError> {
    let (addresses, tokens): (Vec<IpAddr>, Vec<i64>) =
        leased.iter().filter_map(|turn| turn.ip.map(|ip| (ip, turn.token.0))).unzip();
    sqlx::query!(
        "update address a set worker = $3, token = t.token, lease_until = clock() + make_interval(secs => $4)
         from unnest($1::inet[], $2::bigint[]) as t (ip, token) where a.ip = t.ip",
        &addresses as &[IpAddr],
        &tokens,
        worker.0,
        LEASE_S
    )
    .execute(c)
    .await?;
    Ok(())
}

/// Renews a lease and that of its address for another [`LEASE`]. False: it was lost.
///
/// # Errors
///
/// When the database is away.
pub async fn renew(c: &mut PgConnection, leased: &Leased) -> Result<bool, StoreError> {
    sqlx::query!(
        "update address set lease_until = clock() + make_interval(secs => $2) where token = $1 and lease_until > clock()",
        leased.token.0,
        LEASE_S
    )
    .execute(&mut *c)
    .await?;
    let renewed = sqlx::query!(
        "update capsule set lease_until = clock() + make_interval(secs => $3)
         where id = $1 and token = $2 and lease_until > clock()",
        leased.capsule.0,
        leased.token.0,
        LEASE_S
    )
    .execute(c)
    .await?;
    Ok(renewed.rows_affected() == 1)
}

/// Stores when the capsule and its address may be connected to next, **before** a connection is opened: a
/// worker that crashes in between has still used the moment up. False: the lease was lost, open nothing.
///
/// # Errors
///
/// When the database is away.
pub async fn claim(c: &mut PgConnection, leased: &Leased, gap: Duration) -> Result<bool, StoreError> {
    sqlx::query!(
        "update address set next_at = greatest(next_at, clock() + make_interval(secs => $2))
         where token = $1 and lease_until > clock()",
        leased.token.0,
        gap.as_secs_f64()
    )
    .execute(&mut *c)
    .await?;
    let claimed = sqlx::query!(
        "update capsule set next_at = greatest(next_at, clock() + make_interval(secs => $3))
         where id = $1 and token = $2 and lease_until > clock()",
        leased.capsule.0,
        leased.token.0,
        gap.as_secs_f64()
    )
    .execute(c)
    .await?;
    Ok(claimed.rows_affected() == 1)
}

/// For how long a capsule is left alone after a turn, beyond the gap.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pause {
    /// No longer than its pages say.
    None,
    /// Nothing at all is asked of it: it said so (status 44), or its rules cannot be read.
    Capsule(Duration),
    /// What is due now waits, for its sites have used up their day; a page of another site that is found or asked
    /// for in the meantime does not.
    Due(Duration),
}

impl Pause {
    /// How long nothing is asked.
    const fn of_capsule(self) -> Duration {
        match self {
            Self::Capsule(span) => span,
            Self::None | Self::Due(_) => Duration::ZERO,
        }
    }

    /// How long nothing is due.
    const fn of_due(self) -> Duration {
        match self {
            Self::Capsule(span) | Self::Due(span) => span,
            Self::None => Duration::ZERO,
        }
    }
}

/// A turn's end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GiveBack {
    /// The lease that ends.
    pub leased: Leased,
    /// The pause after the last request, for capsule and address.
    pub gap: Duration,
    /// At which address it was found; none: it has none any more.
    pub ip: Option<IpAddr>,
    /// A pause of the capsule alone.
    pub pause: Pause,
}

/// Ends turns: the leases are given up and each capsule's next turn is computed from its due pages. Runs in
/// the transaction of the turn's last visit, after it; leases that were lost are left alone. Pages that are written
/// only at the transaction's end count as what they are to be. The addresses are freed by
/// [`super::address::release`], which comes first in the lock order.
///
/// # Errors
///
/// When the database is away.
pub async fn give_back(tx: &mut PageTx, turns: &[GiveBack]) -> Result<(), StoreError> {
    if turns.is_empty() {
        return Ok(());
    }
    let ids: Vec<i64> = turns.iter().map(|turn| turn.leased.capsule.0).collect();
    let tokens: Vec<i64> = turns.iter().map(|turn| turn.leased.token.0).collect();
    let gaps: Vec<f64> = turns.iter().map(|turn| turn.gap.as_secs_f64()).collect();
    let rests: Vec<f64> = turns.iter().map(|turn| turn.pause.of_capsule().as_secs_f64()).collect();
    let waits: Vec<f64> = turns.iter().map(|turn| turn.pause.of_due().as_secs_f64()).collect();
    let addresses: Vec<Option<IpAddr>> = turns.iter().map(|turn| turn.ip).collect();
    let ending: HashSet<CapsuleId> = turns.iter().map(|turn| turn.leased.capsule).collect();
    let last: Vec<ToBeDue> = tx.to_be_due().filter(|page| ending.contains(&page.capsule)).collect();
    let written_last: Vec<i64> = last.iter().map(|page| page.page.0).collect();
    let due_of: Vec<i64> = last.iter().map(|page| page.capsule.0).collect();
    let due: Vec<Option<f64>> = last.iter().map(|page| page.in_seconds).collect();
    sqlx::query!(
        "update capsule c
         set worker = null, token = null, lease_until = null, ip = t.ip,
             next_at = greatest(c.next_at, clock() + make_interval(secs => t.gap_s),
                                clock() + make_interval(secs => nullif(t.rest_s, 0))),
             due_at = (select greatest(min(due.at), c.next_at, clock() + make_interval(secs => t.gap_s),
                                       clock() + make_interval(secs => nullif(t.wait_s, 0)), c.breaker_until)
                       from ((select p.due_at as at from page p
                              where p.capsule = c.id and p.due_at is not null and p.id <> all ($7::bigint[])
                              order by p.due_at limit 1)
                             union all
                             (select clock() + make_interval(secs => min(w.due_s))
                              from unnest($8::bigint[], $9::float8[]) as w (capsule, due_s)
                              where w.capsule = c.id having count(w.due_s) > 0)) due
                       having count(*) > 0)
         from (select l.id, v.token, v.gap_s, v.rest_s, v.wait_s, v.ip
               from unnest($1::bigint[], $2::bigint[], $3::float8[], $4::float8[], $5::float8[], $6::inet[])
                    as v (id, token, gap_s, rest_s, wait_s, ip)
               join capsule l on l.id = v.id and l.token = v.token
               order by l.id for no key update of l) t
         where c.id = t.id and c.token = t.token",
        &ids,
        &tokens,
        &gaps,
        &rests,
        &waits,
        &addresses as &[Option<IpAddr>],
        &written_last,
        &due_of,
        &due as &[Option<f64>]
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// Takes over from an earlier process of this worker, which is dead, for its state folder is ours: what it had leased
/// is taken back, and it leases nothing more. Returns how many leases those were. Nobody knows when its last
/// connections ended or how long they had lasted, so capsules and addresses are left alone for `rest`.
///
/// # Errors
///
/// When the database is away.
pub async fn take_over(
    c: &mut PgConnection,
    worker: WorkerId,
    rest: Duration,
) -> Result<(Shift, u64), StoreError> {
    // Another moment than the last, whatever the clock says.
    let began = sqlx::query_scalar!(
        "insert into worker (id) values ($1)
         on conflict (id) do update
             set started_at = greatest(clock(), worker.started_at + interval '1 millisecond')
         returning started_at",
        worker.0
    )
    .fetch_one(&mut *c)
    .await?;
    sqlx::query!(
        "update address a set worker = null, token = null, lease_until = null,
                              next_at = greatest(a.next_at, clock() + make_interval(secs => $2))
         from (select ip from address where worker = $1 order by ip for no key update) mine where a.ip = mine.ip",
        worker.0,
        rest.as_secs_f64()
    )
    .execute(&mut *c)
    .await?;
    let freed = sqlx::query!(
        "update capsule c set worker = null, token = null, lease_until = null,
                              next_at = greatest(c.next_at, clock() + make_interval(secs => $2)),
                              due_at = greatest(c.due_at, clock() + make_interval(secs => $2))
         from (select id from capsule where worker = $1 order by id for no key update) mine where c.id = mine.id",
        worker.0,
        rest.as_secs_f64()
    )
    .execute(c)
    .await?;
    Ok((Shift { worker, began }, freed.rows_affected()))
}

/// What is waiting, for progress and for stating idleness.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Backlog {
    /// Capsules that have something due now.
    pub due_capsules: u64,
    /// How long until the next one is; none: nothing is due ever.
    pub next_in: Option<Duration>,
    /// Capsules that are left alone, for they did not answer.
    pub breakers: u64,
}

/// Looks how much is waiting.
///
/// # Errors
///
/// When the database is away.
pub async fn backlog(c: &mut PgConnection) -> Result<Backlog, StoreError> {
    let row = sqlx::query!(
        r#"select (select count(*) from capsule where due_at <= clock()) as "due!",
                  (select extract(epoch from min(due_at) - clock())::float8 from capsule) as next,
                  (select count(*) from capsule where breaker_until > clock()) as "breakers!""#
    )
    .fetch_one(c)
    .await?;
    Ok(Backlog {
        due_capsules: row.due.unsigned_abs(),
        breakers: row.breakers.unsigned_abs(),
        next_in: row.next.map(|seconds| Duration::from_secs_f64(seconds.max(0.0))),
    })
}
