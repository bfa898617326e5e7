//! The private Postgres: made, started, adopted and stopped by ourselves, in a folder of our own.
//!
//! An admin who starts Sextant once should not have to run a database beside it. From the system's own
//! `initdb` and `postgres` a cluster is made that only its owner can reach: a unix socket in a closed
//! folder, no TCP. It is found again after any death: of the supervisor (the postmaster lives on and is
//! adopted), of the postmaster (the next start recovers), of the machine (commits are synchronous).
//!
//! One process at a time calls [`Cluster::open`] on a folder, under a lock of its own; any number may [`find`] it.

mod folder;
mod postmaster;
mod programs;
pub mod scratch;
mod trouble;

use std::path::{Path, PathBuf};

use sqlx::postgres::PgConnectOptions;
use sqlx::{Connection as _, PgConnection};

use folder::{Folder, Made};
use postmaster::Postmaster;
use programs::Programs;

pub use folder::Durability;
pub use trouble::ClusterError;

/// The one database in the cluster.
const DATABASE: &str = "sextant";

/// What a cluster is made from.
#[derive(Clone, Debug)]
pub struct ClusterOptions {
    /// The folder that is all its own; made when missing.
    pub folder: PathBuf,
    /// The folder of `initdb` and `postgres`, when they are not to be searched for.
    pub programs: Option<PathBuf>,
    /// What a commit survives.
    pub durability: Durability,
    /// The machine's memory, of which it takes its small share.
    pub memory_bytes: u64,
}

/// How a cluster came to run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Origin {
    /// Its folder was made just now.
    Created,
    /// It was there and was started.
    Started,
    /// It was running already.
    Adopted,
}

/// A running cluster. Dropped without [`Cluster::stop`], it runs on and is adopted by the next [`Cluster::open`].
#[derive(Debug)]
pub struct Cluster {
    programs: Programs,
    folder: Folder,
    postmaster: Postmaster,
    origin: Origin,
}

impl ClusterOptions {
    /// A safe cluster in `folder`, made from the programs that are found, for a machine of 1 GiB.
    #[must_use]
    pub fn new(folder: impl Into<PathBuf>) -> Self {
        Self { folder: folder.into(), programs: None, durability: Durability::Safe, memory_bytes: 1 << 30 }
    }
}

impl Cluster {
    /// Makes the cluster where there is none, starts it where it does not run, and makes its database.
    ///
    /// # Errors
    ///
    /// One sentence on what is missing or closed.
    pub async fn open(options: &ClusterOptions) -> Result<Self, ClusterError> {
        let data = options.folder.join("data");
        let programs = Programs::find(options.programs.as_deref(), &data).await?;
        let (folder, made) =
            folder::prepare(&options.folder, &programs, options.durability, options.memory_bytes).await?;
        let postmaster = postmaster::start(&programs, &folder).await?;
        let origin = match made {
            Made::Now => Origin::Created,
            Made::Before if postmaster.is_adopted() => Origin::Adopted,
            Made::Before => Origin::Started,
        };
        let cluster = Self { programs, folder, postmaster, origin };
        cluster.make_database().await?;
        Ok(cluster)
    }

    /// How to reach its database.
    #[must_use]
    pub fn options(&self) -> PgConnectOptions {
        postmaster::connect_options(&self.postmaster.socket, DATABASE)
    }

    /// The folder of its socket, by which [`at`] reaches it.
    #[must_use]
    pub fn socket(&self) -> &Path {
        &self.postmaster.socket
    }

    /// How it came to run.
    #[must_use]
    pub const fn origin(&self) -> Origin {
        self.origin
    }

    /// The postmaster's process.
    #[must_use]
    pub const fn pid(&self) -> i32 {
        self.postmaster.pid()
    }

    /// Where Postgres writes its log: a file per weekday.
    #[must_use]
    pub fn log(&self) -> PathBuf {
        self.folder.data.join("log")
    }

    /// Returns when the postmaster has ended, which it should not. May be dropped and called again.
    pub async fn ended(&mut self) {
        self.postmaster.ended().await;
    }

    /// Starts the postmaster again after it has [`ended`](Self::ended).
    ///
    /// # Errors
    ///
    /// When it cannot be started now; it may be possible later (a full disk).
    pub async fn restart(&mut self) -> Result<(), ClusterError> {
        self.postmaster = postmaster::start(&self.programs, &self.folder).await?;
        Ok(())
    }

    /// Stops it, cutting all sessions.
    ///
    /// # Errors
    ///
    /// When it lives on in spite of all signals.
    pub async fn stop(mut self) -> Result<(), ClusterError> {
        self.postmaster.stop().await
    }

    async fn make_database(&self) -> Result<(), ClusterError> {
        let refused = |source| ClusterError::Connect { folder: self.folder.root.clone(), source };
        let mut session =
            PgConnection::connect_with(&postmaster::connect_options(&self.postmaster.socket, "postgres"))
                .await
                .map_err(refused)?;
        let exists: bool = sqlx::query_scalar("select exists (select from pg_database where datname = $1)")
            .bind(DATABASE)
            .fetch_one(&mut session)
            .await
            .map_err(refused)?;
        if !exists {
            let create = "create database sextant template template0";
            sqlx::raw_sql(create).execute(&mut session).await.map_err(refused)?;
        }
        session.close().await.map_err(refused)
    }
}

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
