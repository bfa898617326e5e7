//! The frontier over Postgres.

use std::collections::{BTreeSet, HashMap};
use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use shared::gemini::pattern::UrlPattern;
use shared::store::asked::{exclusion, pause};
use shared::store::crawl::address::{self, Claim};
use shared::store::crawl::turn::{self, Leased, Pause, Shift};
use shared::store::id::WorkerId;
use shared::store::known::capsule::Contact;
use shared::store::known::site::SiteKey;
use shared::store::known::{capsule, page, robots, site};
use shared::store::rule::Rules;
use shared::store::{Store, StoreError};
use tokio::time::Instant;

use super::seam::{Brief, Frontier, FrontierError};
use crate::policy::admission::VOUCHERS;
use crate::policy::budget::{Allowance, Allowances, Caps, Used};
use crate::record::Desk;
use crate::record::handover::{Grip, Handover};

/// So long the list of exclusions is used before it is read again.
const EXCLUSIONS_FOR: Duration = Duration::from_secs(10);

/// The frontier of one process.
#[derive(Debug)]
pub struct Stored {
    store: Store,
    shift: Shift,
    desk: Desk,
    allowances: Arc<Allowances>,
    exclusions: Mutex<Option<(Instant, Arc<Rules>)>>,
}

impl Stored {
    /// The frontier of a process in its `shift`, whose visits go to `desk`.
    #[must_use]
    pub const fn new(store: Store, shift: Shift, desk: Desk, allowances: Arc<Allowances>) -> Self {
        Self { store, shift, desk, allowances, exclusions: Mutex::new(None) }
    }

    /// The list as it was read a moment ago, if it was.
    fn recent_exclusions(&self) -> Option<Arc<Rules>> {
        let cached = self.exclusions.lock().unwrap_or_else(PoisonError::into_inner);
        cached.as_ref().filter(|(read, _)| read.elapsed() < EXCLUSIONS_FOR).map(|(_, list)| Arc::clone(list))
    }

    fn keep_exclusions(&self, list: Rules) -> Arc<Rules> {
        let list = Arc::new(list);
        let mut cached = self.exclusions.lock().unwrap_or_else(PoisonError::into_inner);
        *cached = Some((Instant::now(), Arc::clone(&list)));
        list
    }
}

impl Frontier for Stored {
    async fn lease(&self, at_most: usize) -> Result<Vec<Leased>, FrontierError> {
        let shift = &self.shift;
        self.store.write(async |c| turn::lease(c, shift, at_most).await).await.map_err(FrontierError::Store)
    }

    async fn paused(&self) -> Result<Vec<UrlPattern>, FrontierError> {
        let paused = self.store.read(async |c| pause::all(c).await).await.map_err(FrontierError::Store)?;
        Ok(paused.into_iter().map(|pause| pause.pattern).collect())
    }

    async fn soonest(&self, horizon: Duration) -> Result<Option<Duration>, FrontierError> {
        self.store.read(async |c| turn::soonest(c, horizon).await).await.map_err(FrontierError::Store)
    }

    async fn brief(&self, leased: &Leased, at_most: usize) -> Result<Brief, FrontierError> {
        let recent = self.recent_exclusions();
        let wants_exclusions = recent.is_none();
        let caps = self.allowances.caps(&leased.addr);
        let read = self
            .store
            .read(async |c| {
                let state = capsule::state(c, leased.capsule).await?;
                let spent = match caps {
                    Caps::PerDay { requests, bytes } => {
                        site::spent(c, leased.capsule, requests, bytes).await?
                    }
                    Caps::None => Vec::new(),
                };
                let spent = [spent, pause::folders(c, &leased.addr).await?].concat();
                let at_most = i64::try_from(at_most).unwrap_or(i64::MAX);
                let pages = page::due(c, leased.capsule, &leased.addr, &spent, at_most).await?;
                let idle = if pages.is_empty() && !spent.is_empty() {
                    Pause::Due(site::rest(c, leased.capsule, &spent).await?)
                } else {
                    Pause::None
                };
                let folders: BTreeSet<String> =
                    pages.iter().map(|page| page.url.site().folder().to_owned()).collect();
                let sites: Vec<SiteKey> =
                    folders.iter().map(|folder| (leased.capsule, folder.clone())).collect();
                let usage = match caps {
                    Caps::PerDay { .. } => site::usage(c, &sites).await?,
                    Caps::None => HashMap::new(),
                };
                let mut kept = HashMap::new();
                let mut ruled = folders;
                ruled.insert("/".to_owned());
                for folder in ruled {
                    if let Some(robots) = robots::kept(c, leased.capsule, &folder).await? {
                        kept.insert(folder, robots);
                    }
                }
                let front = page::front(c, leased.capsule).await?;
                let exclusions = if wants_exclusions { Some(exclusion::rules(c).await?) } else { None };
                Ok((state, pages, usage, (kept, front), exclusions, idle))
            })
            .await;
        let (state, pages, usage, (robots, front), exclusions, idle) = read.map_err(FrontierError::Store)?;
        let exclusions = match (exclusions, recent) {
            (Some(list), _) => self.keep_exclusions(list),
            (None, Some(list)) => list,
            (None, None) => Arc::default(),
        };
        let used = usage
            .into_iter()
            .map(|((_, folder), usage)| (folder, Used { requests: usage.requests, bytes: usage.bytes }));
        let allowance = Allowance::new(caps, used.collect());
        Ok(Brief { state, pages, allowance, robots, front, exclusions, idle })
    }

    async fn renew(&self, leased: &Leased) -> Result<Grip, FrontierError> {
        let held = self.store.write(async |c| turn::renew(c, leased).await).await;
        held.map(grip).map_err(FrontierError::Store)
    }

    async fn claim(&self, leased: &Leased, gap: Duration) -> Result<Grip, FrontierError> {
        let held = self.store.write(async |c| turn::claim(c, leased, gap).await).await;
        held.map(grip).map_err(FrontierError::Store)
    }

    async fn swap(&self, leased: &Leased, ip: IpAddr) -> Result<Claim, FrontierError> {
        let (worker, token) = (self.shift.worker, leased.token);
        let newcomers = (self.allowances.newcomers, VOUCHERS);
        self.store
            .write(async |c| address::swap(c, worker, token, ip, newcomers).await)
            .await
            .map_err(FrontierError::Store)
    }

    async fn keep_contact(
        &self,
        leased: &Leased,
        contact: Contact,
        again: Duration,
    ) -> Result<Grip, FrontierError> {
        let lease = (leased.capsule, leased.token);
        let held = self.store.write(async |c| capsule::keep_contact(c, lease, &contact, again).await).await;
        held.map(grip).map_err(FrontierError::Store)
    }

    async fn hand_over(&self, handover: Handover) -> Result<Grip, FrontierError> {
        self.desk.hand_over(handover).await.map_err(FrontierError::Record)
    }
}

const fn grip(held: bool) -> Grip {
    if held { Grip::Held } else { Grip::Lost }
}

/// Takes over from an earlier process of this worker, at the start; returns how many of its leases were taken back.
/// `rest` keeps their capsules alone for a while, for nobody knows when their last connections ended.
///
/// # Errors
///
/// When the database is away.
pub async fn take_over(store: &Store, worker: WorkerId, rest: Duration) -> Result<(Shift, u64), StoreError> {
    store.write(async |c| turn::take_over(c, worker, rest).await).await
}
