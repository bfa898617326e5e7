//! Leases turns and runs them, as many at once as there are slots, and stops in order.
//!
//! It looks for due capsules when a turn ends, when the store's bell rings, and at least once a second.
//! When the database is away or our own machine cannot open connections it pauses, longer each time, and
//! goes on by itself; the turns that are on their way end as they can. Asked to stop, it leases nothing
//! more, lets every turn finish its current page within the grace and gives the capsules back.

pub mod heartbeat;
pub mod identity;
pub mod trouble;

use std::collections::HashSet;
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use shared::gemini::host::{CapsuleAddr, Host};
use shared::process::progress::{Figure, Progress};
use shared::store::bell::Bell;
use shared::store::crawl::turn::GiveBack;
use shared::store::outcome::Outcome;
use tokio::task::{JoinError, JoinSet};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use crate::fetch::fetched::Fetch;
use crate::frontier::seam::{Frontier, FrontierError};
use crate::policy::pace::Manners;
use crate::policy::window::{self, Window};
use crate::record::handover::{Grip, Handover};
use crate::turn::{self, Assignment, End, Measure};
use trouble::Trouble;

/// While nothing can be leased, this long until the next look at the latest,
const LOOK_AGAIN: Duration = Duration::from_secs(1);
/// and at the soonest, where a rest ends before that.
const LOOK_SOON: Duration = Duration::from_millis(20);

/// Which capsules are approached how.
#[derive(Clone, Debug, Default)]
pub struct Approach {
    /// Hosts of our own space, without a gap of our own.
    pub unpaced: HashSet<Host>,
}

impl Approach {
    fn manners(&self, capsule: &CapsuleAddr) -> Manners {
        if self.unpaced.contains(capsule.host()) { Manners::Unpaced } else { Manners::Polite }
    }
}

/// How long turns may take to end.
#[derive(Clone, Copy, Debug)]
pub struct Grace {
    /// To finish the current page.
    pub page: Duration,
    /// To give the capsule back, after the page was given up.
    pub give_back: Duration,
}

impl Default for Grace {
    /// Together well under the 15 s in which a process must have ended.
    fn default() -> Self {
        Self { page: Duration::from_secs(6), give_back: Duration::from_secs(4) }
    }
}

/// The crawl of one worker.
#[derive(Debug)]
pub struct Crawl<F, N> {
    /// Where turns come from.
    pub frontier: Arc<F>,
    /// The way to the capsules.
    pub network: Arc<N>,
    /// How they are approached.
    pub approach: Approach,
    /// When capsules may be visited; none: always.
    pub windows: Vec<Window>,
    /// How long a turn is.
    pub measure: Measure,
    /// Turns at once.
    pub in_flight: usize,
    /// How long turns may take to end when the crawl stops.
    pub grace: Grace,
    /// Cancels every fetch that is on its way.
    pub abort: CancellationToken,
    /// What is told to the outside.
    pub progress: Progress,
}

impl<F: Frontier, N: Fetch + 'static> Crawl<F, N> {
    /// Runs until asked to stop, and then until every turn has ended.
    pub async fn run(self, mut bell: Bell, stop: &CancellationToken) {
        let mut turns = JoinSet::new();
        let mut trouble = Trouble::default();
        let mut orphans = Vec::new();
        while !stop.is_cancelled() {
            let free = self.in_flight.saturating_sub(turns.len());
            let mut look_again = LOOK_AGAIN;
            if free > 0 && !trouble.is_pausing() {
                let is_open = self.is_open();
                let begun = if is_open { self.begin(&mut turns, free, stop).await } else { Ok(0) };
                match begun {
                    Ok(begun) => {
                        if turns.is_empty() && orphans.is_empty() {
                            self.progress.idle(if is_open {
                                "nothing is due"
                            } else {
                                "outside the hours of crawl.windows"
                            });
                        }
                        self.give_back(&mut turns, &mut orphans);
                        if is_open && begun < free {
                            look_again = self.end_of_rest().await;
                        }
                    }
                    Err(error) => trouble.met(&error, "no capsules can be leased"),
                }
            }
            if trouble.is_pausing() && turns.is_empty() {
                self.progress.idle("waiting for the end of a trouble of our own");
            }
            self.progress.set(Figure::InHand, turns.len() as u64);
            tokio::select! {
                biased;
                () = stop.cancelled() => {}
                Some(ended) = turns.join_next() => self.ended(ended, &mut trouble, &mut orphans),
                () = trouble.wait(bell.wait(look_again)) => {}
            }
            while let Some(ended) = turns.try_join_next() {
                self.ended(ended, &mut trouble, &mut orphans);
            }
        }
        self.finish(turns).await;
    }

    /// Whether the admin lets us visit capsules at this time of the day.
    fn is_open(&self) -> bool {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        window::closed_for(&self.windows, now).is_zero()
    }

    /// How long until it is worth looking again: many capsules at one address rest for each other.
    async fn end_of_rest(&self) -> Duration {
        match self.frontier.soonest(LOOK_AGAIN).await {
            Ok(soonest) => soonest.map_or(LOOK_AGAIN, |rest| rest.clamp(LOOK_SOON, LOOK_AGAIN)),
            // The next lease meets the same trouble, and says so.
            Err(_) => LOOK_AGAIN,
        }
    }

    /// Leases what is due and begins its turns; returns how many.
    async fn begin(
        &self,
        turns: &mut JoinSet<End>,
        free: usize,
        stop: &CancellationToken,
    ) -> Result<usize, FrontierError> {
        let sent = Instant::now();
        let leases = self.frontier.lease(free).await?;
        let count = leases.len();
        for leased in leases {
            let manners = self.approach.manners(&leased.addr);
            let assignment = Assignment { leased, sent, manners, measure: self.measure };
            let (frontier, network) = (Arc::clone(&self.frontier), Arc::clone(&self.network));
            let (progress, stop) = (self.progress.clone(), stop.clone());
            turns.spawn(async move {
                let seen = |outcome: Outcome| {
                    tracing::trace!(outcome = outcome.code(), "page");
                    progress.advanced();
                    progress.add(Figure::Pages, 1);
                };
                turn::take(&*frontier, &*network, &stop, assignment, &seen).await
            });
        }
        Ok(count)
    }

    /// Gives back the capsules of turns that ended without the database, now that it answers.
    fn give_back(&self, turns: &mut JoinSet<End>, orphans: &mut Vec<GiveBack>) {
        for end in orphans.drain(..) {
            let frontier = Arc::clone(&self.frontier);
            turns.spawn(async move {
                let handover = Handover { leased: end.leased.clone(), visit: None, end: Some(end.clone()) };
                match frontier.hand_over(handover).await {
                    Ok(Grip::Held) => End::Done,
                    Ok(Grip::Lost) => End::Lost,
                    Err(error) => End::Away { error, give_back: Box::new(end) },
                }
            });
        }
    }

    fn ended(&self, ended: Result<End, JoinError>, trouble: &mut Trouble, orphans: &mut Vec<GiveBack>) {
        match ended {
            Ok(End::Done) => {
                trouble.is_over();
                self.progress.advanced();
                self.progress.add(Figure::Turns, 1);
            }
            Ok(End::Stopped) => {}
            Ok(End::Lost) => tracing::debug!("a lease was lost"),
            Ok(End::Away { error, give_back }) if error.is_outage() => {
                trouble.met(&error, "a turn ended without the database");
                orphans.push(*give_back);
            }
            // Something in this capsule is refused; the end of its lease is the pause, and the rest goes on.
            Ok(End::Away { error, .. }) => {
                tracing::error!(error = &error as &dyn std::error::Error, "a turn could not be taken");
            }
            Ok(End::OurFault(error)) => trouble.met(&error, "this machine cannot open connections"),
            // The lease ends by itself, and the capsule's next turn finds its pages still due.
            Err(error) if error.is_panic() => tracing::error!(%error, "a turn panicked"),
            Err(_cancelled) => {}
        }
    }

    async fn finish(self, mut turns: JoinSet<End>) {
        self.progress.idle("stopping");
        if tokio::time::timeout(self.grace.page, all(&mut turns)).await.is_ok() {
            return;
        }
        self.abort.cancel();
        if tokio::time::timeout(self.grace.give_back, all(&mut turns)).await.is_err() {
            tracing::warn!(turns = turns.len(), "turns were given up; their leases end by themselves");
            turns.shutdown().await;
        }
    }
}

async fn all(turns: &mut JoinSet<End>) {
    while turns.join_next().await.is_some() {}
}
