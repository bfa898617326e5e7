//! Links from page to page with their labels.

use std::collections::BTreeMap;

use super::super::id::{CapsuleId, PageId};
use super::super::page_tx::PageTx;
use super::super::pool::StoreError;
use crate::gemini::text::OneLine;

/// A link of a visited page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewLink {
    /// The page that links.
    pub from: (CapsuleId, PageId),
    /// The page linked to.
    pub to: (CapsuleId, PageId),
    /// What the link says; empty when it says nothing.
    pub label: OneLine,
}

/// A link without its label: where it stands, and where it leads.
type Ends = ((CapsuleId, PageId), (CapsuleId, PageId));

/// Makes `links` all the links of `pages`, which are all that they stand on: new ones are added, changed labels
/// changed, links that are gone removed. Links come once per pair of pages, and lead to pages that are known: those stay,
/// if only as tombstones, so they are not looked up once more.
/// The capsules of `pages` are locked, so nobody else enters links of them meanwhile.
///
/// # Errors
///
/// When the database is away.
pub async fn replace(
    tx: &mut PageTx,
    pages: &[(CapsuleId, PageId)],
    links: &[NewLink],
) -> Result<(), StoreError> {
    let mut before = of_pages(tx, pages).await?;
    let (mut new, mut renamed) = (Vec::new(), Vec::new());
    for link in links {
        match before.remove(&(link.from, link.to)) {
            None => new.push(link),
            Some(label) if label != link.label.as_str() => renamed.push(link),
            Some(_) => (),
        }
    }
    let gone: Vec<Ends> = before.into_keys().collect();
    remove(tx, &gone).await?;
    rename(tx, &renamed).await?;
    enter(tx, &new).await
}

/// The links of these pages, with their labels.
async fn of_pages(
    tx: &mut PageTx,
    pages: &[(CapsuleId, PageId)],
) -> Result<BTreeMap<Ends, String>, StoreError> {
    if pages.is_empty() {
        return Ok(BTreeMap::new());
    }
    let (capsules, ids): (Vec<i64>, Vec<i64>) =
        pages.iter().map(|(capsule, page)| (capsule.0, page.0)).unzip();
    let rows = sqlx::query!(
        "select l.from_capsule, l.from_page, l.to_capsule, l.to_page, l.label
         from unnest($1::bigint[], $2::bigint[]) as v (capsule, page)
         join link l on (l.from_capsule, l.from_page) = (v.capsule, v.page)",
        &capsules,
        &ids
    )
    .fetch_all(&mut **tx)
    .await?;
    Ok(rows
        .into_iter()
        .map(|row| {
            let from = (CapsuleId(row.from_capsule), PageId(row.from_page));
            ((from, (CapsuleId(row.to_capsule), PageId(row.to_page))), row.label)
        })
        .collect())
}

async fn remove(tx: &mut PageTx, gone: &[Ends]) -> Result<(), StoreError> {
    if gone.is_empty() {
        return Ok(());
    }
    let column = |of: fn(&Ends) -> i64| gone.iter().map(of).collect::<Vec<i64>>();
    sqlx::query!(
        "delete from link l
         using unnest($1::bigint[], $2::bigint[], $3::bigint[], $4::bigint[])
               as v (from_capsule, from_page, to_capsule, to_page)
         where (l.from_capsule, l.from_page, l.to_capsule, l.to_page)
             = (v.from_capsule, v.from_page, v.to_capsule, v.to_page)",
        &column(|(from, _)| from.0.0),
        &column(|(from, _)| from.1.0),
        &column(|(_, to)| to.0.0),
        &column(|(_, to)| to.1.0)
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}

async fn rename(tx: &mut PageTx, links: &[&NewLink]) -> Result<(), StoreError> {
    if links.is_empty() {
        return Ok(());
    }
    let column = |of: fn(&NewLink) -> i64| links.iter().map(|link| of(link)).collect::<Vec<i64>>();
    let labels = super::super::codec::texts(links.iter().map(|link| &link.label));
    sqlx::query!(
        "update link l set label = n.label
         from unnest($1::bigint[], $2::bigint[], $3::bigint[], $4::bigint[], $5::text[])
              as n (from_capsule, from_page, to_capsule, to_page, label)
         where (l.from_capsule, l.from_page, l.to_capsule, l.to_page)
             = (n.from_capsule, n.from_page, n.to_capsule, n.to_page)",
        &column(|link| link.from.0.0),
        &column(|link| link.from.1.0),
        &column(|link| link.to.0.0),
        &column(|link| link.to.1.0),
        &labels
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}

async fn enter(tx: &mut PageTx, links: &[&NewLink]) -> Result<(), StoreError> {
    if links.is_empty() {
        return Ok(());
    }
    let column = |of: fn(&NewLink) -> i64| links.iter().map(|link| of(link)).collect::<Vec<i64>>();
    let labels = super::super::codec::texts(links.iter().map(|link| &link.label));
    sqlx::query!(
        "insert into link (from_capsule, from_page, to_capsule, to_page, label)
         select n.from_capsule, n.from_page, n.to_capsule, n.to_page, n.label
         from unnest($1::bigint[], $2::bigint[], $3::bigint[], $4::bigint[], $5::text[])
              as n (from_capsule, from_page, to_capsule, to_page, label)
         order by n.from_capsule, n.from_page, n.to_capsule, n.to_page",
        &column(|link| link.from.0.0),
        &column(|link| link.from.1.0),
        &column(|link| link.to.0.0),
        &column(|link| link.to.1.0),
        &labels
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}
