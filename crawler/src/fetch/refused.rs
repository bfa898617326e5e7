//! Where the crawler never goes.
//!
//! Strangers choose every URL that we fetch, so a name may lead into this machine, its neighbours or a
//! service that is no capsule. The rules are judged on the very address that is connected to, after the
//! name was resolved; the routes of the configuration are the only exception. What is not known to be
//! public is refused: in IPv6 only 2000::/3 is.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use shared::gemini::host::Host;

/// The rule that forbids to connect.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// A name that never leads to a public capsule, such as `printer.local`.
    #[error("the name is not a public one")]
    Name,
    /// A port on which no capsule is expected.
    #[error("port {0} is not one for capsules")]
    Port(u16),
    /// An address in a range that is not public.
    #[error("{ip} is {range}")]
    Range {
        /// The address.
        ip: IpAddr,
        /// What it is instead.
        range: Range,
    },
    /// An address of this machine.
    #[error("{0} is an address of this machine")]
    Ourselves(IpAddr),
}

/// A range of addresses that are not public.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Range {
    /// 0.0.0.0/8 and ::
    Unspecified,
    /// 127.0.0.0/8 and ::1
    Loopback,
    /// RFC 1918, fc00::/7, fec0::/10
    Private,
    /// 100.64.0.0/10
    CarrierNat,
    /// 169.254.0.0/16 and fe80::/10
    LinkLocal,
    /// 224.0.0.0/4 and ff00::/8
    Multicast,
    /// 240.0.0.0/4 with the broadcast address
    Reserved,
    /// 198.18.0.0/15 and 2001:2::/48
    Benchmarking,
    /// The nets of examples in documents
    Documentation,
    /// 192.0.0.0/24, 192.88.99.0/24, 2001::/23
    Protocol,
    /// An IPv6 address that hides an IPv4 one: compatible, Teredo, 6to4, local NAT64
    Tunnel,
    /// IPv6 outside of 2000::/3
    Unassigned,
}
