//! Accepting at the doors that speak for themselves: one task a connection, in a set of the door's own.
//!
//! Doors listen with a long queue, so that a burst of visitors is not lost before anybody looked at it.
//! A visitor comes in with a pass of the gate or is closed before anything is spent on them. After a stop, visits
//! that have begun get a little time to end.

use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use shared::process::figures;
use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio::task::JoinSet;
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;

use crate::limits::{Gate, Pass};
use crate::people::Visitor;

/// Connections that wait to be accepted, at most; the system may have a lower limit of its own.
const QUEUE: u32 = 1_024;
/// After a stop, visits that have begun get this long to end.
const GRACE: Duration = Duration::from_secs(3);

/// Listens at an address.
///
/// # Errors
///
/// When it is taken, or not ours.
pub(crate) fn listen(address: SocketAddr) -> io::Result<TcpListener> {
    let socket = if address.is_ipv4() { TcpSocket::new_v4() } else { TcpSocket::new_v6() }?;
    // A server that starts again finds its port, whatever of the old one's connections lingers there.
    socket.set_reuseaddr(true)?;
    socket.bind(address)?;
    socket.listen(QUEUE)
}

/// Counts an answer at a door by the first digit of its status.
pub(crate) fn count(door: &'static str, status: &[u8]) {
    let class = match status.first() {
        Some(b'1') => "1",
        Some(b'2') => "2",
        Some(b'3') => "3",
        Some(b'4') => "4",
        Some(b'5') => "5",
        Some(b'6') => "6",
        Some(_) | None => "none",
    };
    figures::REQUESTS.add([door, class], 1);
}

/// Accepts until stopped, and then waits until the last visitor has an answer. `visit` owns a connection from its
/// first byte to its end; the pass goes back when it is dropped.
pub(crate) async fn accept<F>(
    listener: TcpListener,
    gate: Gate,
    stop: CancellationToken,
    visit: impl Fn(TcpStream, Visitor, Pass) -> F,
) where
    F: Future<Output = ()> + Send + 'static,
{
    let mut visits = JoinSet::new();
    loop {
        tokio::select! {
            () = stop.cancelled() => break,
            Some(ended) = visits.join_next() => {
                if let Err(error) = ended {
                    tracing::error!(error = &error as &dyn std::error::Error, "a visit broke");
                }
            }
            accepted = listener.accept() => match accepted {
                Ok((stream, visitor)) => {
                    if let Ok(pass) = gate.enter(visitor.ip()) {
                        visits.spawn(visit(stream, Visitor::at(visitor.ip()), pass));
                    }
                }
                Err(error) => {
                    tracing::warn!(error = &error as &dyn std::error::Error, "a visitor could not be accepted");
                    // Out of descriptors: the ones in use come back; asking at once would only spin.
                    tokio::time::sleep(Duration::from_millis(100)).await;
                }
            },
        }
    }
    drop(listener);
    let answered = async { while visits.join_next().await.is_some() {} };
    if timeout(GRACE, answered).await.is_err() {
        tracing::debug!("visitors were left without the end of their answers");
    }
}
