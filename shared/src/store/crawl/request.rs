//! Every request sent: owners can see what we asked of them and when.

use super::super::pool::StoreError;
use std::time::Duration;

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
