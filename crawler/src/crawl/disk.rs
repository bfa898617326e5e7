//! The disk of the state folder: looked at now and then, and what follows is told to all parts of the crawl. The
//! recorder takes in no new URLs, upkeep gives up old requests, and nothing is leased, step by step.

use std::path::PathBuf;
use std::time::Duration;

use shared::process::disk::{Reserve, Scarcity, Step};
use shared::process::machine;
use tokio::sync::watch;
use tokio::time::Instant;

/// How often the disk is looked at.
const AGAIN: Duration = Duration::from_secs(5);

/// What the parts of the crawl are told of the disk; none: nobody has looked yet.
pub type Told = watch::Receiver<Option<Scarcity>>;

/// The disk that is watched.
#[derive(Clone, Debug)]
pub struct Disk {
    folder: PathBuf,
    reserve: Reserve,
    looked: Option<Instant>,
    seen: watch::Sender<Option<Scarcity>>,
}

impl Disk {
    /// The disk of a folder.
    #[must_use]
    pub fn new(folder: PathBuf, reserve: Reserve) -> Self {
        Self { folder, reserve, looked: None, seen: watch::Sender::new(None) }
    }

    /// What is told of it.
    #[must_use]
    pub fn told(&self) -> Told {
        self.seen.subscribe()
    }

    /// How scarce room is, as far as that is known. A disk that cannot be asked about is no reason to stop.
    pub fn look(&mut self) -> Option<Scarcity> {
        if self.looked.is_none_or(|at| AGAIN <= at.elapsed()) {
            self.looked = Some(Instant::now());
            if let Some(room) = machine::room(&self.folder) {
                let before = step(&self.seen.borrow());
                let now = before.after(room, self.reserve);
                let scarcity = Scarcity { step: now, room, reserve_bytes: self.reserve.bytes(room) };
                if before < now {
                    tracing::error!("{scarcity}");
                } else if now < before {
                    tracing::info!("there is more room on the disk again: {scarcity}");
                }
                self.seen.send_replace(Some(scarcity));
            }
        }
        *self.seen.borrow()
    }
}

/// The step of what was told.
#[must_use]
pub fn step(told: &Option<Scarcity>) -> Step {
    told.map_or(Step::Enough, |scarcity| scarcity.step)
}
