//! Before anything starts: a state folder that can be written, nobody else in it, free ports. Whatever is
//! wrong is one sentence.

use std::fs::DirBuilder;
use std::io;
use std::net::{SocketAddr, TcpListener};
use std::os::unix::fs::DirBuilderExt as _;
use std::path::PathBuf;
use std::time::Duration;

use crate::life::lock::{Lock, LockError};
use crate::life::unfinished::{self, Unfinished};
use crate::settings::{Places, Settings};

/// The components of an earlier run end within this time, once their supervisor is gone.
const LEFTOVERS: Duration = Duration::from_secs(12);

/// What `up` stands on while it runs.
#[derive(Debug)]
pub(super) struct Ground {
    _lock: Lock,
}

/// Why `up` cannot start here.
#[derive(Debug, thiserror::Error)]
pub(super) enum GroundError {
    /// The state folder cannot be made.
    #[error("the state folder {} cannot be made", .folder.display())]
    State {
        /// The folder.
        folder: PathBuf,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// Another process is there, or the folder cannot be written.
    #[error("sextant cannot use the state folder {}", .folder.display())]
    Lock {
        /// The folder.
        folder: PathBuf,
        /// Why.
        #[source]
        source: LockError,
    },
    /// A restore has not ended.
    #[error(transparent)]
    Unfinished(#[from] Unfinished),
    /// A port is taken.
    #[error("the address {address} is in use by another program: stop it, or set {key}")]
    Taken {
        /// The address.
        address: SocketAddr,
        /// The key to change.
        key: &'static str,
    },
    /// A port cannot be had for another reason.
    #[error("the address {address} of {key} cannot be listened on")]
    Address {
        /// The address.
        address: SocketAddr,
        /// Its key.
        key: &'static str,
        /// Why.
        #[source]
        source: io::Error,
    },
}

impl Ground {
    /// Makes the state folder and takes it, waits for what an earlier run left behind, tries the ports.
    pub(super) async fn prepare(settings: &Settings, places: &Places) -> Result<Self, GroundError> {
        let folder = places.state().to_owned();
        DirBuilder::new()
            .recursive(true)
            .mode(0o755)
            .create(&folder)
            .map_err(|source| GroundError::State { folder: folder.clone(), source })?;
        let failed = |source| GroundError::Lock { folder: folder.clone(), source };
        let lock = Lock::take(&places.lock("up")).map_err(failed)?;
        unfinished::none(&folder)?;
        for name in ["postgres", "crawl", "index", "serve"] {
            Lock::wait_free(&places.lock(name), LEFTOVERS).await.map_err(failed)?;
        }
        try_to_listen("server.gemini", &settings.gemini)?;
        try_to_listen("server.web", &settings.web)?;
        try_to_listen("process.probes", &settings.probes)?;
        Ok(Self { _lock: lock })
    }
}

fn try_to_listen(key: &'static str, addresses: &[SocketAddr]) -> Result<(), GroundError> {
    for &address in addresses {
        TcpListener::bind(address).map_err(|source| match source.kind() {
            io::ErrorKind::AddrInUse => GroundError::Taken { address, key },
            _ => GroundError::Address { address, key, source },
        })?;
    }
    Ok(())
}
