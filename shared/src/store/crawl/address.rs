//! Server addresses: one connection at a time to each, over all workers and all capsules that live there.

use super::super::pool::StoreError;
use std::collections::BTreeSet;
use std::net::IpAddr;
use std::time::Duration;

use sqlx::PgConnection;

use super::super::id::{LeaseToken, WorkerId};
use super::turn::GiveBack;

/// Whether an address may be connected to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Claim {
    /// It is leased with this turn now.
    Ours {
        /// How long to wait before connecting.
        wait: Duration,
    },
    /// Another turn has it.
    Taken,
    /// The capsule is new, and enough new ones have settled there today.
    Full {
        /// How long until the next day.
        wait: Duration,
    },
}

/// Leases another address of the turn's name, and gives up the one it held. A capsule that never had an address settles
/// at this one, if not `newcomers` have done so today already, or if as many domains as `vouchers` link to it. What
/// did not come by a link (a seed, a routed host) settles everywhere.
///
/// # Errors
///
/// When the database is away.
pub async fn swap(
    c: &mut PgConnection,
    worker: WorkerId,
    token: LeaseToken,
    ip: IpAddr,
    (newcomers, vouchers): (u32, usize),
) -> Result<Claim, StoreError> {
    sqlx::query!("insert into address (ip) values ($1) on conflict (ip) do nothing", ip as IpAddr)
        .execute(&mut *c)
        .await?;
    let claimed = sqlx::query_scalar!(
        r#"update address set worker = $2, token = $3, lease_until = clock() + interval '120 s'
           where ip = $1 and (lease_until is null or lease_until <= clock() or token = $3)
           returning extract(epoch from greatest(next_at, clock()) - clock())::float8 as "wait!""#,
        ip as IpAddr,
        worker.0,
        token.0
    )
    .fetch_optional(&mut *c)
    .await?;
    let Some(wait) = claimed else { return Ok(Claim::Taken) };
    if let Some(wait) = settle(c, token, ip, (newcomers, vouchers)).await? {
        return Ok(Claim::Full { wait });
    }
    sqlx::query!(
        "update address set worker = null, token = null, lease_until = null where token = $1 and ip <> $2",
        token.0,
        ip as IpAddr
    )
    .execute(c)
    .await?;
    Ok(Claim::Ours { wait: Duration::from_secs_f64(wait) })
}

/// Settles the turn's capsule at an address that it has just leased, if it is new. How long it has to wait, if it may
/// not; the address is free again then.
async fn settle(
    c: &mut PgConnection,
    token: LeaseToken,
    ip: IpAddr,
    (newcomers, vouchers): (u32, usize),
) -> Result<Option<Duration>, StoreError> {
    let newcomer = sqlx::query!(
        r#"select c.id, c.domain is null as "is_asked_for!",
                  a.newcomers_day = (clock() at time zone 'UTC')::date and a.newcomers_today >= $3 as "is_full!",
                  extract(epoch from date_trunc('day', clock() at time zone 'UTC') at time zone 'UTC'
                                     + interval '24 hours' - clock())::float8 as "wait!"
           from capsule c, address a where c.token = $1 and c.settled_at is null and a.ip = $2
           for no key update of c"#,
        token.0,
        ip as IpAddr,
        i32::try_from(newcomers).unwrap_or(i32::MAX)
    )
    .fetch_optional(&mut *c)
    .await?;
    let Some(newcomer) = newcomer else { return Ok(None) };
    if newcomer.is_full && !newcomer.is_asked_for {
        let linked_by = sqlx::query_scalar!(
            r#"select count(distinct coalesce(f.domain, f.host)) as "count!" from link l
               join capsule f on f.id = l.from_capsule join capsule t on t.id = l.to_capsule
               where l.to_capsule = $1 and coalesce(f.domain, f.host) is distinct from t.domain"#,
            newcomer.id
        )
        .fetch_one(&mut *c)
        .await?;
        if usize::try_from(linked_by).unwrap_or(0) < vouchers {
            sqlx::query!(
                "update address set worker = null, token = null, lease_until = null where token = $1",
                token.0
            )
            .execute(c)
            .await?;
            return Ok(Some(Duration::from_secs_f64(newcomer.wait.max(0.0))));
        }
    }
    if !newcomer.is_asked_for {
        sqlx::query!(
            "update address a
             set newcomers_today = 1 + case when a.newcomers_day = t.day then a.newcomers_today else 0 end,
                 newcomers_day = t.day
             from (select (clock() at time zone 'UTC')::date as day) t where a.ip = $1",
            ip as IpAddr
        )
        .execute(&mut *c)
        .await?;
    }
    sqlx::query!("update capsule set settled_at = clock() where id = $1", newcomer.id).execute(c).await?;
    Ok(None)
}

/// Frees the addresses of turns that end, with the pause after their last request. The first statement of a
/// batch: addresses come first in the lock order.
///
/// # Errors
///
/// When the database is away.
pub async fn release(c: &mut PgConnection, turns: &[GiveBack]) -> Result<(), StoreError> {
    if turns.is_empty() {
        return Ok(());
    }
    // A capsule was found at an address that is shut out: nobody leased it there, and the next lease wants its row.
    let found = turns.iter().filter(|turn| turn.ip != turn.leased.ip);
    let found: BTreeSet<IpAddr> = found.filter_map(|turn| turn.ip).collect();
    if !found.is_empty() {
        sqlx::query!(
            "insert into address (ip) select n from unnest($1::inet[]) as n order by n on conflict (ip) do nothing",
            &found.into_iter().collect::<Vec<IpAddr>>() as &[IpAddr]
        )
        .execute(&mut *c)
        .await?;
    }
    let tokens: Vec<i64> = turns.iter().map(|turn| turn.leased.token.0).collect();
    let gaps: Vec<f64> = turns.iter().map(|turn| turn.gap.as_secs_f64()).collect();
    sqlx::query!(
        "update address a
         set worker = null, token = null, lease_until = null,
             next_at = greatest(a.next_at, clock() + make_interval(secs => t.gap_s))
         from (select l.ip, v.gap_s from unnest($1::bigint[], $2::float8[]) as v (token, gap_s)
               join address l on l.token = v.token order by l.ip for no key update of l) t
         where a.ip = t.ip",
        &tokens,
        &gaps
    )
    .execute(c)
    .await?;
    Ok(())
}
