//! Leases turns and runs them, as many at once as there are slots, and stops in order.
//!
//! It looks for due capsules when a turn ends, when the store's bell rings, and at least once a second.
//! While one of the [`brakes`] is on (the database is away, our own machine cannot open connections, the disk is
//! full, the admin said so) it leases nothing, and goes on by itself; the turns that are on their way end as they
//! can. Asked to stop, it leases nothing more, lets every turn finish its current page within the grace and gives
//! the capsules back.
//!
//! Its part pulses while turns are under way, which are watched themselves, and while nothing can be leased. It
//! does not where something is due and nothing was leased: if that lasts, the process is of no use.

mod account;
pub mod brakes;
pub mod disk;
#[cfg(feature = "hang-drill")]
mod drill;
pub mod hands;
pub mod heartbeat;
pub mod identity;
pub mod release;
pub mod trouble;

use std::collections::HashSet;
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use shared::gemini::host::{CapsuleAddr, Host};
use shared::gemini::pattern::UrlPattern;
use shared::process::figures;
use shared::process::progress::{Figure, Part, Progress};
use shared::store::bell::Bell;
use shared::store::crawl::turn::GiveBack;
use shared::store::outcome::Outcome;
use tokio::sync::watch;
use tokio::task::JoinError;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use crate::fetch::fetched::Fetch;
use crate::frontier::seam::{Frontier, FrontierError};
use crate::policy::pace::Manners;
use crate::policy::window::{self, Window};
use crate::record::handover::{Grip, Handover};
use crate::turn::{self, Assignment, End, Measure};
use account::Account;
use brakes::{Brake, Brakes};
use disk::Disk;
use hands::Hands;
use release::Release;

/// While nothing can be leased, this long until the next look at the latest,
const LOOK_AGAIN: Duration = Duration::from_secs(1);
/// and at the soonest, where a rest ends before that.
const LOOK_SOON: Duration = Duration::from_millis(20);

/// What the admin has paused is read this often.
const PAUSES_AGAIN: Duration = Duration::from_secs(1);

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
    /// The disk that must not fill up.
    pub disk: Disk,
    /// What is told to the outside.
    pub progress: Progress,
    /// What keeps it from crawling now.
    pub brake: watch::Sender<Option<Brake>>,
    /// Counts the jumps ahead of the store's clock.
    pub jumps: watch::Receiver<u64>,
}

/// What a running crawl knows from one look to the next.
struct Running {
    hands: Hands,
    brakes: Brakes,
    release: Release,
    /// Turns that ended without the database, to be given back when it answers.
    orphans: Vec<GiveBack>,
    /// When the pauses were read last.
    pauses_read: Option<Instant>,
}

/// What a look for due capsules came to.
enum Look {
    /// It did not take place, or turns are under way.
    Busy,
    /// Nothing can be leased before so long.
    Nothing(Duration),
    /// Something is due, and nothing was leased.
    Missed,
}

impl<F: Frontier, N: Fetch + 'static> Crawl<F, N> {
    /// Runs until asked to stop, and then until every turn has ended.
    pub async fn run(mut self, mut bell: Bell, stop: &CancellationToken) {
        let part = self.progress.part("dispatcher");
        let mut running = Running {
            hands: Hands::default(),
            brakes: Brakes::new(self.disk.clone()),
            release: Release::new(self.in_flight),
            orphans: Vec::new(),
            pauses_read: None,
        };
        while !stop.is_cancelled() {
            #[cfg(feature = "hang-drill")]
            drill::dispatcher().await;
            let look = self.look(&mut running, &part, stop).await;
            let told = running.brakes.told();
            self.brake.send_if_modified(|brake| std::mem::replace(brake, told) != told);
            brakes::show(told);
            let trouble = told.filter(|brake| brake.is_trouble());
            self.progress.lacks("crawl", trouble.map(|brake| format!("nothing is crawled: {brake}")));
            self.progress.set(Figure::InHand, running.hands.len() as u64);
            self.wait(&mut running, look, &part, &mut bell, stop).await;
            while let Some(ended) = running.hands.ended_already() {
                self.ended(ended, &mut running);
            }
        }
        self.finish(running.hands).await;
    }

    /// Whether the admin lets us visit capsules at this time of the day.
    fn is_open(&self) -> bool {
        window::closed_for(&self.windows, unix_now()).is_zero()
    }

    /// Looks for due capsules and begins their turns, unless a brake is on or no slot is free.
    async fn look(&mut self, running: &mut Running, part: &Part, stop: &CancellationToken) -> Look {
        if self.jumps.has_changed().unwrap_or(false) {
            self.jumps.mark_unchanged();
            running.release.jumped();
        }
        self.read_pauses(running, part).await;
        running.brakes.open(self.is_open());
        if let Some(brake) = running.brakes.on() {
            if running.hands.is_empty() {
                self.progress.idle(brake.reason());
            }
            return Look::Nothing(LOOK_AGAIN);
        }
        let free = self.in_flight.saturating_sub(running.hands.len());
        let free = running.release.at_most(free, self.progress.get(Figure::Due));
        if free == 0 {
            return Look::Busy;
        }
        match self.begin(running, free, stop).await {
            Ok(begun) => {
                running.release.begun(begun);
                let is_idle = running.hands.is_empty() && running.orphans.is_empty();
                self.give_back(running);
                if begun == free {
                    return Look::Busy;
                }
                let soonest = self.soonest().await;
                if !is_idle {
                    return Look::Nothing(soonest.clamp(LOOK_SOON, LOOK_AGAIN));
                }
                if soonest.is_zero() {
                    return Look::Missed;
                }
                self.progress.idle("nothing is due");
                Look::Nothing(soonest.clamp(LOOK_SOON, LOOK_AGAIN))
            }
            Err(error) => {
                running.brakes.store_failed(&error, "no capsules can be leased");
                Look::Nothing(LOOK_AGAIN)
            }
        }
    }

    /// Waits until a turn ends, or it is worth looking again.
    async fn wait(
        &self,
        running: &mut Running,
        look: Look,
        part: &Part,
        bell: &mut Bell,
        stop: &CancellationToken,
    ) {
        let is_working = !running.hands.is_empty();
        let reason = match (&look, running.brakes.told()) {
            (_, _) if is_working => "turns are under way",
            (_, Some(brake)) => brake.reason(),
            (_, None) => "nothing is due",
        };
        let again = match look {
            Look::Busy => LOOK_AGAIN,
            Look::Nothing(again) => again,
            Look::Missed => LOOK_SOON,
        };
        let brakes = &running.brakes;
        let rest = brakes.wait(bell.wait(again));
        let event = async {
            tokio::select! {
                biased;
                () = stop.cancelled() => None,
                Some(ended) = running.hands.ended() => Some(ended),
                () = rest => None,
            }
        };
        let event = match look {
            Look::Missed => event.await,
            Look::Busy | Look::Nothing(_) => part.idle_during(reason, event).await,
        };
        if let Some(ended) = event {
            self.ended(ended, running);
        }
    }

    /// Reads what the admin has paused, and ends the turns that it concerns.
    async fn read_pauses(&self, running: &mut Running, part: &Part) {
        if running.pauses_read.is_some_and(|at| at.elapsed() < PAUSES_AGAIN) {
            return;
        }
        // The lease meets the same trouble, and says so.
        let Ok(paused) = part.idle_during("reading what is paused", self.frontier.paused()).await else {
            return;
        };
        running.pauses_read = Some(Instant::now());
        running.brakes.paused(paused.contains(&UrlPattern::Everything));
        running.hands.let_go(&paused);
    }

    /// How long until something may be leased: many capsules at one address rest for each other.
    async fn soonest(&self) -> Duration {
        match self.frontier.soonest(LOOK_AGAIN).await {
            Ok(soonest) => soonest.unwrap_or(LOOK_AGAIN),
            // The next lease meets the same trouble, and says so.
            Err(_) => LOOK_AGAIN,
        }
    }

    /// Leases what is due and begins its turns; returns how many.
    async fn begin(
        &self,
        running: &mut Running,
        free: usize,
        stop: &CancellationToken,
    ) -> Result<usize, FrontierError> {
        let sent = Instant::now();
        let leases = self.frontier.lease(free).await?;
        let count = leases.len();
        for leased in leases {
            let capsule = leased.addr.clone();
            let manners = self.approach.manners(&capsule);
            let part = self.progress.part(format!("turn of {capsule}"));
            let assignment = Assignment { leased, sent, manners, measure: self.measure, part };
            let (frontier, network) = (Arc::clone(&self.frontier), Arc::clone(&self.network));
            let (progress, stop) = (self.progress.clone(), stop.child_token());
            running.hands.begin(capsule, stop.clone(), async move {
                let (account, capsule) = (Account::open(), assignment.leased.addr.clone());
                let seen = |outcome: Outcome| {
                    account.enter(outcome, unix_now());
                    progress.advanced();
                    progress.add(Figure::Pages, 1);
                };
                let end = turn::take(&*frontier, &*network, &stop, assignment, &seen).await;
                account.close(&capsule);
                end
            });
        }
        Ok(count)
    }

    /// Gives back the capsules of turns that ended without the database, now that it answers.
    fn give_back(&self, running: &mut Running) {
        for end in std::mem::take(&mut running.orphans) {
            let frontier = Arc::clone(&self.frontier);
            let part = self.progress.part(format!("end of the turn of {}", end.leased.addr));
            running.hands.begin(end.leased.addr.clone(), CancellationToken::new(), async move {
                let handover = Handover { leased: end.leased.clone(), visit: None, end: Some(end.clone()) };
                match part.idle_during("waits for the commit", frontier.hand_over(handover)).await {
                    Ok(Grip::Held) => End::Done,
                    Ok(Grip::Lost) => End::Lost,
                    Err(error) => End::Away { error, give_back: Box::new(end) },
                }
            });
        }
    }

    fn ended(&self, ended: Result<End, JoinError>, running: &mut Running) {
        figures::TURNS.add([trouble::word(&ended)], 1);
        match ended {
            Ok(End::Done) => {
                running.brakes.went_well();
                self.progress.advanced();
                self.progress.add(Figure::Turns, 1);
            }
            Ok(End::Stopped) => {}
            Ok(End::Lost) => tracing::debug!("a lease was lost"),
            Ok(End::Away { error, give_back }) if error.is_outage() => {
                running.brakes.store_failed(&error, "a turn ended without the database");
                running.orphans.push(*give_back);
            }
            // Something in this capsule is refused; the end of its lease is the pause, and the rest goes on.
            Ok(End::Away { error, .. }) => {
                tracing::error!(error = &error as &dyn std::error::Error, "a turn could not be taken");
            }
            Ok(End::OurFault(error)) => running.brakes.machine_failed(&error),
            // The lease ends by itself, and the capsule's next turn finds its pages still due.
            Err(error) if error.is_panic() => tracing::error!(%error, "a turn panicked"),
            Err(_cancelled) => {}
        }
    }

    async fn finish(self, mut hands: Hands) {
        self.progress.idle("stopping");
        if tokio::time::timeout(self.grace.page, all(&mut hands)).await.is_ok() {
            return;
        }
        self.abort.cancel();
        if tokio::time::timeout(self.grace.give_back, all(&mut hands)).await.is_err() {
            tracing::warn!(turns = hands.len(), "turns were given up; their leases end by themselves");
            hands.drop_all().await;
        }
    }
}

/// Since 1970.
fn unix_now() -> Duration {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default()
}

async fn all(hands: &mut Hands) {
    while hands.ended().await.is_some() {}
}
