//! Trouble of our own: the database is away, or this machine cannot open connections. The crawl pauses,
//! longer each time, and no capsule is blamed.

use std::error::Error;
use std::time::Duration;

use tokio::task::JoinError;
use tokio::time::Instant;

use crate::turn::End;

/// The first pause.
const FIRST: Duration = Duration::from_secs(1);
/// The longest.
const LONGEST: Duration = Duration::from_secs(10);

/// Whether we are in trouble, and until when to pause.
#[derive(Debug, Default)]
pub struct Trouble {
    pause: Duration,
    until: Option<Instant>,
}

impl Trouble {
    /// Something failed that is not a capsule's fault. Many turns may fail of one cause: only the first one
    /// while not pausing makes the pause longer, and is logged.
    pub fn met(&mut self, error: &(dyn Error + 'static), what: &str) {
        if self.is_pausing() {
            return;
        }
        self.pause = if self.pause.is_zero() { FIRST } else { (self.pause * 2).min(LONGEST) };
        self.until = Some(Instant::now() + self.pause);
        tracing::warn!(error, pause_ms = self.pause.as_millis(), "{what}; pausing");
    }

    /// Something went well again.
    pub fn is_over(&mut self) {
        if !self.is_pausing() {
            self.pause = Duration::ZERO;
            self.until = None;
        }
    }

    /// Whether nothing new is to be begun now.
    #[must_use]
    pub fn is_pausing(&self) -> bool {
        self.until.is_some_and(|until| Instant::now() < until)
    }

    /// Waits for the end of the pause, or for `otherwise` where there is none.
    pub async fn wait(&self, otherwise: impl Future<Output = ()>) {
        match self.until {
            Some(until) if self.is_pausing() => tokio::time::sleep_until(until).await,
            Some(_) | None => otherwise.await,
        }
    }
}

/// How a turn ended, as its figure says.
pub(super) fn word(ended: &Result<End, JoinError>) -> &'static str {
    match ended {
        Ok(End::Done) => "done",
        Ok(End::Lost) => "lost",
        Ok(End::Stopped) => "stopped",
        Ok(End::Away { .. }) => "database",
        Ok(End::OurFault(_)) => "machine",
        Err(_) => "failed",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn error() -> std::io::Error {
        std::io::Error::from_raw_os_error(24)
    }

    #[tokio::test(start_paused = true)]
    async fn pauses_grow_and_end_with_the_first_success() {
        let mut trouble = Trouble::default();
        for expected in [1, 2, 4, 8, 10, 10] {
            trouble.met(&error(), "test");
            trouble.met(&error(), "the same trouble, seen by another turn");
            let before = Instant::now();
            trouble.wait(async {}).await;
            assert_eq!(before.elapsed().as_secs(), expected);
            assert!(!trouble.is_pausing());
        }
        trouble.is_over();
        trouble.met(&error(), "test");
        let before = Instant::now();
        trouble.wait(async {}).await;
        assert_eq!(before.elapsed().as_secs(), 1);
    }
}
