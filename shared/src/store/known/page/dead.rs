//! Pages of capsules that have been dead for so long that nobody should be sent there.

use std::time::Duration;

use super::super::super::id::{CapsuleId, PageId};
use super::super::super::page_tx::PageTx;
use super::super::super::pool::StoreError;

/// Takes up to `at_most` pages out of search whose capsules have not answered for `dead_for`; their text stays, and
/// the first answer brings them back. Returns how many.
///
/// # Errors
///
/// When the database is away.
pub async fn withdraw_dead(tx: &mut PageTx, dead_for: Duration, at_most: i64) -> Result<u64, StoreError> {
    let dead = sqlx::query_scalar!(
        "select c.id from capsule c
         where c.failing_since < clock() - make_interval(secs => $1)
           and exists (select from page p where p.capsule = c.id and p.standing = 'searchable' and p.origin <> 'own')
         order by c.id limit 100 for no key update",
        dead_for.as_secs_f64()
    )
    .fetch_all(&mut **tx)
    .await?;
    let pages = sqlx::query!(
        "update page p set standing = 'withdrawn'
         from (select capsule, id from page
               where capsule = any($1) and standing = 'searchable' and origin <> 'own'
               order by capsule, id limit $2 for no key update) locked
         where (p.capsule, p.id) = (locked.capsule, locked.id)
         returning p.capsule, p.id",
        &dead,
        at_most
    )
    .fetch_all(&mut **tx)
    .await?;
    for page in &pages {
        tx.mark_changed(CapsuleId(page.capsule), PageId(page.id));
    }
    Ok(pages.len() as u64)
}
