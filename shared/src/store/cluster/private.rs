//! One private cluster, as long as it runs: opened, waited for, started again, stopped.

use std::path::{Path, PathBuf};

use sqlx::postgres::PgConnectOptions;
use sqlx::{Connection as _, PgConnection};

use super::folder::{self, Access, DATABASE, Durability, Folder, Made};
use super::postmaster::{self, Postmaster};
use super::programs::Programs;
use super::trouble::ClusterError;

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
    pub(super) programs: Programs,
    pub(super) folder: Folder,
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
        Self::open_with(programs, options, Access::Usual).await
    }

    pub(super) async fn open_with(
        programs: Programs,
        options: &ClusterOptions,
        access: Access,
    ) -> Result<Self, ClusterError> {
        let ClusterOptions { folder, durability, memory_bytes, .. } = options;
        let (folder, made) = folder::prepare(folder, &programs, *durability, *memory_bytes, access).await?;
        let mut postmaster = postmaster::start(&programs, &folder).await?;
        // One that was being copied when its keeper was killed takes no writing.
        if access == Access::Usual && postmaster.is_adopted() && takes_no_writing(&postmaster).await {
            postmaster.stop().await?;
            postmaster = postmaster::start(&programs, &folder).await?;
        }
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

    /// The folder of its socket, by which `at` reaches it.
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

/// Whether it was started apart, for reading only.
async fn takes_no_writing(postmaster: &Postmaster) -> bool {
    let asked = async {
        let options = postmaster::connect_options(&postmaster.socket, "postgres");
        let mut session = PgConnection::connect_with(&options).await?;
        let query = "select current_setting('default_transaction_read_only')::boolean";
        let read_only: bool = sqlx::query_scalar(query).fetch_one(&mut session).await?;
        session.close().await?;
        Ok::<_, sqlx::Error>(read_only)
    };
    matches!(tokio::time::timeout(postmaster::CONNECT_LIMIT, asked).await, Ok(Ok(true)))
}
