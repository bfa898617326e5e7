//! What the desk draws over time: how much is due, open and behind, how full the disk is, and what came of the
//! requests of each hour.

use std::time::Duration;

use chrono::{DateTime, Utc};
use sqlx::PgConnection;

use super::super::pool::StoreError;

/// A figure at a moment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sample {
    /// What it counts: `due`, `sockets`, `lag.main`, `outcome.fetched` ...
    pub name: String,
    /// The beginning of its slot.
    pub at: DateTime<Utc>,
    /// The figure; of a gauge the greatest in its slot.
    pub value: u64,
}

/// The fullness of a disk, in bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Disk {
    /// What is taken, by whomever.
    pub used_bytes: u64,
    /// All of it.
    pub total_bytes: u64,
}

/// Takes the gauges of this moment into its slot of ten minutes, and counts the requests of the running hour and of
/// those before it that were not counted to their end. Any number of servers may do it.
///
/// # Errors
///
/// When the database is away.
pub async fn take(c: &mut PgConnection, disk: Option<Disk>) -> Result<(), StoreError> {
    let (used, total) = disk.map(|disk| (disk.used_bytes, disk.total_bytes)).unzip();
    sqlx::query!(
        "insert into sample as s (name, at, value)
         select name, date_bin('10 minutes', clock(), 'epoch'), value from (
             select 'due' as name, count(*) as value from capsule where due_at <= clock()
             union all
             select 'breakers', count(*) from capsule where breaker_until > clock()
             union all
             select 'sockets', coalesce(sum(jsonb_array_length(connections)), 0)::bigint
             from worker where beat_at > clock() - interval '2 min'
             union all
             select 'lag.' || f.name, (select count(*) from page where page.change > f.change) from follower f
             union all
             select 'disk.used', $1::bigint where $1::bigint is not null
             union all
             select 'disk.total', $2::bigint where $2::bigint is not null
         ) gauges
         on conflict (name, at) do update set value = greatest(s.value, excluded.value)",
        used.map(u64::cast_signed),
        total.map(u64::cast_signed)
    )
    .execute(&mut *c)
    .await?;
    // Requests are few hours old when they are counted first; what lies further back would be a long reading.
    sqlx::query!(
        "insert into sample as s (name, at, value)
         select 'outcome.' || outcome, date_trunc('hour', at), count(*) from request
         where at >= (select greatest(date_trunc('hour', clock()) - interval '48 hours',
                                      least(date_trunc('hour', clock()) - interval '1 hour',
                                            coalesce(max(at), '-infinity')))
                      from sample where name like 'outcome.%')
         group by 1, 2
         on conflict (name, at) do update set value = excluded.value"
    )
    .execute(c)
    .await?;
    Ok(())
}

/// Drops samples older than that.
///
/// # Errors
///
/// When the database is away.
pub async fn forget(c: &mut PgConnection, older_than: Duration) -> Result<(), StoreError> {
    sqlx::query!(
        "delete from sample where at < clock() - make_interval(secs => $1)",
        older_than.as_secs_f64()
    )
    .execute(c)
    .await?;
    Ok(())
}

/// All samples of the last so long whose names begin so, in the order of time: of each `step` the greatest.
///
/// # Errors
///
/// When the database is away.
pub async fn since(
    c: &mut PgConnection,
    prefix: &str,
    back: Duration,
    step: Duration,
) -> Result<Vec<Sample>, StoreError> {
    let rows = sqlx::query!(
        r#"select name, date_bin(make_interval(secs => $3), at, 'epoch') as "at!", max(value) as "value!"
           from sample where starts_with(name, $1) and at > clock() - make_interval(secs => $2)
           group by 1, 2 order by 2, 1"#,
        prefix,
        back.as_secs_f64(),
        step.as_secs_f64()
    )
    .fetch_all(c)
    .await?;
    Ok(rows
        .into_iter()
        .map(|row| Sample { name: row.name, at: row.at, value: row.value.unsigned_abs() })
        .collect())
}
