//! Names to addresses, by an asynchronous resolver: a lookup that is given up holds no thread and no socket.
//!
//! The machine's choice of name servers may change while the crawler runs for months, or come late at boot,
//! so it is read again when its file has changed. Until then the resolver that there is goes on.
//!
//! Answers are kept by the resolver for their time to live, within bounds. Names are asked for as they are,
//! never completed by a search list, and never looked up in the machine's own hosts file. Addresses come in
//! an order that does not change from day to day (IPv4 first, then by number), so that the address a
//! capsule is leased with stays the same.

use std::io;
use std::net::IpAddr;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, SystemTime};

use hickory_resolver::config::{LookupIpStrategy, ResolveHosts};
use hickory_resolver::net::runtime::TokioRuntimeProvider;
use hickory_resolver::net::{DnsError, NetError};
use hickory_resolver::proto::rr::RecordType;
use hickory_resolver::{ResolverBuilder, TokioResolver};
use shared::gemini::host::Host;
use tokio::time::{Instant, timeout};

use super::fetched::FetchError;
use super::refused::Rules;

/// Addresses of a name that are tried at most.
const ADDRESSES: usize = 4;
/// Names whose answers are kept.
const CACHED_NAMES: u64 = 10_000;
/// Answers are kept at least and at most this long, whatever they say.
const KEPT: (Duration, Duration) = (Duration::from_secs(60), Duration::from_secs(6 * 3600));
/// So are answers that there is none.
const KEPT_NEGATIVE: (Duration, Duration) = (Duration::from_secs(60), Duration::from_secs(600));

/// Where the system says whom to ask.
const CONFIGURATION: &str = "/etc/resolv.conf";
/// It is not looked at more often.
const LOOK_AGAIN: Duration = Duration::from_secs(60);

/// The resolver of the system's configuration. A machine without one can still crawl a routed space.
pub(super) struct Names(Mutex<Current>);

struct Current {
    /// The resolver, or why this machine has none.
    resolver: Result<TokioResolver, String>,
    /// When the configuration that it was built from was written.
    written: Option<SystemTime>,
    /// When that was last compared.
    compared: Instant,
}

impl Names {
    pub(super) fn of_the_system() -> Self {
        Self::new(of_the_system())
    }

    fn new(resolver: Result<TokioResolver, String>) -> Self {
        Self(Mutex::new(Current { resolver, written: written(), compared: Instant::now() }))
    }

    fn resolver(&self) -> Result<TokioResolver, String> {
        let mut current = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if LOOK_AGAIN <= current.compared.elapsed() {
            current.compared = Instant::now();
            let written = written();
            if written != current.written {
                tracing::info!("the name servers of this machine have changed");
                current.written = written;
                current.resolver = of_the_system();
            }
        }
        current.resolver.clone()
    }

    /// Whether the resolver answers at all: it is asked for the servers of the root, which every resolver knows. Any
    /// answer is one. So a name whose servers are silent is told from a resolver that is.
    pub(super) async fn answers(limit: Duration) -> bool {
        let asked = TokioResolver::builder_tokio().and_then(|mut builder| {
            // What was answered an hour ago says nothing.
            builder.options_mut().cache_size = 0;
            builder.options_mut().use_hosts_file = ResolveHosts::Never;
            builder.build()
        });
        let Ok(resolver) = asked else { return false };
        #[cfg(feature = "hang-drill")]
        let lookup = async {
            super::drill::resolver().await;
            resolver.lookup(".", RecordType::NS).await
        };
        #[cfg(not(feature = "hang-drill"))]
        let lookup = resolver.lookup(".", RecordType::NS);
        match timeout(limit, lookup).await {
            Ok(Ok(_)) => true,
            Ok(Err(error)) => !matches!(
                error,
                NetError::Timeout | NetError::Busy | NetError::NoConnections | NetError::Io(_)
            ),
            Err(_elapsed) => false,
        }
    }

    /// What an address is called; nothing where nobody says.
    pub(super) async fn of_address(ip: IpAddr) -> Vec<String> {
        let backwards = match ip {
            IpAddr::V4(v4) => {
                let [a, b, c, d] = v4.octets();
                format!("{d}.{c}.{b}.{a}.in-addr.arpa.")
            }
            IpAddr::V6(v6) => {
                let digits: Vec<char> = format!("{:032x}", v6.to_bits()).chars().rev().collect();
                let digits: String = digits.into_iter().flat_map(|digit| [digit, '.']).collect();
                format!("{digits}ip6.arpa.")
            }
        };
        let Ok(resolver) = of_the_system() else { return Vec::new() };
        let Ok(found) = resolver.lookup(backwards, RecordType::PTR).await else { return Vec::new() };
        let pointers = found.answers().iter().filter(|record| record.record_type() == RecordType::PTR);
        pointers.map(|record| record.data.to_string()).collect()
    }

    /// The addresses of a name that the rules permit; at least one.
    pub(super) async fn lookup(&self, host: &Host, rules: &Rules) -> Result<Vec<IpAddr>, FetchError> {
        if let Some(literal) = host.ip() {
            return permitted(vec![literal], rules);
        }
        let resolver = self.resolver().map_err(|reason| FetchError::Machine {
            what: "resolve names",
            source: io::Error::other(reason),
        })?;
        #[cfg(feature = "hang-drill")]
        super::drill::resolver().await;
        let found = resolver.lookup_ip(format!("{host}.")).await.map_err(failed)?;
        permitted(found.iter().collect(), rules)
    }
}

fn written() -> Option<SystemTime> {
    std::fs::metadata(CONFIGURATION).and_then(|file| file.modified()).ok()
}

fn of_the_system() -> Result<TokioResolver, String> {
    TokioResolver::builder_tokio().and_then(build).map_err(|error| error.to_string())
}

fn build(mut builder: ResolverBuilder<TokioRuntimeProvider>) -> Result<TokioResolver, NetError> {
    let options = builder.options_mut();
    options.ip_strategy = LookupIpStrategy::Ipv4AndIpv6;
    options.use_hosts_file = ResolveHosts::Never;
    options.timeout = Duration::from_secs(2);
    options.attempts = 2;
    options.cache_size = CACHED_NAMES;
    options.positive_min_ttl = Some(KEPT.0);
    options.positive_max_ttl = Some(KEPT.1);
    options.negative_min_ttl = Some(KEPT_NEGATIVE.0);
    options.negative_max_ttl = Some(KEPT_NEGATIVE.1);
    builder.build()
}

fn failed(error: NetError) -> FetchError {
    match error {
        NetError::Dns(DnsError::NoRecordsFound(_)) => FetchError::NoAddress,
        NetError::Busy | NetError::NoConnections => {
            FetchError::Machine { what: "reach its name server", source: io::Error::other(error.to_string()) }
        }
        NetError::Io(source) => FetchError::Machine {
            what: "reach its name server",
            source: io::Error::new(source.kind(), source.to_string()),
        },
        other => FetchError::Resolve { source: Box::new(other) },
    }
}

/// The few first addresses that may be connected to, or why none may.
fn permitted(mut addresses: Vec<IpAddr>, rules: &Rules) -> Result<Vec<IpAddr>, FetchError> {
    addresses.sort_unstable();
    addresses.dedup();
    let mut refusal = None;
    addresses.retain(|ip| match rules.permit_ip(*ip) {
        Ok(()) => true,
        Err(rule) => {
            refusal.get_or_insert(rule);
            false
        }
    });
    addresses.truncate(ADDRESSES);
    match (addresses.is_empty(), refusal) {
        (false, _) => Ok(addresses),
        (true, Some(refusal)) => Err(FetchError::Refused { refusal }),
        (true, None) => Err(FetchError::NoAddress),
    }
}

#[cfg(test)]
mod tests;
