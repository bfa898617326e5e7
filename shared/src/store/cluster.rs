//! The private Postgres: made, started, adopted and stopped by ourselves, in a folder of our own.
//!
//! An admin who starts Sextant once should not have to run a database beside it. From the system's own
//! `initdb` and `postgres` a cluster is made that only its owner can reach: a unix socket in a closed
//! folder, no TCP. It is found again after any death: of the supervisor (the postmaster lives on and is
//! adopted), of the postmaster (the next start recovers), of the machine (commits are synchronous).
//!
//! One process at a time calls [`Cluster::open`] on a folder, under a lock of its own; any number may [`find`] it.

pub mod dump;
mod folder;
mod postmaster;
mod private;
mod programs;
pub mod scratch;
pub mod swap;
mod trouble;
pub mod upgrade;

use std::path::Path;

use sqlx::postgres::PgConnectOptions;
use sqlx::{Connection as _, PgConnection};

use folder::DATABASE;

pub use folder::Durability;
pub use private::{Cluster, ClusterOptions, Origin};
pub use trouble::ClusterError;

/// How to reach the cluster with its socket in this folder, whether it runs at this moment or not.
#[must_use]
pub fn at(socket: &Path) -> PgConnectOptions {
    postmaster::connect_options(socket, DATABASE)
}

/// How to reach the running cluster in `folder`, for all who do not own it.
///
/// # Errors
///
/// [`ClusterError::NotRunning`], or why it refuses us.
pub async fn find(folder: &Path) -> Result<PgConnectOptions, ClusterError> {
    let not_running = || ClusterError::NotRunning { folder: folder.to_owned() };
    let data = folder.join("data");
    let data = data.canonicalize().map_err(|source| match source.kind() {
        std::io::ErrorKind::NotFound => not_running(),
        _ => ClusterError::Folder { act: "enter", path: data, source },
    })?;
    let socket = postmaster::living_socket(&data).ok_or_else(not_running)?;
    let options = postmaster::connect_options(&socket, DATABASE);
    // One that is alive and says nothing may be frozen or busy: whoever asks it has a deadline, and is told.
    let Ok(connected) =
        tokio::time::timeout(postmaster::CONNECT_LIMIT, PgConnection::connect_with(&options)).await
    else {
        return Ok(options);
    };
    match connected {
        Ok(session) => {
            drop(session.close().await);
            Ok(options)
        }
        Err(sqlx::Error::Io(error)) if error.kind() != std::io::ErrorKind::PermissionDenied => {
            Err(not_running())
        }
        Err(source) => Err(ClusterError::Connect { folder: folder.to_owned(), source }),
    }
}
