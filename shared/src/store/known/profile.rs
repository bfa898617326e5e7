//! All that is known of one page, for those who ask about it; read only.

use std::time::Duration;

use chrono::{DateTime, Utc};
use sqlx::PgConnection;

use super::super::codec;
use super::super::id::{CapsuleId, ChangeId, ContentHash, PageId};
use super::super::outcome::Outcome;
use super::super::pool::StoreError;
use super::page::Standing;
use crate::gemini::host::CapsuleAddr;
use crate::gemini::kind::Kind;
use crate::gemini::url::GeminiUrl;

/// A page as the store knows it.
#[derive(Clone, Debug, PartialEq)]
pub struct PageProfile {
    /// Its capsule.
    pub capsule: CapsuleId,
    /// The page.
    pub page: PageId,
    /// Its URL.
    pub url: GeminiUrl,
    /// The store's time, against which all other moments are to be read.
    pub now: DateTime<Utc>,
    /// When it was first heard of.
    pub first_seen: DateTime<Utc>,
    /// The last visit, and how it ended.
    pub last_visit: Option<(DateTime<Utc>, Outcome)>,
    /// When it is visited next; none: not by itself.
    pub due_at: Option<DateTime<Utc>>,
    /// Nothing is asked of its capsule before this moment: its pace, or its breaker.
    pub capsule_rests_until: Option<DateTime<Utc>>,
    /// What searchers may see of it.
    pub standing: Standing,
    /// Its title.
    pub title: String,
    /// What it is.
    pub kind: Kind,
    /// Its type.
    pub media_type: String,
    /// Its language.
    pub language: Option<String>,
    /// Its character set.
    pub charset: Option<String>,
    /// Its size in bytes.
    pub size_bytes: Option<u64>,
    /// The hash of its words and links.
    pub content: Option<ContentHash>,
    /// When its text was last fetched, and when it last changed.
    pub fetched_at: Option<DateTime<Utc>>,
    /// When its words or links last changed.
    pub changed_at: Option<DateTime<Utc>>,
    /// Where its redirect leads.
    pub moved_to: Option<GeminiUrl>,
    /// Whether the index has its newest state.
    pub index: InIndex,
    /// What its rank stands on.
    pub rank: RankFacts,
}

/// Whether the index has a page's newest state.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum InIndex {
    /// There is nothing for it to have.
    NothingToHave,
    /// Not yet.
    Waiting,
    /// It has.
    Has,
}

/// What a page's rank stands on, by the last pass over the graph of links.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct RankFacts {
    /// Links from other sites.
    pub external_links: u32,
    /// Links from its own site.
    pub internal_links: u32,
    /// Its site's standing, 0 to 1, and its place among all sites; none before the first pass.
    pub site: Option<SiteRank>,
}

/// A site's standing.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct SiteRank {
    /// 0 to 1; the best site has 1.
    pub authority: f32,
    /// Its place, from 1.
    pub place: u64,
    /// Among so many.
    pub of: u64,
}

/// The page at a URL; none: nobody has heard of it.
///
/// # Errors
///
/// When the database is away, or a row cannot be read.
pub async fn of(c: &mut PgConnection, url: &GeminiUrl) -> Result<Option<PageProfile>, StoreError> {
    let capsule = url.capsule();
    let row = sqlx::query!(
        r#"select p.capsule, p.id, p.first_seen, p.due_at, p.visited_at, p.outcome, p.standing, p.title, p.kind,
                  p.media_type, p.language, p.charset, p.size_bytes, p.content, p.fetched_at, p.changed_at, p.change,
                  nullif(greatest(c.next_at, c.breaker_until), '-infinity') as rests_until,
                  mc.host as "moved_host?", mc.port as "moved_port?", m.path as "moved_path?",
                  sp.external_links as "external_links?", sp.internal_links as "internal_links?",
                  ss.authority as "authority?",
                  case when ss.authority is not null
                       then (select count(*) from signal_site o where o.authority > ss.authority) + 1 end as place,
                  (select count(*) from signal_site) as "sites!",
                  (select min(f.change) from follower f
                   where f.reported_at > clock() - interval '1 day') as followed,
                  clock() as "now!"
           from page p
           join capsule c on c.id = p.capsule
           left join page m on m.id = p.moved_to
           left join capsule mc on mc.id = m.capsule
           left join signal_page sp on sp.page = p.id
           left join signal_site ss on (ss.capsule, ss.folder) = (p.capsule, p.folder)
           where (c.host, c.port) = ($1, $2) and p.path = $3"#,
        capsule.host().as_str(),
        i32::from(capsule.port()),
        url.path_and_query()
    )
    .fetch_optional(c)
    .await?;
    let Some(row) = row else { return Ok(None) };
    let moved_to = match (row.moved_host, row.moved_port, row.moved_path) {
        (Some(host), Some(port), Some(path)) => {
            Some(codec::page_url(&codec::capsule_addr(&host, port)?, &path)?)
        }
        _ => None,
    };
    let outcome = row.outcome.map(|word| codec::word("outcome", &word)).transpose()?;
    let site = row.authority.zip(row.place).map(|(authority, place)| SiteRank {
        authority,
        place: place.unsigned_abs(),
        of: row.sites.unsigned_abs(),
    });
    Ok(Some(PageProfile {
        capsule: CapsuleId(row.capsule),
        page: PageId(row.id),
        url: url.clone(),
        now: row.now,
        first_seen: row.first_seen,
        last_visit: row.visited_at.zip(outcome),
        due_at: row.due_at,
        capsule_rests_until: row.rests_until.filter(|moment| *moment > row.now),
        standing: Standing::read(&row.standing)?,
        title: row.title,
        kind: codec::word("kind", &row.kind)?,
        media_type: row.media_type,
        language: row.language,
        charset: row.charset,
        size_bytes: row.size_bytes.map(i64::unsigned_abs),
        content: row.content.as_deref().map(codec::content_hash).transpose()?,
        fetched_at: row.fetched_at,
        changed_at: row.changed_at,
        moved_to,
        index: match (row.change.map(ChangeId), row.followed.map(ChangeId)) {
            (None, _) => InIndex::NothingToHave,
            (Some(change), Some(followed)) if change <= followed => InIndex::Has,
            (Some(_), _) => InIndex::Waiting,
        },
        rank: RankFacts {
            external_links: row.external_links.unwrap_or_default().unsigned_abs(),
            internal_links: row.internal_links.unwrap_or_default().unsigned_abs(),
            site,
        },
    }))
}

/// A link out of a page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OutLink {
    /// Where it leads.
    pub url: GeminiUrl,
    /// What it says.
    pub label: String,
    /// The target's title; empty where it is not known.
    pub title: String,
    /// How the last visit of the target ended.
    pub outcome: Option<Outcome>,
}

/// The links of a page, other sites first, `limit` of them after `offset`; and how many there are in all.
///
/// # Errors
///
/// When the database is away, or a row cannot be read.
pub async fn links(
    c: &mut PgConnection,
    page: (CapsuleId, PageId),
    offset: i64,
    limit: i64,
) -> Result<(Vec<OutLink>, u64), StoreError> {
    let (capsule, page) = page;
    let count = sqlx::query_scalar!(
        r#"select count(*) as "count!" from link where (from_capsule, from_page) = ($1, $2)"#,
        capsule.0,
        page.0
    )
    .fetch_one(&mut *c)
    .await?;
    let rows = sqlx::query!(
        "select k.host, k.port, t.path, t.title, t.outcome, l.label
         from link l
         join page t on (t.capsule, t.id) = (l.to_capsule, l.to_page)
         join capsule k on k.id = t.capsule
         where (l.from_capsule, l.from_page) = ($1, $2)
         order by t.capsule = l.from_capsule, k.host, k.port, t.path
         offset $3 limit $4",
        capsule.0,
        page.0,
        offset,
        limit
    )
    .fetch_all(c)
    .await?;
    let links: Result<Vec<OutLink>, StoreError> = rows
        .into_iter()
        .map(|row| {
            Ok(OutLink {
                url: codec::page_url(&codec::capsule_addr(&row.host, row.port)?, &row.path)?,
                label: row.label,
                title: row.title,
                outcome: row.outcome.map(|word| codec::word("outcome", &word)).transpose()?,
            })
        })
        .collect();
    Ok((links?, count.unsigned_abs()))
}

/// Other pages that say the same, those that were seen first at the top, at most `limit`.
///
/// # Errors
///
/// When the database is away, or a row cannot be read.
pub async fn copies(
    c: &mut PgConnection,
    page: PageId,
    content: ContentHash,
    limit: i64,
) -> Result<Vec<(GeminiUrl, DateTime<Utc>)>, StoreError> {
    let rows = sqlx::query!(
        "select k.host, k.port, p.path, p.first_seen
         from content t
         join page p on (p.capsule, p.content) = (t.capsule, t.hash)
         join capsule k on k.id = p.capsule
         where t.hash = $1 and p.id <> $2 and p.standing = 'searchable'
         order by p.first_seen, p.id limit $3",
        &content.0,
        page.0,
        limit
    )
    .fetch_all(c)
    .await?;
    rows.into_iter()
        .map(|row| {
            let url = codec::page_url(&codec::capsule_addr(&row.host, row.port)?, &row.path)?;
            Ok((url, row.first_seen))
        })
        .collect()
}

/// The capsule at an address; none: nobody has heard of it.
///
/// # Errors
///
/// When the database is away.
pub async fn capsule_at(c: &mut PgConnection, addr: &CapsuleAddr) -> Result<Option<CapsuleId>, StoreError> {
    let id = sqlx::query_scalar!(
        "select id from capsule where (host, port) = ($1, $2)",
        addr.host().as_str(),
        i32::from(addr.port())
    )
    .fetch_optional(c)
    .await?;
    Ok(id.map(CapsuleId))
}

/// How long ago a moment was; zero for one that is still to come.
#[must_use]
pub fn ago(now: DateTime<Utc>, moment: DateTime<Utc>) -> Duration {
    (now - moment).to_std().unwrap_or_default()
}
