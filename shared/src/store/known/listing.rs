//! Lists of what is known: capsules, the newest pages, feeds; paged, read only.

use chrono::{DateTime, Utc};
use sqlx::PgConnection;

use super::super::codec;
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

struct Row {
    host: String,
    port: i32,
    path: String,
    title: String,
    language: Option<String>,
    first_seen: DateTime<Utc>,
    changed_at: Option<DateTime<Utc>>,
}

impl Row {
    fn read(self) -> Result<ListedPage, StoreError> {
        Ok(ListedPage {
            url: codec::page_url(&codec::capsule_addr(&self.host, self.port)?, &self.path)?,
            title: self.title,
            language: self.language,
            first_seen: self.first_seen,
            changed_at: self.changed_at,
        })
    }
}

/// Pages looked at for the newest: behind them a list of what is new ends.
const LOOKED_AT: i64 = 20_000;

/// Pages of one site and day in a list of what is new: one busy site must not fill it.
pub const OF_A_SITE_AND_DAY: i64 = 3;

/// The pages that can be found and were found last, mass material left out; of each site the last few of each day
/// (in UTC).
///
/// # Errors
///
/// When the database is away, or a row cannot be read.
pub async fn newest_pages(c: &mut PgConnection, part: Part) -> Result<Vec<ListedPage>, StoreError> {
    let rows = sqlx::query_as!(
        Row,
        "with newest as (
             select id, capsule, folder, first_seen from page
             where standing = 'searchable' and origin <> 'own'
               and kind not in ('news', 'web-mirror', 'mailing-list', 'chat-log')
             order by id desc limit $3),
         placed as (
             select id, capsule, row_number() over (
                 partition by capsule, folder, (first_seen at time zone 'UTC')::date order by id desc) as place
             from newest),
         listed as (
             select id, capsule from placed where place <= $4 order by id desc offset $1 limit $2)
         select k.host, k.port, p.path, p.title, p.language, p.first_seen, p.changed_at
         from listed l join page p on (p.capsule, p.id) = (l.capsule, l.id) join capsule k on k.id = l.capsule
         order by l.id desc",
        part.offset,
        part.limit,
        LOOKED_AT,
        OF_A_SITE_AND_DAY
    )
    .fetch_all(c)
    .await?;
    rows.into_iter().map(Row::read).collect()
}

/// Feeds that can be found, those that changed last first, and how many there are in all.
///
/// # Errors
///
/// When the database is away, or a row cannot be read.
pub async fn feeds(c: &mut PgConnection, part: Part) -> Result<(Vec<ListedPage>, u64), StoreError> {
    let count = sqlx::query_scalar!(
        r#"select count(*) as "count!" from page where kind = 'feed' and standing = 'searchable'"#
    )
    .fetch_one(&mut *c)
    .await?;
    let rows = sqlx::query_as!(
        Row,
        "select k.host, k.port, p.path, p.title, p.language, p.first_seen, p.changed_at
         from page p join capsule k on k.id = p.capsule
         where p.kind = 'feed' and p.standing = 'searchable'
         order by p.changed_at desc nulls last, k.host, p.path offset $1 limit $2",
        part.offset,
        part.limit
    )
    .fetch_all(c)
    .await?;
    let feeds: Result<Vec<ListedPage>, StoreError> = rows.into_iter().map(Row::read).collect();
    Ok((feeds?, count.unsigned_abs()))
}
