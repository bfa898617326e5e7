//! What a visit may cost, and the one exception to where it may go.
//!
//! Every wait for a stranger and every size of what a stranger sends has a limit, and all of them stand
//! here. Tests scale the times down, nothing else.

use std::collections::BTreeMap;
use std::fmt;
use std::net::SocketAddr;
use std::time::Duration;

use shared::gemini::host::Host;
use shared::gemini::response::MAX_HEADER_BYTES;

/// The limits of a visit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Limits {
    /// One lookup of a name.
    pub dns: Duration,
    /// Connecting to one address.
    pub connect: Duration,
    /// Connecting to all addresses of a name that a turn tries.
    pub connect_in_all: Duration,
    /// The TLS handshake.
    pub handshake: Duration,
    /// Sending the request.
    pub request: Duration,
    /// From the request to the end of the header line.
    pub header: Duration,
    /// Between two reads of a body.
    pub between_reads: Duration,
    /// The window in which [`Self::least_bytes`] of a body must come.
    pub window: Duration,
    /// What must come in each window.
    pub least_bytes: usize,
    /// The whole visit from connect to close.
    pub visit: Duration,
    /// The header line with its line end.
    pub header_bytes: usize,
    /// A body of text.
    pub text_bytes: usize,
    /// From this size on a body needs a permit.
    pub large_bytes: usize,
    /// How many bodies may be large at once.
    pub large_permits: usize,
    /// The beginning of an image, for its type and dimensions.
    pub image_bytes: usize,
    /// A robots.txt.
    pub robots_bytes: usize,
}

/// The limit that cut a body.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Limit {
    /// It is longer than is read of its kind.
    Size,
    /// Nothing came for too long.
    Silence,
    /// Too little came in a window.
    Rate,
    /// The whole visit took too long.
    Visit,
    /// Too many large bodies were held at once, on our side.
    Permits,
}

/// Where a host is found without asking the DNS: the only exception to the rules about addresses, made for a
/// space on this machine. All ports of the host lead to the same socket address.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Routes(BTreeMap<Host, SocketAddr>);

impl Limits {
    /// The same limits with every time divided, for tests that provoke them all.
    #[must_use]
    pub fn faster(self, divisor: u32) -> Self {
        Self {
            dns: self.dns / divisor,
            connect: self.connect / divisor,
            connect_in_all: self.connect_in_all / divisor,
            handshake: self.handshake / divisor,
            request: self.request / divisor,
            header: self.header / divisor,
            between_reads: self.between_reads / divisor,
            window: self.window / divisor,
            visit: self.visit / divisor,
            ..self
        }
    }
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            dns: Duration::from_secs(5),
            connect: Duration::from_secs(2),
            connect_in_all: Duration::from_secs(6),
            handshake: Duration::from_secs(5),
            request: Duration::from_secs(5),
            header: Duration::from_secs(10),
            between_reads: Duration::from_secs(10),
            window: Duration::from_secs(10),
            least_bytes: 1024,
            visit: Duration::from_secs(30),
            header_bytes: MAX_HEADER_BYTES,
            text_bytes: 4 * 1024 * 1024,
            large_bytes: 256 * 1024,
            large_permits: 16,
            image_bytes: 64 * 1024,
            robots_bytes: 512 * 1024,
        }
    }
}

impl fmt::Display for Limit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Size => "size",
            Self::Silence => "silence",
            Self::Rate => "rate",
            Self::Visit => "time of the visit",
            Self::Permits => "large bodies at once",
        })
    }
}

impl Routes {
    /// No host is routed: the public space.
    #[must_use]
    pub fn none() -> Self {
        Self::default()
    }

    /// Where this host leads.
    #[must_use]
    pub fn get(&self, host: &Host) -> Option<SocketAddr> {
        self.0.get(host).copied()
    }

    /// Whether no host is routed.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The routed hosts.
    pub fn hosts(&self) -> impl Iterator<Item = &Host> {
        self.0.keys()
    }
}

impl FromIterator<(Host, SocketAddr)> for Routes {
    fn from_iter<I: IntoIterator<Item = (Host, SocketAddr)>>(routes: I) -> Self {
        Self(routes.into_iter().collect())
    }
}
