//! Whose numbers the feed's numbers are.
//!
//! A follower keeps the identity beside its position. Another store or epoch, a position above the
//! highest number, or one below the floor: its position means nothing here, and it rebuilds.

use super::super::pool::StoreError;
use sqlx::PgConnection;

use super::super::id::{ChangeId, StoreIdentity};

/// The feed as a follower finds it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Feed {
    /// Whose numbers these are.
    pub identity: StoreIdentity,
    /// The highest number given so far.
    pub highest: ChangeId,
    /// Changes up to this one may be missing.
    pub floor: ChangeId,
}

/// Reads the feed's identity and bounds.
///
/// # Errors
///
/// When the database is away.
pub async fn current(c: &mut PgConnection) -> Result<Feed, StoreError> {
    // Where the last tombstones are dropped, the highest number may be that of none of the pages left.
    let row = sqlx::query!(
        r#"select store, epoch, floor, greatest(floor, (select max(change) from page)) as "highest!"
           from store_identity"#
    )
    .fetch_one(c)
    .await?;
    Ok(Feed {
        identity: StoreIdentity { store: row.store, epoch: row.epoch },
        highest: ChangeId(row.highest),
        floor: ChangeId(row.floor),
    })
}

/// Makes this another store: after a restore its numbers are another history's, whatever they are.
///
/// # Errors
///
/// When the database is away.
pub async fn renew(c: &mut PgConnection) -> Result<(), StoreError> {
    sqlx::query!("update store_identity set store = gen_random_uuid(), epoch = epoch + 1").execute(c).await?;
    Ok(())
}

/// Says that the history has forked: after a promotion.
///
/// # Errors
///
/// When the database is away.
pub async fn raise_epoch(c: &mut PgConnection) -> Result<(), StoreError> {
    sqlx::query!("update store_identity set epoch = epoch + 1").execute(c).await?;
    Ok(())
}
