//! How much may be asked of a site on one day, how much it may bring, and whose capsules are visited at all.

use std::collections::HashSet;

use shared::gemini::host::{CapsuleAddr, Host};

use super::admission::Budget;

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
    /// Hosts without either limit: routed spaces of our own.
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

/// Whether a site that was asked so much today may be asked once more.
#[must_use]
pub const fn may_be_asked(caps: Caps, requests: u32, bytes: u64) -> bool {
    match caps {
        Caps::PerDay { requests: most_requests, bytes: most_bytes } => {
            requests < most_requests && bytes < most_bytes
        }
        Caps::None => true,
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    const COMMON: Caps = Caps::PerDay { requests: 5_000, bytes: 200 * 1024 * 1024 };

    #[rstest]
    #[case::fresh(COMMON, 0, 0, true)]
    #[case::the_last_request(COMMON, 4_999, 0, true)]
    #[case::no_more_requests(COMMON, 5_000, 0, false)]
    #[case::no_more_bytes(COMMON, 10, 200 * 1024 * 1024, false)]
    #[case::our_own_space(Caps::None, u32::MAX, u64::MAX, true)]
    fn a_day(#[case] caps: Caps, #[case] requests: u32, #[case] bytes: u64, #[case] expected: bool) {
        assert_eq!(may_be_asked(caps, requests, bytes), expected);
    }
}
