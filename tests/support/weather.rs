//! What befalls Postgres from outside (stopped processes, a volume without room), and the searches meanwhile.

use std::fs;
use std::os::unix::fs::{MetadataExt as _, symlink};
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use server::search::{SearchRequest, Searcher};
use tempfile::TempDir;
use tokio::sync::watch;
use tokio::time::{MissedTickBehavior, interval, timeout};
use tokio_util::sync::CancellationToken;

/// Between two searches.
const GAP: Duration = Duration::from_millis(50);
/// No search may take longer.
const LIMIT: Duration = Duration::from_secs(60);

/// Stopped processes, which go on when this is dropped.
pub(crate) struct Frozen(Vec<Pid>);

impl Frozen {
    pub(crate) fn of(processes: Vec<Pid>) -> Self {
        let frozen = Self(processes);
        frozen.send(Signal::SIGSTOP);
        frozen
    }

    fn send(&self, signal: Signal) {
        for pid in &self.0 {
            // A session may have ended in between.
            let _gone = kill(*pid, signal);
        }
    }
}

impl Drop for Frozen {
    fn drop(&mut self) {
        self.send(Signal::SIGCONT);
    }
}

/// A file system in memory that holds the WAL.
pub(crate) struct Volume(TempDir);

impl Volume {
    /// Roomy enough for all that the test writes.
    const ROOM_MIB: u64 = 700;

    /// Moves the WAL of a stopped cluster there; none where it cannot be mounted.
    pub(crate) fn mount(data: &Path) -> Option<Self> {
        let folder = tempfile::tempdir().expect("a folder");
        let owner = fs::metadata(data).expect("the data folder");
        let options = format!("size={}m,mode=0700,uid={},gid={}", Self::ROOM_MIB, owner.uid(), owner.gid());
        let mount =
            Command::new("mount").args(["-t", "tmpfs", "-o", &options, "storm"]).arg(folder.path()).output();
        if !mount.is_ok_and(|mount| mount.status.success()) {
            eprintln!("passed over: no small file system can be mounted here, so no volume is full");
            return None;
        }
        let volume = Self(folder);
        let wal = data.join("pg_wal");
        let copied = Command::new("cp").arg("-a").arg(&wal).arg(volume.0.path()).status();
        assert!(copied.expect("cp runs").success(), "the WAL is moved");
        fs::remove_dir_all(&wal).expect("the old WAL");
        symlink(volume.0.path().join("pg_wal"), &wal).expect("a link to the volume");
        Some(volume)
    }

    fn resize(&self, size: &str) {
        let options = format!("remount,size={size}");
        let mount =
            Command::new("mount").args(["-o", &options]).arg(self.0.path()).output().expect("mount runs");
        assert!(mount.status.success(), "{}", String::from_utf8_lossy(&mount.stderr));
    }

    pub(crate) fn fill(&self) {
        let df = Command::new("df").args(["--block-size=1", "--output=used"]).arg(self.0.path()).output();
        let said = String::from_utf8_lossy(&df.expect("df runs").stdout).into_owned();
        let used: u64 = said.lines().last().and_then(|line| line.trim().parse().ok()).expect("a size");
        // One segment more: it may be written while we look.
        self.resize(&(used + (16 << 20)).to_string());
    }

    pub(crate) fn grow(&self) {
        self.resize(&format!("{}m", Self::ROOM_MIB));
    }
}

impl Drop for Volume {
    fn drop(&mut self) {
        // Lazily: after a failure Postgres may still be there.
        let _unmounted = Command::new("umount").arg("-l").arg(self.0.path()).status();
    }
}

/// Searches until told to stop; every search must be answered.
pub(crate) async fn search_all_the_time(
    searcher: Searcher,
    answered: watch::Sender<u64>,
    stop: CancellationToken,
) {
    let mut pace = interval(GAP);
    pace.set_missed_tick_behavior(MissedTickBehavior::Delay);
    while !stop.is_cancelled() {
        pace.tick().await;
        let found = timeout(LIMIT, searcher.search(SearchRequest::new("weather"))).await;
        let found = found.expect("a search ends").expect("a search is answered");
        assert!(0 < found.total, "a search finds what was found before");
        answered.send_modify(|count| *count += 1);
    }
}
