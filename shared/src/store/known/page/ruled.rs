//! Pages that a rule of the admin means: withdrawn when it comes, brought back when it goes, and counted before.

use std::collections::BTreeSet;

use sqlx::PgConnection;

use super::super::super::codec;
use super::super::super::id::{CapsuleId, ContentHash, PageId};
use super::super::super::page_tx::PageTx;
use super::super::super::pool::StoreError;
use super::super::super::rule::{Rule, Rules};
use super::super::capsule;
use super::named::{Capsules, capsules, lock_capsules};
use super::standing::Standing;
use crate::gemini::pattern::UrlPattern;
use crate::gemini::site::Site;
use crate::gemini::url::GeminiUrl;

/// What a rule would do to a slice of pages.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Rehearsed {
    /// Pages that were looked at.
    pub looked_at: u64,
    /// Pages that can be found and would be shut out.
    pub pages: Vec<GeminiUrl>,
    /// Their sites.
    pub sites: BTreeSet<Site>,
}

/// What a rule would shut out of `limit` pages after `after`; with it, the last page looked at. None: there was none.
///
/// # Errors
///
/// When the database is away, or a row cannot be read.
pub async fn rehearse(
    c: &mut PgConnection,
    rule: &Rule,
    after: PageId,
    limit: i64,
) -> Result<Option<(PageId, Rehearsed)>, StoreError> {
    let Found { last, looked_at, pages } = meant(c, rule, after, limit).await?;
    let mut done = Rehearsed { looked_at, ..Rehearsed::default() };
    for page in pages.into_iter().filter(|page| page.standing == Standing::Searchable) {
        done.sites.insert(page.url.site());
        done.pages.push(page.url);
    }
    Ok(last.map(|last| (last, done)))
}

/// Withdraws those of `limit` pages after `after` that the rule means and that can be found, as far as the rules that
/// hold now shut them out; the followers hear of it. Returns the last page looked at, and how many were withdrawn; none:
/// there was none.
///
/// # Errors
///
/// When the database is away, or a row cannot be read.
pub async fn shut_out(
    tx: &mut PageTx,
    rule: &Rule,
    rules: &Rules,
    after: PageId,
    limit: i64,
) -> Result<Option<(PageId, u64)>, StoreError> {
    let Found { last, mut pages, .. } = meant(tx, rule, after, limit).await?;
    let Some(last) = last else { return Ok(None) };
    pages.retain(|page| page.standing == Standing::Searchable && rules.shut_out(&page.url, page.content));
    lock_capsules(tx, &keys(&pages)).await?;
    let ids: Vec<i64> = pages.iter().map(|page| page.key.1.0).collect();
    let withdrawn = sqlx::query!(
        "update page p set standing = 'withdrawn', shut_out = true
         from (select capsule, id from page where id = any($1) and standing = 'searchable'
               order by capsule, id for no key update) locked
         where (p.capsule, p.id) = (locked.capsule, locked.id)
         returning p.capsule, p.id",
        &ids
    )
    .fetch_all(&mut **tx)
    .await?;
    for row in &withdrawn {
        tx.mark_changed(CapsuleId(row.capsule), PageId(row.id));
    }
    Ok(Some((last, withdrawn.len() as u64)))
}

/// Which pages a lifted rule may have kept out.
#[derive(Clone, Copy, Debug)]
pub enum Let<'a> {
    /// Those that it means.
    Of(&'a Rule),
    /// All that are out for a rule: it may have reached capsules that have moved, or that show another key.
    All,
}

/// Brings those of `limit` pages after `after` back that no rule shuts out any more: what could be found before can be
/// found again, and what was not visited for the rule is due at once. Pages are numbered anew, for an index may lack
/// them. Returns the last page looked at, and how many came back; none: there was none.
///
/// # Errors
///
/// When the database is away, or a row cannot be read.
pub async fn let_in(
    tx: &mut PageTx,
    which: Let<'_>,
    rules: &Rules,
    after: PageId,
    limit: i64,
) -> Result<Option<(PageId, u64)>, StoreError> {
    let Found { last, mut pages, .. } = match which {
        Let::Of(rule) => meant(tx, rule, after, limit).await?,
        Let::All => out(tx, after, limit).await?,
    };
    let Some(last) = last else { return Ok(None) };
    pages.retain(|page| !rules.shut_out(&page.url, page.content));
    let keys = keys(&pages);
    lock_capsules(tx, &keys).await?;
    let ids: Vec<i64> = pages.iter().map(|page| page.key.1.0).collect();
    let back = sqlx::query!(
        r#"update page p
         set standing = case when locked.shut_out then 'searchable' else locked.standing end, shut_out = false,
             due_at = case when locked.waits then clock() else p.due_at end
         from (select capsule, id, shut_out, standing,
                      origin = 'crawl' and (shut_out or outcome = 'excluded' or standing = 'gone') as waits
               from page where id = any($1) order by capsule, id for no key update) locked
         where (p.capsule, p.id) = (locked.capsule, locked.id)
         returning p.capsule, p.id, p.standing = 'searchable' as "searchable!", locked.waits as "waits!""#,
        &ids
    )
    .fetch_all(&mut **tx)
    .await?;
    for row in back.iter().filter(|row| row.searchable) {
        tx.mark_changed(CapsuleId(row.capsule), PageId(row.id));
    }
    let waiting: Vec<CapsuleId> =
        back.iter().filter(|row| row.waits).map(|row| CapsuleId(row.capsule)).collect();
    capsule::wake(tx, &waiting).await?;
    Ok(Some((last, back.iter().filter(|row| row.searchable || row.waits).count() as u64)))
}

struct Page {
    key: (CapsuleId, PageId),
    url: GeminiUrl,
    content: Option<ContentHash>,
    standing: Standing,
}

fn keys(pages: &[Page]) -> Vec<(CapsuleId, PageId)> {
    pages.iter().map(|page| page.key).collect()
}

struct Row {
    capsule: i64,
    id: i64,
    host: String,
    port: i32,
    path: String,
    content: Option<Vec<u8>>,
    standing: String,
}

/// A slice of pages.
struct Found {
    /// The last one that was looked at; none: there was none.
    last: Option<PageId>,
    /// How many were looked at.
    looked_at: u64,
    /// Those that are to be judged.
    pages: Vec<Page>,
}

/// Pages of these rows that a rule means. A row that cannot be read is no page that could be found.
fn read(rows: Vec<Row>, is_meant: impl Fn(&Page) -> bool) -> Found {
    let (last, looked_at) = (rows.last().map(|row| PageId(row.id)), rows.len() as u64);
    let read = |row: Row| -> Result<Page, StoreError> {
        Ok(Page {
            key: (CapsuleId(row.capsule), PageId(row.id)),
            url: codec::page_url(&codec::capsule_addr(&row.host, row.port)?, &row.path)?,
            content: row.content.as_deref().map(codec::content_hash).transpose()?,
            standing: Standing::read(&row.standing)?,
        })
    };
    Found {
        last,
        looked_at,
        pages: rows.into_iter().filter_map(|row| read(row).ok()).filter(is_meant).collect(),
    }
}

/// The next `limit` pages by id where the rule can mean any, those of them that it means.
async fn meant(c: &mut PgConnection, rule: &Rule, after: PageId, limit: i64) -> Result<Found, StoreError> {
    let capsules = match rule {
        Rule::Urls(pattern) => capsules(c, pattern).await?,
        Rule::Addresses(range) => {
            let found =
                sqlx::query_scalar!("select id from capsule where ip <<= $1::text::inet", range.to_string());
            Capsules::These(found.fetch_all(&mut *c).await?)
        }
        Rule::Key(key) => {
            let found = sqlx::query_scalar!(
                "select t.capsule from certificate t
                 where t.fingerprint = $1
                   and t.last_seen = (select max(o.last_seen) from certificate o where o.capsule = t.capsule)",
                &key.0
            );
            Capsules::These(found.fetch_all(&mut *c).await?)
        }
        Rule::Content(hash) => {
            let found = sqlx::query_scalar!("select capsule from content where hash = $1", &hash.0);
            Capsules::These(found.fetch_all(&mut *c).await?)
        }
    };
    let path = match rule {
        Rule::Urls(UrlPattern::Page(url)) => Some(url.path_and_query()),
        Rule::Urls(
            UrlPattern::Prefix(_)
            | UrlPattern::Like(_)
            | UrlPattern::Capsule(_)
            | UrlPattern::Domain(_)
            | UrlPattern::Everything,
        )
        | Rule::Addresses(_)
        | Rule::Key(_)
        | Rule::Content(_) => None,
    };
    let rows = match capsules {
        Capsules::All => {
            sqlx::query_as!(
                Row,
                "select p.capsule, p.id, c.host, c.port, p.path, p.content, p.standing
                 from page p join capsule c on c.id = p.capsule
                 where p.id > $1 order by p.id limit $2",
                after.0,
                limit
            )
            .fetch_all(c)
            .await?
        }
        Capsules::These(these) => {
            sqlx::query_as!(
                Row,
                "select p.capsule, p.id, c.host, c.port, p.path, p.content, p.standing
                 from page p join capsule c on c.id = p.capsule
                 where p.capsule = any($1) and p.id > $2 and ($3::text is null or p.path = $3)
                 order by p.id limit $4",
                &these,
                after.0,
                path,
                limit
            )
            .fetch_all(c)
            .await?
        }
    };
    Ok(read(rows, |page| match rule {
        Rule::Urls(pattern) => pattern.matches(&page.url),
        Rule::Content(hash) => page.content == Some(*hash),
        Rule::Addresses(_) | Rule::Key(_) => true,
    }))
}

/// The next `limit` pages by id that are out for a rule.
async fn out(c: &mut PgConnection, after: PageId, limit: i64) -> Result<Found, StoreError> {
    let rows = sqlx::query_as!(
        Row,
        "select p.capsule, p.id, c.host, c.port, p.path, p.content, p.standing
         from page p join capsule c on c.id = p.capsule
         where p.shut_out and p.id > $1 order by p.id limit $2",
        after.0,
        limit
    )
    .fetch_all(c)
    .await?;
    Ok(read(rows, |_| true))
}
