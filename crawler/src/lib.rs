//! From the frontier to the store: leases capsules, fetches their pages, parses them, records what was found.
//!
//! The crawler shares nothing with the indexer and the server but rows: it finds its work in the store,
//! writes what it saw there, and any number of crawlers on any machines can use one store. [`crawl`] leases
//! turns; a [`turn`] visits one capsule through [`fetch`] and [`parse`], decides by [`policy`], and hands
//! its visits over the [`frontier`]'s seam to the [`record`]; [`jobs`] does what people asked for.
//!
//! One future owns each connection, every task is in a set that somebody awaits, and nothing a capsule or
//! the database does stops the rest.

pub mod config;
pub mod crawl;
pub mod fetch;
pub mod frontier;
pub mod jobs;
pub mod parse;
pub mod policy;
pub mod record;
pub mod turn;

use std::collections::{BTreeSet, HashSet};
use std::io;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use shared::gemini::host::Host;
use shared::gemini::url::GeminiUrl;
use shared::process::progress::{Part, Progress};
use shared::store::bell::{Bell, Topic};
use shared::store::crawl::turn::Shift;
use shared::store::id::WorkerId;
use shared::store::{Store, StoreError};
use tokio::runtime;
use tokio::sync::watch;
use tokio::task::{JoinError, JoinSet};
use tokio_util::sync::CancellationToken;

use config::{Bounds, Config, Pace, Reach};
use crawl::disk::Disk;
use crawl::identity::{Identity, IdentityError};
use crawl::{Approach, Crawl, Grace, heartbeat};
use fetch::Network;
use fetch::ledger::Ledger;
use fetch::refused::Rules;
use frontier::stored::{self, Stored};
use policy::admission::Budget;
use policy::budget::{Allowances, Caps, Circle};
use policy::pace;
use record::{Recorder, batch};
use turn::Measure;

/// Between two tries to reach the store at the start.
const STORE_AGAIN: Duration = Duration::from_secs(2);

/// Why the crawler cannot begin, or ended without being asked to.
#[derive(Debug, thiserror::Error)]
pub enum CrawlerError {
    /// Its state folder is another's, or cannot be written.
    #[error("the crawler has no identity")]
    Identity(#[source] IdentityError),
    /// The store refuses what the crawler asks at its start.
    #[error("the store refuses the crawler")]
    Store(#[source] StoreError),
    /// The system has no room for the recorder's runtime.
    #[error("the recorder cannot begin")]
    Lane(#[source] io::Error),
    /// A part of it ended that should not.
    #[error("a part of the crawler ended")]
    Part(#[source] JoinError),
}

/// The crawler of one process.
#[derive(Debug)]
pub struct Crawler {
    config: Config,
    store: Store,
    progress: Progress,
    ledger: Ledger,
}

impl Crawler {
    /// A crawler over this store; nothing happens before [`Self::run`].
    #[must_use]
    pub fn new(config: Config, store: Store) -> Self {
        Self { config, store, progress: Progress::default(), ledger: Ledger::new() }
    }

    /// Tells its progress to whoever watches this one.
    #[must_use]
    pub fn telling(self, progress: Progress) -> Self {
        Self { progress, ..self }
    }

    /// The list of the sockets that it holds open.
    #[must_use]
    pub fn ledger(&self) -> Ledger {
        self.ledger.clone()
    }

    /// What it tells of itself while it runs.
    #[must_use]
    pub fn progress(&self) -> Progress {
        self.progress.clone()
    }

    /// Crawls until asked to stop, and then until every connection is closed and every visit is stored.
    ///
    /// # Errors
    ///
    /// When it cannot begin. Trouble later (the database away, the network gone) is waited out.
    pub async fn run(self, stop: CancellationToken) -> Result<(), CrawlerError> {
        let Self { config, store, progress, ledger } = self;
        let part = progress.part("start");
        let identity = Identity::take(&config.state).map_err(CrawlerError::Identity)?;
        let unpaced = unpaced(&config);
        let allowances = Arc::new(allowances(&config, &unpaced));
        let abort = CancellationToken::new();
        let rules = Rules::for_this_machine(&config.own_addresses);
        let network =
            Network::new(config.limits.clone(), config.routes.clone(), rules, ledger.clone(), abort.clone());

        let rest = match config.pace {
            Pace::Polite => pace::LONGEST,
            Pace::Unpaced => Duration::ZERO,
        };
        progress.idle("waiting for the database");
        let seeds: BTreeSet<GeminiUrl> =
            config.seeds.into_iter().filter(|seed| allowances.includes(seed.capsule())).collect();
        let Some(shift) = begin(&store, identity.worker, rest, &seeds, (&part, &stop)).await? else {
            return Ok(());
        };
        drop(part);

        // Ends with the crawl even when nobody asked: a part that failed takes the others along.
        let parts_stop = stop.child_token();
        let mut parts = JoinSet::new();
        let (recorder, desk) = Recorder::new(store.clone(), Arc::clone(&allowances));
        let disk = Disk::new(config.state, config.reserve);
        let recorder = recorder.telling(progress.part("recorder")).heeding(disk.told());
        let lane = runtime::Builder::new_current_thread().enable_all().build().map_err(CrawlerError::Lane)?;
        parts.spawn_blocking(move || recorder.run_on(&lane));
        let (brake, told) = watch::channel(None);
        let (jumped, jumps) = watch::channel(0);
        let tell =
            heartbeat::Tell { progress: progress.clone(), brake: told, disk: disk.told(), jumps: jumped };
        parts.spawn(heartbeat::run(store.clone(), identity.worker, ledger, tell, parts_stop.clone()));
        let tell = (progress.part("jobs"), disk.told());
        parts.spawn(jobs::run(store.clone(), identity.worker, tell, parts_stop.clone()));

        let crawl = Crawl {
            frontier: Arc::new(Stored::new(store.clone(), shift, desk, allowances)),
            network: Arc::new(network),
            approach: Approach { unpaced },
            windows: config.windows,
            measure: Measure { requests: config.budgets.turn_pages, time: config.budgets.turn_time },
            in_flight: config.in_flight,
            grace: Grace::default(),
            abort,
            disk,
            progress: progress.clone(),
            brake,
            jumps,
        };
        let mut failed = None;
        let mut crawling = pin!(crawl.run(Bell::new(store, Topic::Crawl), &parts_stop));
        loop {
            tokio::select! {
                () = &mut crawling => break,
                Some(Err(error)) = parts.join_next() => {
                    failed = Some(error);
                    parts_stop.cancel();
                }
            }
        }
        parts_stop.cancel();
        while let Some(ended) = parts.join_next().await {
            if let Err(error) = ended {
                failed.get_or_insert(error);
            }
        }
        failed.map_or(Ok(()), |error| Err(CrawlerError::Part(error)))
    }
}

/// Enters seeds into the store: due at once, without a budget. Returns how many were new.
///
/// # Errors
///
/// When the database is away.
pub async fn plant(store: &Store, seeds: &BTreeSet<GeminiUrl>) -> Result<usize, StoreError> {
    batch::plant(store, seeds).await
}

/// Takes over from the process before and plants the seeds, as soon as the store answers. None: asked to stop before
/// it did.
async fn begin(
    store: &Store,
    worker: WorkerId,
    rest: Duration,
    seeds: &BTreeSet<GeminiUrl>,
    (part, stop): (&Part, &CancellationToken),
) -> Result<Option<Shift>, CrawlerError> {
    while !stop.is_cancelled() {
        let begun = async {
            let (shift, freed) = stored::take_over(store, worker, rest).await?;
            let planted = plant(store, seeds).await?;
            tracing::info!(%worker, freed, planted, "the crawl begins");
            Ok(shift)
        };
        match begun.await {
            Ok(shift) => return Ok(Some(shift)),
            Err(error) if StoreError::is_outage(&error) => {
                tracing::warn!(error = &error as &dyn std::error::Error, "the crawl waits for the database");
            }
            Err(error) => return Err(CrawlerError::Store(error)),
        }
        tokio::select! {
            () = stop.cancelled() => {}
            () = part.idle_during("waiting for the database", tokio::time::sleep(STORE_AGAIN)) => {}
        }
    }
    Ok(None)
}

/// Hosts of our own space: only what a route leads to may be visited without gaps.
fn unpaced(config: &Config) -> HashSet<Host> {
    match config.pace {
        Pace::Polite => HashSet::new(),
        Pace::Unpaced => config.routes.hosts().cloned().collect(),
    }
}

fn allowances(config: &Config, unpaced: &HashSet<Host>) -> Allowances {
    Allowances {
        new_urls: Budget::PerDay(config.budgets.new_urls_a_day),
        caps: Caps::PerDay {
            requests: config.budgets.site_requests_a_day,
            bytes: config.budgets.site_bytes_a_day,
        },
        newcomers: config.budgets.new_hosts_a_day,
        admitted: config.routes.hosts().cloned().collect(),
        unlimited: match config.budgets.routed {
            Bounds::Free => unpaced.clone(),
            Bounds::Bound => HashSet::new(),
        },
        circle: match config.reach {
            Reach::Public => Circle::Everybody,
            Reach::RoutedOnly => Circle::Only(config.routes.hosts().cloned().collect()),
        },
    }
}
