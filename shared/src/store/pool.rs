//! The way to Postgres: a bounded pool, and one client-side deadline around every piece of work.
//!
//! sqlx has no deadline of its own once a query is in flight: a frozen Postgres would hang every worker
//! without a word. So nothing reaches a connection but through [`Store::read`] and [`Store::write`] (and
//! `feed::change::sealed`, which writes pages), and each of them gives up after the store's deadline.

use std::collections::BTreeSet;
use std::str::FromStr;
use std::time::Duration;

use sqlx::migrate::Migrate as _;
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use sqlx::{ConnectOptions as _, PgConnection, PgPool, Postgres, Transaction};

use super::super::process::figures;

/// The migrations, compiled in. One static: every use of the macro would embed them again.
pub static MIGRATOR: sqlx::migrate::Migrator = sqlx::migrate!("../migrations");

/// What work is done on; its owner decides about the transaction.
pub type Connection = PgConnection;

/// Where the store is and how much of it one process takes.
#[derive(Clone, Debug)]
pub struct StoreOptions {
    /// Address, user and database.
    pub connect: PgConnectOptions,
    /// Connections at most.
    pub connections: u32,
    /// After this time a piece of work is given up, whatever Postgres does.
    pub deadline: Duration,
}

impl StoreOptions {
    /// Eight connections and five seconds: what a component needs.
    #[must_use]
    pub const fn new(connect: PgConnectOptions) -> Self {
        Self { connect, connections: 8, deadline: Duration::from_secs(5) }
    }

    /// Reads an address such as `postgres://user@host/name`.
    ///
    /// # Errors
    ///
    /// [`StoreError::Address`] when it is none.
    pub fn from_url(url: &str) -> Result<Self, StoreError> {
        PgConnectOptions::from_str(url).map(Self::new).map_err(StoreError::Address)
    }
}

/// The store: cheap to clone, one pool behind all clones.
#[derive(Clone, Debug)]
pub struct Store {
    pool: PgPool,
    deadline: Duration,
}

/// How the tables and this program agree.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Schema {
    /// Migrations that have not been made yet.
    pub missing: usize,
    /// Migrations that this program does not know: a newer one made them.
    pub unknown: usize,
}

/// Why the store did not do what was asked.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The configured address cannot be read.
    #[error("the database address is not of the form postgres://user@host/name")]
    Address(#[source] sqlx::Error),
    /// No connection was to be had.
    #[error("the database cannot be reached")]
    Unreachable(#[source] sqlx::Error),
    /// It is not known yet where the database is: the private one has not been started.
    #[error("no database has been found yet")]
    Absent,
    /// Postgres answered too late, or not at all.
    #[error("the database did not answer within {} s", .0.as_secs_f32())]
    Deadline(Duration),
    /// Another transaction stood in the way (deadlock, serialisation, lock time-out): try again.
    #[error("the database asks to try again")]
    Contended(#[source] sqlx::Error),
    /// Postgres refused the statement.
    #[error("the database refused a statement")]
    Refused(#[source] sqlx::Error),
    /// The tables could not be brought to this program's version.
    #[error("the database's tables could not be migrated")]
    Migration(#[source] sqlx::migrate::MigrateError),
    /// A row holds what this program cannot read.
    #[error("a stored {what} cannot be read: {value:?}")]
    Unreadable {
        /// The concept that was expected.
        what: &'static str,
        /// What stood there.
        value: String,
    },
}

impl StoreError {
    /// Whether to wait and try again: the database is away, frozen, starting, full or contended. Nothing
    /// is wrong with what was asked.
    #[must_use]
    pub fn is_outage(&self) -> bool {
        match self {
            Self::Unreachable(_) | Self::Absent | Self::Deadline(_) | Self::Contended(_) => true,
            Self::Address(_) | Self::Refused(_) | Self::Migration(_) | Self::Unreadable { .. } => false,
        }
    }
}

impl StoreError {
    /// The word for its figure.
    const fn word(&self) -> &'static str {
        match self {
            Self::Unreachable(_) | Self::Absent | Self::Address(_) => "unreachable",
            Self::Deadline(_) => "deadline",
            Self::Contended(_) => "contended",
            Self::Refused(_) | Self::Migration(_) | Self::Unreadable { .. } => "refused",
        }
    }
}

impl From<sqlx::Error> for StoreError {
    fn from(error: sqlx::Error) -> Self {
        match &error {
            sqlx::Error::Database(database) => match database.code().as_deref() {
                // Deadlock, serialisation failure, lock not available.
                Some("40P01" | "40001" | "55P03") => Self::Contended(error),
                // Starting, stopping, crashed, cancelled, out of resources (disk full, too many connections), I/O error.
                Some(code) if ["57", "53", "08", "58"].iter().any(|class| code.starts_with(class)) => {
                    Self::Unreachable(error)
                }
                _ => Self::Refused(error),
            },
            sqlx::Error::Io(_)
            | sqlx::Error::Tls(_)
            | sqlx::Error::PoolTimedOut
            | sqlx::Error::PoolClosed
            | sqlx::Error::WorkerCrashed
            | sqlx::Error::Protocol(_) => Self::Unreachable(error),
            _ => Self::Refused(error),
        }
    }
}

impl Store {
    /// Opens the pool, brings the tables to this program's version and compares the store's identity with
    /// the one on record (a copy or a promoted replica raises the epoch).
    ///
    /// # Errors
    ///
    /// When Postgres cannot be reached, or its tables cannot be migrated.
    pub async fn open(options: StoreOptions) -> Result<Self, StoreError> {
        let migration = PgPoolOptions::new()
            .max_connections(1)
            .acquire_timeout(options.deadline)
            .connect_with(quiet(options.connect.clone()))
            .await
            .map_err(StoreError::Unreachable)?;
        MIGRATOR.run(&migration).await.map_err(StoreError::Migration)?;
        migration.close().await;
        Self::connect(options).await
    }

    /// Opens the pool on tables that are there already.
    ///
    /// # Errors
    ///
    /// When Postgres cannot be reached.
    pub async fn connect(options: StoreOptions) -> Result<Self, StoreError> {
        let store = Self::lazy(options);
        drop(store.pool.acquire().await.map_err(StoreError::Unreachable)?);
        Ok(store)
    }

    /// The pool without a first connection: for a component that must start while Postgres is away.
    #[must_use]
    pub fn lazy(options: StoreOptions) -> Self {
        let deadline = options.deadline;
        let connect =
            quiet(options.connect).application_name("sextant").statement_cache_capacity(256).options([
                ("statement_timeout", deadline.as_millis().to_string()),
                ("lock_timeout", "3s".to_owned()),
                ("idle_in_transaction_session_timeout", "10s".to_owned()),
                ("timezone", "UTC".to_owned()),
                // What is visited lies in memory or on flash: a page found by its key is not four times as dear as the
                // next one of a scan, and no batch is to read a whole table for its few hundred rows.
                ("random_page_cost", "1.1".to_owned()),
            ]);
        let pool = PgPoolOptions::new()
            .max_connections(options.connections)
            .acquire_timeout(deadline.min(Duration::from_secs(3)))
            .idle_timeout(Duration::from_secs(300))
            .after_connect(|connection, _| Box::pin(compare_identity(connection)))
            .connect_lazy_with(connect);
        Self { pool, deadline }
    }

    /// Runs `work` on a connection, within the deadline.
    ///
    /// # Errors
    ///
    /// What `work` returns, or that the database is away or too slow.
    pub async fn read<T>(
        &self,
        work: impl AsyncFnOnce(&mut PgConnection) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        self.within(async {
            let mut connection = self.pool.acquire().await?;
            work(&mut connection).await
        })
        .await
    }

    /// Runs `work` in a transaction and commits it, all within the deadline. Page, content and link rows
    /// are not written here but through `feed::change::sealed`.
    ///
    /// # Errors
    ///
    /// What `work` returns (then nothing is written), or that the database is away or too slow (then it
    /// may have been written: work must bear being repeated).
    pub async fn write<T>(
        &self,
        work: impl AsyncFnOnce(&mut PgConnection) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        self.within(async {
            let mut transaction = self.begin().await?;
            let value = work(&mut transaction).await?;
            transaction.commit().await?;
            Ok(value)
        })
        .await
    }

    /// The same store by connections of its own, none of them open yet: for work on a runtime of its own, whose
    /// reactor alone is to wake it. Must be called on that runtime.
    #[must_use]
    pub fn apart(&self, connections: u32) -> Self {
        let options = self.pool.options().clone().max_connections(connections);
        let pool = options.connect_lazy_with((*self.pool.connect_options()).clone());
        Self { pool, deadline: self.deadline }
    }

    /// The pool, for what needs a connection of its own (a listener).
    pub(crate) const fn pool(&self) -> &PgPool {
        &self.pool
    }

    pub(crate) async fn begin(&self) -> Result<Transaction<'static, Postgres>, StoreError> {
        Ok(self.pool.begin().await?)
    }

    /// Runs a future of store work within the deadline.
    pub(crate) async fn within<T>(
        &self,
        work: impl Future<Output = Result<T, StoreError>>,
    ) -> Result<T, StoreError> {
        let done = match tokio::time::timeout(self.deadline, work).await {
            Ok(result) => result,
            Err(_elapsed) => Err(StoreError::Deadline(self.deadline)),
        };
        if let Err(error) = &done {
            figures::FAILURES.add([error.word()], 1);
        }
        done
    }

    /// Compares the tables with this program.
    ///
    /// # Errors
    ///
    /// When the database is away.
    pub async fn schema(&self) -> Result<Schema, StoreError> {
        self.within(async {
            let mut connection = self.pool.acquire().await?;
            let applied = connection
                .list_applied_migrations("_sqlx_migrations")
                .await
                .map_err(StoreError::Migration)?;
            let known: BTreeSet<i64> = MIGRATOR.iter().map(|migration| migration.version).collect();
            let applied: BTreeSet<i64> = applied.iter().map(|migration| migration.version).collect();
            Ok(Schema {
                missing: known.difference(&applied).count(),
                unknown: applied.difference(&known).count(),
            })
        })
        .await
    }

    /// Connections in use, and connections that wait for work.
    #[must_use]
    pub fn connections(&self) -> (usize, usize) {
        let idle = self.pool.num_idle();
        (usize::try_from(self.pool.size()).unwrap_or_default().saturating_sub(idle), idle)
    }

    /// Closes every connection; nothing can be asked afterwards.
    pub async fn close(&self) {
        self.pool.close().await;
    }
}

/// Neither statements nor Postgres's remarks ("exists already, skipping") go to the log: what fails or is late is told,
/// with its cause, by whoever asked.
fn quiet(connect: PgConnectOptions) -> PgConnectOptions {
    connect.disable_statement_logging().options([("client_min_messages", "warning")])
}

/// How many other sessions of Sextant use this database.
///
/// # Errors
///
/// When the database is away.
pub async fn others(c: &mut PgConnection) -> Result<i64, StoreError> {
    let others = sqlx::query_scalar!(
        r#"select count(*) as "count!" from pg_stat_activity
           where datname = current_database() and application_name = 'sextant' and pid <> pg_backend_pid()"#
    );
    Ok(others.fetch_one(c).await?)
}

/// Compares Postgres's own identity with the one on record, at every new connection: a restored copy and a
/// promoted replica have another, and their numbers may mean other changes. The epoch tells followers so. A
/// replica that is still one takes no writing, and has the identity of its primary.
async fn compare_identity(connection: &mut PgConnection) -> Result<(), sqlx::Error> {
    let takes_no_writing = sqlx::query_scalar!(
        r#"select (pg_is_in_recovery() or current_setting('transaction_read_only')::boolean) as "no!""#
    )
    .fetch_one(&mut *connection)
    .await?;
    if takes_no_writing {
        return Ok(());
    }
    sqlx::query!(
        "update store_identity i
         set epoch = i.epoch + 1, system_identifier = now.system_identifier, timeline = now.timeline
         from (select system_identifier::text as system_identifier,
                      substr(pg_walfile_name(pg_current_wal_lsn()), 1, 8) as timeline
               from pg_control_system()) now
         where (i.system_identifier, i.timeline) is distinct from (now.system_identifier, now.timeline)"
    )
    .execute(connection)
    .await?;
    Ok(())
}
