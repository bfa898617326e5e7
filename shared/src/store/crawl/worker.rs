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

/// What a worker tells of itself.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Sign {
    /// Its sockets.
    pub open: Vec<OpenConnection>,
    /// Turns that it has in hand.
    pub turns: u64,
    /// What keeps it from crawling, in a sentence for the admin.
    pub brake: Option<String>,
    /// What the admin should know although it crawls.
    pub notice: Option<String>,
    /// How long ago it committed a visit; told by a beat: none since the last one.
    pub visited: Option<Duration>,
}

/// A worker's sign of life.
///
/// # Errors
///
/// When the database is away.
pub async fn beat(c: &mut PgConnection, worker: WorkerId, sign: &Sign) -> Result<(), StoreError> {
    sqlx::query!(
        "insert into worker (id, connections, turns, brake, notice, visited_at)
         values ($1, $2, $3, $4, $5, clock() - make_interval(secs => $6))
         on conflict (id) do update set beat_at = clock(), connections = excluded.connections,
                                        turns = excluded.turns, brake = excluded.brake, notice = excluded.notice,
                                        visited_at = coalesce(excluded.visited_at, worker.visited_at)",
        worker.0,
        Json(&sign.open) as _,
        i32::try_from(sign.turns).unwrap_or(i32::MAX),
        sign.brake,
        sign.notice,
        sign.visited.map(|ago| ago.as_secs_f64())
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
    /// What it told of itself.
    pub sign: Sign,
}

/// All workers, the liveliest first.
///
/// # Errors
///
/// When the database is away.
pub async fn all(c: &mut PgConnection) -> Result<Vec<Worker>, StoreError> {
    let rows = sqlx::query!(
        r#"select id, greatest(0, extract(epoch from clock() - beat_at))::float8 as "silent!",
                  connections as "connections: Json<Vec<OpenConnection>>", turns, brake, notice,
                  case when visited_at is not null then greatest(0, extract(epoch from clock() - visited_at)) end::float8 as visited
           from worker order by beat_at desc"#
    )
    .fetch_all(c)
    .await?;
    Ok(rows
        .into_iter()
        .map(|row| Worker {
            id: WorkerId(row.id),
            silent_for: Duration::from_secs_f64(row.silent),
            sign: Sign {
                open: row.connections.0,
                turns: u64::try_from(row.turns).unwrap_or_default(),
                brake: row.brake,
                notice: row.notice,
                visited: row.visited.map(Duration::from_secs_f64),
            },
        })
        .collect())
}
