//! What the server must be told before it starts.

use std::fmt;
use std::net::{IpAddr, SocketAddr};
use std::num::NonZeroU32;
use std::path::PathBuf;
use std::str::FromStr;
use std::time::Duration;

use ipnet::IpNet;
use shared::gemini::host::{DEFAULT_PORT, Host};
use shared::process::disk::Reserve;
use shared::store::register::Register;

/// The server's configuration. Values arrive checked.
#[derive(Clone, Debug)]
pub struct Config {
    /// Where Gemini clients come in.
    pub gemini: Vec<SocketAddr>,
    /// Where browsers come in.
    pub web: Vec<SocketAddr>,
    /// Where Spartan clients come in; nowhere where it is empty.
    pub spartan: Vec<SocketAddr>,
    /// Where browsers find this copy, where something stands in front: scheme, host and port, no slash at the end.
    pub web_address: Option<String>,
    /// Where the admin's desk is on the web.
    pub desk: DeskDoor,
    /// The proxies before the web, which say whom they bring.
    pub trusted_proxies: Vec<Network>,
    /// The names this copy answers to; the first one stands in its certificate and its links.
    pub hosts: Vec<Host>,
    /// The port that clients see, where something stands in front.
    pub port: u16,
    /// The folder of the certificate and its key.
    pub state: PathBuf,
    /// This machine's register of removals.
    pub register: Register,
    /// Who runs this copy.
    pub operator: Option<String>,
    /// How to reach them.
    pub contact: Option<String>,
    /// What visitors may use up.
    pub limits: Limits,
    /// What must stay free on the disk, or nothing is crawled: the desk warns of it.
    pub reserve: Reserve,
    /// What the crawler's page tells of the crawler.
    pub crawler: CrawlerFacts,
}

/// Where the admin's desk is on the web: on listeners of its own, never on those of the visitors.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeskDoor {
    /// Nowhere where it is empty.
    pub addresses: Vec<DeskAddress>,
    /// What to do where one of them is taken.
    pub when_taken: WhenTaken,
}

/// An address of the desk.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DeskAddress {
    /// On the network; for this machine alone where it is a loopback address.
    Tcp(SocketAddr),
    /// A unix socket, for whom the file system lets reach it.
    Unix(PathBuf),
}

/// What to do where an address of the desk is taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WhenTaken {
    /// Not to start: somebody asked for just that address.
    Fail,
    /// To serve visitors without a desk and say so: nobody asked for it, and there may be two of us here.
    GoWithout,
}

impl DeskDoor {
    /// The desk's usual port, on this machine.
    pub const PORT: u16 = 8065;

    /// No desk on the web.
    #[must_use]
    pub const fn nowhere() -> Self {
        Self { addresses: Vec::new(), when_taken: WhenTaken::Fail }
    }

    /// Where it is if nobody says otherwise.
    #[must_use]
    pub fn usual() -> Self {
        let address = SocketAddr::from(([127, 0, 0, 1], Self::PORT));
        Self { addresses: vec![DeskAddress::Tcp(address)], when_taken: WhenTaken::GoWithout }
    }

    /// Just there.
    #[must_use]
    pub const fn at(addresses: Vec<DeskAddress>) -> Self {
        Self { addresses, when_taken: WhenTaken::Fail }
    }
}

/// A text that is neither an address with its port nor the path of a socket.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("neither an address such as 127.0.0.1:8065 nor the path of a socket")]
pub struct NotADeskAddress;

impl FromStr for DeskAddress {
    type Err = NotADeskAddress;

    fn from_str(text: &str) -> Result<Self, NotADeskAddress> {
        if text.starts_with('/') {
            return Ok(Self::Unix(PathBuf::from(text)));
        }
        text.parse().map(Self::Tcp).map_err(|_| NotADeskAddress)
    }
}

impl fmt::Display for DeskAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Tcp(address) => write!(f, "http://{address}/"),
            Self::Unix(path) => write!(f, "{}", path.display()),
        }
    }
}

/// What is told of the crawler: as it is configured, not as it usually is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CrawlerFacts {
    /// Requests to one site in a day, at most.
    pub requests_a_day: u32,
    /// Bytes from one site in a day, at most.
    pub bytes_a_day: u64,
    /// The addresses that the admin gave as this copy's own.
    pub addresses: Vec<IpAddr>,
}

impl Default for CrawlerFacts {
    fn default() -> Self {
        Self { requests_a_day: 5_000, bytes_a_day: 200 << 20, addresses: Vec::new() }
    }
}

/// What visitors may use up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Connections at once, in all.
    pub connections: usize,
    /// Connections at once from one address (a /32 of IPv4, a /64 of IPv6).
    pub connections_per_address: usize,
    /// Requests of one address in a second, over time; [`BURST`] times as many may come at once.
    pub requests_a_second: NonZeroU32,
    /// From the first byte to the end of the handshake.
    pub handshake: Duration,
    /// For the request line.
    pub request: Duration,
    /// For the whole answer, the search and the reading included.
    pub answer: Duration,
}

/// So many seconds' requests may come at once: a page with its style and pictures, or a reader in a hurry.
pub const BURST: u32 = 8;

/// Addresses that belong together: one of them, or a network such as 10.0.0.0/8.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Network(IpNet);

/// A text that is neither an address nor a network.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("neither an address nor a network such as 10.0.0.0/8")]
pub struct NotANetwork;

impl Network {
    /// Whether an address is one of them.
    #[must_use]
    pub fn contains(&self, address: IpAddr) -> bool {
        self.0.contains(&address.to_canonical())
    }
}

impl FromStr for Network {
    type Err = NotANetwork;

    fn from_str(text: &str) -> Result<Self, NotANetwork> {
        let one = text.parse::<IpAddr>().map(|address| IpNet::from(address.to_canonical()));
        one.or_else(|_| text.parse()).map(Self).map_err(|_| NotANetwork)
    }
}

impl fmt::Display for Network {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            // What 128 addresses may hold: idle ones cost a socket and little memory, and a smaller house would be
            // full of few.
            connections: 2_048,
            connections_per_address: 16,
            requests_a_second: NonZeroU32::new(5).expect("not zero"),
            handshake: Duration::from_secs(5),
            request: Duration::from_secs(5),
            answer: Duration::from_secs(10),
        }
    }
}

impl Config {
    /// Loopback only, for a copy that nobody has told who it is.
    #[must_use]
    pub fn local(state: PathBuf) -> Self {
        let localhost = Host::parse("localhost").expect("localhost is a host name");
        Self {
            gemini: vec![SocketAddr::from(([127, 0, 0, 1], DEFAULT_PORT))],
            web: vec![SocketAddr::from(([127, 0, 0, 1], 8080))],
            spartan: Vec::new(),
            web_address: None,
            desk: DeskDoor::nowhere(),
            trusted_proxies: Vec::new(),
            hosts: vec![localhost],
            port: DEFAULT_PORT,
            register: Register::within(&state),
            state,
            operator: None,
            contact: None,
            limits: Limits::default(),
            reserve: Reserve::default(),
            crawler: CrawlerFacts::default(),
        }
    }
}
