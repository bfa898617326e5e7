//! Every request sent: owners can see what we asked of them and when.

use super::super::pool::StoreError;
use std::time::Duration;

use chrono::{DateTime, Utc};
use sqlx::PgConnection;

use super::super::codec;
use super::super::id::CapsuleId;
use super::super::outcome::Outcome;

/// A request that was sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SentRequest {
    /// To whom.
    pub capsule: CapsuleId,
    /// Path and query.
    pub path: String,
    /// How it ended.
    pub outcome: Outcome,
    /// The status that came, if one came.
    pub status: Option<u8>,
    /// From connecting to the end.
    pub took: Duration,
    /// Bytes of the body that were read.
    pub size_bytes: u64,
}

/// Writes requests.
///
/// # Errors
///
/// When the database is away.
pub async fn record(c: &mut PgConnection, requests: &[SentRequest]) -> Result<(), StoreError> {
    if requests.is_empty() {
        return Ok(());
    }
    let capsules: Vec<i64> = requests.iter().map(|request| request.capsule.0).collect();
    let paths: Vec<String> = requests.iter().map(|request| request.path.clone()).collect();
    let outcomes = codec::texts(requests.iter().map(|request| request.outcome));
    let statuses: Vec<Option<i16>> = requests.iter().map(|request| request.status.map(i16::from)).collect();
    let took: Vec<i32> =
        requests.iter().map(|request| i32::try_from(request.took.as_millis()).unwrap_or(i32::MAX)).collect();
    let sizes: Vec<i64> = requests.iter().map(|request| request.size_bytes.cast_signed()).collect();
    sqlx::query!(
        "insert into request (capsule, path, outcome, status, duration_ms, size_bytes)
         select * from unnest($1::bigint[], $2::text[], $3::text[], $4::smallint[], $5::integer[], $6::bigint[])",
        &capsules,
        &paths,
        &outcomes,
        &statuses as &[Option<i16>],
        &took,
        &sizes
    )
    .execute(c)
    .await?;
    Ok(())
}

/// Makes the partitions of this month and the next, and drops those older than `keep`.
///
/// # Errors
///
/// When the database is away.
pub async fn upkeep(c: &mut PgConnection, keep: Duration) -> Result<(), StoreError> {
    sqlx::query!(
        "select request_partition(clock()) is null as this, request_partition(clock() + interval '1 month') is null as next"
    )
    .fetch_one(&mut *c)
    .await?;
    sqlx::query!("select request_drop_before(clock() - make_interval(secs => $1))", keep.as_secs_f64())
        .execute(c)
        .await?;
    Ok(())
}

/// A request as owners see it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LoggedRequest {
    /// When it was sent.
    pub at: DateTime<Utc>,
    /// Path and query.
    pub path: String,
    /// How it ended.
    pub outcome: Outcome,
    /// The status that came, if one came.
    pub status: Option<u8>,
    /// From connecting to the end.
    pub took: Duration,
    /// Bytes of the body that were read.
    pub size_bytes: u64,
}

/// The requests sent to a capsule, the newest first, `limit` of them after `offset`.
///
/// # Errors
///
/// When the database is away, or a row cannot be read.
pub async fn sent_to(
    c: &mut PgConnection,
    capsule: CapsuleId,
    offset: i64,
    limit: i64,
) -> Result<Vec<LoggedRequest>, StoreError> {
    let rows = sqlx::query!(
        "select at, path, outcome, status, duration_ms, size_bytes from request
         where capsule = $1 order by at desc, path offset $2 limit $3",
        capsule.0,
        offset,
        limit
    )
    .fetch_all(c)
    .await?;
    rows.into_iter()
        .map(|row| {
            Ok(LoggedRequest {
                at: row.at,
                path: row.path,
                outcome: codec::word("outcome", &row.outcome)?,
                status: row.status.and_then(|status| u8::try_from(status).ok()),
                took: Duration::from_millis(u64::from(row.duration_ms.unsigned_abs())),
                size_bytes: row.size_bytes.unsigned_abs(),
            })
        })
        .collect()
}

/// How many requests a capsule got in the last day, and when the last one was sent.
///
/// # Errors
///
/// When the database is away.
pub async fn of_last_day(
    c: &mut PgConnection,
    capsule: CapsuleId,
) -> Result<(u64, Option<DateTime<Utc>>), StoreError> {
    let row = sqlx::query!(
        r#"select (select count(*) from request where capsule = $1 and at > clock() - interval '1 day') as "count!",
                  (select max(at) from request where capsule = $1) as last"#,
        capsule.0
    )
    .fetch_one(c)
    .await?;
    Ok((row.count.unsigned_abs(), row.last))
}

/// What came of the requests of the last hour, the most frequent first.
///
/// # Errors
///
/// When the database is away, or an outcome cannot be read.
pub async fn last_hour(c: &mut PgConnection) -> Result<Vec<(Outcome, u64)>, StoreError> {
    let rows = sqlx::query!(
        r#"select outcome, count(*) as "count!" from request where at > clock() - interval '1 hour'
           group by outcome order by count(*) desc, outcome"#
    )
    .fetch_all(c)
    .await?;
    rows.into_iter()
        .map(|row| Ok((codec::word("outcome", &row.outcome)?, row.count.unsigned_abs())))
        .collect()
}
