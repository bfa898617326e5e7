//! Who did what.

use super::super::pool::StoreError;
use chrono::{DateTime, Utc};
use sqlx::PgConnection;

/// Writes one act down, in the transaction of the act itself.
///
/// # Errors
///
/// When the database is away.
pub async fn record(
    c: &mut PgConnection,
    actor: &str,
    act: &str,
    target: &str,
    note: &str,
) -> Result<(), StoreError> {
    sqlx::query!(
        "insert into audit (actor, act, target, note) values ($1, $2, $3, $4)",
        actor,
        act,
        target,
        note
    )
    .execute(c)
    .await?;
    Ok(())
}

/// An act as it was written down.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// When.
    pub at: DateTime<Utc>,
    /// Who.
    pub actor: String,
    /// What.
    pub act: String,
    /// To what.
    pub target: String,
    /// Why, as far as it was said.
    pub note: String,
}

/// What was done, the latest first: `limit` acts after `offset`, and how many there are in all.
///
/// # Errors
///
/// When the database is away.
pub async fn list(c: &mut PgConnection, offset: i64, limit: i64) -> Result<(Vec<Entry>, u64), StoreError> {
    let count = sqlx::query_scalar!(r#"select count(*) as "count!" from audit"#).fetch_one(&mut *c).await?;
    let entries = sqlx::query_as!(
        Entry,
        "select at, actor, act, target, note from audit order by id desc offset $1 limit $2",
        offset,
        limit
    )
    .fetch_all(c)
    .await?;
    Ok((entries, count.unsigned_abs()))
}
