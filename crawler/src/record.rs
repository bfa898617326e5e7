//! From visits to rows: what turns bring is collected over all of them and committed in batches.
//!
//! A turn hands over one visit and waits for its commit before it sends its next request, so the queue
//! holds at most one visit a turn. The recorder takes all that is queued, for as long as more comes with each
//! millisecond and a few of them at most (a transaction costs as much as its first dozen visits; a visit that comes
//! alone waits for one of these looks, and under much load batches grow by themselves), writes it in one transaction in the
//! lock order of `shared::store`, and tells each turn whether its lease still held. A visit whose token is stale
//! is left out with its links; the rest commits.
//!
//! When the database is away the recorder tries again for a while, well within the time of a lease; then
//! the turns hear of it and their pages simply stay due.

pub mod batch;
mod entrance;
pub mod handover;
mod known;

use std::sync::Arc;
use std::time::Duration;

use shared::process::disk::{Scarcity, Step};
use shared::process::figures;
use shared::process::progress::Part;
use shared::store::{Store, StoreError};
use tokio::runtime::Runtime;
use tokio::sync::{mpsc, oneshot, watch};
use tokio::time::Instant;

use crate::policy::budget::Allowances;
use crate::record::handover::{Grip, Handover};
use crate::record::known::Known;

/// Handovers in one transaction, at most.
const BATCH: usize = 256;
/// With so many in the queue nothing more is waited for.
const ENOUGH: usize = 48;
/// Between two looks whether more has come, and how many times is looked.
const LOOK: Duration = Duration::from_millis(1);
const LOOKS: usize = 4;
/// Links and kilobytes of text in one transaction, at most (a single heavier visit goes alone).
const WEIGHT: usize = 20_000;
/// Connections of a recorder on its own: its one transaction at a time is planned once, and finds its rows cached.
const CONNECTIONS: u32 = 1;
/// Pauses before a batch is tried again while the database is away.
const AGAIN: [Duration; 6] = [
    Duration::from_millis(100),
    Duration::from_millis(400),
    Duration::from_secs(1),
    Duration::from_secs(2),
    Duration::from_secs(4),
    Duration::from_secs(8),
];

/// Why a visit was not committed.
#[derive(Clone, Debug, thiserror::Error)]
pub enum RecordError {
    /// The store did not take it.
    #[error("the visit could not be stored")]
    Store(#[source] Arc<StoreError>),
    /// The recorder has stopped.
    #[error("the recorder has stopped")]
    Stopped,
}

impl RecordError {
    /// Whether to wait and try again later.
    #[must_use]
    pub fn is_outage(&self) -> bool {
        match self {
            Self::Store(error) => error.is_outage(),
            Self::Stopped => true,
        }
    }
}

struct Item {
    handover: Handover,
    done: oneshot::Sender<Result<Grip, RecordError>>,
}

/// The way to the recorder, one for each who has something to hand over.
#[derive(Clone, Debug)]
pub struct Desk {
    queue: mpsc::Sender<Item>,
}

impl Desk {
    /// Hands over and waits for the commit.
    ///
    /// # Errors
    ///
    /// When it was not committed.
    pub async fn hand_over(&self, handover: Handover) -> Result<Grip, RecordError> {
        let (done, committed) = oneshot::channel();
        self.queue.send(Item { handover, done }).await.map_err(|_| RecordError::Stopped)?;
        committed.await.map_err(|_| RecordError::Stopped)?
    }
}

/// The one writer of visits in a process.
#[derive(Debug)]
pub struct Recorder {
    store: Store,
    allowances: Arc<Allowances>,
    known: Known,
    queue: mpsc::Receiver<Item>,
    part: Part,
    /// What is told of the disk.
    room: watch::Receiver<Option<Scarcity>>,
}

impl Recorder {
    /// Makes the recorder and the way to it.
    #[must_use]
    pub fn new(store: Store, allowances: Arc<Allowances>) -> (Self, Desk) {
        let (sender, queue) = mpsc::channel(BATCH);
        let room = watch::Sender::new(None).subscribe();
        (
            Self { store, allowances, known: Known::default(), queue, part: Part::default(), room },
            Desk { queue: sender },
        )
    }

    /// Tells of its progress to whoever watches this part.
    #[must_use]
    pub fn telling(self, part: Part) -> Self {
        Self { part, ..self }
    }

    /// Takes in no new URLs while this says that room on the disk is scarce.
    #[must_use]
    pub fn heeding(self, room: watch::Receiver<Option<Scarcity>>) -> Self {
        Self { room, ..self }
    }

    /// [`Self::run`] on a runtime that is the recorder's alone, with connections of its own; blocks until the end.
    ///
    /// A batch is two dozen statements one after the other. Among the turns each answer of the database would wait
    /// behind a queue of handshakes and of pages to parse, and all turns for the batch.
    pub fn run_on(self, runtime: &Runtime) {
        runtime.block_on(async {
            let store = self.store.apart(CONNECTIONS);
            Self { store, ..self }.run().await;
        });
    }

    /// Commits what comes until every [`Desk`] is gone and the queue is empty.
    pub async fn run(mut self) {
        let mut waiting: Option<Item> = None;
        loop {
            let first = match waiting.take() {
                Some(item) => item,
                None => match self.part.idle_during("no visit is waiting", self.queue.recv()).await {
                    Some(item) => item,
                    None => return,
                },
            };
            self.gather().await;
            let mut weight = first.handover.weight();
            let mut items = vec![first];
            while items.len() < BATCH {
                let Ok(next) = self.queue.try_recv() else { break };
                weight += next.handover.weight();
                if weight > WEIGHT {
                    waiting = Some(next);
                    break;
                }
                items.push(next);
            }
            self.commit(items).await;
            self.part.advanced();
        }
    }

    /// Waits a little while the queue grows.
    async fn gather(&self) {
        let mut waiting = self.queue.len();
        for _look in 0..LOOKS {
            if waiting >= ENOUGH {
                return;
            }
            tokio::time::sleep(LOOK).await;
            let now = self.queue.len();
            if now <= waiting {
                return;
            }
            waiting = now;
        }
    }

    async fn commit(&mut self, items: Vec<Item>) {
        let (handovers, waiting): (Vec<_>, Vec<_>) =
            items.into_iter().map(|item| (item.handover, item.done)).unzip();
        match self.persist(&handovers).await {
            Ok(grips) => {
                for (done, grip) in waiting.into_iter().zip(grips) {
                    // A turn that no longer listens was stopped; its visit is safe.
                    let _ = done.send(Ok(grip));
                }
            }
            Err(error) if error.is_outage() || handovers.len() == 1 => {
                tracing::warn!(
                    visits = handovers.len(),
                    error = &error as &dyn std::error::Error,
                    "visits were not stored"
                );
                let error = RecordError::Store(Arc::new(error));
                for done in waiting {
                    let _ = done.send(Err(error.clone()));
                }
            }
            Err(error) => {
                // Something in one visit is refused: the others must not suffer for it.
                tracing::warn!(
                    visits = handovers.len(),
                    error = &error as &dyn std::error::Error,
                    "a batch was refused, storing its visits one by one"
                );
                for (handover, done) in handovers.into_iter().zip(waiting) {
                    let result = self.persist(&[handover]).await;
                    let answer = match result {
                        Ok(grips) => Ok(grips.first().copied().unwrap_or(Grip::Lost)),
                        Err(error) => {
                            tracing::warn!(error = &error as &dyn std::error::Error, "a visit was refused");
                            Err(RecordError::Store(Arc::new(error)))
                        }
                    };
                    let _ = done.send(answer);
                }
            }
        }
    }

    async fn persist(&mut self, handovers: &[Handover]) -> Result<Vec<Grip>, StoreError> {
        for pause in AGAIN {
            match self.commit_once(handovers).await {
                Err(error) if error.is_outage() => {
                    tracing::debug!(error = &error as &dyn std::error::Error, "storing a batch again");
                    self.part.idle_during("waiting for the database", tokio::time::sleep(pause)).await;
                }
                settled => return settled,
            }
        }
        self.commit_once(handovers).await
    }

    async fn commit_once(&mut self, handovers: &[Handover]) -> Result<Vec<Grip>, StoreError> {
        let begun = Instant::now();
        let room = self.room.borrow().map_or(Step::Enough, |scarcity| scarcity.step);
        let grips = batch::commit(&self.store, &self.allowances, &mut self.known, (room, handovers)).await?;
        figures::BATCHES.took([], begun.elapsed());
        figures::BATCHED.add([], handovers.iter().filter(|handover| handover.visit.is_some()).count() as u64);
        Ok(grips)
    }
}
