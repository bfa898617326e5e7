//! Sites: what was asked of each today, and how many new URLs it brought.
//!
//! A day is a day of UTC; yesterday's figures count as nought.

use super::super::pool::StoreError;
use std::collections::HashMap;
use std::time::Duration;

use sqlx::PgConnection;

use super::super::id::CapsuleId;

/// What a site used today.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Usage {
    /// Requests sent.
    pub requests: u32,
    /// Bytes read.
    pub bytes: u64,
    /// URLs that its links added to the frontier.
    pub new_urls: u32,
}

/// A site's key: its capsule and its folder in it.
pub type SiteKey = (CapsuleId, String);

/// What sites used today; sites without a row have used nothing.
///
/// # Errors
///
/// When the database is away.
pub async fn usage(c: &mut PgConnection, sites: &[SiteKey]) -> Result<HashMap<SiteKey, Usage>, StoreError> {
    let (capsules, folders): (Vec<i64>, Vec<String>) =
        sites.iter().map(|(capsule, folder)| (capsule.0, folder.clone())).unzip();
    let rows = sqlx::query!(
        "select s.capsule, s.folder, s.requests_today, s.bytes_today, s.new_urls_today from site s
         join unnest($1::bigint[], $2::text[]) as w (capsule, folder) on (s.capsule, s.folder) = (w.capsule, w.folder)
         where s.day = (clock() at time zone 'UTC')::date",
        &capsules,
        &folders
    )
    .fetch_all(c)
    .await?;
    Ok(rows
        .into_iter()
        .map(|row| {
            let usage = Usage {
                requests: row.requests_today.unsigned_abs(),
                bytes: row.bytes_today.unsigned_abs(),
                new_urls: row.new_urls_today.unsigned_abs(),
            };
            ((CapsuleId(row.capsule), row.folder), usage)
        })
        .collect())
}

/// The folders of a capsule whose sites have used up today's requests or bytes.
///
/// # Errors
///
/// When the database is away.
pub async fn spent(
    c: &mut PgConnection,
    capsule: CapsuleId,
    requests: u32,
    bytes: u64,
) -> Result<Vec<String>, StoreError> {
    let folders = sqlx::query_scalar!(
        "select folder from site
         where capsule = $1 and day = (clock() at time zone 'UTC')::date and (requests_today >= $2 or bytes_today >= $3)
         order by folder",
        capsule.0,
        i32::try_from(requests).unwrap_or(i32::MAX),
        i64::try_from(bytes).unwrap_or(i64::MAX)
    )
    .fetch_all(c)
    .await?;
    Ok(folders)
}

/// How long a capsule has nothing to do when the sites of these folders have used up their day: until the store's
/// next midnight, or until a page of another site is due, if that is sooner.
///
/// # Errors
///
/// When the database is away.
pub async fn rest(
    c: &mut PgConnection,
    capsule: CapsuleId,
    spent: &[String],
) -> Result<Duration, StoreError> {
    let seconds = sqlx::query_scalar!(
        r#"select extract(epoch from
                      least(date_trunc('day', clock() at time zone 'UTC') at time zone 'UTC' + interval '24 hours',
                            (select min(due_at) from page where capsule = $1 and folder <> all($2)))
                      - clock())::float8 as "seconds!""#,
        capsule.0,
        spent
    )
    .fetch_one(c)
    .await?;
    Ok(Duration::from_secs_f64(seconds.max(0.0)))
}

/// Adds to what sites used today, making rows for new sites. Sites come once each.
///
/// # Errors
///
/// When the database is away.
pub async fn charge(c: &mut PgConnection, charges: &[(SiteKey, Usage)]) -> Result<(), StoreError> {
    if charges.is_empty() {
        return Ok(());
    }
    let capsules: Vec<i64> = charges.iter().map(|((capsule, _), _)| capsule.0).collect();
    let folders: Vec<String> = charges.iter().map(|((_, folder), _)| folder.clone()).collect();
    let requests: Vec<i32> = charges.iter().map(|(_, usage)| usage.requests.cast_signed()).collect();
    let bytes: Vec<i64> = charges.iter().map(|(_, usage)| usage.bytes.cast_signed()).collect();
    let urls: Vec<i32> = charges.iter().map(|(_, usage)| usage.new_urls.cast_signed()).collect();
    sqlx::query!(
        "insert into site as s (capsule, folder, day, requests_today, bytes_today, new_urls_today)
         select w.capsule, w.folder, (clock() at time zone 'UTC')::date, w.requests, w.bytes, w.urls
         from unnest($1::bigint[], $2::text[], $3::integer[], $4::bigint[], $5::integer[])
              as w (capsule, folder, requests, bytes, urls)
         order by w.capsule, w.folder
         on conflict (capsule, folder) do update
         set day = excluded.day,
             requests_today = excluded.requests_today + case when s.day = excluded.day then s.requests_today else 0 end,
             bytes_today = excluded.bytes_today + case when s.day = excluded.day then s.bytes_today else 0 end,
             new_urls_today = excluded.new_urls_today + case when s.day = excluded.day then s.new_urls_today else 0 end",
        &capsules,
        &folders,
        &requests,
        &bytes,
        &urls
    )
    .execute(c)
    .await?;
    Ok(())
}
