//! What the crawler must be told before it starts. Values arrive checked: keys, units and errors are the
//! program's business.

use std::net::IpAddr;
use std::path::PathBuf;
use std::time::Duration;

use shared::gemini::url::GeminiUrl;
use shared::process::disk::Reserve;

use crate::fetch::limits::{Limits, Routes};
use crate::policy::admission::NEW_URLS_A_DAY;
use crate::policy::window::Window;

/// The crawler's configuration.
#[derive(Clone, Debug)]
pub struct Config {
    /// The folder that is locked while the crawler runs, and by which a restarted worker is known again.
    pub state: PathBuf,
    /// How many capsules are visited at once.
    pub in_flight: usize,
    /// Hosts that are found without the DNS: a space on this machine.
    pub routes: Routes,
    /// Further addresses of ours, beside those that the machine itself knows of.
    pub own_addresses: Vec<IpAddr>,
    /// How fast a capsule is visited.
    pub pace: Pace,
    /// What a site, and a turn, may use up.
    pub budgets: Budgets,
    /// What a visit may cost.
    pub limits: Limits,
    /// Where the crawl starts.
    pub seeds: Vec<GeminiUrl>,
    /// What the crawler may visit at all.
    pub reach: Reach,
    /// When it may; none: always.
    pub windows: Vec<Window>,
    /// What must stay free on the disk of the state folder; below it nothing is crawled, and near it less.
    pub reserve: Reserve,
}

/// How fast a capsule is visited.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pace {
    /// With gaps, as between strangers.
    Polite,
    /// Without gaps and budgets; holds for routed hosts only.
    Unpaced,
}

/// What the crawler may visit at all.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reach {
    /// All of public Geminispace.
    Public,
    /// Routed hosts only: nothing leaves this machine.
    RoutedOnly,
}

/// What a site, and a turn, may use up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Budgets {
    /// Requests to a site in a day.
    pub site_requests_a_day: u32,
    /// Bytes from a site in a day.
    pub site_bytes_a_day: u64,
    /// Pages in a turn.
    pub turn_pages: usize,
    /// Time of a turn.
    pub turn_time: Duration,
    /// What the new URLs of a site may cost in a day, at first; each costs one, and more where it smells of a trap.
    pub new_urls_a_day: u32,
    /// New hosts of a registrable domain, or on an address, in a day.
    pub new_hosts_a_day: u32,
    /// Whether routed hosts that are visited without gaps are bound by this.
    pub routed: Bounds,
}

/// Whether budgets hold for a space of our own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Bounds {
    /// They do not.
    Free,
    /// They do, as for everyone.
    Bound,
}

impl Config {
    /// The defaults, which suit a machine with 1 GiB.
    #[must_use]
    pub fn new(state: PathBuf) -> Self {
        Self {
            state,
            in_flight: 64,
            routes: Routes::none(),
            own_addresses: Vec::new(),
            pace: Pace::Polite,
            budgets: Budgets::default(),
            limits: Limits::default(),
            seeds: Vec::new(),
            reach: Reach::Public,
            windows: Vec::new(),
            reserve: Reserve::default(),
        }
    }
}

impl Default for Budgets {
    fn default() -> Self {
        Self {
            site_requests_a_day: 5_000,
            site_bytes_a_day: 200 * 1024 * 1024,
            turn_pages: 32,
            turn_time: Duration::from_secs(60),
            new_urls_a_day: NEW_URLS_A_DAY,
            new_hosts_a_day: 20,
            routed: Bounds::Free,
        }
    }
}
