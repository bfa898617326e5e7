//! How far each follower has come, for the admin to see its lag. The truth is in the follower's own index.

use super::super::pool::StoreError;
use std::time::Duration;

use sqlx::PgConnection;

use super::super::id::{ChangeId, StoreIdentity};

/// One follower's last report.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Report {
    /// The follower's name.
    pub name: String,
    /// What its index holds.
    pub change: ChangeId,
    /// Changes that it has not got yet.
    pub lag: u64,
    /// How long ago it said so.
    pub age: Duration,
}

/// Keeps a follower's position.
///
/// # Errors
///
/// When the database is away.
pub async fn report(
    c: &mut PgConnection,
    name: &str,
    identity: StoreIdentity,
    change: ChangeId,
) -> Result<(), StoreError> {
    sqlx::query!(
        "insert into follower (name, store, epoch, change) values ($1, $2, $3, $4)
         on conflict (name) do update
         set store = excluded.store, epoch = excluded.epoch, change = excluded.change, reported_at = clock()",
        name,
        identity.store,
        identity.epoch,
        change.0,
    )
    .execute(c)
    .await?;
    Ok(())
}

/// Forgets followers that have told nothing for so long: they have another name now, or are no more. One that comes back
/// tells of itself again.
///
/// # Errors
///
/// When the database is away.
pub async fn forget(c: &mut PgConnection, silent_for: Duration) -> Result<(), StoreError> {
    sqlx::query!(
        "delete from follower where reported_at < clock() - make_interval(secs => $1)",
        silent_for.as_secs_f64()
    )
    .execute(c)
    .await?;
    Ok(())
}

/// All followers, by name.
///
/// # Errors
///
/// When the database is away.
pub async fn all(c: &mut PgConnection) -> Result<Vec<Report>, StoreError> {
    let rows = sqlx::query!(
        r#"select name, change,
                  (select count(*) from page where page.change > follower.change) as "lag!",
                  greatest(0, extract(epoch from clock() - reported_at))::float8 as "age!"
           from follower order by name"#
    )
    .fetch_all(c)
    .await?;
    Ok(rows
        .into_iter()
        .map(|row| Report {
            name: row.name,
            change: ChangeId(row.change),
            lag: row.lag.unsigned_abs(),
            age: Duration::from_secs_f64(row.age),
        })
        .collect())
}
