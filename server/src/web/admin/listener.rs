//! Letting admins in: by TCP or by a unix socket, a few at a time, each within its time.

use std::fs;
use std::io;
use std::net::SocketAddr;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use axum::serve::Listener;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::{TcpListener, TcpStream, UnixListener, UnixStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::accept::listen;
use crate::config::DeskAddress;
use crate::web::guest::{Guest, Patience};

/// Connections at once: a browser or two with a few screens each, and whoever reads the figures.
const PLACES: usize = 64;
/// A screen that is kept up to date is one long answer; the browser asks for the next by itself.
const PATIENCE: Patience = Patience {
    asking: Duration::from_secs(10),
    answering: Duration::from_secs(300),
    life: Duration::from_secs(600),
};

/// Where admins come in.
#[derive(Debug)]
pub(super) struct DeskListener {
    way: Way,
    places: Arc<Semaphore>,
}

#[derive(Debug)]
enum Way {
    Tcp(TcpListener),
    Unix(UnixListener),
}

/// An admin's connection, whichever way it came.
pub(super) enum Stream {
    Tcp(TcpStream),
    Unix(UnixStream),
}

impl DeskListener {
    /// Listens there. A socket file that nobody listens at any more is replaced; only its owner and group may use it.
    pub(super) fn bind(address: &DeskAddress) -> io::Result<Self> {
        let way = match address {
            DeskAddress::Tcp(address) => Way::Tcp(listen(*address)?),
            DeskAddress::Unix(path) => Way::Unix(socket(path)?),
        };
        Ok(Self { way, places: Arc::new(Semaphore::new(PLACES)) })
    }

    /// Where it listens, with the port that the system chose where it was left to it.
    pub(super) fn address(&self) -> Option<DeskAddress> {
        match &self.way {
            Way::Tcp(listener) => listener.local_addr().ok().map(DeskAddress::Tcp),
            Way::Unix(listener) => {
                let address = listener.local_addr().ok()?;
                address.as_pathname().map(|path| DeskAddress::Unix(path.to_owned()))
            }
        }
    }
}

fn socket(path: &Path) -> io::Result<UnixListener> {
    let bound = match UnixListener::bind(path) {
        // Nobody answers there: it was left by one of us who was killed.
        Err(error)
            if error.kind() == io::ErrorKind::AddrInUse
                && std::os::unix::net::UnixStream::connect(path).is_err() =>
        {
            fs::remove_file(path)?;
            UnixListener::bind(path)
        }
        other => other,
    }?;
    fs::set_permissions(path, fs::Permissions::from_mode(0o660))?;
    Ok(bound)
}

impl Listener for DeskListener {
    type Io = Guest<Stream, OwnedSemaphorePermit>;
    type Addr = Option<SocketAddr>;

    async fn accept(&mut self) -> (Self::Io, Self::Addr) {
        loop {
            // axum's own listeners wait out a lack of descriptors.
            let (stream, address) = match &mut self.way {
                Way::Tcp(listener) => {
                    let (stream, address) = Listener::accept(listener).await;
                    drop(stream.set_nodelay(true));
                    (Stream::Tcp(stream), Some(address))
                }
                Way::Unix(listener) => (Stream::Unix(Listener::accept(listener).await.0), None),
            };
            // Who is too many is closed before anything is spent on them.
            let Ok(place) = Arc::clone(&self.places).try_acquire_owned() else { continue };
            return (Guest::new(stream, place, PATIENCE), address);
        }
    }

    fn local_addr(&self) -> io::Result<Self::Addr> {
        match &self.way {
            Way::Tcp(listener) => listener.local_addr().map(Some),
            Way::Unix(_) => Ok(None),
        }
    }
}

impl AsyncRead for Stream {
    fn poll_read(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Self::Tcp(stream) => Pin::new(stream).poll_read(context, buffer),
            Self::Unix(stream) => Pin::new(stream).poll_read(context, buffer),
        }
    }
}

impl AsyncWrite for Stream {
    fn poll_write(self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        match self.get_mut() {
            Self::Tcp(stream) => Pin::new(stream).poll_write(context, bytes),
            Self::Unix(stream) => Pin::new(stream).poll_write(context, bytes),
        }
    }

    fn poll_flush(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Self::Tcp(stream) => Pin::new(stream).poll_flush(context),
            Self::Unix(stream) => Pin::new(stream).poll_flush(context),
        }
    }

    fn poll_shutdown(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Self::Tcp(stream) => Pin::new(stream).poll_shutdown(context),
            Self::Unix(stream) => Pin::new(stream).poll_shutdown(context),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_socket_that_was_left_is_replaced_and_one_that_answers_is_not() {
        let folder = tempfile::tempdir().unwrap();
        let address = DeskAddress::Unix(folder.path().join("desk.sock"));
        // Its file stays when nobody listens any more.
        drop(DeskListener::bind(&address).unwrap());
        let ours = DeskListener::bind(&address).unwrap();
        assert_eq!(ours.address(), Some(address.clone()));
        let taken = DeskListener::bind(&address).unwrap_err();
        assert_eq!(taken.kind(), io::ErrorKind::AddrInUse, "{taken}");
    }
}
