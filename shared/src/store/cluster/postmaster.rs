//! The postmaster: started, waited for, adopted, stopped.
//!
//! It is nobody's child for long: when the supervisor is killed, it lives on with its data safe, and the
//! next start finds it by `postmaster.pid` and takes it over. A pid file may also lie: its process is dead,
//! a zombie, or a stranger with the same number. The kernel knows better, for every process of a cluster
//! has the data folder as its working directory. Such a file is removed, but only when no process works in
//! the folder any more: two postmasters on one database would destroy it.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use nix::errno::Errno;
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use sqlx::postgres::{PgConnectOptions, PgSslMode};
use sqlx::{Connection as _, PgConnection};
use tokio::process::Child;
use tokio::time::{Instant, sleep, timeout};

use super::folder::{Folder, OWNER, PORT, last_words};
use super::programs::Programs;
use super::trouble::ClusterError;

/// Between two looks at something that will happen soon.
const SOON: Duration = Duration::from_millis(25);

/// For one connection attempt: the socket is local.
pub(super) const CONNECT_LIMIT: Duration = Duration::from_secs(5);

/// A crash recovery replays at most `max_wal_size`: minutes on a slow disk.
const READY_LIMIT: Duration = Duration::from_secs(600);

/// How long the last processes of a killed postmaster may take to notice.
const LEFTOVERS_LIMIT: Duration = Duration::from_secs(60);

/// A fast stop writes a checkpoint; after this time it is repeated without one.
const FAST_STOP_LIMIT: Duration = Duration::from_secs(4);
const IMMEDIATE_STOP_LIMIT: Duration = Duration::from_secs(1);

/// A running postmaster.
#[derive(Debug)]
pub(super) struct Postmaster {
    pid: Pid,
    data: PathBuf,
    /// Where its socket is: an adopted one may have it elsewhere than a new one would.
    pub(super) socket: PathBuf,
    hold: Hold,
}

/// How we learn of its end.
#[derive(Debug)]
enum Hold {
    /// It is our child.
    Started(Child),
    /// It was there before us.
    Adopted,
}

/// What `postmaster.pid` says.
struct Note {
    pid: Pid,
    socket: PathBuf,
}

/// What is really behind a pid file.
enum Presence {
    /// A process of this cluster.
    Alive,
    /// No process, a zombie, or one that works elsewhere.
    Gone,
    /// A process we may not look at.
    Unknown,
}

/// Starts a postmaster, or adopts the living one.
pub(super) async fn start(programs: &Programs, folder: &Folder) -> Result<Postmaster, ClusterError> {
    let give_up = Instant::now() + LEFTOVERS_LIMIT;
    loop {
        if let Some(note) = read_note(&folder.data) {
            match presence(note.pid, &folder.data) {
                Presence::Alive => match adopt(note, folder).await? {
                    Some(adopted) => return Ok(adopted),
                    None => continue,
                },
                Presence::Gone => forget(folder, &note.socket, give_up).await?,
                // Another user's process: Postgres looks itself, and ignores it.
                Presence::Unknown => {}
            }
        }
        match launch(programs, folder).await {
            // "lock file already exists", "pre-existing shared memory block": a killed one is still dying.
            Err(ClusterError::Start { said, .. }) if is_still_dying(&said) && Instant::now() < give_up => {
                tracing::info!(reason = said, "waiting for the last processes of a killed Postgres");
                sleep(10 * SOON).await;
            }
            other => return other,
        }
    }
}

/// The living postmaster of a folder, for those who only use it.
pub(super) fn living_socket(data: &Path) -> Option<PathBuf> {
    let note = read_note(data)?;
    match presence(note.pid, data) {
        Presence::Alive | Presence::Unknown => Some(note.socket),
        Presence::Gone => None,
    }
}

/// The living postmaster of a folder, to be stopped by whoever knows that nobody needs it.
pub(super) fn living(data: PathBuf) -> Option<Postmaster> {
    let note = read_note(&data)?;
    match presence(note.pid, &data) {
        Presence::Alive => Some(Postmaster { pid: note.pid, data, socket: note.socket, hold: Hold::Adopted }),
        Presence::Gone | Presence::Unknown => None,
    }
}

/// How to reach a cluster: its owner's name over its socket, with nothing taken from the environment.
pub(super) fn connect_options(socket: &Path, database: &str) -> PgConnectOptions {
    PgConnectOptions::new_without_pgpass()
        .socket(socket)
        .port(PORT)
        .username(OWNER)
        .database(database)
        .ssl_mode(PgSslMode::Disable)
}

impl Postmaster {
    /// Whether it was there before us.
    pub(super) const fn is_adopted(&self) -> bool {
        matches!(self.hold, Hold::Adopted)
    }

    /// Its process.
    pub(super) const fn pid(&self) -> i32 {
        self.pid.as_raw()
    }

    /// Returns when it has ended, for whatever reason.
    pub(super) async fn ended(&mut self) {
        match &mut self.hold {
            // An error means that there is no child to wait for.
            Hold::Started(child) => drop(child.wait().await),
            Hold::Adopted => {
                while !matches!(presence(self.pid, &self.data), Presence::Gone) {
                    sleep(20 * SOON).await;
                }
            }
        }
    }

    /// Stops it: sessions are cut, the state is written; if that takes too long, without writing, which the
    /// next start makes good.
    pub(super) async fn stop(&mut self) -> Result<(), ClusterError> {
        for (signal, limit) in [
            (Signal::SIGINT, FAST_STOP_LIMIT),
            (Signal::SIGQUIT, IMMEDIATE_STOP_LIMIT),
            (Signal::SIGKILL, SOON),
        ] {
            if matches!(presence(self.pid, &self.data), Presence::Gone) {
                return Ok(());
            }
            // It may have ended this very moment.
            let _ended = kill(self.pid, signal);
            if timeout(limit.max(Duration::from_secs(1)), self.ended()).await.is_ok() {
                return Ok(());
            }
        }
        Err(ClusterError::Stop { pid: self.pid.as_raw() })
    }
}

/// Takes over a living postmaster. None when it ended meanwhile.
async fn adopt(note: Note, folder: &Folder) -> Result<Option<Postmaster>, ClusterError> {
    let mut found =
        Postmaster { pid: note.pid, data: folder.data.clone(), socket: note.socket, hold: Hold::Adopted };
    let file = found.socket.join(format!(".s.PGSQL.{PORT}"));
    let give_up = Instant::now() + READY_LIMIT;
    let mut without_socket = 0_u32;
    while Instant::now() < give_up {
        if matches!(presence(found.pid, &found.data), Presence::Gone) {
            return Ok(None);
        }
        if answers(&found.socket).await {
            return Ok(Some(found));
        }
        // Its socket was swept away by somebody who cleans old files: only a restart brings it back.
        without_socket = if file.exists() { 0 } else { without_socket + 1 };
        if 40 <= without_socket {
            found.stop().await?;
            return Ok(None);
        }
        sleep(2 * SOON).await;
    }
    Err(ClusterError::Silent {
        pid: found.pid(),
        seconds: READY_LIMIT.as_secs(),
        log: folder.data.join("log"),
    })
}

/// Spawns one postmaster and waits until it answers.
async fn launch(programs: &Programs, folder: &Folder) -> Result<Postmaster, ClusterError> {
    let open_log = || File::create(&folder.log).and_then(|log| Ok((log.try_clone()?, log)));
    let (out, err) = open_log().map_err(ClusterError::folder("write", &folder.log))?;
    let logged_before = newest(&folder.data.join("log"));
    let mut child = programs
        .command("postgres", &folder.data)
        .arg("-D")
        .arg(&folder.data)
        .stdin(Stdio::null())
        .stdout(out)
        .stderr(err)
        // Ctrl-C goes to a terminal's whole group: Postgres has its own and stops last, when we say so.
        .process_group(0)
        .kill_on_drop(false)
        .spawn()
        .map_err(|source| ClusterError::Run { program: programs.path("postgres"), source })?;
    let give_up = Instant::now() + READY_LIMIT;
    while Instant::now() < give_up {
        if !matches!(child.try_wait(), Ok(None)) {
            // First to its standard error, then, once that runs, to its own log.
            let logged = newest(&folder.data.join("log"));
            let logged = logged.strip_prefix(logged_before.as_str()).unwrap_or(&logged);
            let said = last_words(&(fs::read_to_string(&folder.log).unwrap_or_default() + logged));
            return Err(ClusterError::Start { said, log: folder.data.join("log") });
        }
        // Only the child's own note proves that the one who answers is the child.
        let is_ours =
            |note: &Note| child.id().is_some_and(|id| i64::from(id) == i64::from(note.pid.as_raw()));
        if let Some(note) = read_note(&folder.data).filter(is_ours)
            && answers(&note.socket).await
        {
            let data = folder.data.clone();
            return Ok(Postmaster { pid: note.pid, data, socket: note.socket, hold: Hold::Started(child) });
        }
        sleep(SOON).await;
    }
    let pid = child.id().map_or(0, u32::cast_signed);
    Err(ClusterError::Silent { pid, seconds: READY_LIMIT.as_secs(), log: folder.data.join("log") })
}

/// Removes what a postmaster that is gone has left behind, once nothing else of the cluster is left: its pid
/// file, and the lock of its socket. Postgres itself would take a killed one for alive until its parent has
/// asked after it, which not every init does at once.
async fn forget(folder: &Folder, socket: &Path, give_up: Instant) -> Result<(), ClusterError> {
    while let Some(pid) = leftover(&folder.data) {
        if give_up <= Instant::now() {
            return Err(ClusterError::Silent {
                pid,
                seconds: LEFTOVERS_LIMIT.as_secs(),
                log: folder.data.join("log"),
            });
        }
        sleep(4 * SOON).await;
    }
    for path in [socket.join(format!(".s.PGSQL.{PORT}.lock")), folder.data.join("postmaster.pid")] {
        match fs::remove_file(&path) {
            Err(source) if source.kind() != std::io::ErrorKind::NotFound => {
                return Err(ClusterError::Folder { act: "remove", path, source });
            }
            Ok(()) | Err(_) => {}
        }
    }
    Ok(())
}

/// The newest file of Postgres's own log; empty where there is none.
fn newest(log: &Path) -> String {
    let files = fs::read_dir(log).into_iter().flatten().filter_map(Result::ok);
    let newest = files.max_by_key(|file| file.metadata().and_then(|about| about.modified()).ok());
    newest.and_then(|file| fs::read_to_string(file.path()).ok()).unwrap_or_default()
}

fn is_still_dying(said: &str) -> bool {
    said.contains("already exists") || said.contains("still in use")
}

/// Whether a session can be opened. Any refusal means "not yet": starting, recovering, stopping.
async fn answers(socket: &Path) -> bool {
    let attempt = async {
        let session = PgConnection::connect_with(&connect_options(socket, "postgres")).await?;
        session.close().await
    };
    matches!(timeout(CONNECT_LIMIT, attempt).await, Ok(Ok(())))
}

/// Reads `postmaster.pid`: its first line is the process, the fifth the socket's folder. One that is not
/// whole yet counts as none; the next look finds it whole.
fn read_note(data: &Path) -> Option<Note> {
    let text = fs::read_to_string(data.join("postmaster.pid")).ok()?;
    let pid: i32 = text.lines().next()?.trim().parse().ok()?;
    let socket = text.lines().nth(4).unwrap_or_default().trim();
    (1 < pid).then(|| Note { pid: Pid::from_raw(pid), socket: PathBuf::from(socket) })
}

fn presence(pid: Pid, data: &Path) -> Presence {
    match kill(pid, None) {
        Err(Errno::ESRCH) => return Presence::Gone,
        Err(Errno::EPERM) => return Presence::Unknown,
        _ => {}
    }
    if !Path::new("/proc/self/cwd").exists() {
        return Presence::Unknown;
    }
    match fs::read_link(format!("/proc/{pid}/cwd")) {
        Ok(cwd) if cwd == data => Presence::Alive,
        // A zombie has no working directory.
        Ok(_) => Presence::Gone,
        Err(error) if error.kind() == std::io::ErrorKind::PermissionDenied => Presence::Unknown,
        Err(_) => Presence::Gone,
    }
}

/// Some process that still works in the data folder.
fn leftover(data: &Path) -> Option<i32> {
    fs::read_dir("/proc").ok()?.flatten().find_map(|entry| {
        let pid: i32 = entry.file_name().to_str()?.parse().ok()?;
        (fs::read_link(entry.path().join("cwd")).ok()? == data).then_some(pid)
    })
}
