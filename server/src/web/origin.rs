//! Whose a request is: the peer's, or that of somebody whom a trusted proxy brings.
//!
//! A proxy appends the address that it saw to `X-Forwarded-For`. What stands before the last entry of a proxy
//! that we trust may be anybody's invention, so the list is read from its end, up to the first address that is
//! no proxy of ours.

use std::net::{IpAddr, SocketAddr};

use axum::http::HeaderMap;

use crate::config::Network;

const FORWARDED_FOR: &str = "x-forwarded-for";

/// Whose a request is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Origin {
    /// The peer's own.
    Peer(IpAddr),
    /// That of somebody behind a trusted proxy.
    Brought(IpAddr),
}

impl Origin {
    /// The visitor's address.
    pub(super) const fn visitor(self) -> IpAddr {
        match self {
            Self::Peer(address) | Self::Brought(address) => address,
        }
    }
}

/// Whose a request is that came from this peer with these headers.
pub(super) fn origin(peer: IpAddr, headers: &HeaderMap, trusted: &[Network]) -> Origin {
    let is_trusted = |address: IpAddr| trusted.iter().any(|network| network.contains(address));
    if !is_trusted(peer) {
        return Origin::Peer(peer);
    }
    let lines: Vec<&str> =
        headers.get_all(FORWARDED_FOR).iter().filter_map(|line| line.to_str().ok()).collect();
    let hops = lines.iter().rev().flat_map(|line| line.rsplit(','));
    let mut origin = Origin::Peer(peer);
    for hop in hops {
        // What no proxy of ours would write is where our knowledge ends.
        let Some(address) = address(hop.trim()) else { break };
        origin = Origin::Brought(address);
        if !is_trusted(address) {
            break;
        }
    }
    origin
}

/// `192.0.2.1`, `2001:db8::1`, `[2001:db8::1]`, and those with a port.
fn address(hop: &str) -> Option<IpAddr> {
    let bare = hop.strip_prefix('[').and_then(|hop| hop.strip_suffix(']')).unwrap_or(hop);
    let found = bare.parse().or_else(|_| hop.parse().map(|address: SocketAddr| address.ip()));
    found.ok().map(|address: IpAddr| address.to_canonical())
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    #[test]
    fn the_last_hop_that_is_no_proxy_of_ours_is_the_visitor() {
        let trusted = ["127.0.0.1", "10.0.0.0/8", "2001:db8:5::/48"].map(|text| text.parse().unwrap());
        let at = |text: &str| text.parse::<IpAddr>().unwrap();
        for (peer, lines, expected) in [
            ("192.0.2.9", &["198.51.100.1"][..], Origin::Peer(at("192.0.2.9"))),
            ("127.0.0.1", &[], Origin::Peer(at("127.0.0.1"))),
            ("127.0.0.1", &["198.51.100.1"], Origin::Brought(at("198.51.100.1"))),
            ("::ffff:127.0.0.1", &["198.51.100.1"], Origin::Brought(at("198.51.100.1"))),
            // An invention of the visitor's stands before what the proxy saw.
            ("127.0.0.1", &["203.0.113.7, 198.51.100.1"], Origin::Brought(at("198.51.100.1"))),
            ("127.0.0.1", &["203.0.113.7", "198.51.100.1"], Origin::Brought(at("198.51.100.1"))),
            ("127.0.0.1", &["198.51.100.1, 10.2.3.4 ,10.2.3.5"], Origin::Brought(at("198.51.100.1"))),
            ("10.9.9.9", &["10.2.3.4, 10.2.3.5"], Origin::Brought(at("10.2.3.4"))),
            ("10.9.9.9", &["198.51.100.1, unknown"], Origin::Peer(at("10.9.9.9"))),
            ("10.9.9.9", &["unknown, 198.51.100.1:4711"], Origin::Brought(at("198.51.100.1"))),
            ("2001:db8:5::1", &["[2001:db8::1]:80"], Origin::Brought(at("2001:db8::1"))),
            ("2001:db8:5::1", &["[2001:db8::1]"], Origin::Brought(at("2001:db8::1"))),
        ] {
            let mut headers = HeaderMap::new();
            for line in lines {
                headers.append(FORWARDED_FOR, HeaderValue::from_str(line).unwrap());
            }
            assert_eq!(origin(at(peer), &headers, &trusted), expected, "{peer} {lines:?}");
        }
    }
}
