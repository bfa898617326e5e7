//! The graph of links for the rank pass: streamed by page, never whole in memory.

use super::super::pool::StoreError;
use sqlx::PgConnection;

use super::super::id::{CapsuleId, PageId};
use super::change::StaleAnchor;

/// A searchable page with its site, in the order of ids.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Node {
    /// The page.
    pub page: PageId,
    /// Its capsule.
    pub capsule: CapsuleId,
    /// Its site's folder in the capsule.
    pub folder: String,
}

/// A link between two pages of the graph.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Edge {
    /// The page that links.
    pub from: PageId,
    /// The page linked to; where that one has moved, the page it moved to.
    pub to: PageId,
}

/// Searchable pages after `after`, at most `limit`.
///
/// # Errors
///
/// When the database is away.
pub async fn nodes(c: &mut PgConnection, after: PageId, limit: i64) -> Result<Vec<Node>, StoreError> {
    let rows = sqlx::query!(
        "select id, capsule, folder from page where id > $1 and standing = 'searchable' order by id limit $2",
        after.0,
        limit
    )
    .fetch_all(c)
    .await?;
    Ok(rows
        .into_iter()
        .map(|row| Node { page: PageId(row.id), capsule: CapsuleId(row.capsule), folder: row.folder })
        .collect())
}

/// Links from the pages with ids in `(after, up_to]`.
///
/// # Errors
///
/// When the database is away.
pub async fn edges(c: &mut PgConnection, after: PageId, up_to: PageId) -> Result<Vec<Edge>, StoreError> {
    let rows = sqlx::query!(
        r#"select l.from_page, coalesce(t.moved_to, t.id) as "to!"
           from page f
           join link l on (l.from_capsule, l.from_page) = (f.capsule, f.id)
           join page t on (t.capsule, t.id) = (l.to_capsule, l.to_page)
           where f.id > $1 and f.id <= $2 and f.standing = 'searchable'"#,
        after.0,
        up_to.0
    )
    .fetch_all(c)
    .await?;
    Ok(rows.into_iter().map(|row| Edge { from: PageId(row.from_page), to: PageId(row.to) }).collect())
}

/// A site's name for the signals: the title of its front page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SiteName {
    /// Its capsule.
    pub capsule: CapsuleId,
    /// Its folder.
    pub folder: String,
    /// The title of the page at its root.
    pub name: String,
}

/// Names of all sites that have a searchable front page.
///
/// # Errors
///
/// When the database is away.
pub async fn site_names(c: &mut PgConnection) -> Result<Vec<SiteName>, StoreError> {
    let rows = sqlx::query!(
        "select capsule, folder, title from page
         where path = folder and standing = 'searchable' order by capsule, folder"
    )
    .fetch_all(c)
    .await?;
    Ok(rows
        .into_iter()
        .map(|row| SiteName { capsule: CapsuleId(row.capsule), folder: row.folder, name: row.title })
        .collect())
}

/// What one slice of the anchor pass found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AnchorSlice {
    /// Pages whose labels are not those the index was last given.
    pub stale: Vec<StaleAnchor>,
    /// Where the next slice begins; none when this was the last.
    pub next: Option<PageId>,
}

/// Compares the labels of searchable pages after `after` with their digests, `limit` pages at a time.
///
/// # Errors
///
/// When the database is away.
pub async fn stale_anchors(
    c: &mut PgConnection,
    after: PageId,
    limit: i64,
) -> Result<AnchorSlice, StoreError> {
    let rows = sqlx::query_file!("src/store/feed/stale_anchors.sql", after.0, limit).fetch_all(c).await?;
    let next = if i64::try_from(rows.len()).is_ok_and(|read| read == limit) {
        rows.last().map(|row| PageId(row.id))
    } else {
        None
    };
    let stale = rows
        .into_iter()
        .filter(|row| row.kept.as_deref() != row.digest.as_deref())
        .filter_map(|row| {
            let digest = row.digest?;
            Some(StaleAnchor { capsule: CapsuleId(row.capsule), page: PageId(row.id), digest })
        })
        .collect();
    Ok(AnchorSlice { stale, next })
}
