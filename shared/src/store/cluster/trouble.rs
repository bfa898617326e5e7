//! Why the private Postgres is not there: one sentence for each reason, with what to do about it.

use std::io;
use std::path::{Path, PathBuf};

/// Why a cluster could not be found, made, started or stopped.
#[derive(Debug, thiserror::Error)]
pub enum ClusterError {
    /// No programs anywhere.
    #[error(
        "the programs of Postgres are not installed: install them (`apt install postgresql`), or name their folder in database.programs"
    )]
    NoPrograms,
    /// The configured folder holds none.
    #[error("the folder {} holds no usable initdb and postgres", .folder.display())]
    BadPrograms {
        /// The folder from the configuration.
        folder: PathBuf,
    },
    /// The data belong to a version that is not installed.
    #[error("the database in {} was made by Postgres {wanted}, whose programs are not installed", .folder.display())]
    MissingVersion {
        /// The data folder.
        folder: PathBuf,
        /// The major version in its `PG_VERSION`.
        wanted: u32,
    },
    /// A folder above the database is closed to the user Postgres runs as.
    #[error("the user {user} cannot enter {}: choose a state folder elsewhere", .folder.display())]
    Closed {
        /// The ancestor that is closed.
        folder: PathBuf,
        /// Who wanted to pass.
        user: String,
    },
    /// The data folder belongs to somebody else.
    #[error("the folder {} belongs to another user (uid {owner}): run as that user, or as root", .folder.display())]
    NotOurs {
        /// The folder.
        folder: PathBuf,
        /// Its owner.
        owner: u32,
    },
    /// A file or folder could not be used.
    #[error("cannot {act} {}", .path.display())]
    Folder {
        /// What was tried.
        act: &'static str,
        /// On what.
        path: PathBuf,
        /// What the system said.
        #[source]
        source: io::Error,
    },
    /// No place for the socket has a path that is short enough and ours alone.
    #[error(
        "no folder is short and private enough for the socket of Postgres: choose a state folder with a shorter path"
    )]
    NoSocketFolder,
    /// A program could not be run at all.
    #[error("cannot run {}", .program.display())]
    Run {
        /// The program.
        program: PathBuf,
        /// What the system said.
        #[source]
        source: io::Error,
    },
    /// initdb failed.
    #[error("initdb could not make the database: {said}")]
    Initdb {
        /// Its last words.
        said: String,
    },
    /// The server is there and what dumps it is not.
    #[error(
        "pg_dump and pg_restore of Postgres {version} are not installed: install postgresql-client-{version}"
    )]
    NoDump {
        /// The major version.
        version: u32,
    },
    /// The configured address is none.
    #[error("database.url is no address of a database")]
    Address {
        /// What its reader said.
        #[source]
        source: Box<crate::store::pool::StoreError>,
    },
    /// `pg_dump` or `pg_restore` failed.
    #[error("{program} failed: {said}")]
    Copy {
        /// Which of the two.
        program: &'static str,
        /// Its last words.
        said: String,
    },
    /// What is read into a database, or dumped out of it, cannot be read or written.
    #[error("the dump cannot be read or written")]
    Dump(#[source] io::Error),
    /// The new database refuses a statement.
    #[error("the new database refuses a statement")]
    Store(#[source] crate::store::pool::StoreError),
    /// The two databases of a move differ.
    #[error("the copy is not whole, so nothing was changed: {table} has {copied} rows instead of {rows}")]
    Differs {
        /// The first table that differs.
        table: String,
        /// Its rows.
        rows: i64,
        /// The rows of its copy.
        copied: i64,
    },
    /// There is nothing to move to.
    #[error(
        "the database is of Postgres {version}, and no newer programs are installed: install them, or name their folder with --programs"
    )]
    Newest {
        /// The major version that made the data.
        version: u32,
    },
    /// The postmaster ended before it was ready.
    #[error("Postgres did not start: {said} (log: {})", .log.display())]
    Start {
        /// Its last words.
        said: String,
        /// Where to read more.
        log: PathBuf,
    },
    /// The postmaster lives and does not answer.
    #[error("Postgres (process {pid}) did not answer within {seconds} s (log: {})", .log.display())]
    Silent {
        /// Its process.
        pid: i32,
        /// How long it was asked.
        seconds: u64,
        /// Where to read more.
        log: PathBuf,
    },
    /// Nothing runs where another subcommand expects it.
    #[error("no database runs in {}: start it with `sextant up`", .folder.display())]
    NotRunning {
        /// The cluster's folder.
        folder: PathBuf,
    },
    /// The cluster runs and refuses us.
    #[error("the database in {} refuses the connection", .folder.display())]
    Connect {
        /// The cluster's folder.
        folder: PathBuf,
        /// What it said.
        #[source]
        source: sqlx::Error,
    },
    /// The postmaster did not stop when told to.
    #[error("Postgres (process {pid}) did not stop")]
    Stop {
        /// Its process.
        pid: i32,
    },
}

impl ClusterError {
    /// For `map_err`: an act on a path that failed.
    pub(super) fn folder(act: &'static str, path: &Path) -> impl FnOnce(io::Error) -> Self {
        move |source| Self::Folder { act, path: path.to_owned(), source }
    }
}
