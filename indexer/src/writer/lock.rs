//! Who may write below an index folder.

use std::fs::{self, File, OpenOptions};
use std::path::Path;
use std::sync::Arc;

use nix::errno::Errno;
use nix::fcntl::{Flock, FlockArg};

use super::trouble::WriterError;

/// The right to write below an index folder: at most one process has it, and the kernel takes it back when
/// that process ends, however it ends. The file is never deleted.
#[derive(Clone, Debug)]
pub(crate) struct WriterLock {
    _held: Arc<Flock<File>>,
}

impl WriterLock {
    /// The file that is locked.
    const FILE: &'static str = "indexer.lock";

    /// Takes the lock of an index folder, which is made if need be.
    ///
    /// # Errors
    ///
    /// [`WriterError::Taken`] while another process has it.
    pub(crate) fn take(folder: &Path) -> Result<Self, WriterError> {
        let failed = |source| WriterError::Lock { folder: folder.to_owned(), source };
        fs::create_dir_all(folder).map_err(failed)?;
        let file = OpenOptions::new()
            .create(true)
            .truncate(false)
            .write(true)
            .open(folder.join(Self::FILE))
            .map_err(failed)?;
        match Flock::lock(file, FlockArg::LockExclusiveNonblock) {
            Ok(held) => Ok(Self { _held: Arc::new(held) }),
            Err((_, Errno::EAGAIN)) => Err(WriterError::Taken(folder.to_owned())),
            Err((_, errno)) => Err(failed(errno.into())),
        }
    }
}
