//! Who links to a page, a site or a capsule; read only.

use chrono::{DateTime, Utc};
use sqlx::PgConnection;

use super::super::codec;
use super::super::id::{CapsuleId, PageId};
use super::super::pool::StoreError;
use crate::gemini::kind::Kind;
use crate::gemini::site::Site;
use crate::gemini::url::GeminiUrl;

/// Out-links of the linking page are counted up to here: what has so many is a list.
pub const COUNTED_LINKS: i64 = 100;

/// What is linked to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Linked {
    /// One page, and what moved to it. Its own site's links count too.
    Page(CapsuleId, PageId),
    /// All pages of a site; links from its own pages do not count.
    Site(CapsuleId, String),
    /// All pages of a capsule; links from its own pages do not count.
    Capsule(CapsuleId),
}

/// A link to it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Backlink {
    /// The page that links.
    pub from: GeminiUrl,
    /// Its title.
    pub title: String,
    /// What it is.
    pub kind: Kind,
    /// What the link says.
    pub label: String,
    /// When the link was first seen.
    pub first_seen: DateTime<Utc>,
    /// The page linked to.
    pub to: GeminiUrl,
    /// When that page was first seen.
    pub to_first_seen: DateTime<Utc>,
    /// Links on the page that links, counted up to [`COUNTED_LINKS`].
    pub links_beside: u64,
}

impl Backlink {
    /// Whether a site links to itself.
    #[must_use]
    pub fn is_own(&self) -> bool {
        self.from_site() == self.to.site()
    }

    /// Whose page links.
    #[must_use]
    pub fn from_site(&self) -> Site {
        self.from.site()
    }
}

struct Row {
    from_host: String,
    from_port: i32,
    from_path: String,
    title: String,
    kind: String,
    label: String,
    first_seen: DateTime<Utc>,
    to_host: String,
    to_port: i32,
    to_path: String,
    to_first_seen: DateTime<Utc>,
    links_beside: i64,
}

/// The newest `limit` links from pages that can be found; those of other sites first.
///
/// # Errors
///
/// When the database is away, or a row cannot be read.
pub async fn to(c: &mut PgConnection, linked: &Linked, limit: i64) -> Result<Vec<Backlink>, StoreError> {
    let rows = match linked {
        Linked::Page(capsule, page) => {
            sqlx::query_as!(
                Row,
                r#"select fc.host as from_host, fc.port as from_port, f.path as from_path, f.title, f.kind, l.label,
                      l.first_seen, tc.host as to_host, tc.port as to_port, t.path as to_path,
                      t.first_seen as to_first_seen,
                      (select count(*) from (select from link o
                       where (o.from_capsule, o.from_page) = (f.capsule, f.id) limit $3) counted) as "links_beside!"
                   from (select $1::bigint as capsule, $2::bigint as id
                         union select capsule, id from page where moved_to = $2) wanted
                   join link l on (l.to_capsule, l.to_page) = (wanted.capsule, wanted.id)
                   join page t on (t.capsule, t.id) = (l.to_capsule, l.to_page)
                   join capsule tc on tc.id = t.capsule
                   join page f on (f.capsule, f.id) = (l.from_capsule, l.from_page)
                   join capsule fc on fc.id = f.capsule
                   where f.standing = 'searchable' and f.id <> $2
                   order by (f.capsule, f.folder) = (t.capsule, t.folder), l.first_seen desc, fc.host, fc.port, f.path
                   limit $4"#,
                capsule.0,
                page.0,
                COUNTED_LINKS,
                limit
            )
            .fetch_all(c)
            .await?
        }
        Linked::Site(capsule, folder) => of_others(c, *capsule, Some(folder), limit).await?,
        Linked::Capsule(capsule) => of_others(c, *capsule, None, limit).await?,
    };
    rows.into_iter()
        .map(|row| {
            let from = codec::capsule_addr(&row.from_host, row.from_port)?;
            let to = codec::capsule_addr(&row.to_host, row.to_port)?;
            Ok(Backlink {
                from: codec::page_url(&from, &row.from_path)?,
                title: row.title,
                kind: codec::word("kind", &row.kind)?,
                label: row.label,
                first_seen: row.first_seen,
                to: codec::page_url(&to, &row.to_path)?,
                to_first_seen: row.to_first_seen,
                links_beside: row.links_beside.unsigned_abs(),
            })
        })
        .collect()
}

async fn of_others(
    c: &mut PgConnection,
    capsule: CapsuleId,
    folder: Option<&str>,
    limit: i64,
) -> Result<Vec<Row>, StoreError> {
    let rows = sqlx::query_as!(
        Row,
        r#"select fc.host as from_host, fc.port as from_port, f.path as from_path, f.title, f.kind, l.label,
                  l.first_seen, tc.host as to_host, tc.port as to_port, t.path as to_path,
                  t.first_seen as to_first_seen,
                  (select count(*) from (select from link o
                   where (o.from_capsule, o.from_page) = (f.capsule, f.id) limit $3) counted) as "links_beside!"
           from link l
           join page t on (t.capsule, t.id) = (l.to_capsule, l.to_page)
           join capsule tc on tc.id = t.capsule
           join page f on (f.capsule, f.id) = (l.from_capsule, l.from_page)
           join capsule fc on fc.id = f.capsule
           where l.to_capsule = $1 and f.standing = 'searchable'
             and case when $2::text is null then l.from_capsule <> $1
                      else t.folder = $2 and (f.capsule, f.folder) <> (t.capsule, t.folder) end
           order by l.first_seen desc, fc.host, fc.port, f.path, t.path
           limit $4"#,
        capsule.0,
        folder,
        COUNTED_LINKS,
        limit
    )
    .fetch_all(c)
    .await?;
    Ok(rows)
}
