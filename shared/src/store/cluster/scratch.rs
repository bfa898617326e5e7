//! Fresh migrated databases on a throw-away cluster: for tests, benches and the restore drill.
//!
//! One cluster per user lives in a fixed folder of the temporary folder and is shared by all processes that
//! want a database: a runner that starts a process per test pays for one start, not for hundreds. A database
//! is a copy of a template that was migrated once for this set of migrations.
//!
//! Nothing is left running: every process that uses the cluster holds a shared lock on `users.lock`, which
//! the kernel frees however the process ends, and a small watchdog beside the postmaster stops it when it
//! gets that lock for itself. A folder that is left is used again, and rebuilt if it is broken.

use std::fs::{self, DirBuilder, File};
use std::io;
use std::os::unix::fs::{DirBuilderExt as _, MetadataExt as _};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::SystemTime;

use nix::errno::Errno;
use nix::sys::signal::kill;
use nix::unistd::{Pid, Uid};
use sqlx::postgres::PgConnectOptions;
use sqlx::{AssertSqlSafe, Connection as _, PgConnection};
use tokio::sync::OnceCell;

use super::folder::{self, Access, Durability, OWNER, PORT};
use super::postmaster::{self, Postmaster};
use super::programs::Programs;
use super::trouble::ClusterError;
use crate::store::pool::{MIGRATOR, Store, StoreOptions};

/// Stops the postmaster `$2` once nobody holds the lock `$1` any more; looks twice a minute. Its wait is bounded:
/// where nobody reaps zombies, the process never goes away, and the lock would never be free again.
const WATCHDOG: &str = r#"
while kill -0 "$2" 2>/dev/null; do
    sleep 30
    flock -n -x "$1" sh -c '
        kill -INT "$1"
        for turn in $(seq 100); do kill -0 "$1" || exit 0; sleep 0.1; done
    ' - "$2" && exit 0
done 2>/dev/null
"#;

/// Templates kept for other sets of migrations (other branches under test at the same time).
const TEMPLATES_KEPT: i64 = 8;

/// A fresh, migrated database; removed when this is dropped.
#[derive(Debug)]
pub struct Scratch {
    name: String,
    store: Store,
    options: PgConnectOptions,
    shared: &'static Shared,
}

/// The cluster as one process holds it.
#[derive(Debug)]
struct Shared {
    socket: PathBuf,
    dropdb: PathBuf,
    template: String,
    /// Held until the process ends, so that the watchdog knows of us.
    _users: File,
}

static SHARED: OnceCell<Shared> = OnceCell::const_new();
static NEXT: AtomicU64 = AtomicU64::new(0);

/// Makes a fresh database with all tables.
///
/// # Panics
///
/// When there is no Postgres on this machine or it cannot be started, with the reason: a test cannot go on.
pub async fn database() -> Scratch {
    match try_database().await {
        Ok(scratch) => scratch,
        Err(error) => panic!("no scratch database: {}", chain(&error)),
    }
}

/// Makes a fresh database with all tables.
///
/// # Errors
///
/// Why there is none.
pub async fn try_database() -> Result<Scratch, ClusterError> {
    let shared = SHARED.get_or_try_init(open).await?;
    let number = NEXT.fetch_add(1, Ordering::Relaxed);
    let name = format!("scratch_{}_{number}", std::process::id());
    let mut session = shared.session().await?;
    let create = format!("create database {name} template {}", shared.template);
    sqlx::raw_sql(AssertSqlSafe(create))
        .execute(&mut session)
        .await
        .map_err(|source| shared.refused(source))?;
    drop(session.close().await);
    let options = postmaster::connect_options(&shared.socket, &name);
    let store = Store::lazy(StoreOptions::new(options.clone()));
    Ok(Scratch { name, store, options, shared })
}

impl Scratch {
    /// The store on this database.
    #[must_use]
    pub fn store(&self) -> Store {
        self.store.clone()
    }

    /// How to reach this database, for a store of one's own.
    #[must_use]
    pub fn options(&self) -> PgConnectOptions {
        self.options.clone()
    }

    /// Sets the clock of this database, which then goes on from there: all statements read the time from it.
    ///
    /// # Errors
    ///
    /// When the database is away.
    pub async fn set_clock(&self, moment: SystemTime) -> Result<(), ClusterError> {
        let refused = |source| self.shared.refused(source);
        let ahead = match moment.duration_since(SystemTime::now()) {
            Ok(ahead) => ahead.as_secs_f64(),
            Err(behind) => -behind.duration().as_secs_f64(),
        };
        let mut session = PgConnection::connect_with(&self.options).await.map_err(refused)?;
        let replace = format!(
            "create or replace function clock() returns timestamptz language sql stable
             as 'select statement_timestamp() + make_interval(secs => {ahead})'"
        );
        sqlx::raw_sql(AssertSqlSafe(replace)).execute(&mut session).await.map_err(refused)?;
        session.close().await.map_err(refused)
    }
}

impl Drop for Scratch {
    /// `dropdb` as a program, because a drop cannot wait for a future. What fails here is swept up by the
    /// next process.
    fn drop(&mut self) {
        let _swept_later = Command::new(&self.shared.dropdb)
            .args(["--force", "--if-exists", "--username", OWNER, "--port", &PORT.to_string(), "--host"])
            .arg(&self.shared.socket)
            .arg(&self.name)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .status();
    }
}

impl Shared {
    async fn session(&self) -> Result<PgConnection, ClusterError> {
        PgConnection::connect_with(&postmaster::connect_options(&self.socket, "postgres"))
            .await
            .map_err(|source| self.refused(source))
    }

    fn refused(&self, source: sqlx::Error) -> ClusterError {
        ClusterError::Connect { folder: self.socket.clone(), source }
    }
}

/// Opens the shared cluster: one process at a time, so that only one starts it and makes the template.
async fn open() -> Result<Shared, ClusterError> {
    let root = std::env::temp_dir().join(format!("sextant-scratch-{}", Uid::effective()));
    make_root(&root)?;
    let users = File::create(root.join("users.lock")).map_err(ClusterError::folder("make", &root))?;
    let turn = File::create(root.join("turn.lock")).map_err(ClusterError::folder("make", &root))?;
    let (users, turn) = tokio::task::spawn_blocking(move || -> io::Result<_> {
        users.lock_shared()?;
        turn.lock()?;
        Ok((users, turn))
    })
    .await
    .unwrap_or_else(|error| Err(io::Error::other(error)))
    .map_err(ClusterError::folder("lock", &root))?;
    let (programs, postmaster) = match run(&root).await {
        Ok(running) => running,
        Err(error) => {
            tracing::warn!(error = chain(&error), "the scratch cluster is broken: making it anew");
            folder::remove_folder(&root.join("cluster"))?;
            run(&root).await?
        }
    };
    if !postmaster.is_adopted() {
        watch(&root, postmaster.pid());
    }
    let mut shared = Shared {
        socket: postmaster.socket.clone(),
        dropdb: programs.path("dropdb"),
        template: template_name(),
        _users: users,
    };
    sweep(&mut shared).await?;
    drop(turn);
    Ok(shared)
}

/// A folder of ours in a place where anybody can make folders. Root's must let Postgres's user pass.
fn make_root(root: &Path) -> Result<(), ClusterError> {
    let mode = if Uid::effective().is_root() { 0o711 } else { 0o700 };
    match DirBuilder::new().mode(mode).create(root) {
        Err(source) if source.kind() != io::ErrorKind::AlreadyExists => {
            return Err(ClusterError::Folder { act: "make the folder", path: root.to_owned(), source });
        }
        _ => {}
    }
    let found = fs::symlink_metadata(root).map_err(ClusterError::folder("look at", root))?;
    if found.is_dir() && found.uid() == Uid::effective().as_raw() {
        Ok(())
    } else {
        Err(ClusterError::NotOurs { folder: root.to_owned(), owner: found.uid() })
    }
}

async fn run(root: &Path) -> Result<(Programs, Postmaster), ClusterError> {
    let cluster = root.join("cluster");
    let programs = Programs::find(None, &cluster.join("data")).await?;
    let (folder, _made) =
        folder::prepare(&cluster, &programs, Durability::Scratch, 4 << 30, Access::Usual).await?;
    let postmaster = postmaster::start(&programs, &folder).await?;
    Ok((programs, postmaster))
}

fn watch(root: &Path, pid: i32) {
    use std::os::unix::process::CommandExt as _;
    let started = Command::new("sh")
        .args(["-c", WATCHDOG, "sextant-scratch-watchdog"])
        .arg(root.join("users.lock"))
        .arg(pid.to_string())
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .process_group(0)
        .spawn();
    if let Err(error) = started {
        tracing::warn!(%error, "the scratch cluster has no watchdog and will run until it is stopped");
    }
}

/// Drops what killed processes left behind and makes the template where it is missing.
async fn sweep(shared: &mut Shared) -> Result<(), ClusterError> {
    let mut session = shared.session().await?;
    let names: Vec<String> =
        sqlx::query_scalar("select datname::text from pg_database where datname ~ '^scratch_'")
            .fetch_all(&mut session)
            .await
            .map_err(|source| shared.refused(source))?;
    let old: Vec<String> = sqlx::query_scalar(
        "select datname::text from pg_database where datname ~ '^template_' and datname <> $1
         order by oid desc offset $2",
    )
    .bind(&shared.template)
    .bind(TEMPLATES_KEPT)
    .fetch_all(&mut session)
    .await
    .map_err(|source| shared.refused(source))?;
    for name in names.iter().filter(|name| !is_in_use(name)).chain(&old) {
        let drop = format!("drop database if exists {name} with (force)");
        sqlx::raw_sql(AssertSqlSafe(drop))
            .execute(&mut session)
            .await
            .map_err(|source| shared.refused(source))?;
    }
    let exists: bool = sqlx::query_scalar("select exists (select from pg_database where datname = $1)")
        .bind(&shared.template)
        .fetch_one(&mut session)
        .await
        .map_err(|source| shared.refused(source))?;
    if !exists {
        make_template(shared, &mut session).await?;
    }
    drop(session.close().await);
    Ok(())
}

/// Migrates a database of another name first: a template is whole or not there.
async fn make_template(shared: &Shared, session: &mut PgConnection) -> Result<(), ClusterError> {
    let refused = |source| shared.refused(source);
    let half_made = "drop database if exists half_made with (force)";
    sqlx::raw_sql(half_made).execute(&mut *session).await.map_err(refused)?;
    sqlx::raw_sql("create database half_made template template0")
        .execute(&mut *session)
        .await
        .map_err(refused)?;
    let mut inside = PgConnection::connect_with(&postmaster::connect_options(&shared.socket, "half_made"))
        .await
        .map_err(refused)?;
    MIGRATOR.run(&mut inside).await.map_err(|error| refused(sqlx::Error::Migrate(Box::new(error))))?;
    inside.close().await.map_err(refused)?;
    let finish = format!("alter database half_made rename to {}", shared.template);
    sqlx::raw_sql(AssertSqlSafe(finish)).execute(session).await.map_err(refused)?;
    Ok(())
}

/// One template for each set of migrations.
fn template_name() -> String {
    let mut hasher = blake3::Hasher::new();
    for migration in MIGRATOR.iter() {
        hasher.update(&migration.version.to_le_bytes());
        hasher.update(&migration.checksum);
    }
    format!("template_{}", &hasher.finalize().to_hex()[..16])
}

/// Whether the process in a database's name lives.
fn is_in_use(name: &str) -> bool {
    let process = name.split('_').nth(1).and_then(|number| number.parse().ok());
    process.is_some_and(|pid: i32| kill(Pid::from_raw(pid), None) != Err(Errno::ESRCH))
}

fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut next = error.source();
    while let Some(source) = next {
        text.push_str(": ");
        text.push_str(&source.to_string());
        next = source.source();
    }
    text
}
