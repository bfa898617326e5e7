//! Links from page to page with their labels.

use super::super::id::{CapsuleId, PageId};
use super::super::pool::{PageTx, StoreError};
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

/// Makes `links` all the links of `pages`: new ones are added, changed labels changed, links that are gone
/// removed. Targets that a purge has taken meanwhile are left out. Links come once per pair of pages.
///
/// # Errors
///
/// When the database is away.
pub async fn replace(
    tx: &mut PageTx,
    pages: &[(CapsuleId, PageId)],
    links: &[NewLink],
) -> Result<(), StoreError> {
    let (capsules, ids): (Vec<i64>, Vec<i64>) =
        pages.iter().map(|(capsule, page)| (capsule.0, page.0)).unzip();
    let from_capsules: Vec<i64> = links.iter().map(|link| link.from.0.0).collect();
    let from_pages: Vec<i64> = links.iter().map(|link| link.from.1.0).collect();
    let to_capsules: Vec<i64> = links.iter().map(|link| link.to.0.0).collect();
    let to_pages: Vec<i64> = links.iter().map(|link| link.to.1.0).collect();
    let labels = super::super::codec::texts(links.iter().map(|link| &link.label));
    sqlx::query!(
        "delete from link l
         using unnest($1::bigint[], $2::bigint[]) as v (capsule, page)
         where (l.from_capsule, l.from_page) = (v.capsule, v.page)
           and not exists (select from unnest($3::bigint[], $4::bigint[], $5::bigint[], $6::bigint[])
                                       as n (from_capsule, from_page, to_capsule, to_page)
                           where (n.from_capsule, n.from_page, n.to_capsule, n.to_page)
                               = (l.from_capsule, l.from_page, l.to_capsule, l.to_page))",
        &capsules,
        &ids,
        &from_capsules,
        &from_pages,
        &to_capsules,
        &to_pages
    )
    .execute(&mut **tx)
    .await?;
    sqlx::query!(
        "insert into link as l (from_capsule, from_page, to_capsule, to_page, label)
         select n.from_capsule, n.from_page, n.to_capsule, n.to_page, n.label
         from unnest($1::bigint[], $2::bigint[], $3::bigint[], $4::bigint[], $5::text[])
              as n (from_capsule, from_page, to_capsule, to_page, label)
         join page t on (t.capsule, t.id) = (n.to_capsule, n.to_page)
         order by n.from_capsule, n.from_page, n.to_capsule, n.to_page
         on conflict (from_capsule, from_page, to_capsule, to_page) do update
         set label = excluded.label where l.label <> excluded.label",
        &from_capsules,
        &from_pages,
        &to_capsules,
        &to_pages,
        &labels
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}
