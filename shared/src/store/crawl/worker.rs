//! Crawler processes and the sockets that each holds open, so that any desk can list them.

use super::super::pool::StoreError;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use sqlx::PgConnection;
use sqlx::types::Json;

use super::super::id::WorkerId;

/// An open socket, as its worker last told.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OpenConnection {
    /// The capsule it is open to.
    pub host: String,
    /// What it is doing.
    pub stage: String,
    /// How long it has been open, in milliseconds.
    pub age_ms: u64,
    /// Its file descriptor in the worker's process.
    pub fd: i32,
}

/// A worker's sign of life.
///
/// # Errors
///
/// When the database is away.
pub async fn beat(c: &mut PgConnection, worker: WorkerId, open: &[OpenConnection]) -> Result<(), StoreError> {
    sqlx::query!(
        "insert into worker (id, connections) values ($1, $2)
         on conflict (id) do update set beat_at = clock(), connections = excluded.connections",
        worker.0,
        Json(open) as _
    )
    .execute(c)
    .await?;
    Ok(())
}

/// A worker as the desks show it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Worker {
    /// Who.
    pub id: WorkerId,
    /// How long ago it last gave a sign of life.
    pub silent_for: Duration,
    /// Its sockets.
    pub open: Vec<OpenConnection>,
}

/// All workers, the liveliest first.
///
/// # Errors
///
/// When the database is away.
pub async fn all(c: &mut PgConnection) -> Result<Vec<Worker>, StoreError> {
    let rows = sqlx::query!(
        r#"select id, greatest(0, extract(epoch from clock() - beat_at))::float8 as "silent!",
                  connections as "connections: Json<Vec<OpenConnection>>"
           from worker order by beat_at desc"#
    )
    .fetch_all(c)
    .await?;
    Ok(rows
        .into_iter()
        .map(|row| Worker {
            id: WorkerId(row.id),
            silent_for: Duration::from_secs_f64(row.silent),
            open: row.connections.0,
        })
        .collect())
}
