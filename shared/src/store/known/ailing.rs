//! Capsules in trouble: such as do not answer, are left alone, or have asked to be visited more slowly.

use std::time::Duration;

use chrono::{DateTime, Utc};
use sqlx::PgConnection;

use super::super::codec;
use super::super::pool::StoreError;
use super::listing::Part;
use crate::gemini::host::CapsuleAddr;

/// A capsule in trouble.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ailing {
    /// Which one.
    pub addr: CapsuleAddr,
    /// Connection failures in a row.
    pub failures: u32,
    /// Since when it has not answered; none: it answers.
    pub failing_since: Option<DateTime<Utc>>,
    /// Until when it is left alone.
    pub breaker_until: Option<DateTime<Utc>>,
    /// The gap that it asked for with status 44; none where it asked for none.
    pub slow_gap: Option<Duration>,
    /// Its last answer of any kind.
    pub answered_at: Option<DateTime<Utc>>,
    /// Its pages that can be found, as last counted.
    pub pages: Option<u64>,
}

/// What a part of the list is.
#[derive(Clone, Debug)]
pub struct Ward {
    /// The capsules of the part: those with most pages first, for they are missed most.
    pub capsules: Vec<Ailing>,
    /// How many there are in all.
    pub count: u64,
    /// The moment of reading.
    pub now: DateTime<Utc>,
}

/// Capsules in trouble.
///
/// # Errors
///
/// When the database is away, or a row cannot be read.
pub async fn all(c: &mut PgConnection, part: Part) -> Result<Ward, StoreError> {
    let head = sqlx::query!(
        r#"select clock() as "now!",
                  (select count(*) from capsule
                   where failing_since is not null or breaker_until > clock() or slow_gap_ms > 0) as "count!""#
    )
    .fetch_one(&mut *c)
    .await?;
    let rows = sqlx::query!(
        r#"select c.host, c.port, c.failures, c.failing_since, c.slow_gap_ms, c.answered_at,
                  case when c.breaker_until > clock() then c.breaker_until end as breaker_until,
                  f.searchable as "pages?"
           from capsule c left join capsule_figure f on f.capsule = c.id
           where c.failing_since is not null or c.breaker_until > clock() or c.slow_gap_ms > 0
           order by coalesce(f.searchable, 0) desc, c.failing_since, c.host, c.port offset $1 limit $2"#,
        part.offset,
        part.limit
    )
    .fetch_all(c)
    .await?;
    let read = rows.into_iter().map(|row| {
        Ok(Ailing {
            addr: codec::capsule_addr(&row.host, row.port)?,
            failures: row.failures.unsigned_abs(),
            failing_since: row.failing_since,
            breaker_until: row.breaker_until,
            slow_gap: (row.slow_gap_ms > 0).then(|| Duration::from_millis(row.slow_gap_ms.unsigned_abs())),
            answered_at: row.answered_at,
            pages: row.pages.map(i64::unsigned_abs),
        })
    });
    let capsules = read.collect::<Result<_, StoreError>>()?;
    Ok(Ward { capsules, count: head.count.unsigned_abs(), now: head.now })
}
