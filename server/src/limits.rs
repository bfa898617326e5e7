//! How many may come in at once, in all and from one address.
//!
//! A pass is taken before a connection costs anything and goes back when it is dropped, however the
//! connection ends. Addresses are kept only while they are connected.

use std::collections::HashMap;
use std::net::{IpAddr, Ipv6Addr};
use std::sync::{Arc, Mutex, PoisonError};

use crate::config::Limits;

/// Counts who is in.
#[derive(Clone, Debug)]
pub struct Gate {
    in_all: usize,
    per_address: usize,
    loopback: Loopback,
    inside: Arc<Mutex<Inside>>,
}

#[derive(Debug, Default)]
struct Inside {
    all: usize,
    by_address: HashMap<IpAddr, usize>,
}

/// Who visits from the machine itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Loopback {
    /// A visitor like any other.
    OneVisitor,
    /// A proxy that brings many.
    Proxy,
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
}

impl Gate {
    /// A gate for one door; doors that share a gate share its limits.
    #[must_use]
    pub fn new(limits: &Limits) -> Self {
        Self {
            in_all: limits.connections,
            per_address: limits.connections_per_address,
            loopback: Loopback::OneVisitor,
            inside: Arc::default(),
        }
    }

    /// A gate for a door that may have a proxy before it, on this machine: from there come many visitors.
    #[must_use]
    pub fn beside_proxies(limits: &Limits) -> Self {
        Self { loopback: Loopback::Proxy, ..Self::new(limits) }
    }

    /// Lets a visitor in.
    ///
    /// # Errors
    ///
    /// Who is too many.
    pub fn enter(&self, visitor: IpAddr) -> Result<Pass, Full> {
        let address = network(visitor);
        let mut inside = self.inside.lock().unwrap_or_else(PoisonError::into_inner);
        if self.in_all <= inside.all {
            return Err(Full::Everywhere);
        }
        let is_proxy = self.loopback == Loopback::Proxy && address.is_loopback();
        let here = inside.by_address.get(&address).copied().unwrap_or_default();
        if self.per_address <= here && !is_proxy {
            return Err(Full::ForThisAddress);
        }
        inside.by_address.insert(address, here + 1);
        inside.all += 1;
        Ok(Pass { gate: self.clone(), address })
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pass_comes_back_when_it_is_dropped() {
        let limits = Limits { connections: 3, connections_per_address: 2, ..Limits::default() };
        let gate = Gate::new(&limits);
        let here: IpAddr = "192.0.2.1".parse().unwrap();
        let there: IpAddr = "2001:db8::1".parse().unwrap();
        let beside: IpAddr = "2001:db8::2".parse().unwrap();
        let first = gate.enter(here).unwrap();
        let _second = gate.enter(here).unwrap();
        assert_eq!(gate.enter(here).unwrap_err(), Full::ForThisAddress);
        let third = gate.enter(there).unwrap();
        assert_eq!(gate.enter(beside).unwrap_err(), Full::Everywhere);
        drop((first, third));
        let _one = gate.enter(there).unwrap();
        let _two = gate.enter(beside).unwrap();
        assert_eq!(gate.enter(there).unwrap_err(), Full::Everywhere);
    }
    #[test]
    fn a_proxy_on_this_machine_brings_many() {
        let limits = Limits { connections: 3, connections_per_address: 1, ..Limits::default() };
        let gate = Gate::beside_proxies(&limits);
        let mut inside = Vec::new();
        for (visitor, comes_in) in
            [("127.0.0.1", true), ("127.0.0.1", true), ("192.0.2.1", true), ("::1", false)]
        {
            let entered = gate.enter(visitor.parse().unwrap());
            assert_eq!(entered.is_ok(), comes_in, "{visitor}");
            inside.extend(entered);
        }
        let gate = Gate::beside_proxies(&limits);
        let _first = gate.enter("192.0.2.1".parse().unwrap()).unwrap();
        assert_eq!(gate.enter("192.0.2.1".parse().unwrap()).unwrap_err(), Full::ForThisAddress);
    }
}
