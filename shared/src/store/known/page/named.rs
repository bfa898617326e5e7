//! Pages that people name by a pattern: made due before all others, or purged, in slices.

use std::time::Duration;

use chrono::{DateTime, Utc};
use sqlx::PgConnection;

use super::super::super::codec;
use super::super::super::id::{CapsuleId, PageId};
use super::super::super::page_tx::PageTx;
use super::super::super::pool::StoreError;
use super::super::{capsule, content, post};
use crate::gemini::host::{CapsuleAddr, Host};
use crate::gemini::pattern::{Place, UrlPattern};

/// Makes the pages that a pattern names due, before all that is due by itself, `limit` at a time in the order of
/// ids, and their capsules the next ones to be visited. Returns the last page of the slice; none when there was none left.
///
/// # Errors
///
/// When the database is away.
pub async fn make_due(
    tx: &mut PageTx,
    pattern: &UrlPattern,
    after: PageId,
    limit: i64,
) -> Result<Option<(PageId, u64)>, StoreError> {
    let slice = matching(tx, pattern, after, limit).await?;
    let Some(last) = slice.last else { return Ok(None) };
    lock_capsules(tx, &slice.pages).await?;
    let ids: Vec<i64> = slice.pages.iter().map(|(_, page)| page.0).collect();
    sqlx::query!(
        "update page p set due_at = 'epoch'
         from (select capsule, id from page where id = any($1) and standing <> 'gone' and origin <> 'own'
               order by capsule, id for no key update) locked
         where (p.capsule, p.id) = (locked.capsule, locked.id)",
        &ids
    )
    .execute(&mut **tx)
    .await?;
    let capsules: Vec<CapsuleId> = slice.pages.iter().map(|(capsule, _)| *capsule).collect();
    capsule::hurry(tx, &capsules).await?;
    Ok(Some((last, ids.len() as u64)))
}

/// Makes a tombstone a page that was never fetched, due before all that is due by itself: somebody says that it is there
/// again. False: it is no tombstone.
///
/// # Errors
///
/// When the database is away.
pub async fn revive(tx: &mut PageTx, capsule: CapsuleId, page: PageId) -> Result<bool, StoreError> {
    lock_capsules(tx, &[(capsule, page)]).await?;
    let revived = sqlx::query!(
        "update page set standing = 'unseen', due_at = 'epoch', hops = 0, failures = 0, served = null, words = null
         where (capsule, id) = ($1, $2) and standing = 'gone' and origin <> 'own'",
        capsule.0,
        page.0
    )
    .execute(&mut **tx)
    .await?;
    if revived.rows_affected() == 0 {
        return Ok(false);
    }
    capsule::hurry(tx, &[capsule]).await?;
    Ok(true)
}

/// Turns the pages that a pattern names into tombstones, `limit` at a time, where they were fetched before `moment`:
/// text, links and schedule go, and the followers hear of it. Pages they linked to are numbered too, for their anchor
/// text has lost a label. What was never fetched has nothing to lose. Returns the last page of the slice, and how many
/// became tombstones; none when there was no page left.
///
/// # Errors
///
/// When the database is away.
pub async fn purge(
    tx: &mut PageTx,
    pattern: &UrlPattern,
    moment: DateTime<Utc>,
    after: PageId,
    limit: i64,
) -> Result<Option<(PageId, u64)>, StoreError> {
    let slice = matching(tx, pattern, after, limit).await?;
    let Some(last) = slice.last else { return Ok(None) };
    lock_capsules(tx, &slice.pages).await?;
    let ids: Vec<i64> = slice.pages.iter().map(|(_, page)| page.0).collect();
    // What was a tombstone before is looked at again only where it is meant by name: its text may be left, for whoever
    // made it one had no right to delete.
    let is_one = matches!(pattern, UrlPattern::Page(_));
    let doomed = sqlx::query!(
        r#"select capsule, id, content, is_there as "is_there!"
           from (select capsule, id, content, standing <> 'gone' or content is not null
                        or exists (select from link l where (l.from_capsule, l.from_page) = (p.capsule, p.id)) as is_there
                 from page p where id = any($1) and coalesce(fetched_at, visited_at) < $2) fetched
           where $3 or is_there order by capsule, id"#,
        &ids,
        moment,
        is_one
    )
    .fetch_all(&mut **tx)
    .await?;
    let ids: Vec<i64> = doomed.iter().map(|row| row.id).collect();
    let locked = sqlx::query!(
        "select capsule, id from page
         where id = any($1)
            or (capsule, id) in (select l.to_capsule, l.to_page from link l
                                 join page f on (f.capsule, f.id) = (l.from_capsule, l.from_page)
                                 where f.id = any($1))
         order by capsule, id for no key update",
        &ids
    )
    .fetch_all(&mut **tx)
    .await?;
    sqlx::query!(
        "update page set standing = 'gone', shut_out = false, due_at = null, title = '', content = null, size_bytes = null,
                         language = null, charset = null, moved_to = null, anchors = null, words = null, width = null, height = null
         where id = any($1)",
        &ids
    )
    .execute(&mut **tx)
    .await?;
    sqlx::query!(
        "delete from link l using page f
         where f.id = any($1) and (l.from_capsule, l.from_page) = (f.capsule, f.id)",
        &ids
    )
    .execute(&mut **tx)
    .await?;
    let purged: Vec<PageId> = doomed.iter().map(|row| PageId(row.id)).collect();
    post::drop_all(tx, &purged, &slice.posts).await?;
    for row in locked {
        tx.mark_changed(CapsuleId(row.capsule), PageId(row.id));
    }
    let mut texts = Vec::new();
    for row in &doomed {
        let capsule = CapsuleId(row.capsule);
        match row.content.as_deref() {
            Some(hash) => texts.push((capsule, codec::content_hash(hash)?)),
            // Whoever made it a tombstone knew its text; nobody does now.
            None if is_one => texts.extend(content::unheld(tx, capsule, i64::MAX).await?),
            None => {}
        }
    }
    content::drop_unheld(tx, &texts).await?;
    Ok(Some((last, doomed.iter().filter(|row| row.is_there).count() as u64)))
}

/// Makes pages wait so long for their next visit, at least; their capsules are locked by the caller.
///
/// # Errors
///
/// When the database is away.
pub async fn put_off(
    tx: &mut PageTx,
    pages: &[(CapsuleId, PageId)],
    wait: Duration,
) -> Result<(), StoreError> {
    if pages.is_empty() {
        return Ok(());
    }
    let ids: Vec<i64> = pages.iter().map(|(_, page)| page.0).collect();
    sqlx::query!(
        "update page p set due_at = greatest(p.due_at, clock() + make_interval(secs => $2))
         from (select capsule, id from page where id = any($1) and due_at is not null
               order by capsule, id for no key update) locked
         where (p.capsule, p.id) = (locked.capsule, locked.id)",
        &ids,
        wait.as_secs_f64()
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// The next capsules after `after` that a pattern can mean, at most `at_most`, in the order of their ids.
///
/// # Errors
///
/// When the database is away.
pub async fn capsules_named(
    c: &mut PgConnection,
    pattern: &UrlPattern,
    after: CapsuleId,
    at_most: i64,
) -> Result<Vec<CapsuleId>, StoreError> {
    match capsules(c, pattern).await? {
        Capsules::All => capsule::next(c, after, at_most).await,
        Capsules::These(mut these) => {
            these.retain(|id| after.0 < *id);
            these.sort_unstable();
            these.truncate(usize::try_from(at_most).unwrap_or(0));
            Ok(these.into_iter().map(CapsuleId).collect())
        }
    }
}

/// Locks all capsules that a pattern can mean, in their order.
///
/// # Errors
///
/// When the database is away.
pub async fn lock_named(c: &mut PgConnection, pattern: &UrlPattern) -> Result<(), StoreError> {
    let these = match capsules(c, pattern).await? {
        Capsules::All => None,
        Capsules::These(these) => Some(these),
    };
    sqlx::query!(
        "select id from capsule where $1::bigint[] is null or id = any($1) order by id for no key update",
        these.as_deref()
    )
    .fetch_all(c)
    .await?;
    Ok(())
}

struct Slice {
    /// The pages that match, by capsule and id.
    pages: Vec<(CapsuleId, PageId)>,
    /// The same pages as posts that feeds tell of.
    posts: Vec<post::PostKey>,
    /// The last page looked at.
    last: Option<PageId>,
}

/// The next `limit` pages by id, those of them that match. Only the capsules that can match are walked.
async fn matching(
    c: &mut PgConnection,
    pattern: &UrlPattern,
    after: PageId,
    limit: i64,
) -> Result<Slice, StoreError> {
    let rows = match capsules(c, pattern).await? {
        Capsules::All => {
            sqlx::query_as!(
            Row,
            "select p.capsule, p.id, c.host, c.port, p.path from page p join capsule c on c.id = p.capsule
             where p.id > $1 order by p.id limit $2",
            after.0,
            limit
        )
            .fetch_all(c)
            .await?
        }
        Capsules::These(capsules) => {
            let path = match pattern {
                UrlPattern::Page(url) => Some(url.path_and_query()),
                UrlPattern::Prefix(_)
                | UrlPattern::Like(_)
                | UrlPattern::Capsule(_)
                | UrlPattern::Domain(_)
                | UrlPattern::Everything => None,
            };
            sqlx::query_as!(
                Row,
                "select p.capsule, p.id, c.host, c.port, p.path from page p join capsule c on c.id = p.capsule
                 where p.capsule = any($1) and p.id > $2 and ($3::text is null or p.path = $3) order by p.id limit $4",
                &capsules,
                after.0,
                path,
                limit
            )
            .fetch_all(c)
            .await?
        }
    };
    let last = rows.last().map(|row| PageId(row.id));
    let (mut pages, mut posts) = (Vec::new(), Vec::new());
    for row in rows {
        let url = codec::capsule_addr(&row.host, row.port).and_then(|addr| codec::page_url(&addr, &row.path));
        // A row that cannot be read (another version wrote it, or a hand) must not keep the others from being done.
        let Ok(url) = url else { continue };
        if pattern.matches(&url) {
            pages.push((CapsuleId(row.capsule), PageId(row.id)));
            posts.push(post::PostKey::of_url(url.as_str()));
        }
    }
    pages.sort_unstable();
    Ok(Slice { pages, posts, last })
}

struct Row {
    capsule: i64,
    id: i64,
    host: String,
    port: i32,
    path: String,
}

/// Where pages of a pattern can be.
pub(super) enum Capsules {
    All,
    These(Vec<i64>),
}

pub(super) async fn capsules(c: &mut PgConnection, pattern: &UrlPattern) -> Result<Capsules, StoreError> {
    match pattern {
        UrlPattern::Everything => Ok(Capsules::All),
        UrlPattern::Domain(domain) => of_domain(c, domain).await,
        UrlPattern::Page(url) | UrlPattern::Prefix(url) => of_address(c, url.capsule()).await,
        UrlPattern::Capsule(capsule) => of_address(c, capsule).await,
        UrlPattern::Like(wildcard) => match wildcard.place() {
            Place::Everywhere => Ok(Capsules::All),
            Place::Domain(domain) => of_domain(c, domain).await,
            Place::Capsule(capsule) => of_address(c, capsule).await,
        },
    }
}

async fn of_domain(c: &mut PgConnection, domain: &Host) -> Result<Capsules, StoreError> {
    let found = sqlx::query_scalar!(
        "select id from capsule where host = $1 or right(host, length($1) + 1) = '.' || $1",
        domain.as_str()
    );
    Ok(Capsules::These(found.fetch_all(c).await?))
}

async fn of_address(c: &mut PgConnection, capsule: &CapsuleAddr) -> Result<Capsules, StoreError> {
    let found = sqlx::query_scalar!(
        "select id from capsule where (host, port) = ($1, $2)",
        capsule.host().as_str(),
        i32::from(capsule.port())
    );
    Ok(Capsules::These(found.fetch_all(c).await?))
}

/// Locks the capsules of pages, in their order: what withdraws or deletes locks the capsule first.
pub(super) async fn lock_capsules(
    c: &mut PgConnection,
    pages: &[(CapsuleId, PageId)],
) -> Result<(), StoreError> {
    let ids: Vec<i64> = pages.iter().map(|(capsule, _)| capsule.0).collect();
    sqlx::query!("select id from capsule where id = any($1) order by id for no key update", &ids)
        .fetch_all(c)
        .await?;
    Ok(())
}
