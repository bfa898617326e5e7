//! A browser's connection, with the door's limits around it.
//!
//! A guest is in one of two phases, each with an end that no trickle of bytes moves: asking, from the first
//! byte of a request (or from the door) on, and answered, from the first byte of the answer on. A guest who
//! neither asks nor reads is closed at the end of the phase, and everybody after [`LIFE`]: browsers come back
//! by themselves. The pass goes back when the connection is dropped, however it ends.

use std::io;
use std::net::{IpAddr, SocketAddr};
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use axum::extract::connect_info::Connected;
use axum::serve::{IncomingStream, Listener};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::{TcpListener, TcpStream};
use tokio::time::{Instant, Sleep, sleep_until};

use crate::limits::{Gate, Pass};

/// A connection's life at most, in phases: two minutes by default.
const LIFE: u32 = 12;

/// Lets browsers in, as many as the gate has places for.
#[derive(Debug)]
pub(super) struct GuestListener {
    /// Where they come in.
    pub(super) listener: TcpListener,
    /// Who counts them.
    pub(super) gate: Gate,
    /// How long a guest may take over each phase.
    pub(super) limit: Duration,
}

impl Listener for GuestListener {
    type Io = Guest<TcpStream, Pass>;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (Self::Io, SocketAddr) {
        loop {
            // axum's own listener waits out a lack of descriptors.
            let (stream, address) = Listener::accept(&mut self.listener).await;
            // Who is too many is closed before anything is spent on them.
            let Ok(pass) = self.gate.enter(address.ip()) else { continue };
            // A small answer should not wait for company; without it, it is only slower.
            drop(stream.set_nodelay(true));
            let patience = Patience { asking: self.limit, answering: self.limit, life: self.limit * LIFE };
            return (Guest::new(stream, pass, patience), address);
        }
    }

    fn local_addr(&self) -> io::Result<SocketAddr> {
        self.listener.local_addr()
    }
}

/// Where a guest comes from.
#[derive(Clone, Copy, Debug)]
pub(super) struct Whence(pub(super) IpAddr);

impl Connected<IncomingStream<'_, GuestListener>> for Whence {
    fn connect_info(stream: IncomingStream<'_, GuestListener>) -> Self {
        Self(stream.remote_addr().ip())
    }
}

/// What a guest does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Phase {
    Asking,
    Answered,
}

/// How long a guest may take.
#[derive(Clone, Copy, Debug)]
pub(super) struct Patience {
    /// Over each request.
    pub(super) asking: Duration,
    /// Over each answer, and the time until the next request.
    pub(super) answering: Duration,
    /// Over everything.
    pub(super) life: Duration,
}

/// A browser's connection, with the pass that goes back when it ends.
pub(super) struct Guest<S, P> {
    stream: S,
    phase: Phase,
    end_of_phase: Pin<Box<Sleep>>,
    end_of_life: Instant,
    patience: Patience,
    _pass: P,
}

impl<S, P> Guest<S, P> {
    pub(super) fn new(stream: S, pass: P, patience: Patience) -> Self {
        let now = Instant::now();
        Self {
            stream,
            phase: Phase::Asking,
            end_of_phase: Box::pin(sleep_until(now + patience.asking)),
            end_of_life: now + patience.life,
            patience,
            _pass: pass,
        }
    }

    /// Begins a phase, unless the guest is in it already.
    fn turn_to(&mut self, phase: Phase) {
        if self.phase != phase {
            let limit = match phase {
                Phase::Asking => self.patience.asking,
                Phase::Answered => self.patience.answering,
            };
            let end = Instant::now() + limit;
            self.phase = phase;
            self.end_of_phase.as_mut().reset(self.end_of_life.min(end));
        }
    }

    /// An error when the phase is over; else the task is woken when it will be.
    fn within_limits(&mut self, context: &mut Context<'_>) -> io::Result<()> {
        match self.end_of_phase.as_mut().poll(context) {
            Poll::Ready(()) => Err(io::ErrorKind::TimedOut.into()),
            Poll::Pending => Ok(()),
        }
    }

    fn noted(&mut self, written: Poll<io::Result<usize>>) -> Poll<io::Result<usize>> {
        if matches!(written, Poll::Ready(Ok(bytes)) if bytes > 0) {
            self.turn_to(Phase::Answered);
        }
        written
    }
}

impl<S: AsyncRead + Unpin, P: Unpin> AsyncRead for Guest<S, P> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        self.within_limits(context)?;
        let before = buffer.filled().len();
        let read = Pin::new(&mut self.stream).poll_read(context, buffer);
        if before < buffer.filled().len() {
            self.turn_to(Phase::Asking);
        }
        read
    }
}

impl<S: AsyncWrite + Unpin, P: Unpin> AsyncWrite for Guest<S, P> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        self.within_limits(context)?;
        let written = Pin::new(&mut self.stream).poll_write(context, bytes);
        self.noted(written)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        pieces: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        self.within_limits(context)?;
        let written = Pin::new(&mut self.stream).poll_write_vectored(context, pieces);
        self.noted(written)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}

/// After a stop, what is left of the answers gets this long.
pub(super) const GRACE: Duration = Duration::from_secs(3);
