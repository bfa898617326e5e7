//! A frontier and a network in memory: capsules whose pages change by chance, some dead, some without an address.
//!
//! Time is tokio's paused clock: whatever waits makes it jump, so a year of visits takes seconds. The dice are loaded:
//! every run throws the same.

mod frontier;
mod network;

use std::collections::{BTreeSet, HashMap};
use std::net::IpAddr;
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use crawler::fetch::fetched::{Body, Ending, Fetch, FetchError, Fetched, SeenCertificate, Signature, Want};
use crawler::frontier::seam::{Brief, Frontier, FrontierError};
use crawler::policy::budget::{Allowance, Caps};
use crawler::policy::pace::Manners;
use crawler::record::handover::{Grip, Handover, Subject};
use crawler::turn::{self, Assignment, End, Measure};
use shared::gemini::fingerprint::Fingerprint;
use shared::gemini::host::{CapsuleAddr, Host};
use shared::gemini::kind::Kind;
use shared::gemini::response::ResponseHeader;
use shared::gemini::url::GeminiUrl;
use shared::process::progress::Part;
use shared::store::crawl::address::Claim;
use shared::store::crawl::turn::{GiveBack, Leased, Pause};
use shared::store::id::{CapsuleId, ContentHash, LeaseToken, PageId};
use shared::store::known::capsule::{Answer, CapsuleState, Contact};
use shared::store::known::page::{DuePage, ServedMark, Shown, Standing};
use shared::store::known::robots::{KeptRobots, RobotsAnswer};
use shared::store::outcome::Outcome;
use tokio::task::JoinSet;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

/// What a dead capsule costs before it is given up, and a name without an address.
const CONNECT: Duration = Duration::from_secs(6);
const DNS: Duration = Duration::from_secs(5);

/// Whether a capsule can be reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Health {
    Lives,
    Dead,
    DeadUntil(Duration),
    /// Its name never resolves.
    Nameless,
}

/// What a capsule is like.
#[derive(Clone, Debug)]
pub(crate) struct Life {
    pub(crate) health: Health,
    /// The mean time between two changes of each of its pages.
    pub(crate) pages: Vec<Duration>,
}

impl Life {
    /// A living capsule of so many pages, which change as the mix says.
    pub(crate) fn changing(pages: usize, mix: &[(f64, Duration)]) -> Self {
        let all: f64 = mix.iter().map(|(share, _)| share).sum();
        let mean = |number: usize| {
            let mut place = (number as f64 + 0.5) / pages as f64 * all;
            let found = mix.iter().find(|(share, _)| {
                place -= share;
                place < 0.0
            });
            found.or(mix.last()).unwrap().1
        };
        Self { health: Health::Lives, pages: (0..pages).map(mean).collect() }
    }
}

/// What was seen of a run.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Figures {
    /// Pages that were answered, robots.txt left out.
    pub(crate) fetches: usize,
    /// Time in which what we hold is not what is there, over all pages.
    pub(crate) stale: Duration,
    /// Turns after every capsule has had one.
    pub(crate) later_turns_of_live: usize,
    pub(crate) later_turns_of_dead: usize,
}

/// All of it.
#[derive(Debug)]
pub(crate) struct World {
    began: Instant,
    took: Duration,
    inner: Arc<Mutex<Inner>>,
}

#[derive(Debug, Default)]
struct Inner {
    capsules: Vec<Capsule>,
    /// What may be leased, by when.
    queue: BTreeSet<(Duration, usize)>,
    first_turns: usize,
    figures: Figures,
    dice: u64,
}

#[derive(Debug)]
struct Capsule {
    health: Health,
    pages: Vec<Page>,
    due: BTreeSet<(Duration, usize)>,
    next_at: Duration,
    breaker_until: Duration,
    state: CapsuleState,
    robots: Option<(Duration, RobotsAnswer)>,
    turns: usize,
    answered: bool,
    /// Pages that were never answered.
    unseen: usize,
    finished_at: Option<Duration>,
}

#[derive(Debug)]
struct Page {
    mean: Duration,
    due: Duration,
    version: u64,
    changes_at: Duration,
    stale_since: Option<Duration>,
    interval: Duration,
    failures: u32,
    last: Option<Outcome>,
    content: Option<ContentHash>,
    standing: Standing,
    kind: Kind,
    served: Option<ServedMark>,
}

impl World {
    pub(crate) fn new(lives: impl IntoIterator<Item = Life>, took: Duration) -> Arc<Self> {
        let mut inner = Inner { dice: 7, ..Inner::default() };
        for (number, life) in lives.into_iter().enumerate() {
            let pages: Vec<Page> = life.pages.iter().map(|mean| Page::new(*mean, &mut inner.dice)).collect();
            inner.queue.insert((Duration::ZERO, number));
            inner.capsules.push(Capsule {
                health: life.health,
                due: (0..pages.len()).map(|page| (Duration::ZERO, page)).collect(),
                unseen: pages.len(),
                pages,
                next_at: Duration::ZERO,
                breaker_until: Duration::ZERO,
                state: CapsuleState::default(),
                robots: None,
                turns: 0,
                answered: false,
                finished_at: None,
            });
        }
        Arc::new(Self { began: Instant::now(), took, inner: Arc::new(Mutex::new(inner)) })
    }

    fn inner(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap()
    }

    fn now(&self) -> Duration {
        self.began.elapsed()
    }

    /// Takes turns as a crawler with so many slots does, until a moment after the world's beginning.
    pub(crate) async fn run(self: &Arc<Self>, slots: usize, until: Duration) {
        let stop = CancellationToken::new();
        let mut turns: JoinSet<End> = JoinSet::new();
        while self.now() < until {
            let sent = Instant::now();
            for leased in self.lease(slots - turns.len()).await.unwrap() {
                let (world, stop) = (Arc::clone(self), stop.clone());
                let assignment = Assignment {
                    leased,
                    sent,
                    manners: Manners::Polite,
                    measure: Measure::default(),
                    part: Part::default(),
                };
                turns.spawn(async move { turn::take(&*world, &*world, &stop, assignment, &|_| {}).await });
            }
            let next = self.inner().queue.first().map_or(until, |(due, _)| *due);
            let soon = self.now() + Duration::from_millis(20);
            let wake = if turns.len() < slots { next.max(soon).min(until) } else { until };
            tokio::select! {
                Some(ended) = turns.join_next() => assert!(matches!(ended.unwrap(), End::Done)),
                () = tokio::time::sleep_until(self.began + wake) => {}
            }
        }
        stop.cancel();
        while turns.join_next().await.is_some() {}
    }

    /// The figures until now.
    pub(crate) fn figures(&self) -> Figures {
        let now = self.now();
        let inner = self.inner();
        let mut figures = inner.figures;
        for page in inner.capsules.iter().flat_map(|capsule| &capsule.pages) {
            let since = page.stale_since.or((page.changes_at < now).then_some(page.changes_at));
            figures.stale += since.map_or(Duration::ZERO, |since| now.saturating_sub(since));
        }
        figures
    }

    /// Failures in a row of each capsule.
    pub(crate) fn failures(&self) -> impl Iterator<Item = u32> {
        self.inner().capsules.iter().map(|capsule| capsule.state.failures).collect::<Vec<_>>().into_iter()
    }

    /// Capsules that have answered.
    pub(crate) fn answering(&self) -> usize {
        self.inner().capsules.iter().filter(|capsule| capsule.answered).count()
    }

    /// When the first so many capsules had all been seen whole.
    pub(crate) fn finished(&self, capsules: usize) -> Option<Duration> {
        let inner = self.inner();
        let ends: Option<Vec<Duration>> =
            inner.capsules.iter().take(capsules).map(|capsule| capsule.finished_at).collect();
        ends?.into_iter().max()
    }
}

impl Page {
    fn new(mean: Duration, dice: &mut u64) -> Self {
        Self {
            mean,
            due: Duration::ZERO,
            version: 0,
            changes_at: after(mean, dice),
            stale_since: None,
            interval: Duration::ZERO,
            failures: 0,
            last: None,
            content: None,
            standing: Standing::Unseen,
            kind: Kind::Page,
            served: None,
        }
    }

    /// What happened until now.
    fn live(&mut self, now: Duration, dice: &mut u64) {
        while self.changes_at <= now {
            self.version += 1;
            self.stale_since.get_or_insert(self.changes_at);
            self.changes_at += after(self.mean, dice);
        }
    }
}

/// A time until something happens that happens by chance, once in `mean`.
fn after(mean: Duration, dice: &mut u64) -> Duration {
    *dice = dice.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
    let throw = ((*dice >> 11) as f64 + 1.0) / (1_u64 << 53) as f64;
    mean.mul_f64(-throw.min(1.0).ln())
}

fn addr(capsule: usize) -> CapsuleAddr {
    CapsuleAddr::new(Host::parse(&format!("c{capsule}.example")).unwrap(), 1965)
}

fn number(host: &Host) -> usize {
    host.as_str().trim_start_matches('c').trim_end_matches(".example").parse().unwrap()
}

fn ip(capsule: usize) -> IpAddr {
    IpAddr::from([9, 9, (capsule / 256) as u8, (capsule % 256) as u8])
}

fn path(page: usize) -> String {
    if page == 0 { "/".to_owned() } else { format!("/{page}.gmi") }
}

fn index(leased: &Leased) -> usize {
    leased.capsule.0 as usize
}
