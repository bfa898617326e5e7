//! What a turn came to: counted as its pages are committed, and told in one line when it ends.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use shared::gemini::host::CapsuleAddr;
use shared::process::figures;
use shared::store::outcome::Outcome;
use tokio::time::Instant;

/// The account of one turn.
#[derive(Debug)]
pub(super) struct Account {
    begun: Instant,
    outcomes: Mutex<BTreeMap<&'static str, u32>>,
}

impl Account {
    pub(super) fn open() -> Self {
        Self { begun: Instant::now(), outcomes: Mutex::default() }
    }

    /// A page was committed; `now` is since 1970.
    pub(super) fn enter(&self, outcome: Outcome, now: Duration) {
        figures::VISITS.add([outcome.code()], 1);
        figures::LAST_VISIT.set([], now.as_secs_f64());
        *self.outcomes.lock().unwrap_or_else(PoisonError::into_inner).entry(outcome.code()).or_default() += 1;
    }

    /// Tells of the whole turn. One in which nothing was visited is not worth a line.
    pub(super) fn close(self, capsule: &CapsuleAddr) {
        let outcomes = self.outcomes.into_inner().unwrap_or_else(PoisonError::into_inner);
        if outcomes.is_empty() {
            return;
        }
        let told: Vec<String> =
            outcomes.iter().map(|(outcome, count)| format!("{count} {outcome}")).collect();
        let seconds = self.begun.elapsed().as_secs();
        tracing::info!(%capsule, seconds, pages = told.join(", "), "a turn has ended");
    }
}
