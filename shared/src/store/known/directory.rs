//! Whole lists for programs: capsules, their security contacts, pages that moved for good. Read only, and
//! bounded: a program that wants more than a list can hold is served by the archive.

use sqlx::PgConnection;

use super::super::codec;
use super::super::pool::StoreError;
use crate::gemini::host::CapsuleAddr;
use crate::gemini::url::GeminiUrl;

/// Entries of a list at most.
const MOST: i64 = 50_000;

/// A page that moved for good.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Moved {
    /// Where it was.
    pub from: GeminiUrl,
    /// Where it is.
    pub to: GeminiUrl,
}

/// Capsules with pages that can be found, by name.
///
/// # Errors
///
/// When the database is away, or a row cannot be read.
pub async fn capsules(c: &mut PgConnection) -> Result<Vec<CapsuleAddr>, StoreError> {
    let rows = sqlx::query!(
        "select host, port from capsule c
         where exists (select from page p where p.capsule = c.id and p.standing = 'searchable')
         order by host, port limit $1",
        MOST
    )
    .fetch_all(c)
    .await?;
    rows.into_iter().map(|row| codec::capsule_addr(&row.host, row.port)).collect()
}

/// Where capsules say whom to tell of a hole in them: each `.well-known/security.txt` that names somebody, or that was
/// found as a page.
///
/// # Errors
///
/// When the database is away, or a row cannot be read.
pub async fn security_contacts(c: &mut PgConnection) -> Result<Vec<GeminiUrl>, StoreError> {
    let rows = sqlx::query!(
        "select c.host, c.port from capsule c
         where c.contact is not null
            or exists (select from page p where p.capsule = c.id and p.path = '/.well-known/security.txt'
                                            and p.outcome in ('fetched', 'unchanged'))
         order by c.host, c.port limit $1",
        MOST
    )
    .fetch_all(c)
    .await?;
    rows.into_iter().map(|row| page_at(&row.host, row.port, "/.well-known/security.txt")).collect()
}

/// Pages that moved for good, with the page they moved to.
///
/// # Errors
///
/// When the database is away, or a row cannot be read.
pub async fn moved(c: &mut PgConnection) -> Result<Vec<Moved>, StoreError> {
    let rows = sqlx::query!(
        "select a.host, a.port, p.path, b.host as to_host, b.port as to_port, q.path as to_path
         from page p
         join capsule a on a.id = p.capsule
         join page q on q.id = p.moved_to
         join capsule b on b.id = q.capsule
         where p.moved_to is not null and p.outcome = 'moved-permanently'
         order by a.host, a.port, p.path limit $1",
        MOST
    )
    .fetch_all(c)
    .await?;
    rows.into_iter()
        .map(|row| {
            Ok(Moved {
                from: page_at(&row.host, row.port, &row.path)?,
                to: page_at(&row.to_host, row.to_port, &row.to_path)?,
            })
        })
        .collect()
}

/// A robots.txt that says something of uses beside indexing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wishes {
    /// Whose.
    pub capsule: CapsuleAddr,
    /// `/`, or a user's folder.
    pub folder: String,
    /// Its text.
    pub rules: String,
}

/// Every last known robots.txt that names `archiver` or `webproxy`: few do, so all fit into memory.
///
/// # Errors
///
/// When the database is away, or a row cannot be read.
pub async fn wishes(c: &mut PgConnection) -> Result<Vec<Wishes>, StoreError> {
    let rows = sqlx::query!(
        r#"select c.host, c.port, r.folder, r.rules as "rules!" from robots r
           join capsule c on c.id = r.capsule
           where r.rules ~* 'archiver|webproxy' order by c.host, c.port, r.folder"#
    )
    .fetch_all(c)
    .await?;
    rows.into_iter()
        .map(|row| {
            let capsule = codec::capsule_addr(&row.host, row.port)?;
            Ok(Wishes { capsule, folder: row.folder, rules: row.rules })
        })
        .collect()
}

fn page_at(host: &str, port: i32, path: &str) -> Result<GeminiUrl, StoreError> {
    codec::page_url(&codec::capsule_addr(host, port)?, path)
}
