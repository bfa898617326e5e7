//! Who did what.

use super::super::pool::StoreError;
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
