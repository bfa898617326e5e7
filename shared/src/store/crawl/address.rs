//! Server addresses: one connection at a time to each, over all workers and all capsules that live there.

use super::super::pool::StoreError;
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
}

/// Leases another address of the turn's name, and gives up the one it held.
///
/// # Errors
///
/// When the database is away.
pub async fn swap(
    c: &mut PgConnection,
    worker: WorkerId,
    token: LeaseToken,
    ip: IpAddr,
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
    sqlx::query!(
        "update address set worker = null, token = null, lease_until = null where token = $1 and ip <> $2",
        token.0,
        ip as IpAddr
    )
    .execute(c)
    .await?;
    Ok(Claim::Ours { wait: Duration::from_secs_f64(wait) })
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
