//! How many may come in at once and how often, in all and from one address.
//!
//! A pass is taken before a connection costs anything and goes back when it is dropped, however the
//! connection ends. As the house fills up, visitors get less: first the bare hits of a search, then a word
//! when to come again, and in a full house the door stays shut. Addresses are kept only while they are
//! connected; of earlier ones there is nothing but the salted counts of [`rate`].

mod rate;

use std::collections::HashMap;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use shared::process::figures;

use crate::config::{Limits, Network};
use crate::render::problem::Problem;
use crate::search::Extras;
use rate::Rate;

/// Where there is too much to do, places come back in about that time.
pub const COME_AGAIN: Duration = Duration::from_secs(5);

/// Counts who is in.
#[derive(Clone, Debug)]
pub struct Gate {
    in_all: usize,
    per_address: usize,
    many: Many,
    inside: Arc<Mutex<Inside>>,
    rate: Arc<Rate>,
}

#[derive(Debug, Default)]
struct Inside {
    all: usize,
    by_address: HashMap<IpAddr, usize>,
}

/// Who may hold as many connections as they like, because they bring other people.
#[derive(Clone, Debug)]
enum Many {
    /// Nobody.
    Nobody,
    /// This machine: nobody told us of a proxy, and yet one may run here.
    ThisMachine,
    /// The proxies that we were told of.
    Proxies(Arc<[Network]>),
}

/// The right to be in; dropping it gives it back.
#[derive(Debug)]
pub struct Pass {
    gate: Gate,
    address: IpAddr,
}

/// Why somebody stays outside.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Full {
    /// The house is full.
    Everywhere,
    /// Enough of this address are in.
    ForThisAddress,
    /// This address comes too often.
    TooOften,
}

impl Gate {
    /// A gate for one door; doors that share a gate share its limits.
    #[must_use]
    pub fn new(limits: &Limits) -> Self {
        Self {
            in_all: limits.connections,
            per_address: limits.connections_per_address,
            many: Many::Nobody,
            inside: Arc::default(),
            rate: Arc::new(Rate::new(limits)),
        }
    }

    /// A gate for a door with proxies before it, each of which brings many. Where none is named, this machine may
    /// be one: whoever puts a proxy beside us and does not say so must not find all its visitors shut out as
    /// one. Who names a proxy has every other address, this machine's too, counted as one visitor.
    #[must_use]
    pub fn behind(proxies: &[Network], limits: &Limits) -> Self {
        let many = if proxies.is_empty() { Many::ThisMachine } else { Many::Proxies(proxies.into()) };
        Self { many, ..Self::new(limits) }
    }

    /// Another gate with the same limits, for those whom a proxy brings: they have no connection of their own,
    /// and count by their requests.
    #[must_use]
    pub fn for_the_brought(&self) -> Self {
        Self { inside: Arc::default(), ..self.clone() }
    }

    /// Lets a visitor in.
    ///
    /// # Errors
    ///
    /// Who is too many, or comes too often.
    pub fn enter(&self, visitor: IpAddr) -> Result<Pass, Full> {
        let entered = self.try_to_enter(visitor);
        if let Err(full) = &entered {
            let limit = match full {
                Full::Everywhere => "house",
                Full::ForThisAddress => "address",
                Full::TooOften => "arrivals",
            };
            figures::SHUT_OUT.add([limit], 1);
        }
        entered
    }

    fn try_to_enter(&self, visitor: IpAddr) -> Result<Pass, Full> {
        let address = network(visitor);
        let brings_many = match &self.many {
            Many::Nobody => false,
            Many::ThisMachine => is_this_machine(visitor),
            Many::Proxies(proxies) => proxies.iter().any(|proxy| proxy.contains(visitor)),
        };
        if !brings_many && self.is_rated(visitor) && self.rate.arrives(address).is_err() {
            return Err(Full::TooOften);
        }
        let mut inside = self.inside.lock().unwrap_or_else(PoisonError::into_inner);
        if self.in_all <= inside.all {
            return Err(Full::Everywhere);
        }
        let here = inside.by_address.get(&address).copied().unwrap_or_default();
        if self.per_address <= here && !brings_many {
            return Err(Full::ForThisAddress);
        }
        inside.by_address.insert(address, here + 1);
        inside.all += 1;
        Ok(Pass { gate: self.clone(), address })
    }

    /// What a visitor gets who asks for a screen now.
    ///
    /// # Errors
    ///
    /// A problem with the time after which to ask again, for who asks too often and for all while the house is
    /// nearly full: a short answer makes room for the next.
    pub fn ask(&self, visitor: IpAddr) -> Result<Extras, Problem> {
        if self.is_rated(visitor) {
            self.rate.asks(network(visitor)).map_err(|retry_after| {
                figures::SHUT_OUT.add(["requests"], 1);
                Problem::TooFast { retry_after }
            })?;
        }
        let all = self.inside.lock().unwrap_or_else(PoisonError::into_inner).all;
        if self.in_all * 15 <= all * 16 {
            figures::SHUT_OUT.add(["crowd"], 1);
            return Err(Problem::Busy { retry_after: COME_AGAIN });
        }
        Ok(if self.in_all * 3 <= all * 4 { Extras::LeftOut } else { Extras::Wanted })
    }

    /// Whether it counts how often they come. This machine itself is its owner's, with tools that ask fast; behind
    /// a named proxy nobody is this machine.
    fn is_rated(&self, visitor: IpAddr) -> bool {
        match self.many {
            Many::Nobody | Many::ThisMachine => !is_this_machine(visitor),
            Many::Proxies(_) => true,
        }
    }
}

impl Pass {
    /// What its holder gets who asks for a screen now.
    ///
    /// # Errors
    ///
    /// As [`Gate::ask`].
    pub fn ask(&self) -> Result<Extras, Problem> {
        self.gate.ask(self.address)
    }
}

impl Drop for Pass {
    fn drop(&mut self) {
        let mut inside = self.gate.inside.lock().unwrap_or_else(PoisonError::into_inner);
        inside.all -= 1;
        if let Some(here) = inside.by_address.get_mut(&self.address) {
            *here -= 1;
            if *here == 0 {
                inside.by_address.remove(&self.address);
            }
        }
    }
}

/// What counts as one visitor: an IPv4 address, or the /64 that an IPv6 network hands out.
fn network(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V4(v4) => IpAddr::V4(v4),
        // Its /64 is nobody else's.
        IpAddr::V6(v6) if v6.is_loopback() => address,
        IpAddr::V6(v6) => IpAddr::V6(Ipv6Addr::from_bits(v6.to_bits() & !u128::from(u64::MAX))),
    }
}

/// The addresses by which a machine speaks to itself where nobody says otherwise. The rest of 127.0.0.0/8 are
/// visitors like others.
fn is_this_machine(address: IpAddr) -> bool {
    match address.to_canonical() {
        IpAddr::V4(v4) => v4 == Ipv4Addr::LOCALHOST,
        IpAddr::V6(v6) => v6 == Ipv6Addr::LOCALHOST,
    }
}

#[cfg(test)]
mod tests;
