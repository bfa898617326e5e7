//! What the server must be told before it starts.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use shared::gemini::host::{DEFAULT_PORT, Host};

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
    /// The names this copy answers to; the first one stands in its certificate and its links.
    pub hosts: Vec<Host>,
    /// The port that clients see, where something stands in front.
    pub port: u16,
    /// The folder of the certificate and its key.
    pub state: PathBuf,
    /// Who runs this copy.
    pub operator: Option<String>,
    /// How to reach them.
    pub contact: Option<String>,
    /// What visitors may use up.
    pub limits: Limits,
}

/// What visitors may use up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Connections at once, in all.
    pub connections: usize,
    /// Connections at once from one address (a /32 of IPv4, a /64 of IPv6).
    pub connections_per_address: usize,
    /// From the first byte to the end of the handshake.
    pub handshake: Duration,
    /// For the request line.
    pub request: Duration,
    /// For the whole answer, the search and the reading included.
    pub answer: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            connections: 512,
            connections_per_address: 16,
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
            hosts: vec![localhost],
            port: DEFAULT_PORT,
            state,
            operator: None,
            contact: None,
            limits: Limits::default(),
        }
    }
}
