//! A visitor as a door sees them: no name, no memory.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// Who asks, as far as a door can tell: an IPv4 address, or the /64 that an IPv6 network hands out. Kept in
/// memory only, and never written anywhere.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Visitor(IpAddr);

impl Visitor {
    /// Whoever comes from this address.
    #[must_use]
    pub fn at(address: IpAddr) -> Self {
        Self(match address.to_canonical() {
            IpAddr::V4(v4) => IpAddr::V4(v4),
            // Its /64 is nobody else's.
            IpAddr::V6(v6) if v6.is_loopback() => IpAddr::V6(v6),
            IpAddr::V6(v6) => IpAddr::V6(Ipv6Addr::from_bits(v6.to_bits() & !u128::from(u64::MAX))),
        })
    }
}

/// Somebody on this machine, where a door does not know better.
impl Default for Visitor {
    fn default() -> Self {
        Self(IpAddr::V4(Ipv4Addr::LOCALHOST))
    }
}
