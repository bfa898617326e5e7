//! The only place that opens a socket.
//!
//! A [`Connection`] owns the socket and its entry in the ledger from the moment the descriptor exists, that
//! is before the connect has begun, so a connect that is given up closes like any other. It is neither
//! cloned nor shared; dropping it, in whatever stage and for whatever reason, closes it without waiting.

use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use shared::gemini::host::CapsuleAddr;
use shared::store::outcome::Stage;
use socket2::{Domain, Protocol, SockRef, Socket, Type};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio::time::timeout;

use super::fetched::FetchError;
use super::ledger::{Entry, Ledger};

/// An open socket, owned.
#[derive(Debug)]
pub(super) struct Connection {
    stream: Option<TcpStream>,
    entry: Entry,
    parting: Parting,
}

/// How the socket is closed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Parting {
    /// By a reset that leaves nothing behind in the kernel: the visit was given up.
    Abort,
    /// In order: the answer has ended.
    Close,
}

/// Connects to this very address, within the limit.
pub(super) async fn connect(
    ledger: &Ledger,
    capsule: &CapsuleAddr,
    address: SocketAddr,
    limit: Duration,
) -> Result<Connection, FetchError> {
    let failed = |source: io::Error| match source.raw_os_error() {
        // A machine without IPv6 has no source address for it: no trouble of ours with other capsules.
        Some(EADDRNOTAVAIL) if address.is_ipv6() => FetchError::Connect { source },
        Some(_) | None => FetchError::from_io(Stage::Connect, source),
    };
    let (stream, entry) = ledger.enter(capsule, address, || begin(address)).map_err(failed)?;
    let connection = Connection { stream: Some(stream), entry, parting: Parting::Abort };
    #[cfg(feature = "leak-canary")]
    super::canary::hold(connection.stream());
    match timeout(limit, connection.established()).await {
        Ok(result) => result.map_err(failed)?,
        Err(_elapsed) => return Err(FetchError::TimedOut { stage: Stage::Connect, limit }),
    }
    Ok(connection)
}

const EADDRNOTAVAIL: i32 = 99;
const EINPROGRESS: i32 = 115;

/// Makes a socket and starts to connect it.
fn begin(address: SocketAddr) -> io::Result<TcpStream> {
    let socket = Socket::new(Domain::for_address(address), Type::STREAM, Some(Protocol::TCP))?;
    socket.set_nonblocking(true)?;
    // The request is one small write: it should not wait for company.
    socket.set_tcp_nodelay(true)?;
    match socket.connect(&address.into()) {
        Err(error) if error.raw_os_error() != Some(EINPROGRESS) => Err(error),
        Ok(()) | Err(_) => TcpStream::from_std(socket.into()),
    }
}

impl Connection {
    /// Notes how far the visit has come.
    pub(super) fn reach(&self, stage: Stage) {
        self.entry.reach(stage);
    }

    /// The answer has ended: closing needs no reset.
    pub(super) fn part_in_order(&mut self) {
        self.parting = Parting::Close;
    }

    /// A started connect is done when the socket can be written to and has no error.
    async fn established(&self) -> io::Result<()> {
        let stream = self.stream();
        stream.writable().await?;
        match stream.take_error()? {
            Some(error) => Err(error),
            None => Ok(()),
        }
    }

    fn stream(&self) -> &TcpStream {
        self.stream.as_ref().expect("the stream is taken out only when the connection is dropped")
    }

    fn stream_mut(&mut self) -> Pin<&mut TcpStream> {
        Pin::new(self.stream.as_mut().expect("the stream is taken out only when the connection is dropped"))
    }
}

impl Drop for Connection {
    fn drop(&mut self) {
        let Some(stream) = self.stream.take() else { return };
        if self.parting == Parting::Abort {
            // Without it a given-up connection would stand in FIN_WAIT for a minute. It can only fail on a
            // socket that has nothing left to linger for.
            let _ = SockRef::from(&stream).set_linger(Some(Duration::ZERO));
        }
        self.entry.leave(stream);
    }
}

impl AsyncRead for Connection {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        self.stream_mut().poll_read(cx, buf)
    }
}

impl AsyncWrite for Connection {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        self.stream_mut().poll_write(cx, buf)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.stream_mut().poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.stream_mut().poll_shutdown(cx)
    }
}
