//! A simulated Geminispace on loopback, over real TLS: well-behaved and hostile capsules.
//!
//! A space is built from folders of capsules, capsules scripted by a test, hostile hosts from a catalogue, and a
//! generator of any number of linked pages. It starts on loopback addresses, tells the routes to its hosts, and keeps a log of every connection, by which politeness and leaks are judged.
//!
//! ```no_run
//! # async fn story() -> Result<(), Box<dyn std::error::Error>> {
//! use space::{By, Capsule, Space, behaviour::Body};
//!
//! let space = Space::builder()
//!     .capsule("garden.example", Capsule::new().page("/", "# The garden"))
//!     .hostile("drip.example", Body::Drip)
//!     .start()
//!     .await?;
//! for (host, address) in space.routes() {
//!     // give them to the crawler
//! }
//! space.wait_for(|log| log.requests_for("garden.example").count() == 2).await?;
//! assert_eq!(space.max_open_at_once(By::Address), 1);
//! # Ok(())
//! # }
//! ```

use std::io;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

mod address;
mod answer;
pub mod behaviour;
mod builder;
mod capsule;
mod catalogue;
mod certificate;
mod folder;
mod generate;
mod log;
mod odd;
mod request;
mod serve;
mod space;
mod tls;
mod wire;
mod world;

pub use answer::Answer;
pub use behaviour::Behaviour;
pub use builder::Builder;
pub use capsule::Capsule;
pub use generate::Generator;
pub use log::{By, Ended, Log, Request};
pub use space::Space;

/// A space could not be started.
#[derive(Debug, thiserror::Error)]
pub enum SpaceError {
    /// A folder of capsules could not be read.
    #[error("the folder {} could not be read", folder.display())]
    Folder {
        /// The folder.
        folder: PathBuf,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// A folder holds no subfolder with the name of a host.
    #[error("the folder {} holds no capsule: it should have one subfolder for each host", .0.display())]
    NoCapsule(PathBuf),
    /// Two hosts have the same name.
    #[error("the host {0} is there twice")]
    Twice(String),
    /// An address could not be bound.
    #[error("the address {address} could not be bound")]
    Bind {
        /// The address.
        address: SocketAddr,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// No free port was found.
    #[error("no port is free on all addresses")]
    NoAddress,
    /// TLS could not be set up.
    #[error("TLS could not be set up")]
    Tls(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// A host was named that is not in the space.
    #[error("the host {0} is not in this space")]
    Unknown(String),
}

/// What was waited for did not come in time.
#[derive(Debug, thiserror::Error)]
#[error(
    "not reached within {limit:?}: {requests} requests and {connections} connections came, {open} are open"
)]
pub struct WaitedTooLong {
    /// The time waited.
    pub limit: Duration,
    /// Requests seen since the start.
    pub requests: u64,
    /// Connections seen since the start.
    pub connections: u64,
    /// Connections open at the end.
    pub open: usize,
}
