//! Sites: what was asked of each today, how many new URLs it brought, and how far its links are trusted.
//!
//! A day is a day of UTC; yesterday's figures count as nought, but for one thing: a day that brought useful pages is
//! remembered for good.

use super::super::pool::StoreError;
use std::collections::HashMap;
use std::time::Duration;

use sqlx::PgConnection;

use super::super::codec;
use super::super::id::CapsuleId;

/// What a site used today.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Usage {
    /// Requests sent.
    pub requests: u32,
    /// Bytes read.
    pub bytes: u64,
    /// What the URLs that its links added to the frontier cost.
    pub new_urls: u32,
    /// Pages read for the first time that say something of their own.
    pub useful: u32,
    /// Pages that are all but like others of the site.
    pub alike: u32,
    /// New URLs that found no budget.
    pub waiting: u32,
}

/// What makes a day count: so many useful pages, and no fewer than there were pages alike.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct UsefulDay {
    /// Useful pages.
    pub pages: u32,
}

impl UsefulDay {
    fn least(self) -> i32 {
        i32::try_from(self.pages).unwrap_or(i32::MAX)
    }
}

/// How far a site's links are trusted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Trust {
    /// What its new URLs have cost today.
    pub new_urls: u32,
    /// Its useful days so far.
    pub useful_days: u32,
    /// Likenesses of its latest pages that were not alike, the oldest first.
    pub sketch: Vec<u64>,
}

/// What a batch adds to a site's day.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Charge {
    /// The site.
    pub site: SiteKey,
    /// What was used.
    pub usage: Usage,
    /// Its likenesses from now on; none: as before.
    pub sketch: Option<Vec<u64>>,
}

/// A site that smells of a trap.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Suspect {
    /// Its host and port.
    pub capsule: String,
    /// Its folder.
    pub folder: String,
    /// New URLs that found no budget on its last day.
    pub waiting: u32,
    /// Pages of that day that were all but like others.
    pub alike: u32,
    /// Pages of that day with something of their own to say.
    pub useful: u32,
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
                ..Usage::default()
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

/// How far the links of these sites are trusted; sites without a row have no past.
///
/// # Errors
///
/// When the database is away.
pub async fn trust(
    c: &mut PgConnection,
    sites: &[SiteKey],
    useful: UsefulDay,
) -> Result<HashMap<SiteKey, Trust>, StoreError> {
    if sites.is_empty() {
        return Ok(HashMap::new());
    }
    let (capsules, folders): (Vec<i64>, Vec<String>) =
        sites.iter().map(|(capsule, folder)| (capsule.0, folder.clone())).unzip();
    let rows = sqlx::query!(
        r#"select s.capsule, s.folder, s.sketch,
                  case when s.day = (clock() at time zone 'UTC')::date then s.new_urls_today else 0 end as "new_urls!",
                  s.useful_days + case when s.day < (clock() at time zone 'UTC')::date and s.useful_today >= $3
                                            and s.useful_today >= s.alike_today then 1 else 0 end as "useful_days!"
           from site s
           join unnest($1::bigint[], $2::text[]) as w (capsule, folder) on (s.capsule, s.folder) = (w.capsule, w.folder)"#,
        &capsules,
        &folders,
        useful.least()
    )
    .fetch_all(c)
    .await?;
    let trust = rows.into_iter().map(|row| {
        let trust = Trust {
            new_urls: row.new_urls.unsigned_abs(),
            useful_days: row.useful_days.unsigned_abs(),
            sketch: unpack(&row.sketch),
        };
        ((CapsuleId(row.capsule), row.folder), trust)
    });
    Ok(trust.collect())
}

/// Adds to what sites used today, making rows for new sites. Sites come once each.
///
/// # Errors
///
/// When the database is away.
pub async fn charge(c: &mut PgConnection, charges: &[Charge], useful: UsefulDay) -> Result<(), StoreError> {
    if charges.is_empty() {
        return Ok(());
    }
    let capsules: Vec<i64> = charges.iter().map(|charge| charge.site.0.0).collect();
    let folders: Vec<String> = charges.iter().map(|charge| charge.site.1.clone()).collect();
    let column = |of: fn(&Usage) -> u32| -> Vec<i32> {
        charges.iter().map(|charge| of(&charge.usage).cast_signed()).collect()
    };
    let bytes: Vec<i64> = charges.iter().map(|charge| charge.usage.bytes.cast_signed()).collect();
    let sketches: Vec<Option<Vec<u8>>> =
        charges.iter().map(|charge| charge.sketch.as_deref().map(pack)).collect();
    sqlx::query!(
        "insert into site as s (capsule, folder, day, requests_today, bytes_today, new_urls_today,
                                useful_today, alike_today, waiting_today, sketch)
         select w.capsule, w.folder, (clock() at time zone 'UTC')::date, w.requests, w.bytes, w.urls,
                w.useful, w.alike, w.waiting, coalesce(w.sketch, '')
         from unnest($1::bigint[], $2::text[], $3::integer[], $4::bigint[], $5::integer[], $6::integer[], $7::integer[],
                     $8::integer[], $9::bytea[])
              as w (capsule, folder, requests, bytes, urls, useful, alike, waiting, sketch)
         order by w.capsule, w.folder
         on conflict (capsule, folder) do update
         set day = excluded.day,
             requests_today = excluded.requests_today + case when s.day = excluded.day then s.requests_today else 0 end,
             bytes_today = excluded.bytes_today + case when s.day = excluded.day then s.bytes_today else 0 end,
             new_urls_today = excluded.new_urls_today + case when s.day = excluded.day then s.new_urls_today else 0 end,
             useful_today = excluded.useful_today + case when s.day = excluded.day then s.useful_today else 0 end,
             alike_today = excluded.alike_today + case when s.day = excluded.day then s.alike_today else 0 end,
             waiting_today = excluded.waiting_today + case when s.day = excluded.day then s.waiting_today else 0 end,
             useful_days = s.useful_days + case when s.day < excluded.day and s.useful_today >= $10
                                                     and s.useful_today >= s.alike_today then 1 else 0 end,
             sketch = case when excluded.sketch = '' then s.sketch else excluded.sketch end",
        &capsules,
        &folders,
        &column(|usage| usage.requests),
        &bytes,
        &column(|usage| usage.new_urls),
        &column(|usage| usage.useful),
        &column(|usage| usage.alike),
        &column(|usage| usage.waiting),
        &sketches as &[Option<Vec<u8>>],
        useful.least()
    )
    .execute(c)
    .await?;
    Ok(())
}

/// Sites whose last day, today or yesterday, smells of a trap: URLs found no budget, or most new pages were like others.
///
/// # Errors
///
/// When the database is away.
pub async fn suspects(c: &mut PgConnection, at_most: i64) -> Result<Vec<Suspect>, StoreError> {
    const ALIKE: i32 = 20;
    let rows = sqlx::query!(
        "select c.host, c.port, s.folder, s.waiting_today, s.alike_today, s.useful_today
         from site s join capsule c on c.id = s.capsule
         where s.day >= (clock() at time zone 'UTC')::date - 1
           and (s.waiting_today > 0 or (s.alike_today >= $1 and s.alike_today > s.useful_today))
         order by s.waiting_today + s.alike_today desc, c.host, c.port, s.folder limit $2",
        ALIKE,
        at_most
    )
    .fetch_all(c)
    .await?;
    rows.into_iter()
        .map(|row| {
            Ok(Suspect {
                capsule: codec::capsule_addr(&row.host, row.port)?.to_string(),
                folder: row.folder,
                waiting: row.waiting_today.unsigned_abs(),
                alike: row.alike_today.unsigned_abs(),
                useful: row.useful_today.unsigned_abs(),
            })
        })
        .collect()
}

/// Learns the usual interval of the sites of the next `at_most` capsules after `after`: the median of pages that are
/// searchable, where there are at least `pages` of them. Returns the last of these capsules; none: there was none left.
///
/// # Errors
///
/// When the database is away.
pub async fn learn_intervals(
    c: &mut PgConnection,
    after: CapsuleId,
    at_most: i64,
    pages: i64,
) -> Result<Option<CapsuleId>, StoreError> {
    let capsules =
        sqlx::query_scalar!("select id from capsule where id > $1 order by id limit $2", after.0, at_most)
            .fetch_all(&mut *c)
            .await?;
    sqlx::query!(
        "with medians as (
             select capsule, folder, percentile_disc(0.5) within group (order by interval_s) as interval_s
             from page where capsule = any($1) and standing = 'searchable' and interval_s > 0
             group by capsule, folder having count(*) >= $2),
         locked as (
             select s.capsule, s.folder, m.interval_s
             from site s join medians m on (m.capsule, m.folder) = (s.capsule, s.folder)
             where s.interval_s is distinct from m.interval_s
             order by s.capsule, s.folder for no key update of s)
         update site s set interval_s = locked.interval_s
         from locked where (s.capsule, s.folder) = (locked.capsule, locked.folder)",
        &capsules,
        pages
    )
    .execute(c)
    .await?;
    Ok(capsules.last().map(|id| CapsuleId(*id)))
}

fn pack(sketch: &[u64]) -> Vec<u8> {
    sketch.iter().flat_map(|likeness| likeness.to_be_bytes()).collect()
}

fn unpack(bytes: &[u8]) -> Vec<u64> {
    bytes.as_chunks().0.iter().map(|eight| u64::from_be_bytes(*eight)).collect()
}
