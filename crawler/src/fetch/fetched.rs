//! What comes back from a stranger, and the seam behind which strangers stand.
//!
//! A [`Fetch`] resolves names and makes one request at a time. What it returns is either a [`Fetched`]
//! (a header that is Gemini, perhaps a body, and how the body ended) or a [`FetchError`] that names the
//! stage that failed and whose fault it was. Nothing here is a number that a server could have sent.

use std::fmt;
use std::io;
use std::net::IpAddr;
use std::time::Duration;

use chrono::{DateTime, Utc};
use shared::gemini::fingerprint::Fingerprint;
use shared::gemini::host::Host;
use shared::gemini::response::{HeaderError, ResponseHeader};
use shared::gemini::url::GeminiUrl;
pub use shared::store::known::certificate::Signature;
pub use shared::store::outcome::Stage;
use tokio::sync::OwnedSemaphorePermit;

use super::limits::Limit;
use super::refused::Refusal;

/// Resolves names and makes requests. The network does it in earnest, a simulated space in memory.
pub trait Fetch: Send + Sync {
    /// The addresses of a name that may be connected to, in the order in which to try them; at least one.
    fn resolve(&self, host: &Host) -> impl Future<Output = Result<Vec<IpAddr>, FetchError>> + Send;

    /// One request to one address of the URL's host.
    fn get(
        &self,
        url: &GeminiUrl,
        ip: IpAddr,
        want: Want,
    ) -> impl Future<Output = Result<Fetched, FetchError>> + Send;
}

/// What the body is wanted for, and so how much of it is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Want {
    /// A page: text whole, an image's beginning, of anything else the header alone.
    Page,
    /// A robots.txt, or a file of its kind: its beginning.
    Robots,
}

/// An answer that is Gemini.
#[derive(Debug)]
pub struct Fetched {
    /// The header line.
    pub header: ResponseHeader,
    /// What followed it, as far as it was read.
    pub body: Body,
    /// From the connect to the end.
    pub took: Duration,
    /// What the server showed in the handshake.
    pub certificate: SeenCertificate,
    /// The address that answered.
    pub ip: IpAddr,
}

/// The bytes after a header. A large body holds one of a few permits as long as it lives.
#[derive(Debug)]
pub struct Body {
    bytes: Vec<u8>,
    ending: Ending,
    _permit: Option<OwnedSemaphorePermit>,
}

/// How a body ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ending {
    /// With `close_notify`: all of it is here.
    Complete,
    /// With the end of the connection and no `close_notify`: most likely all, as many old servers do this.
    WithoutCloseNotify,
    /// By a reset.
    CutByReset,
    /// By one of our limits.
    CutByLimit(Limit),
    /// By a broken TLS record.
    CutByTlsError,
    /// It was not read: the status has no body, or its type is not one that we read.
    NotRead,
}

/// A certificate as the handshake showed it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SeenCertificate {
    /// SHA-256 of the certificate.
    pub fingerprint: Fingerprint,
    /// Its last moment, where it could be read.
    pub not_after: Option<DateTime<Utc>>,
    /// Whether the handshake proved that the server has its key.
    pub signature: Signature,
}

/// Why there is no answer.
#[derive(Debug, thiserror::Error)]
pub enum FetchError {
    /// The rules forbid the name, the port or the address; nothing was sent.
    #[error("the rules forbid to go there")]
    Refused {
        /// The rule.
        #[source]
        refusal: Refusal,
    },
    /// The name has no address.
    #[error("the name has no address")]
    NoAddress,
    /// The resolver gave no answer about this name.
    #[error("the name could not be resolved")]
    Resolve {
        /// What the resolver said.
        #[source]
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// A stage took longer than it may.
    #[error("{stage:?} took longer than {limit:?}")]
    TimedOut {
        /// The stage that was reached.
        stage: Stage,
        /// What it may take.
        limit: Duration,
    },
    /// No connection.
    #[error("the connection failed")]
    Connect {
        /// What the kernel said.
        #[source]
        source: io::Error,
    },
    /// The handshake failed.
    #[error("the handshake failed")]
    Tls {
        /// What the library said.
        #[source]
        source: io::Error,
    },
    /// The request could not be sent.
    #[error("the request could not be sent")]
    Request {
        /// What the connection said.
        #[source]
        source: io::Error,
    },
    /// The connection ended before the header line did.
    #[error("the connection ended after {received} bytes of the header")]
    HeaderCut {
        /// How much of the header had come.
        received: usize,
        /// What the connection said; none when it was closed in good order.
        #[source]
        source: Option<io::Error>,
    },
    /// The header line does not end.
    #[error("the header is longer than {limit} bytes")]
    HeaderTooLong {
        /// What it may have.
        limit: usize,
    },
    /// The header line is not Gemini.
    #[error("the header is not Gemini")]
    Header {
        /// The broken rule.
        #[source]
        source: HeaderError,
    },
    /// This machine is out of something: descriptors, buffers, ports, a resolver.
    #[error("this machine cannot: {what}")]
    Machine {
        /// What it was doing.
        what: &'static str,
        /// What the kernel said.
        #[source]
        source: io::Error,
    },
    /// The crawler is stopping.
    #[error("the crawler is stopping")]
    Stopped,
}

/// Whose fault it is that there is no answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// Ours by intent: the address rules. Nothing was sent, and nothing will be.
    Rules,
    /// The server's or the network's: a strike against the capsule.
    Server,
    /// The server answered, but not in Gemini.
    Answer,
    /// Our machine's: no strike; wait until it has recovered.
    Machine,
    /// Nobody's: we are stopping, and the visit did not take place.
    Nobody,
}

// === impl Body ===

impl Body {
    /// A body held in memory.
    #[must_use]
    pub fn new(bytes: Vec<u8>, ending: Ending) -> Self {
        Self { bytes, ending, _permit: None }
    }

    /// A body large enough to need a permit.
    pub(crate) fn with_permit(bytes: Vec<u8>, ending: Ending, permit: Option<OwnedSemaphorePermit>) -> Self {
        Self { bytes, ending, _permit: permit }
    }

    /// What was read.
    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// How it ended.
    #[must_use]
    pub fn ending(&self) -> Ending {
        self.ending
    }
}

// === impl Ending ===

impl Ending {
    /// Whether part of the body is missing for sure. Such a body never replaces a whole one at first sight.
    #[must_use]
    pub fn is_cut(self) -> bool {
        match self {
            Self::CutByReset | Self::CutByLimit(_) | Self::CutByTlsError => true,
            Self::Complete | Self::WithoutCloseNotify | Self::NotRead => false,
        }
    }
}

impl fmt::Display for Ending {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Complete => f.write_str("complete"),
            Self::WithoutCloseNotify => f.write_str("without close_notify"),
            Self::CutByReset => f.write_str("cut by reset"),
            Self::CutByLimit(limit) => write!(f, "cut by limit: {limit}"),
            Self::CutByTlsError => f.write_str("cut by a TLS error"),
            Self::NotRead => f.write_str("not read"),
        }
    }
}

// === impl FetchError ===

impl FetchError {
    /// An I/O error at a stage, told apart from our machine's own troubles.
    pub(crate) fn from_io(stage: Stage, source: io::Error) -> Self {
        if is_machine_trouble(&source) {
            return Self::Machine { what: "open or use a socket", source };
        }
        match stage {
            Stage::Dns => Self::Resolve { source: Box::new(source) },
            Stage::Connect => Self::Connect { source },
            Stage::Tls => Self::Tls { source },
            Stage::Request => Self::Request { source },
            Stage::Header | Stage::Body => Self::HeaderCut { received: 0, source: Some(source) },
        }
    }

    /// The stage that failed.
    #[must_use]
    pub fn stage(&self) -> Stage {
        match self {
            Self::NoAddress | Self::Resolve { .. } => Stage::Dns,
            Self::Refused { .. } | Self::Connect { .. } | Self::Machine { .. } | Self::Stopped => {
                Stage::Connect
            }
            Self::TimedOut { stage, .. } => *stage,
            Self::Tls { .. } => Stage::Tls,
            Self::Request { .. } => Stage::Request,
            Self::HeaderCut { .. } | Self::HeaderTooLong { .. } | Self::Header { .. } => Stage::Header,
        }
    }

    /// What our machine is out of, where the fault is its own.
    #[must_use]
    pub fn lack(&self) -> Lack {
        match self {
            Self::Machine { source, .. } => match source.raw_os_error() {
                Some(12 | 105) => Lack::Buffers,
                Some(23 | 24) => Lack::Descriptors,
                Some(99) => Lack::Ports,
                Some(_) => Lack::Network,
                None => Lack::Resolver,
            },
            _ => Lack::Network,
        }
    }

    /// Whose fault it is.
    #[must_use]
    pub fn fault(&self) -> Fault {
        match self {
            Self::Refused { .. } => Fault::Rules,
            Self::NoAddress
            | Self::Resolve { .. }
            | Self::TimedOut { .. }
            | Self::Connect { .. }
            | Self::Tls { .. }
            | Self::Request { .. }
            | Self::HeaderCut { .. } => Fault::Server,
            Self::HeaderTooLong { .. } | Self::Header { .. } => Fault::Answer,
            Self::Machine { .. } => Fault::Machine,
            Self::Stopped => Fault::Nobody,
        }
    }
}

/// What this machine is out of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lack {
    /// File descriptors, of this process or of the machine.
    Descriptors,
    /// Local ports.
    Ports,
    /// Memory or buffers.
    Buffers,
    /// A way out: the network is down.
    Network,
    /// A resolver that answers.
    Resolver,
}

impl Lack {
    /// In few words, for whoever must act.
    #[must_use]
    pub const fn sentence(self) -> &'static str {
        match self {
            Self::Descriptors => "this machine has no file descriptors left",
            Self::Ports => "this machine has no local ports left",
            Self::Buffers => "this machine has no memory for sockets left",
            Self::Network => "this machine has no network",
            Self::Resolver => "the resolver of this machine does not answer",
        }
    }
}

/// EMFILE, ENFILE, ENOMEM, ENOBUFS and EADDRNOTAVAIL say something about us and nothing about a capsule.
fn is_machine_trouble(error: &io::Error) -> bool {
    const TROUBLES: [i32; 6] = [12, 23, 24, 99, 100, 105];
    error.raw_os_error().is_some_and(|code| TROUBLES.contains(&code))
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case::no_memory(12, Lack::Buffers)]
    #[case::no_descriptor_in_the_machine(23, Lack::Descriptors)]
    #[case::no_descriptor_in_the_process(24, Lack::Descriptors)]
    #[case::no_local_port(99, Lack::Ports)]
    #[case::no_network(100, Lack::Network)]
    #[case::no_buffers(105, Lack::Buffers)]
    fn what_our_machine_lacks_is_no_capsules_fault(#[case] code: i32, #[case] lack: Lack) {
        for stage in [Stage::Connect, Stage::Tls, Stage::Request, Stage::Header, Stage::Body] {
            let error = FetchError::from_io(stage, io::Error::from_raw_os_error(code));
            assert_eq!((error.fault(), error.lack()), (Fault::Machine, lack), "{stage:?}");
        }
    }

    #[rstest]
    #[case::reset(104)]
    #[case::timed_out(110)]
    #[case::refused(111)]
    #[case::no_route(113)]
    fn what_the_way_there_lacks_is_not_ours(#[case] code: i32) {
        let error = FetchError::from_io(Stage::Connect, io::Error::from_raw_os_error(code));
        assert_eq!(error.fault(), Fault::Server);
    }
}
