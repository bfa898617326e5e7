//! How changes get their numbers: in one way only.
//!
//! All rows are locked first, and all but those with a new text written; then the advisory lock; then one update, of
//! rows this transaction already holds, writes those with their numbers (and one more numbers the others that
//! changed, where there are any); then the commit, synchronous. Nothing can come between,
//! for [`sealed`] is the only function that commits a [`PageTx`]. So numbers become visible in their order,
//! and a follower that reads `change > last` misses none. (A sequence without the lock loses about
//! 30 % of the changes to such a follower under eight writers.) The lock is held for those and the commit; a
//! transaction that changed nothing for the followers never takes it.
//!
//! Postgres keeps the advisory lock until the transaction is visible to others, and the commit until it
//! is on disk: a follower never knows a number that a crash can take back.

use std::collections::BTreeSet;

use sqlx::PgConnection;

use super::super::bell;
use super::super::id::{CapsuleId, ChangeId, PageId};
use super::super::page_tx::PageTx;
use super::super::pool::{Store, StoreError};

/// The advisory lock under which numbers are given; any constant that nothing else uses.
const NUMBERING: i64 = 0x5365_7874_616e_7401;

/// Runs `work` in a transaction on page rows, numbers what it changed and commits, all within the store's
/// deadline. Returns what `work` returned, and the highest number given, if any.
///
/// # Errors
///
/// What `work` returns (then nothing is written), or that the database is away or too slow (then it may
/// have been written: work must bear being repeated).
pub async fn sealed<T>(
    store: &Store,
    work: impl AsyncFnOnce(&mut PageTx) -> Result<T, StoreError>,
) -> Result<(T, Option<ChangeId>), StoreError> {
    store
        .within(async {
            let mut tx = PageTx::new(store.begin().await?);
            let value = work(&mut tx).await?;
            let highest = seal(tx).await?;
            Ok((value, highest))
        })
        .await
}

async fn seal(tx: PageTx) -> Result<Option<ChangeId>, StoreError> {
    let (mut transaction, changed, showings) = tx.into_parts();
    let mut highest = None;
    if !(changed.is_empty() && showings.is_empty()) {
        bell::ring(&mut transaction, bell::Topic::Feed).await?;
        sqlx::query!("select pg_advisory_xact_lock($1)", NUMBERING).execute(&mut *transaction).await?;
        for showing in &showings {
            highest = highest.max(showing.write(&mut transaction).await?);
        }
        if !changed.is_empty() {
            highest = highest.max(number(&mut transaction, changed).await?);
        }
    }
    transaction.commit().await?;
    Ok(highest.map(ChangeId))
}

/// Gives numbers to pages that are written already, and returns the highest.
async fn number(
    c: &mut PgConnection,
    changed: BTreeSet<(CapsuleId, PageId)>,
) -> Result<Option<i64>, StoreError> {
    let (capsules, pages): (Vec<i64>, Vec<i64>) =
        changed.into_iter().map(|(CapsuleId(capsule), PageId(page))| (capsule, page)).unzip();
    let highest = sqlx::query_scalar!(
        r#"with numbered as (
               update page p set change = nextval('change_number')
               from unnest($1::bigint[], $2::bigint[]) as changed (capsule, id)
               where (p.capsule, p.id) = (changed.capsule, changed.id)
               returning change)
           select max(change) from numbered"#,
        &capsules,
        &pages,
    );
    Ok(highest.fetch_one(c).await?)
}

/// For a transaction of many small statements that all find their rows by keys, whatever its arrays hold: planned anew
/// for them, each costs as much again as its work; planned once, perhaps while the tables were empty, it must not be a
/// walk through them.
///
/// # Errors
///
/// When the database is away.
pub async fn plan_by_keys(tx: &mut PageTx) -> Result<(), StoreError> {
    sqlx::query!(
        "select set_config('plan_cache_mode', 'force_generic_plan', true) as once,
                set_config('enable_seqscan', 'off', true) as no_walk,
                set_config('enable_hashjoin', 'off', true) as no_hash,
                set_config('enable_mergejoin', 'off', true) as no_merge"
    )
    .fetch_one(&mut **tx)
    .await?;
    Ok(())
}

/// Gives new numbers to pages whose anchor text differs from what the index was last given, and keeps the
/// digests of the labels. Pages that are gone meanwhile are left out.
///
/// # Errors
///
/// See [`sealed`].
pub async fn renumber(store: &Store, anchors: &[StaleAnchor]) -> Result<Option<ChangeId>, StoreError> {
    let capsules: Vec<i64> = anchors.iter().map(|stale| stale.capsule.0).collect();
    let pages: Vec<i64> = anchors.iter().map(|stale| stale.page.0).collect();
    let digests: Vec<Vec<u8>> = anchors.iter().map(|stale| stale.digest.clone()).collect();
    let ((), highest) = sealed(store, async |tx| {
        let locked = sqlx::query!(
            "select p.capsule, p.id from page p
             join unnest($1::bigint[], $2::bigint[]) as wanted (capsule, id)
               on (p.capsule, p.id) = (wanted.capsule, wanted.id)
             order by p.capsule, p.id for no key update of p",
            &capsules,
            &pages,
        )
        .fetch_all(&mut **tx)
        .await?;
        sqlx::query!(
            "update page p set anchors = digest.anchors
             from unnest($1::bigint[], $2::bigint[], $3::bytea[]) as digest (capsule, id, anchors)
             where (p.capsule, p.id) = (digest.capsule, digest.id)",
            &capsules,
            &pages,
            &digests,
        )
        .execute(&mut **tx)
        .await?;
        for row in locked {
            tx.mark_changed(CapsuleId(row.capsule), PageId(row.id));
        }
        Ok(())
    })
    .await?;
    Ok(highest)
}

/// A page whose labels are no longer those the index was given.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StaleAnchor {
    /// Its capsule.
    pub capsule: CapsuleId,
    /// The page.
    pub page: PageId,
    /// The digest of its labels now.
    pub digest: Vec<u8>,
}
