//! What the rank pass found: written whole by the one indexer that leads the pass, read by every follower.

use super::super::pool::StoreError;
use sqlx::PgConnection;

use super::super::codec;
use super::super::id::{CapsuleId, PageId};
use crate::gemini::site::Site;

/// In-links of a page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PageSignal {
    /// The page.
    pub page: PageId,
    /// Links from other sites.
    pub external_links: u32,
    /// Links from its own site.
    pub internal_links: u32,
}

/// A site's standing, as written.
#[derive(Clone, Debug, PartialEq)]
pub struct SiteSignal {
    /// Its capsule.
    pub capsule: CapsuleId,
    /// Its folder.
    pub folder: String,
    /// 0 to 1; the best site has 1.
    pub authority: f32,
    /// What it calls itself.
    pub name: String,
}

/// Makes `pages` all the in-links of pages in `(after, up_to]`. A pass over a million pages does not fit into
/// one deadline, so it is written in slices; until the last one, some pages count as the pass before says.
///
/// # Errors
///
/// When the database is away.
pub async fn put_pages(
    c: &mut PgConnection,
    after: PageId,
    up_to: PageId,
    pages: &[PageSignal],
) -> Result<(), StoreError> {
    let ids: Vec<i64> = pages.iter().map(|signal| signal.page.0).collect();
    let external: Vec<i32> = pages.iter().map(|signal| signal.external_links.cast_signed()).collect();
    let internal: Vec<i32> = pages.iter().map(|signal| signal.internal_links.cast_signed()).collect();
    sqlx::query!(
        "delete from signal_page s where s.page > $1 and s.page <= $2
         and not exists (select from unnest($3::bigint[]) as kept (page) where kept.page = s.page)",
        after.0,
        up_to.0,
        &ids
    )
    .execute(&mut *c)
    .await?;
    sqlx::query!(
        "insert into signal_page as s (page, external_links, internal_links)
         select * from unnest($1::bigint[], $2::integer[], $3::integer[])
         on conflict (page) do update
         set external_links = excluded.external_links, internal_links = excluded.internal_links
         where (s.external_links, s.internal_links) <> (excluded.external_links, excluded.internal_links)",
        &ids,
        &external,
        &internal
    )
    .execute(c)
    .await?;
    Ok(())
}

/// Replaces the standing of all sites and ends the pass, whose number is returned: followers read the
/// signals when it has grown.
///
/// # Errors
///
/// When the database is away.
pub async fn finish(c: &mut PgConnection, sites: &[SiteSignal]) -> Result<i64, StoreError> {
    let pass =
        sqlx::query_scalar!("update signal_pass set pass = pass + 1, finished_at = clock() returning pass")
            .fetch_one(&mut *c)
            .await?;
    sqlx::query!("delete from signal_site").execute(&mut *c).await?;
    let capsules: Vec<i64> = sites.iter().map(|site| site.capsule.0).collect();
    let folders: Vec<String> = sites.iter().map(|site| site.folder.clone()).collect();
    let authorities: Vec<f32> = sites.iter().map(|site| site.authority).collect();
    let names: Vec<String> = sites.iter().map(|site| site.name.clone()).collect();
    sqlx::query!(
        "insert into signal_site (capsule, folder, authority, name)
         select * from unnest($1::bigint[], $2::text[], $3::real[], $4::text[])",
        &capsules,
        &folders,
        &authorities,
        &names
    )
    .execute(c)
    .await?;
    Ok(pass)
}

/// The number of the last pass; a follower reads the signals again when it has grown.
///
/// # Errors
///
/// When the database is away.
pub async fn pass(c: &mut PgConnection) -> Result<i64, StoreError> {
    Ok(sqlx::query_scalar!("select pass from signal_pass").fetch_one(c).await?)
}

/// In-links after `after`, in the order of ids, at most `limit`.
///
/// # Errors
///
/// When the database is away.
pub async fn pages(c: &mut PgConnection, after: PageId, limit: i64) -> Result<Vec<PageSignal>, StoreError> {
    let rows = sqlx::query!(
        "select page, external_links, internal_links from signal_page where page > $1 order by page limit $2",
        after.0,
        limit
    )
    .fetch_all(c)
    .await?;
    Ok(rows
        .into_iter()
        .map(|row| PageSignal {
            page: PageId(row.page),
            external_links: row.external_links.cast_unsigned(),
            internal_links: row.internal_links.cast_unsigned(),
        })
        .collect())
}

/// A site's standing, as read.
#[derive(Clone, Debug, PartialEq)]
pub struct RankedSite {
    /// The site.
    pub site: Site,
    /// 0 to 1; the best site has 1.
    pub authority: f32,
    /// What it calls itself.
    pub name: String,
}

/// The standing of all sites.
///
/// # Errors
///
/// When the database is away, or a row cannot be read.
pub async fn sites(c: &mut PgConnection) -> Result<Vec<RankedSite>, StoreError> {
    let rows = sqlx::query!(
        "select c.host, c.port, s.folder, s.authority, s.name
         from signal_site s join capsule c on c.id = s.capsule order by s.capsule, s.folder"
    )
    .fetch_all(c)
    .await?;
    rows.into_iter()
        .map(|row| {
            let site = Site::new(codec::capsule_addr(&row.host, row.port)?, &row.folder);
            Ok(RankedSite { site, authority: row.authority, name: row.name })
        })
        .collect()
}
