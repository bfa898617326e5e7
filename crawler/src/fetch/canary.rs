//! The leak on purpose: what the predecessors did by accident.
//!
//! A detached timer owns a handle of the stream, so the descriptor outlives the visit that opened it. It is
//! compiled only with the feature `leak-canary`, in which the bench `leak` must see it: a proof that
//! cannot fail proves nothing.

use std::time::Duration;

use socket2::SockRef;
use tokio::net::TcpStream;

/// Hands a second handle of the socket to a timer that nobody awaits.
#[expect(clippy::disallowed_methods, reason = "the detached task is the very fault that the test must see")]
pub(super) fn hold(stream: &TcpStream) {
    if let Ok(twin) = SockRef::from(stream).try_clone() {
        tokio::spawn(async move {
            tokio::time::sleep(Duration::from_secs(60)).await;
            drop(twin);
        });
    }
}
