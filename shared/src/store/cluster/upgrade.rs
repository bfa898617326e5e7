//! The private Postgres moved to a new major version.
//!
//! The old cluster is stopped and started again apart: at a place that nobody knows, and for reading only, so
//! that nothing is written which the copy has not. It is poured into a new cluster beside it, the rows of both
//! are counted table by table, and only then the new folder takes the place of the old one, in one step. The
//! old one is kept. Whatever fails before that step leaves everything as it was.
//!
//! The store is the same store with the same numbers, so its followers go on where they are: the new cluster
//! is noted as its home.

use std::fs;
use std::path::{Path, PathBuf};

use sqlx::{AssertSqlSafe, Connection as _, PgConnection};

use super::dump::{self, Dumper};
use super::folder::Access;
use super::private::{Cluster, ClusterOptions};
use super::programs::{Programs, made_by};
use super::swap;
use super::trouble::ClusterError;

/// What a move did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Moved {
    /// The major version before.
    pub from: u32,
    /// The major version now.
    pub to: u32,
    /// The folder of the new programs.
    pub programs: PathBuf,
    /// Tables that were compared.
    pub tables: usize,
    /// Rows in all of them.
    pub rows: i64,
    /// Where the old cluster is kept.
    pub kept: Option<PathBuf>,
}

/// Where an old cluster is kept after a move or a restore: all that lie beside `live`.
#[must_use]
pub fn kept(live: &Path) -> Vec<PathBuf> {
    let name = live.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let is_kept = |path: &Path| {
        let other = path.file_name().unwrap_or_default().to_string_lossy();
        other.strip_prefix(&name).is_some_and(|rest| rest.starts_with(".before"))
    };
    let beside = live.parent().and_then(|parent| fs::read_dir(parent).ok()).into_iter().flatten().flatten();
    let mut kept: Vec<PathBuf> =
        beside.map(|entry| entry.path()).filter(|path| path.is_dir() && is_kept(path)).collect();
    kept.sort();
    kept
}

/// What a cluster takes on the disk, in bytes, without its log of changes.
#[must_use]
pub fn bytes(cluster: &Path) -> u64 {
    let mut bytes = 0;
    let mut folders = vec![cluster.join("data/base")];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
            match entry.metadata() {
                Ok(about) if about.is_dir() => folders.push(entry.path()),
                Ok(about) => bytes += about.len(),
                Err(_) => {}
            }
        }
    }
    bytes
}

/// Moves the stopped cluster of `options` to the programs in `to`, or to the newest that are found. It is
/// stopped again afterwards, and `options` open it.
///
/// # Errors
///
/// Why nothing was changed.
pub async fn upgrade(options: &ClusterOptions, to: Option<&Path>) -> Result<Moved, ClusterError> {
    let data = options.folder.join("data");
    let old_programs = Programs::find(options.programs.as_deref(), &data).await?;
    let new_folder = options.folder.with_file_name("postgres.new");
    swap::remove(&new_folder).await?;
    let new_programs = Programs::newest(to, &data).await?.that_dump().await?;
    let from = made_by(&data).unwrap_or(old_programs.version());
    // The same version again may be asked for by name alone: a new folder without dead space.
    if new_programs.version() < from || (to.is_none() && new_programs.version() == from) {
        return Err(ClusterError::Newest { version: from });
    }
    swap::end_survivor(&options.folder).await?;
    let old = Cluster::open_with(old_programs, options, Access::Apart).await?;
    let new_options = ClusterOptions { folder: new_folder.clone(), ..options.clone() };
    let copied = match Cluster::open_with(new_programs.clone(), &new_options, Access::Usual).await {
        Ok(new) => {
            let copied = copy(&old, &new).await;
            new.stop().await.and(copied)
        }
        Err(error) => Err(error),
    };
    old.stop().await?;
    let (tables, rows) = match copied {
        Ok(counted) => counted,
        Err(error) => {
            swap::remove(&new_folder).await?;
            return Err(error);
        }
    };
    // An admin's own settings move too.
    if let Ok(own) = fs::read(data.join("local.conf")) {
        let target = new_folder.join("data/local.conf");
        fs::write(&target, own).map_err(ClusterError::folder("write", &target))?;
    }
    let kept = swap::put_in_place(&new_folder, &options.folder, "before")?;
    let to = new_programs.version();
    Ok(Moved { from, to, programs: new_programs.folder().to_owned(), tables, rows, kept })
}

/// Pours one into the other, and counts: tables and rows.
async fn copy(old: &Cluster, new: &Cluster) -> Result<(usize, i64), ClusterError> {
    let from = Dumper::of_socket(&old.programs, old.socket());
    from.pour(&Dumper::of_socket(&new.programs, new.socket())).await?;
    let (mut there, mut here) = (session(old).await?, session(new).await?);
    let rows = counts(&mut there).await.map_err(|source| refused(old, source))?;
    let copied = counts(&mut here).await.map_err(|source| refused(new, source))?;
    for (table, rows) in &rows {
        let copied = copied.iter().find(|(name, _)| name == table).map_or(0, |(_, copied)| *copied);
        if copied != *rows {
            return Err(ClusterError::Differs { table: table.clone(), rows: *rows, copied });
        }
    }
    // The same history at a new home: without this note, every follower would begin anew.
    let note = "update store_identity i
                set system_identifier = now.system_identifier::text,
                    timeline = substr(pg_walfile_name(pg_current_wal_lsn()), 1, 8)
                from pg_control_system() now";
    sqlx::raw_sql(note).execute(&mut here).await.map_err(|source| refused(new, source))?;
    dump::compress_as_before(&mut here).await.map_err(ClusterError::Store)?;
    sqlx::raw_sql("analyze").execute(&mut here).await.map_err(|source| refused(new, source))?;
    drop((there.close().await, here.close().await));
    Ok((rows.len(), rows.iter().map(|(_, rows)| rows).sum()))
}

async fn session(cluster: &Cluster) -> Result<PgConnection, ClusterError> {
    PgConnection::connect_with(&cluster.options()).await.map_err(|source| refused(cluster, source))
}

fn refused(cluster: &Cluster, source: sqlx::Error) -> ClusterError {
    ClusterError::Connect { folder: cluster.folder.root.clone(), source }
}

/// The rows of every table.
async fn counts(session: &mut PgConnection) -> Result<Vec<(String, i64)>, sqlx::Error> {
    let tables: Vec<String> = sqlx::query_scalar(
        "select quote_ident(table_name) from information_schema.tables
         where table_schema = 'public' and table_type = 'BASE TABLE' order by 1",
    )
    .fetch_all(&mut *session)
    .await?;
    let mut counts = Vec::with_capacity(tables.len());
    for table in tables {
        let count = format!("select count(*) from {table}");
        let rows = sqlx::query_scalar(AssertSqlSafe(count)).fetch_one(&mut *session).await?;
        counts.push((table, rows));
    }
    Ok(counts)
}
