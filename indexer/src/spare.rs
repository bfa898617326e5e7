//! The index before this one, kept for a roll-back, is the first thing to go when the disk fills up: it can be built
//! anew, and what serves needs the room.

use std::error::Error;
use std::time::Duration;

use shared::process::disk::Step;
use shared::process::machine;
use tokio::time::Instant;

use crate::context::Context;
use crate::off_thread::off_thread;

/// How often the disk is looked at.
const AGAIN: Duration = Duration::from_secs(10);

/// What was seen of the disk last.
#[derive(Debug, Default)]
pub(crate) struct Spare {
    step: Step,
    looked: Option<Instant>,
}

impl Spare {
    /// Looks at the disk, and gives the spare index up where room is tight. Called by whoever builds and rolls back, so
    /// nothing else is done with it meanwhile.
    pub(crate) async fn look(&mut self, context: &Context) {
        if self.looked.is_some_and(|at| at.elapsed() < AGAIN) {
            return;
        }
        self.looked = Some(Instant::now());
        let Some(room) = machine::room(context.folder.path()) else { return };
        self.step = self.step.after(room, context.config.reserve);
        if self.step < Step::Tight {
            return;
        }
        let kept = match context.folder.kept() {
            Ok(Some(kept)) => kept,
            // A CURRENT that cannot be read is the follower's trouble, and told there.
            Ok(None) | Err(_) => return,
        };
        let folder = context.folder.clone();
        match off_thread(move || folder.drop_kept()).await {
            Ok(Ok(())) => tracing::warn!(
                generation = kept.name(),
                free_mib = room.free_bytes >> 20,
                "the disk fills up: the index before this one is deleted"
            ),
            Ok(Err(error)) => {
                tracing::warn!(error = &error as &dyn Error, "the index before this one was not deleted");
            }
            Err(error) => {
                tracing::warn!(error = &error as &dyn Error, "the index before this one was not deleted");
            }
        }
    }
}
