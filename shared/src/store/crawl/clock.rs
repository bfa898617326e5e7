//! The store's clock was set back: moments that the wrong clock put into the future are brought back by as much.
//!
//! Without that, a clock that was a day ahead for a minute would leave every capsule that was visited in that minute
//! alone for a day. It is done capsule by capsule, so that a crash in between loses nothing and no transaction is
//! long; whichever worker sees it first begins, and any may go on.

use std::time::Duration;

use chrono::{DateTime, Utc};
use sqlx::PgConnection;

use super::super::page_tx::PageTx;
use super::super::pool::StoreError;

/// Clocks that differ by less are left to themselves.
pub const JUMP: Duration = Duration::from_secs(300);
const JUMP_S: f64 = 300.0;

/// Capsules of one transaction.
const SLICE: i64 = 200;

/// The store's clock, noted as seen.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Tick {
    /// What it shows.
    pub now: DateTime<Utc>,
    /// How far it is behind what it has shown before, where that is more than [`JUMP`].
    pub behind: Option<Duration>,
}

/// Reads the clock, and notes what it shows unless it was set back.
///
/// # Errors
///
/// When the database is away.
pub async fn tick(c: &mut PgConnection) -> Result<Tick, StoreError> {
    let row = sqlx::query!(
        r#"select clock() as "now!", extract(epoch from latest - clock())::float8 as "behind!" from store_clock"#
    )
    .fetch_one(&mut *c)
    .await?;
    let behind = Duration::from_secs_f64(row.behind.max(0.0));
    if behind > JUMP {
        return Ok(Tick { now: row.now, behind: Some(behind) });
    }
    // Another worker that does so at this moment does enough for both.
    sqlx::query!(
        "update store_clock set latest = greatest(latest, clock())
         where is_one = (select is_one from store_clock for no key update skip locked)"
    )
    .execute(c)
    .await?;
    Ok(Tick { now: row.now, behind: None })
}

/// Brings back the moments of some capsules after the clock was set back. False: all are done.
///
/// # Errors
///
/// When the database is away; then nothing of this slice is done.
pub async fn bring_back(tx: &mut PageTx) -> Result<bool, StoreError> {
    let row = sqlx::query!(
        r#"select cursor, extract(epoch from latest - clock())::float8 as "by!" from store_clock for no key update"#
    )
    .fetch_one(&mut **tx)
    .await?;
    if row.by < JUMP_S {
        return Ok(false);
    }
    if row.cursor == 0 {
        sqlx::query!(
            "update address a
             set next_at = case when a.next_at > clock() then a.next_at - make_interval(secs => $1) else a.next_at end,
                 lease_until = case when a.lease_until > clock() then a.lease_until - make_interval(secs => $1)
                                    else a.lease_until end
             from (select ip from address where next_at > clock() or lease_until > clock()
                   order by ip for no key update) locked
             where a.ip = locked.ip",
            row.by
        )
        .execute(&mut **tx)
        .await?;
    }
    let capsules: Vec<i64> = sqlx::query_scalar!(
        "select id from capsule where id > $1 order by id limit $2 for no key update",
        row.cursor,
        SLICE
    )
    .fetch_all(&mut **tx)
    .await?;
    let Some(last) = capsules.last().copied() else {
        sqlx::query!("update store_clock set latest = clock(), cursor = 0").execute(&mut **tx).await?;
        return Ok(false);
    };
    let by = row.by;
    sqlx::query!(
        "update capsule
         set due_at = case when due_at > clock() then due_at - make_interval(secs => $2) else due_at end,
             next_at = case when next_at > clock() then next_at - make_interval(secs => $2) else next_at end,
             breaker_until = case when breaker_until > clock() then breaker_until - make_interval(secs => $2)
                                  else breaker_until end,
             lease_until = case when lease_until > clock() then lease_until - make_interval(secs => $2)
                                else lease_until end
         where id = any($1)",
        &capsules,
        by
    )
    .execute(&mut **tx)
    .await?;
    sqlx::query!(
        "update page p set due_at = p.due_at - make_interval(secs => $2)
         from (select capsule, id from page where capsule = any($1) and due_at > clock()
               order by capsule, id for no key update) locked
         where p.capsule = locked.capsule and p.id = locked.id",
        &capsules,
        by
    )
    .execute(&mut **tx)
    .await?;
    sqlx::query!(
        "update robots set ask_again = ask_again - make_interval(secs => $2)
         where capsule = any($1) and ask_again > clock()",
        &capsules,
        by
    )
    .execute(&mut **tx)
    .await?;
    sqlx::query!("update store_clock set cursor = $1", last).execute(&mut **tx).await?;
    Ok(true)
}
