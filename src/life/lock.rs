//! One process of a kind in a state folder: a lock that the kernel frees however the process ends.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{self, Read as _, Seek as _, Write as _};
use std::path::{Path, PathBuf};
use std::time::Duration;

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use tokio::time::{Instant, sleep};

/// A lock that is held.
#[derive(Debug)]
pub(crate) struct Lock(#[expect(dead_code, reason = "held, not read")] File);

/// Why a lock is not to be had.
#[derive(Debug, thiserror::Error)]
pub(crate) enum LockError {
    /// Somebody has it.
    #[error("it is running already (process {process}, lock {})", .path.display())]
    Taken {
        /// The lock.
        path: PathBuf,
        /// Who holds it, as the lock says.
        process: String,
    },
    /// The file cannot be used.
    #[error("the file {} cannot be written", .path.display())]
    File {
        /// The lock.
        path: PathBuf,
        /// Why.
        #[source]
        source: io::Error,
    },
}

impl Lock {
    /// Takes the lock, and writes our process into it.
    pub(crate) fn take(path: &Path) -> Result<Self, LockError> {
        let failed = |source| LockError::File { path: path.to_owned(), source };
        let mut options = OpenOptions::new();
        let mut file =
            options.read(true).write(true).create(true).truncate(false).open(path).map_err(failed)?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                let mut process = String::new();
                file.read_to_string(&mut process).map_err(failed)?;
                return Err(LockError::Taken { path: path.to_owned(), process: process.trim().to_owned() });
            }
            Err(TryLockError::Error(source)) => return Err(failed(source)),
        }
        file.set_len(0).and_then(|()| file.rewind()).map_err(failed)?;
        writeln!(file, "{}", std::process::id()).map_err(failed)?;
        Ok(Self(file))
    }

    /// Waits until nobody holds the lock: what a killed supervisor left behind ends by itself. What does not
    /// end in `patience` is killed.
    pub(crate) async fn wait_free(path: &Path, patience: Duration) -> Result<(), LockError> {
        let give_up = Instant::now() + patience;
        let mut killed = false;
        loop {
            let (path, process) = match Self::take(path) {
                Ok(_freed_at_once) => return Ok(()),
                Err(LockError::Taken { path, process }) => (path, process),
                Err(other) => return Err(other),
            };
            if give_up <= Instant::now() {
                let pid = process.parse().ok().filter(|&pid: &i32| 1 < pid && !killed);
                let Some(pid) = pid else { return Err(LockError::Taken { path, process }) };
                tracing::warn!(process, "a process of an earlier run does not end: killing it");
                // Who holds the lock wrote its process into it, so this is the one.
                let _ended = kill(Pid::from_raw(pid), Signal::SIGKILL);
                killed = true;
                sleep(Duration::from_secs(1)).await;
            }
            sleep(Duration::from_millis(50)).await;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_lock_is_one_processes_and_free_after_it() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("x.lock");
        let held = Lock::take(&path).expect("free");
        let error = Lock::take(&path).expect_err("taken");
        assert!(error.to_string().contains(&format!("process {}", std::process::id())), "{error}");
        drop(held);
        Lock::wait_free(&path, Duration::ZERO).await.expect("free again");
    }
}
