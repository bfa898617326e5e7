//! The ways to write to a connection and to end it, good and bad ones, each with its entry in the log.

use std::io;
use std::mem::MaybeUninit;
use std::time::Duration;

use socket2::SockRef;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::{Instant, timeout, timeout_at};
use tokio_rustls::server::TlsStream;

use crate::answer::Answer;
use crate::log::{Ended, Entry};

/// The longest that any hostile server keeps a connection.
pub(crate) const PATIENCE: Duration = Duration::from_secs(600);
/// How long a slow writer may block on a well-behaved answer.
const WRITE_LIMIT: Duration = Duration::from_secs(60);

/// One connection after its handshake, with its line in the log.
#[derive(Debug)]
pub(crate) struct Wire {
    pub(crate) tls: TlsStream<TcpStream>,
    pub(crate) entry: Entry,
    /// By how much the pauses of hostile servers are shortened.
    pub(crate) faster: u32,
}

/// The connection is over: the client left, or our patience.
#[derive(Debug)]
pub(crate) struct Gone;

impl From<io::Error> for Gone {
    fn from(_: io::Error) -> Self {
        Self
    }
}

impl Wire {
    /// Sends a whole answer, `close_notify` and FIN, as a good server does.
    pub(crate) async fn answer(mut self, answer: &Answer) {
        self.entry.answered(answer.code());
        let sent = timeout(WRITE_LIMIT, self.send(&answer.to_bytes())).await;
        if matches!(sent, Ok(Ok(()))) {
            self.close().await;
        } else {
            self.entry.ended(Ended::ByClient);
        }
    }

    /// Writes and flushes.
    pub(crate) async fn send(&mut self, bytes: &[u8]) -> Result<(), Gone> {
        self.tls.write_all(bytes).await?;
        self.tls.flush().await?;
        self.entry.sent(bytes.len());
        Ok(())
    }

    /// `close_notify`, then FIN, then the socket is closed.
    pub(crate) async fn close(mut self) {
        self.entry.ended(if self.client_left() { Ended::ByClient } else { Ended::Complete });
        // The client may have gone already; nothing is lost by that.
        let _ = timeout(Duration::from_secs(5), self.tls.shutdown()).await;
        // Bytes left unread would make the kernel answer with a reset, which can overtake the answer.
        let (tcp, _) = self.tls.get_mut();
        let mut rest = [0_u8; 4096];
        while matches!(tcp.try_read(&mut rest), Ok(1..)) {}
    }

    /// Like `close`, for a client that may still be writing: reads on for a moment.
    pub(crate) async fn answer_and_drain(mut self, answer: &Answer) {
        self.entry.answered(answer.code());
        if self.send(&answer.to_bytes()).await.is_err() {
            return self.entry.ended(Ended::ByClient);
        }
        self.entry.ended(if self.client_left() { Ended::ByClient } else { Ended::Complete });
        let _ = timeout(Duration::from_secs(5), self.tls.shutdown()).await;
        read_to_end(&mut self.tls, Duration::from_secs(2)).await;
    }

    /// Closes well after the last write, unless that write failed.
    pub(crate) async fn finish(mut self, sent: Result<(), Gone>) {
        match sent {
            Ok(()) => self.close().await,
            Err(Gone) => self.entry.ended(Ended::ByClient),
        }
    }

    /// Whether the client has begun to leave: after its request a good one sends nothing but its `close_notify` and
    /// FIN. The kernel is asked, for on a loaded machine the runtime learns of it late.
    fn client_left(&self) -> bool {
        let (tcp, _) = self.tls.get_ref();
        let mut byte = [MaybeUninit::uninit(); 1];
        match SockRef::from(tcp).peek(&mut byte) {
            Ok(_) => true,
            Err(error) => error.kind() != io::ErrorKind::WouldBlock,
        }
    }

    /// FIN without `close_notify`.
    pub(crate) async fn end_tcp_only(mut self) {
        self.entry.ended(Ended::WithoutCloseNotify);
        let (tcp, _) = self.tls.get_mut();
        let _ = tcp.shutdown().await;
        read_to_end(tcp, Duration::from_secs(2)).await;
    }

    /// A reset.
    pub(crate) fn reset(mut self) {
        self.entry.ended(Ended::Reset);
        let (tcp, _) = self.tls.get_mut();
        let _ = tcp.set_zero_linger();
    }

    /// Says no more and waits for the client to leave.
    pub(crate) async fn hold(mut self) {
        let left = read_to_end(&mut self.tls, PATIENCE).await;
        self.entry.ended(if left { Ended::ByClient } else { Ended::GivenUp });
    }

    /// A pause, shortened by the space's scale; over at once when the client leaves.
    pub(crate) async fn pause(&mut self, pause: Duration) -> Result<(), Gone> {
        if read_to_end(&mut self.tls, pause / self.faster.max(1)).await { Err(Gone) } else { Ok(()) }
    }
}

/// Reads and forgets until the other side ends; false when the limit came first.
pub(crate) async fn read_to_end(stream: &mut (impl AsyncRead + Unpin), limit: Duration) -> bool {
    let until = Instant::now() + limit;
    let mut ignored = [0_u8; 4096];
    while Instant::now() < until {
        match timeout_at(until, stream.read(&mut ignored)).await {
            Ok(Ok(0) | Err(_)) => return true,
            Ok(Ok(_)) => {}
            Err(_) => return false,
        }
    }
    false
}
