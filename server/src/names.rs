//! The names and ports that are ours: whose a request is, judged alike at every door.

use std::net::IpAddr;

use shared::gemini::host::{DEFAULT_PORT, Host};

use crate::config::Config;

/// The names and ports that are ours.
#[derive(Debug)]
pub struct Names {
    hosts: Vec<Host>,
    ports: Vec<u16>,
}

/// Whose a request is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Whose {
    /// One of our names: any screen.
    Ours,
    /// Our bare address: whoever asks for that wonders who we are.
    OurAddress,
    /// Another host.
    Foreign,
}

impl Names {
    /// Our names, and the ports that a Gemini request may name: the bound ones, the one that clients see, and 1965.
    #[must_use]
    pub fn new(config: &Config, bound: Vec<u16>) -> Self {
        let mut ports = bound;
        ports.extend([config.port, DEFAULT_PORT]);
        Self { hosts: config.hosts.clone(), ports }
    }

    /// Whether a port that a request names is one of ours.
    #[must_use]
    pub fn has_port(&self, port: u16) -> bool {
        self.ports.contains(&port)
    }

    /// Whose a host is. `local` is the address that the visitor connected to.
    #[must_use]
    pub fn whose(&self, host: &Host, local: Option<IpAddr>) -> Whose {
        if self.hosts.contains(host) || host.as_str() == "localhost" {
            return Whose::Ours;
        }
        match host.ip() {
            Some(ip) if ip.is_loopback() => Whose::Ours,
            Some(ip) if Some(ip.to_canonical()) == local.map(|local| local.to_canonical()) => {
                Whose::OurAddress
            }
            Some(_) | None => Whose::Foreign,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_host_is_ours_or_our_bare_address_or_anothers() {
        let hosts = vec![Host::parse("sextant.example").unwrap()];
        let names = Names::new(&Config { hosts, ..Config::local("state".into()) }, vec![7_965]);
        for (host, local, expected) in [
            ("sextant.example", "192.0.2.7", Whose::Ours),
            ("localhost", "127.0.0.1", Whose::Ours),
            ("127.0.0.1", "127.0.0.1", Whose::Ours),
            ("192.0.2.7", "192.0.2.7", Whose::OurAddress),
            ("192.0.2.7", "::ffff:192.0.2.7", Whose::OurAddress),
            ("[2001:db8::7]", "2001:db8::7", Whose::OurAddress),
            ("192.0.2.8", "192.0.2.7", Whose::Foreign),
            ("other.example", "192.0.2.7", Whose::Foreign),
            ("sub.sextant.example", "192.0.2.7", Whose::Foreign),
        ] {
            let local = Some(local.parse().unwrap());
            assert_eq!(names.whose(&Host::parse(host).unwrap(), local), expected, "{host} at {local:?}");
        }
        assert_eq!([7_965, 1_965, 70].map(|port| names.has_port(port)), [true, true, false]);
    }
}
