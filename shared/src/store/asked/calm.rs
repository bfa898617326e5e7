//! Since when nothing has needed the admin.

use std::time::Duration;

use sqlx::PgConnection;

use super::super::pool::StoreError;

/// How long nothing has needed the admin.
///
/// # Errors
///
/// When the database is away.
pub async fn lasting(c: &mut PgConnection) -> Result<Duration, StoreError> {
    let seconds = sqlx::query_scalar!(
        r#"select greatest(0, extract(epoch from clock() - since))::float8 as "seconds!" from calm"#
    )
    .fetch_one(c)
    .await?;
    Ok(Duration::from_secs_f64(seconds))
}

/// Says that something needs the admin now.
///
/// # Errors
///
/// When the database is away.
pub async fn disturb(c: &mut PgConnection) -> Result<(), StoreError> {
    sqlx::query!("update calm set since = clock()").execute(c).await?;
    Ok(())
}
