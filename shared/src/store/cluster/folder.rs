//! The cluster's folder: made once by initdb, configured anew at every start.
//!
//! ```text
//! <folder>/data          the database, 0700 (Postgres's own log for a week in data/log)
//! <folder>/socket        the unix socket, 0700: whoever may enter is trusted, which is the owner and root
//! <folder>/start.log     what the postmaster said before it opened its own log
//! ```
//!
//! initdb works in `data.new`, which is renamed when whole, so a kill in the middle leaves nothing half made.

use std::fs::{self, DirBuilder, File};
use std::io;
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::fs::{DirBuilderExt as _, MetadataExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};

use nix::unistd::{Uid, chown};

use super::programs::{Account, Programs};
use super::trouble::ClusterError;

/// The user and database of the cluster, whoever runs it.
pub(super) const OWNER: &str = "sextant";

/// The one database in the cluster.
pub(super) const DATABASE: &str = "sextant";

/// Only part of the socket's file name: nothing listens on it.
pub(super) const PORT: u16 = 5432;

/// The kernel takes 107 bytes; the rest is for `/.s.PGSQL.5432.lock`.
const LONGEST_SOCKET_FOLDER: usize = 107 - "/.s.PGSQL.5432.lock".len();

/// What a committed transaction survives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Durability {
    /// Everything, a power cut included.
    Safe,
    /// Nothing is waited for: for tests and drills only.
    Scratch,
}

/// Who may use a running cluster.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Access {
    /// Everybody who knows the usual place.
    Usual,
    /// Only who started it, at a place that nobody knows, and nobody writes: it is being copied.
    Apart,
}

/// The cluster's places.
#[derive(Clone, Debug)]
pub(super) struct Folder {
    pub(super) root: PathBuf,
    pub(super) data: PathBuf,
    pub(super) socket: PathBuf,
    pub(super) log: PathBuf,
}

/// Whether the database was there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Made {
    /// By initdb, just now.
    Now,
    /// Before.
    Before,
}

/// Makes the folder ready for a postmaster: database, socket folder, settings.
pub(super) async fn prepare(
    root: &Path,
    programs: &Programs,
    durability: Durability,
    memory_bytes: u64,
    access: Access,
) -> Result<(Folder, Made), ClusterError> {
    let account = programs.account();
    make_private(root, account)?;
    let root = root.canonicalize().map_err(ClusterError::folder("find", root))?;
    if let Some(account) = account {
        check_way(&root, account)?;
    }
    let data = root.join("data");
    let made = if data.join("PG_VERSION").is_file() {
        Made::Before
    } else {
        initdb(&root, &data, programs, durability).await?;
        Made::Now
    };
    let socket = socket_folder(&root, programs, access)?;
    let folder = Folder { log: root.join("start.log"), root, data, socket };
    configure(&folder, account, durability, memory_bytes, access)?;
    Ok((folder, made))
}

async fn initdb(
    root: &Path,
    data: &Path,
    programs: &Programs,
    durability: Durability,
) -> Result<(), ClusterError> {
    let half_made = root.join("data.new");
    remove_folder(&half_made)?;
    if data.exists() {
        // Never initialised: a mount point or somebody's empty folder. `remove_dir` refuses any other.
        fs::remove_dir(data).map_err(ClusterError::folder("make a database in", data))?;
    }
    make_private(&half_made, programs.account())?;
    let mut command = programs.command("initdb", root);
    command
        .args(["--encoding=UTF8", "--locale=C", "--data-checksums", "--auth=trust", "--no-instructions"])
        .arg(format!("--username={OWNER}"))
        .arg("--pgdata")
        .arg(&half_made)
        .kill_on_drop(true);
    if durability == Durability::Scratch {
        command.arg("--no-sync");
    }
    let output = command
        .output()
        .await
        .map_err(|source| ClusterError::Run { program: programs.path("initdb"), source })?;
    if !output.status.success() {
        return Err(ClusterError::Initdb { said: last_words(&String::from_utf8_lossy(&output.stderr)) });
    }
    fs::rename(&half_made, data).map_err(ClusterError::folder("put the new database at", data))?;
    File::open(root).and_then(|folder| folder.sync_all()).map_err(ClusterError::folder("sync", root))
}

/// Writes both configuration files. An admin's own settings go to `local.conf` in the data folder, read last.
fn configure(
    folder: &Folder,
    account: Option<&Account>,
    durability: Durability,
    memory_bytes: u64,
    access: Access,
) -> Result<(), ClusterError> {
    let hba = "# Only those who can enter the socket's folder come this far: its owner and root.\nlocal all all trust\nlocal replication all trust\n";
    write_whole(&folder.data.join("pg_hba.conf"), hba, account)?;
    let mut settings = settings(&folder.socket, durability, memory_bytes);
    if access == Access::Apart {
        settings.push_str("default_transaction_read_only = on\n");
    }
    write_whole(&folder.data.join("postgresql.conf"), &settings, account)
}

/// The settings, for a machine of `memory_bytes` that Postgres shares with three other processes.
fn settings(socket: &Path, durability: Durability, memory_bytes: u64) -> String {
    const MIB: u64 = 1 << 20;
    let shared_mib = (memory_bytes / 16 / MIB).clamp(32, 1024);
    let cache_mib = (memory_bytes / 3 / MIB).max(128);
    let socket = socket.to_string_lossy().replace('\'', "''");
    let (durable, connections) = match durability {
        Durability::Safe => ("fsync = on\nsynchronous_commit = on\nfull_page_writes = on", 60),
        Durability::Scratch => ("fsync = off\nsynchronous_commit = off\nfull_page_writes = off", 400),
    };
    format!(
        "# Written by sextant at every start; put your own settings into local.conf beside this file.
listen_addresses = ''
unix_socket_directories = '{socket}'
unix_socket_permissions = 0700
port = {PORT}
max_connections = {connections}

{durable}
wal_level = replica
wal_compression = on
max_wal_size = 512MB
min_wal_size = 80MB
checkpoint_timeout = 15min

shared_buffers = {shared_mib}MB
effective_cache_size = {cache_mib}MB
work_mem = 4MB
maintenance_work_mem = 32MB
jit = off
max_parallel_workers_per_gather = 0
max_parallel_maintenance_workers = 0
max_worker_processes = 4
autovacuum_max_workers = 2
autovacuum_naptime = 30s
autovacuum_vacuum_scale_factor = 0.05

timezone = 'UTC'
log_timezone = 'UTC'
logging_collector = on
log_directory = 'log'
log_filename = 'postgres-%a.log'
log_truncate_on_rotation = on
log_rotation_age = 1d
log_rotation_size = 0
log_line_prefix = '%m [%p] '
log_min_messages = warning
log_parameter_max_length = 0
log_parameter_max_length_on_error = 0

include_if_exists = 'local.conf'
"
    )
}

/// A folder for the socket: in the cluster's own, or in a short one named by a digest of it.
fn socket_folder(root: &Path, programs: &Programs, access: Access) -> Result<PathBuf, ClusterError> {
    let own = root.join(match access {
        Access::Usual => "socket",
        Access::Apart => "apart",
    });
    if own.as_os_str().as_bytes().len() <= LONGEST_SOCKET_FOLDER {
        make_private(&own, programs.account())?;
        return Ok(own);
    }
    let digest = blake3::hash(own.as_os_str().as_bytes()).to_hex();
    let name = format!("sextant-{}", &digest[..16]);
    let runtime = format!("/run/user/{}", programs.uid());
    for parent in [runtime.as_str(), "/run", "/tmp", "/var/tmp"] {
        let folder = Path::new(parent).join(&name);
        let usable = make_private(&folder, programs.account()).is_ok() && is_private(&folder, programs.uid());
        if usable && programs.account().is_none_or(|account| check_way(&folder, account).is_ok()) {
            return Ok(folder);
        }
    }
    Err(ClusterError::NoSocketFolder)
}

/// A real folder (no link that somebody laid), owned by `uid`, closed to all others.
fn is_private(folder: &Path, uid: Uid) -> bool {
    fs::symlink_metadata(folder)
        .is_ok_and(|found| found.is_dir() && found.uid() == uid.as_raw() && found.mode() & 0o077 == 0)
}

/// Makes a folder of mode 0700 that belongs to the account; parents are made for everybody to pass.
fn make_private(folder: &Path, account: Option<&Account>) -> Result<(), ClusterError> {
    if let Some(parent) = folder.parent() {
        fs::create_dir_all(parent).map_err(ClusterError::folder("make the folder", parent))?;
    }
    match DirBuilder::new().mode(0o700).create(folder) {
        Ok(()) => {}
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
        Err(source) => {
            return Err(ClusterError::Folder { act: "make the folder", path: folder.to_owned(), source });
        }
    }
    let found = fs::symlink_metadata(folder).map_err(ClusterError::folder("look at", folder))?;
    let owner = account.map_or_else(Uid::effective, |account| account.uid);
    if found.uid() != owner.as_raw() {
        let Some(account) = account.filter(|_| found.uid() == 0 && found.is_dir()) else {
            return Err(ClusterError::NotOurs { folder: folder.to_owned(), owner: found.uid() });
        };
        chown(folder, Some(account.uid), Some(account.gid))
            .map_err(io::Error::from)
            .map_err(ClusterError::folder("hand over", folder))?;
    }
    if found.mode() & 0o077 != 0 {
        fs::set_permissions(folder, fs::Permissions::from_mode(0o700))
            .map_err(ClusterError::folder("close to others", folder))?;
    }
    Ok(())
}

/// Every folder above must let the account pass: initdb would only say "permission denied".
fn check_way(folder: &Path, account: &Account) -> Result<(), ClusterError> {
    for ancestor in folder.ancestors() {
        let found = fs::metadata(ancestor).map_err(ClusterError::folder("look at", ancestor))?;
        let bit = if found.uid() == account.uid.as_raw() {
            0o100
        } else if found.gid() == account.gid.as_raw() {
            0o010
        } else {
            0o001
        };
        if found.mode() & bit == 0 {
            return Err(ClusterError::Closed { folder: ancestor.to_owned(), user: account.name.clone() });
        }
    }
    Ok(())
}

/// Removes a folder with all that is in it; none is fine too.
pub(super) fn remove_folder(folder: &Path) -> Result<(), ClusterError> {
    match fs::remove_dir_all(folder) {
        Err(source) if source.kind() != io::ErrorKind::NotFound => {
            Err(ClusterError::Folder { act: "remove", path: folder.to_owned(), source })
        }
        _ => Ok(()),
    }
}

/// Replaces a file by a whole new one, never by half of it.
fn write_whole(path: &Path, text: &str, account: Option<&Account>) -> Result<(), ClusterError> {
    let new = path.with_extension("new");
    let write = || -> io::Result<()> {
        fs::write(&new, text)?;
        fs::set_permissions(&new, fs::Permissions::from_mode(0o600))?;
        if let Some(account) = account {
            chown(&new, Some(account.uid), Some(account.gid))?;
        }
        File::open(&new)?.sync_all()?;
        fs::rename(&new, path)
    };
    write().map_err(ClusterError::folder("write", path))
}

/// The line of a log that says why: the last fatal or panic one, else the last at all.
pub(super) fn last_words(log: &str) -> String {
    let grave = ["FATAL:", "PANIC:", "error:"];
    let lines = || log.lines().map(str::trim).filter(|line| !line.is_empty());
    let line =
        lines().rfind(|line| grave.iter().any(|word| line.contains(word))).or_else(|| lines().next_back());
    let Some(line) = line else { return "it said nothing".to_owned() };
    grave.iter().find_map(|word| line.split_once(word)).map_or(line, |(_, rest)| rest).trim().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_reason_is_found_in_a_log() {
        let log = "2026-01-01 LOG:  starting\n2026-01-01 FATAL:  could not map memory\nHINT: buy some\n";
        assert_eq!(last_words(log), "could not map memory");
        assert_eq!(last_words("initdb: error: directory is not empty\n"), "directory is not empty");
        assert_eq!(last_words("strange\n\n"), "strange");
        assert_eq!(last_words(""), "it said nothing");
    }

    #[test]
    fn a_small_machine_gets_small_buffers() {
        let small = settings(Path::new("/s"), Durability::Safe, 1 << 30);
        assert!(small.contains("shared_buffers = 64MB"), "{small}");
        assert!(small.contains("synchronous_commit = on"), "{small}");
        assert!(settings(Path::new("/it's"), Durability::Safe, 1 << 40).contains("'/it''s'"));
    }
}
