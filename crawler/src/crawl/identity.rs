//! Who this worker is: an id in its state folder, which is locked as long as the process lives. A restarted
//! worker is known by it and takes its old leases back at once.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{self, Read, Seek, Write};
use std::path::{Path, PathBuf};

use shared::store::id::WorkerId;
use uuid::Uuid;

/// The file in the state folder.
const FILE: &str = "crawler.worker";

/// Why a worker cannot begin.
#[derive(Debug, thiserror::Error)]
pub enum IdentityError {
    /// Another crawler uses the folder.
    #[error("another crawler is running with the state folder {}", .0.display())]
    Taken(PathBuf),
    /// The file cannot be made, locked or read.
    #[error("the crawler's identity in {} cannot be read or written", path.display())]
    File {
        /// Where it should be.
        path: PathBuf,
        /// What failed.
        #[source]
        source: io::Error,
    },
}

/// A worker's identity; the folder is locked until it is dropped.
#[derive(Debug)]
pub struct Identity {
    /// The worker.
    pub worker: WorkerId,
    /// Its lock is the worker's claim on the folder.
    _locked: File,
}

impl Identity {
    /// Locks the state folder and reads the worker's id, made at the first start.
    ///
    /// # Errors
    ///
    /// [`IdentityError`], before anything else was touched.
    pub fn take(state: &Path) -> Result<Self, IdentityError> {
        let path = state.join(FILE);
        let failed = |source| IdentityError::File { path: path.clone(), source };
        std::fs::create_dir_all(state).map_err(failed)?;
        let mut options = OpenOptions::new();
        let mut file =
            options.read(true).write(true).create(true).truncate(false).open(&path).map_err(failed)?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Err(IdentityError::Taken(state.to_owned())),
            Err(TryLockError::Error(source)) => return Err(failed(source)),
        }
        let mut text = String::new();
        file.read_to_string(&mut text).map_err(failed)?;
        // An unreadable id (a crash while it was first written) is made anew: its leases end by themselves.
        let worker = match Uuid::parse_str(text.trim()) {
            Ok(id) => WorkerId(id),
            Err(_) => {
                let id = Uuid::new_v4();
                file.set_len(0).and_then(|()| file.rewind()).map_err(failed)?;
                writeln!(file, "{id}").and_then(|()| file.sync_all()).map_err(failed)?;
                WorkerId(id)
            }
        };
        Ok(Self { worker, _locked: file })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_worker_is_known_again_and_alone_in_its_folder() {
        let folder = tempfile::tempdir().unwrap();
        let first = Identity::take(folder.path()).unwrap();
        assert!(matches!(Identity::take(folder.path()), Err(IdentityError::Taken(_))));
        let id = first.worker;
        drop(first);
        assert_eq!(Identity::take(folder.path()).unwrap().worker, id);
    }

    #[test]
    fn a_spoilt_id_is_made_anew() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join(FILE), "12").unwrap();
        let id = Identity::take(folder.path()).unwrap().worker;
        assert_eq!(Identity::take(folder.path()).unwrap().worker, id);
    }
}
