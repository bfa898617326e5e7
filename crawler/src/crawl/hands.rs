//! The turns in hand: one task each, in one set, each with a token that ends it alone.

use std::collections::HashMap;

use shared::gemini::host::CapsuleAddr;
use shared::gemini::pattern::UrlPattern;
use shared::gemini::url::GeminiUrl;
use tokio::task::{Id, JoinError, JoinSet};
use tokio_util::sync::CancellationToken;

use crate::turn::End;

/// Turns under way. Dropped, all of them end at once.
#[derive(Debug, Default)]
pub struct Hands {
    turns: JoinSet<End>,
    held: HashMap<Id, (CapsuleAddr, CancellationToken)>,
}

impl Hands {
    /// Begins a turn of a capsule; `stop` is what ends it before its time.
    pub fn begin(
        &mut self,
        capsule: CapsuleAddr,
        stop: CancellationToken,
        turn: impl Future<Output = End> + Send + 'static,
    ) {
        let task = self.turns.spawn(turn);
        self.held.insert(task.id(), (capsule, stop));
    }

    /// How many are under way.
    #[must_use]
    pub fn len(&self) -> usize {
        self.turns.len()
    }

    /// Whether none is.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.turns.is_empty()
    }

    /// Waits for the next one to end; none: none is under way.
    pub async fn ended(&mut self) -> Option<Result<End, JoinError>> {
        let ended = self.turns.join_next_with_id().await?;
        Some(self.forget(ended))
    }

    /// One that has ended already.
    pub fn ended_already(&mut self) -> Option<Result<End, JoinError>> {
        let ended = self.turns.try_join_next_with_id()?;
        Some(self.forget(ended))
    }

    /// Ends the turns of capsules that are paused now: each finishes its page and gives its capsule back.
    pub fn let_go(&self, paused: &[UrlPattern]) {
        for (capsule, stop) in self.held.values() {
            if paused.iter().any(|pattern| touches(pattern, capsule)) {
                stop.cancel();
            }
        }
    }

    /// Ends all at once, whatever they are doing.
    pub async fn drop_all(&mut self) {
        self.turns.shutdown().await;
        self.held.clear();
    }

    fn forget(&mut self, ended: Result<(Id, End), JoinError>) -> Result<End, JoinError> {
        let id = match &ended {
            Ok((id, _)) => *id,
            Err(error) => error.id(),
        };
        self.held.remove(&id);
        ended.map(|(_, end)| end)
    }
}

/// Whether a pause concerns a capsule, or a part of it.
fn touches(paused: &UrlPattern, capsule: &CapsuleAddr) -> bool {
    match paused {
        UrlPattern::Page(url) | UrlPattern::Prefix(url) => url.capsule() == capsule,
        // Nobody can pause these.
        UrlPattern::Like(_) => false,
        UrlPattern::Everything | UrlPattern::Capsule(_) | UrlPattern::Domain(_) => {
            paused.matches(&GeminiUrl::root(capsule))
        }
    }
}
