//! The list of every socket that the crawler holds open.
//!
//! A socket is opened and closed *under the ledger's lock*, in the same step in which its entry is made or
//! dies. So the ledger is not an estimate: whoever looks at it sees exactly the open sockets, and while it
//! looks ([`Ledger::still`]) none can come or go. Opening and closing do not wait for the peer, so the lock
//! is held for microseconds.

use std::collections::BTreeMap;
use std::io;
use std::net::SocketAddr;
use std::os::fd::{AsRawFd, RawFd};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use shared::gemini::host::CapsuleAddr;
use shared::store::outcome::Stage;
use tokio::net::TcpStream;
use tokio::time::Instant;

/// The list. Clones are the same list.
#[derive(Clone, Debug, Default)]
pub struct Ledger(Arc<Mutex<Book>>);

/// One open socket.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OpenSocket {
    /// The capsule that it was opened for.
    pub capsule: CapsuleAddr,
    /// Where it leads.
    pub address: SocketAddr,
    /// How far the visit has come.
    pub stage: Stage,
    /// When it was opened.
    pub since: Instant,
    /// Its descriptor.
    pub fd: RawFd,
}

/// A socket's entry; the socket's owner holds it, and both end together.
#[derive(Debug)]
pub(crate) struct Entry {
    ledger: Ledger,
    number: u64,
}

#[derive(Debug, Default)]
struct Book {
    last: u64,
    open: BTreeMap<u64, OpenSocket>,
}

impl Ledger {
    /// An empty ledger.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// How many sockets are open.
    #[must_use]
    pub fn count(&self) -> usize {
        self.book().open.len()
    }

    /// The open sockets, the oldest first.
    #[must_use]
    pub fn open(&self) -> Vec<OpenSocket> {
        self.book().open.values().cloned().collect()
    }

    /// The open sockets, the oldest first; none where somebody holds the list at this moment. For a watchdog, which
    /// waits for nobody.
    #[must_use]
    pub fn glance(&self) -> Option<Vec<OpenSocket>> {
        self.0.try_lock().ok().map(|book| book.open.values().cloned().collect())
    }

    /// Looks at the open sockets while none can be opened or closed. `look` must be quick.
    pub fn still<T>(&self, look: impl FnOnce(&[OpenSocket]) -> T) -> T {
        let book = self.book();
        let open: Vec<OpenSocket> = book.open.values().cloned().collect();
        look(&open)
    }

    /// Opens a socket and enters it, in one step.
    pub(crate) fn enter(
        &self,
        capsule: &CapsuleAddr,
        address: SocketAddr,
        open: impl FnOnce() -> io::Result<TcpStream>,
    ) -> io::Result<(TcpStream, Entry)> {
        let mut book = self.book();
        let stream = open()?;
        let fd = stream.as_raw_fd();
        book.last += 1;
        let number = book.last;
        let socket = OpenSocket {
            capsule: capsule.clone(),
            address,
            stage: Stage::Connect,
            since: Instant::now(),
            fd,
        };
        book.open.insert(number, socket);
        drop(book);
        tracing::trace!(capsule.host = %capsule, "opened fd={fd}");
        Ok((stream, Entry { ledger: self.clone(), number }))
    }

    fn book(&self) -> MutexGuard<'_, Book> {
        // A panic while the lock was held cannot have left the map half changed.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Entry {
    /// Notes how far the visit has come.
    pub(crate) fn reach(&self, stage: Stage) {
        if let Some(socket) = self.ledger.book().open.get_mut(&self.number) {
            socket.stage = stage;
        }
    }

    /// Closes the socket and strikes it off, in one step.
    pub(crate) fn leave(&self, stream: TcpStream) {
        let mut book = self.ledger.book();
        drop(stream);
        let gone = book.open.remove(&self.number);
        drop(book);
        if let Some(socket) = gone {
            tracing::trace!(capsule.host = %socket.capsule, "closed fd={}", socket.fd);
        }
    }
}
