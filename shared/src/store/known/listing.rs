//! Lists of what is known: capsules, the newest pages, feeds; paged, read only.

use chrono::{DateTime, Utc};
use sqlx::PgConnection;

use super::super::codec;
use super::super::id::{CapsuleId, PageId};
use super::super::pool::StoreError;
use crate::gemini::host::CapsuleAddr;
use crate::gemini::url::GeminiUrl;

/// A part of a list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Part {
    /// Entries before it.
    pub offset: i64,
    /// Entries of it at most.
    pub limit: i64,
}

/// The order of a list of capsules.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HostOrder {
    /// By name.
    Name,
    /// Those with most pages first.
    Pages,
    /// Those that were found last first.
    Newest,
}

/// A capsule in a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KnownHost {
    /// Its address.
    pub addr: CapsuleAddr,
    /// What its front page calls it; empty where that is not known.
    pub name: String,
    /// When it was first heard of.
    pub first_seen: DateTime<Utc>,
    /// Its last answer.
    pub answered_at: Option<DateTime<Utc>>,
    /// Its pages that can be found, as last counted.
    pub pages: Option<u64>,
    /// When a page of it last changed.
    pub changed_at: Option<DateTime<Utc>>,
}

/// Capsules that have answered, and how many there are in all.
///
/// # Errors
///
/// When the database is away, or a row cannot be read.
pub async fn hosts(
    c: &mut PgConnection,
    order: HostOrder,
    part: Part,
) -> Result<(Vec<KnownHost>, u64), StoreError> {
    let count =
        sqlx::query_scalar!(r#"select count(*) as "count!" from capsule where answered_at is not null"#)
            .fetch_one(&mut *c)
            .await?;
    let (by_pages, by_age) = match order {
        HostOrder::Name => (false, false),
        HostOrder::Pages => (true, false),
        HostOrder::Newest => (false, true),
    };
    let rows = sqlx::query!(
        r#"select k.host, k.port, k.first_seen, k.answered_at, coalesce(s.name, '') as "name!",
                  f.searchable as "searchable?", f.changed_at as "changed_at?"
           from capsule k
           left join capsule_figure f on f.capsule = k.id
           left join signal_site s on s.capsule = k.id and s.folder = '/'
           where k.answered_at is not null
           order by case when $1 then f.searchable end desc nulls last,
                    case when $2 then k.first_seen end desc nulls last, k.host, k.port
           offset $3 limit $4"#,
        by_pages,
        by_age,
        part.offset,
        part.limit
    )
    .fetch_all(c)
    .await?;
    let hosts: Result<Vec<KnownHost>, StoreError> = rows
        .into_iter()
        .map(|row| {
            Ok(KnownHost {
                addr: codec::capsule_addr(&row.host, row.port)?,
                name: row.name,
                first_seen: row.first_seen,
                answered_at: row.answered_at,
                pages: row.searchable.map(i64::unsigned_abs),
                changed_at: row.changed_at,
            })
        })
        .collect();
    Ok((hosts?, count.unsigned_abs()))
}

/// A page in a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListedPage {
    /// Its URL.
    pub url: GeminiUrl,
    /// Its title.
    pub title: String,
    /// Its language.
    pub language: Option<String>,
    /// When it was first heard of.
    pub first_seen: DateTime<Utc>,
    /// When its words or links last changed.
    pub changed_at: Option<DateTime<Utc>>,
}

/// Pages looked at for the newest: behind them a list of what is new ends.
const LOOKED_AT: i64 = 20_000;

/// Pages of one site and day in a list of what is new: one busy site must not fill it.
pub const OF_A_SITE_AND_DAY: i64 = 3;

/// Feeds of one site in a round of the list of feeds: who has many must not fill its beginning.
pub const OF_A_SITE_AND_ROUND: i64 = 3;

/// A page in an order: what a list is, before anything of it is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    /// Its capsule.
    pub capsule: CapsuleId,
    /// The page.
    pub page: PageId,
}

/// The order of the pages that can be found and were found last, mass material left out; of each site the last few of each
/// day (in UTC). It looks at many pages: whoever shows parts of it keeps it for a while.
///
/// # Errors
///
/// When the database is away.
pub async fn newest_pages(c: &mut PgConnection) -> Result<Vec<Place>, StoreError> {
    let rows = sqlx::query!(
        "with newest as (
             select id, capsule, folder, first_seen from page
             where standing = 'searchable' and origin <> 'own'
               and kind not in ('news', 'web-mirror', 'mailing-list', 'chat-log')
             order by id desc limit $1),
         placed as (
             select id, capsule, row_number() over (
                 partition by capsule, folder, (first_seen at time zone 'UTC')::date order by id desc) as place
             from newest)
         select capsule, id from placed where place <= $2 order by id desc",
        LOOKED_AT,
        OF_A_SITE_AND_DAY
    )
    .fetch_all(c)
    .await?;
    Ok(rows.into_iter().map(|row| Place { capsule: CapsuleId(row.capsule), page: PageId(row.id) }).collect())
}

/// The order of all feeds that can be found, those that changed last first: a few of each site, then the next few of
/// each, until all are there. It looks at all feeds: whoever shows parts of it keeps it for a while.
///
/// # Errors
///
/// When the database is away.
pub async fn feeds(c: &mut PgConnection) -> Result<Vec<Place>, StoreError> {
    let rows = sqlx::query!(
        "with placed as (
             select id, capsule, changed_at, (row_number() over (
                 partition by capsule, folder order by changed_at desc nulls last, id) - 1) / $1 as round
             from page where kind = 'feed' and standing = 'searchable')
         select capsule, id from placed order by round, changed_at desc nulls last, id",
        OF_A_SITE_AND_ROUND
    )
    .fetch_all(c)
    .await?;
    Ok(rows.into_iter().map(|row| Place { capsule: CapsuleId(row.capsule), page: PageId(row.id) }).collect())
}

/// What is shown of these pages, in this order; what can no longer be found is left out.
///
/// # Errors
///
/// When the database is away, or a row cannot be read.
pub async fn pages(c: &mut PgConnection, places: &[Place]) -> Result<Vec<ListedPage>, StoreError> {
    let capsules: Vec<i64> = places.iter().map(|place| place.capsule.0).collect();
    let pages: Vec<i64> = places.iter().map(|place| place.page.0).collect();
    let rows = sqlx::query!(
        "select k.host, k.port, p.path, p.title, p.language, p.first_seen, p.changed_at
         from unnest($1::bigint[], $2::bigint[]) with ordinality as u (capsule, id, place)
         join page p on (p.capsule, p.id) = (u.capsule, u.id) join capsule k on k.id = u.capsule
         where p.standing = 'searchable'
         order by u.place",
        &capsules,
        &pages
    )
    .fetch_all(c)
    .await?;
    rows.into_iter()
        .map(|row| {
            Ok(ListedPage {
                url: codec::page_url(&codec::capsule_addr(&row.host, row.port)?, &row.path)?,
                title: row.title,
                language: row.language,
                first_seen: row.first_seen,
                changed_at: row.changed_at,
            })
        })
        .collect()
}
