//! Where the crawler never goes.
//!
//! Strangers choose every URL that we fetch, so a name may lead into this machine, its neighbours or a
//! service that is no capsule. The rules are judged on the very address that is connected to, after the
//! name was resolved; the routes of the configuration are the only exception. What is not known to be
//! public is refused: in IPv6 only `2000::/3` is.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use shared::gemini::host::Host;
use shared::gemini::reach;

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
    /// `0.0.0.0/8` and `::`
    Unspecified,
    /// `127.0.0.0/8` and `::1`
    Loopback,
    /// RFC 1918, `fc00::/7`, `fec0::/10`
    Private,
    /// `100.64.0.0/10`
    CarrierNat,
    /// `169.254.0.0/16` and `fe80::/10`
    LinkLocal,
    /// `224.0.0.0/4` and `ff00::/8`
    Multicast,
    /// `240.0.0.0/4` with the broadcast address
    Reserved,
    /// `198.18.0.0/15` and `2001:2::/48`
    Benchmarking,
    /// The nets of examples in documents
    Documentation,
    /// `192.0.0.0/24`, `192.88.99.0/24`, `2001::/23`
    Protocol,
    /// An IPv6 address that hides an IPv4 one: compatible, Teredo, 6to4, local NAT64
    Tunnel,
    /// IPv6 outside of `2000::/3`
    Unassigned,
}

/// The rules, with this machine's own addresses.
#[derive(Clone, Debug, Default)]
pub struct Rules {
    own: Vec<IpAddr>,
}

impl Rules {
    /// The rules for this machine: `further` addresses are ours too, such as those before a translating router.
    #[must_use]
    pub fn for_this_machine(further: &[IpAddr]) -> Self {
        let v4 = std::fs::read_to_string("/proc/net/fib_trie").unwrap_or_default();
        let v6 = std::fs::read_to_string("/proc/net/if_inet6").unwrap_or_default();
        let mut own = local_v4(&v4);
        own.extend(local_v6(&v6));
        own.extend_from_slice(further);
        Self { own }
    }

    /// May this host be asked for at this port at all?
    ///
    /// # Errors
    ///
    /// The rule that forbids it.
    pub fn permit_name(&self, host: &Host, port: u16) -> Result<(), Refusal> {
        permit_port(port)?;
        self.permit_host(host)
    }

    /// May this host be looked up at all?
    ///
    /// # Errors
    ///
    /// The rule that forbids it.
    pub fn permit_host(&self, host: &Host) -> Result<(), Refusal> {
        match host.ip() {
            Some(ip) => self.permit_ip(ip),
            None => permit_host_name(host.as_str()),
        }
    }

    /// May this address be connected to?
    ///
    /// # Errors
    ///
    /// The rule that forbids it.
    pub fn permit_ip(&self, ip: IpAddr) -> Result<(), Refusal> {
        if let Some(range) = range_of(ip) {
            return Err(Refusal::Range { ip, range });
        }
        if self.own.contains(&ip.to_canonical()) {
            return Err(Refusal::Ourselves(ip));
        }
        Ok(())
    }
}

fn permit_host_name(host: &str) -> Result<(), Refusal> {
    reach::permit_name(host).map_err(|_| Refusal::Name)
}

fn permit_port(port: u16) -> Result<(), Refusal> {
    reach::permit_port(port).map_err(|_| Refusal::Port(port))
}

/// What the address is, if it is not public.
fn range_of(ip: IpAddr) -> Option<Range> {
    match ip {
        IpAddr::V4(v4) => range_of_v4(v4),
        IpAddr::V6(v6) => range_of_v6(v6),
    }
}

fn range_of_v4(ip: Ipv4Addr) -> Option<Range> {
    match ip.octets() {
        [0, ..] => Some(Range::Unspecified),
        [127, ..] => Some(Range::Loopback),
        [10, ..] | [192, 168, ..] => Some(Range::Private),
        [172, second, ..] if (16..32).contains(&second) => Some(Range::Private),
        [100, second, ..] if (64..128).contains(&second) => Some(Range::CarrierNat),
        [169, 254, ..] => Some(Range::LinkLocal),
        [192, 0, 0, _] | [192, 88, 99, _] => Some(Range::Protocol),
        [192, 0, 2, _] | [198, 51, 100, _] | [203, 0, 113, _] => Some(Range::Documentation),
        [198, 18 | 19, ..] => Some(Range::Benchmarking),
        [224..240, ..] => Some(Range::Multicast),
        [240..=255, ..] => Some(Range::Reserved),
        _ => None,
    }
}

fn range_of_v6(ip: Ipv6Addr) -> Option<Range> {
    if let Some(v4) = ip.to_ipv4_mapped() {
        return range_of_v4(v4);
    }
    match ip.segments() {
        [0, 0, 0, 0, 0, 0, 0, 0] => Some(Range::Unspecified),
        [0, 0, 0, 0, 0, 0, 0, 1] => Some(Range::Loopback),
        [0, 0, 0, 0, 0, 0, ..] | [0x2002, ..] | [0x2001, 0, ..] | [0x64, 0xff9b, 1, ..] => {
            Some(Range::Tunnel)
        }
        // A network with DNS64 reaches every IPv4 capsule this way, so what is hidden here is judged.
        [0x64, 0xff9b, 0, 0, 0, 0, high, low] => {
            let [a, b] = high.to_be_bytes();
            let [c, d] = low.to_be_bytes();
            range_of_v4(Ipv4Addr::new(a, b, c, d))
        }
        [0x2001, 2, 0, ..] => Some(Range::Benchmarking),
        [0x2001, 0x0db8, ..] => Some(Range::Documentation),
        [0x3fff, second, ..] if second < 0x1000 => Some(Range::Documentation),
        [0x2001, second, ..] if second < 0x0200 => Some(Range::Protocol),
        [0xfe80..0xfec0, ..] => Some(Range::LinkLocal),
        [0xfec0..0xff00, ..] | [0xfc00..0xfe00, ..] => Some(Range::Private),
        [0xff00..=0xffff, ..] => Some(Range::Multicast),
        [0x2000..0x4000, ..] => None,
        _ => Some(Range::Unassigned),
    }
}

/// The addresses that the kernel's routing table calls local: a leaf line, then `/32 host LOCAL`.
fn local_v4(fib_trie: &str) -> Vec<IpAddr> {
    let mut leaf = None;
    let mut found: Vec<IpAddr> = Vec::new();
    for line in fib_trie.lines().map(str::trim) {
        if let Some(address) = line.strip_prefix("|-- ") {
            leaf = address.parse().ok();
        } else if line == "/32 host LOCAL"
            && let Some(ip) = leaf
            && !found.contains(&ip)
        {
            found.push(ip);
        }
    }
    found
}

/// The addresses of the kernel's list of IPv6 interfaces: each line begins with 32 hex digits.
fn local_v6(if_inet6: &str) -> Vec<IpAddr> {
    if_inet6
        .lines()
        .filter_map(|line| u128::from_str_radix(line.split_whitespace().next()?, 16).ok())
        .map(|bits| IpAddr::V6(Ipv6Addr::from_bits(bits)))
        .collect()
}

impl fmt::Display for Range {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Unspecified => "unspecified",
            Self::Loopback => "loopback",
            Self::Private => "private",
            Self::CarrierNat => "behind a carrier's translation",
            Self::LinkLocal => "link-local",
            Self::Multicast => "multicast",
            Self::Reserved => "reserved",
            Self::Benchmarking => "for benchmarks",
            Self::Documentation => "for documentation",
            Self::Protocol => "for protocols",
            Self::Tunnel => "an IPv4 address in disguise",
            Self::Unassigned => "not assigned",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(ip: &str, expected: Option<Range>) {
        assert_eq!(range_of(ip.parse().unwrap()), expected, "{ip}");
    }

    #[test]
    fn public_addresses_are_permitted_and_all_others_are_known_by_their_range() {
        for ip in [
            "1.1.1.1",
            "9.255.255.255",
            "11.0.0.0",
            "100.63.255.255",
            "100.128.0.0",
            "126.255.255.255",
            "128.0.0.1",
            "169.253.255.255",
            "172.15.255.255",
            "172.32.0.0",
            "192.0.1.0",
            "192.88.98.1",
            "192.167.1.1",
            "198.17.255.255",
            "198.20.0.0",
            "203.0.112.1",
            "223.255.255.255",
            "2001:200::1",
            "2001:4860:4860::8888",
            "2a01:4f8::1",
            "2606:4700::1111",
            "3ffe::1",
            "3fff:1000::1",
            "::ffff:1.1.1.1",
            "64:ff9b::101:101",
        ] {
            check(ip, None);
        }
        let refused = [
            (Range::Unspecified, "0.0.0.0 0.1.2.3 :: ::ffff:0.0.0.0 64:ff9b::"),
            (Range::Loopback, "127.0.0.1 127.255.255.255 ::1 ::ffff:127.0.0.1 ::ffff:7f00:1 64:ff9b::7f00:1"),
            (Range::Private, "10.0.0.1 10.255.255.255 172.16.0.1 172.31.255.255 192.168.0.1 ::ffff:10.0.0.1"),
            (Range::Private, "64:ff9b::c0a8:1 fc00::1 fd12:3456::1 fdff::1 fec0::1 feff::1"),
            (Range::CarrierNat, "100.64.0.0 100.127.255.255 ::ffff:100.64.0.1"),
            (Range::LinkLocal, "169.254.169.254 169.254.0.1 fe80::1 febf::1 ::ffff:169.254.169.254"),
            (Range::Multicast, "224.0.0.1 239.255.255.255 ff02::1 ffff::1"),
            (Range::Reserved, "240.0.0.1 255.255.255.255 ::ffff:255.255.255.255"),
            (Range::Benchmarking, "198.18.0.1 198.19.255.255 2001:2::1"),
            (Range::Documentation, "192.0.2.1 198.51.100.1 203.0.113.1 2001:db8::1 3fff::1 3fff:fff::1"),
            (Range::Protocol, "192.0.0.1 192.0.0.170 192.88.99.1 2001:10::1 2001:20::1 2001:1ff::1"),
            (
                Range::Tunnel,
                "::127.0.0.1 ::10.0.0.1 ::1.1.1.1 2002:7f00:1::1 2002:101:101::1 2001::1 2001:0:101:101::1",
            ),
            (Range::Tunnel, "64:ff9b:1::7f00:1 64:ff9b:1:ffff::1"),
            (Range::Unassigned, "100::1 1::1 4000::1 5f00::1 8000::1 fe00::1 64:ff9b:2::1 64:ff9b:0:1::1"),
        ];
        for (range, addresses) in refused {
            for ip in addresses.split(' ') {
                check(ip, Some(range));
            }
        }
    }

    #[test]
    fn ports_below_1024_and_those_of_known_services_are_refused() {
        for port in [1965, 1966, 1024, 3000, 7070, 19650, 65535] {
            assert_eq!(permit_port(port), Ok(()), "{port}");
        }
        for port in
            [0, 1, 22, 25, 70, 79, 80, 300, 443, 993, 1023, 3306, 5432, 6379, 8080, 9200, 11211, 27017]
        {
            assert_eq!(permit_port(port), Err(Refusal::Port(port)), "{port}");
        }
    }

    #[test]
    fn names_that_lead_to_neighbours_are_refused() {
        for name in ["example.org", "local.example.org", "notlocal.net", "a.b.c.example", "mylan.org"] {
            assert_eq!(permit_host_name(name), Ok(()), "{name}");
        }
        for name in [
            "localhost",
            "a.localhost",
            "printer.local",
            "db.internal",
            "x.onion",
            "nas",
            "router.lan",
            "nas.home.arpa",
            "local",
        ] {
            assert_eq!(permit_host_name(name), Err(Refusal::Name), "{name}");
        }
    }

    #[test]
    fn our_own_addresses_are_refused_in_every_spelling() {
        let rules = Rules { own: vec!["8.8.4.4".parse().unwrap()] };
        for ip in ["8.8.4.4", "::ffff:8.8.4.4"] {
            let ip: IpAddr = ip.parse().unwrap();
            assert_eq!(rules.permit_ip(ip), Err(Refusal::Ourselves(ip)));
        }
        assert_eq!(rules.permit_ip("8.8.8.8".parse().unwrap()), Ok(()));
    }

    #[test]
    fn the_kernels_lists_name_the_addresses_of_this_machine() {
        let trie = "Main:\n  +-- 0.0.0.0/0 3 0 5\n     |-- 8.8.4.4\n        /32 host LOCAL\n     |-- 8.8.4.255\n        /32 link BROADCAST\n";
        assert_eq!(local_v4(trie), vec!["8.8.4.4".parse::<IpAddr>().unwrap()]);
        let list = "20010db8000000000000000000000001 02 40 00 80 eth0\n\nzz\n";
        assert_eq!(local_v6(list), vec!["2001:db8::1".parse::<IpAddr>().unwrap()]);
    }
}
