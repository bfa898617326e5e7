//! How much may be asked of a site on one day, how much it may bring, and whose capsules are visited at all.

use std::collections::{HashMap, HashSet};

use shared::gemini::host::{CapsuleAddr, Host};
use shared::store::known::site::UsefulDay;

use super::admission::Budget;

/// What makes a day of a site count towards a larger budget.
pub const USEFUL_DAY: UsefulDay = UsefulDay { pages: 20 };

/// The caps of a day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Caps {
    /// So many requests and bytes.
    PerDay {
        /// Requests, robots.txt included.
        requests: u32,
        /// Bytes of bodies.
        bytes: u64,
    },
    /// None: a routed space of our own.
    None,
}

/// What is allowed where.
#[derive(Clone, Debug)]
pub struct Allowances {
    /// New URLs a site and day.
    pub new_urls: Budget,
    /// Requests and bytes a site and day.
    pub caps: Caps,
    /// Hosts that nobody knew, of one registrable domain or at one address, in a day.
    pub newcomers: u32,
    /// Hosts that are no newcomers, whoever links to them: routed ones.
    pub admitted: HashSet<Host>,
    /// Hosts without limits of requests, bytes and new URLs: routed spaces of our own.
    pub unlimited: HashSet<Host>,
    /// Which capsules are visited.
    pub circle: Circle,
}

/// Which capsules are visited.
#[derive(Clone, Debug)]
pub enum Circle {
    /// Every one.
    Everybody,
    /// These hosts and no other: a space on this machine.
    Only(HashSet<Host>),
}

impl Allowances {
    /// The new URLs that each site of a capsule may bring.
    #[must_use]
    pub fn new_urls(&self, capsule: &CapsuleAddr) -> Budget {
        if self.unlimited.contains(capsule.host()) { Budget::Unlimited } else { self.new_urls }
    }

    /// What may be asked of each site of a capsule.
    #[must_use]
    pub fn caps(&self, capsule: &CapsuleAddr) -> Caps {
        if self.unlimited.contains(capsule.host()) { Caps::None } else { self.caps }
    }

    /// Whether a capsule is visited at all.
    #[must_use]
    pub fn includes(&self, capsule: &CapsuleAddr) -> bool {
        match &self.circle {
            Circle::Everybody => true,
            Circle::Only(hosts) => hosts.contains(capsule.host()),
        }
    }
}

/// What was asked of a site today.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Used {
    /// Requests, robots.txt included.
    pub requests: u32,
    /// Bytes of bodies.
    pub bytes: u64,
}

/// What may still be asked of the sites of a capsule today, kept while a turn goes on.
#[derive(Clone, Debug)]
pub struct Allowance {
    caps: Caps,
    used: HashMap<String, Used>,
}

impl Allowance {
    /// These caps, of which so much is used, by the sites' folders; what is not named has used nothing.
    #[must_use]
    pub const fn new(caps: Caps, used: HashMap<String, Used>) -> Self {
        Self { caps, used }
    }

    /// Whether one more request may be sent to the site of this folder.
    #[must_use]
    pub fn may_ask(&self, folder: &str) -> bool {
        let used = self.used.get(folder).copied().unwrap_or_default();
        match self.caps {
            Caps::PerDay { requests, bytes } => used.requests < requests && used.bytes < bytes,
            Caps::None => true,
        }
    }

    /// A request was sent to the site of this folder, and brought so many bytes.
    pub fn charge(&mut self, folder: &str, bytes: u64) {
        let used = self.used.entry(folder.to_owned()).or_default();
        used.requests = used.requests.saturating_add(1);
        used.bytes = used.bytes.saturating_add(bytes);
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    const COMMON: Caps = Caps::PerDay { requests: 5_000, bytes: 200 * 1024 * 1024 };

    fn allowance(caps: Caps, requests: u32, bytes: u64) -> Allowance {
        Allowance::new(caps, HashMap::from([("/".to_owned(), Used { requests, bytes })]))
    }

    #[rstest]
    #[case::fresh(COMMON, 0, 0, true)]
    #[case::the_last_request(COMMON, 4_999, 0, true)]
    #[case::no_more_requests(COMMON, 5_000, 0, false)]
    #[case::no_more_bytes(COMMON, 10, 200 * 1024 * 1024, false)]
    #[case::our_own_space(Caps::None, u32::MAX, u64::MAX, true)]
    fn a_day(#[case] caps: Caps, #[case] requests: u32, #[case] bytes: u64, #[case] expected: bool) {
        assert_eq!(allowance(caps, requests, bytes).may_ask("/"), expected);
    }

    #[test]
    fn every_request_of_a_turn_counts_and_only_for_its_site() {
        let mut left = allowance(COMMON, 4_998, 0);
        left.charge("/", 10);
        assert!(left.may_ask("/"));
        left.charge("/", 10);
        assert!(!left.may_ask("/"));
        assert!(left.may_ask("/~ann/"));
        left.charge("/~ann/", 200 * 1024 * 1024);
        assert!(!left.may_ask("/~ann/"), "what one answer brings may end the day");
    }
}
