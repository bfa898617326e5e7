//! Signals become tokens: the first asks to stop, the second is final.

use std::io;

use tokio::signal::unix::{SignalKind, signal};
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

/// What signals have asked for.
#[derive(Clone, Debug)]
pub(crate) struct Signals {
    /// Stop in order.
    pub(crate) stop: CancellationToken,
    /// Stop at once.
    pub(crate) now: CancellationToken,
}

/// Listens for Ctrl-C, SIGTERM and a closed terminal, in a task of `attendants`.
pub(crate) fn listen(attendants: &mut JoinSet<()>) -> io::Result<Signals> {
    let signals = Signals { stop: CancellationToken::new(), now: CancellationToken::new() };
    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut terminate = signal(SignalKind::terminate())?;
    let mut hang_up = signal(SignalKind::hangup())?;
    let told = signals.clone();
    attendants.spawn(async move {
        for token in [&told.stop, &told.now] {
            tokio::select! {
                _ = interrupt.recv() => {}
                _ = terminate.recv() => {}
                _ = hang_up.recv() => {}
            }
            token.cancel();
        }
    });
    Ok(signals)
}

/// For an act that ends by itself: a token that Ctrl-C cancels.
pub(crate) fn only_stop() -> io::Result<OnlyStop> {
    let mut attendants = JoinSet::new();
    let token = listen(&mut attendants)?.stop;
    Ok(OnlyStop { token, _attendants: attendants })
}

/// A token that Ctrl-C cancels as long as this lives.
#[derive(Debug)]
pub(crate) struct OnlyStop {
    /// The token.
    pub(crate) token: CancellationToken,
    _attendants: JoinSet<()>,
}
