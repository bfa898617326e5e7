//! What a turn needs from the frontier.
//!
//! Spans, not moments: the store's clock is the only one for schedules and leases, and a turn's own clock
//! is monotonic. No call keeps anything open between two calls; each is one short piece of work.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use shared::gemini::pattern::UrlPattern;
use shared::store::StoreError;
use shared::store::crawl::address::Claim;
use shared::store::crawl::turn::{Leased, Pause};
use shared::store::known::capsule::{CapsuleState, Contact};
use shared::store::known::page::DuePage;
use shared::store::known::robots::KeptRobots;
use shared::store::outcome::Outcome;
use shared::store::rule::Rules;

use crate::policy::budget::Allowance;
use crate::record::RecordError;
use crate::record::handover::{Grip, Handover};

/// Why the frontier did not answer.
#[derive(Debug, thiserror::Error)]
pub enum FrontierError {
    /// The store did not do it.
    #[error("the frontier could not be read")]
    Store(#[source] StoreError),
    /// A visit was not committed.
    #[error("the visit was not committed")]
    Record(#[source] RecordError),
}

impl FrontierError {
    /// Whether to wait and try again: nothing is wrong with what was asked.
    #[must_use]
    pub fn is_outage(&self) -> bool {
        match self {
            Self::Store(error) => error.is_outage(),
            Self::Record(error) => error.is_outage(),
        }
    }
}

/// All that a turn reads before it begins.
#[derive(Clone, Debug)]
pub struct Brief {
    /// How the capsule has behaved.
    pub state: CapsuleState,
    /// Its due pages, those that have waited longest first; none of sites that have used up their day.
    pub pages: Vec<DuePage>,
    /// What may still be asked of their sites today.
    pub allowance: Allowance,
    /// What is kept of the robots.txt of the capsule (`/`) and of users' folders among the pages.
    pub robots: HashMap<String, KeptRobots>,
    /// How the last visit of the front page ended, and how long ago; none: it was never visited.
    pub front: Option<(Outcome, Duration)>,
    /// What the admin shut out.
    pub exclusions: Arc<Rules>,
    /// What to do with the capsule when the brief has no pages.
    pub idle: Pause,
}

/// The frontier as a turn sees it.
pub trait Frontier: Send + Sync + 'static {
    /// Leases up to `at_most` capsules that have something due, each with its last known address.
    fn lease(&self, at_most: usize) -> impl Future<Output = Result<Vec<Leased>, FrontierError>> + Send;

    /// What the admin has paused: nothing of it is leased, and turns under way are to end.
    fn paused(&self) -> impl Future<Output = Result<Vec<UrlPattern>, FrontierError>> + Send {
        async { Ok(Vec::new()) }
    }

    /// How long until something that rests may be leased; none: not within `horizon`.
    fn soonest(
        &self,
        horizon: Duration,
    ) -> impl Future<Output = Result<Option<Duration>, FrontierError>> + Send;

    /// Reads what a turn needs to know: up to `at_most` due pages and the rules that are kept.
    fn brief(
        &self,
        leased: &Leased,
        at_most: usize,
    ) -> impl Future<Output = Result<Brief, FrontierError>> + Send;

    /// Renews the lease.
    fn renew(&self, leased: &Leased) -> impl Future<Output = Result<Grip, FrontierError>> + Send;

    /// Stores that capsule and address are not to be connected to for `gap` from now on. Called before a
    /// connection is opened, so that a crash in between cannot hammer.
    fn claim(
        &self,
        leased: &Leased,
        gap: Duration,
    ) -> impl Future<Output = Result<Grip, FrontierError>> + Send;

    /// Leases another address of the turn's name and gives up the one it held.
    fn swap(&self, leased: &Leased, ip: IpAddr) -> impl Future<Output = Result<Claim, FrontierError>> + Send;

    /// Keeps whom the capsule names for holes in it, until it is asked again.
    fn keep_contact(
        &self,
        leased: &Leased,
        contact: Contact,
        again: Duration,
    ) -> impl Future<Output = Result<Grip, FrontierError>> + Send;

    /// Hands over a visit, or the turn's end, or both, and waits for the commit.
    fn hand_over(&self, handover: Handover) -> impl Future<Output = Result<Grip, FrontierError>> + Send;
}
