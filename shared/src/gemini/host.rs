//! Hosts and capsules in one canonical form.
//!
//! A host comes in as people write it (`Bücher.EXAMPLE.`, `[::1]`, `0x7f.1`) and leaves as what goes on the
//! wire and into SNI: lower-case A-labels, or an IP address in its one canonical spelling. Spellings that
//! a resolver would read as an IPv4 address (`127.1`, `2130706433`) are addresses here too, so that no
//! check of addresses can be walked around by spelling.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::str::FromStr;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

/// Gemini's port.
pub const DEFAULT_PORT: u16 = 1965;

/// The name of a server, or its address.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Host(Arc<str>);

/// Why a text is no host.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum HostError {
    /// There is nothing.
    #[error("the host is empty")]
    Empty,
    /// More than 253 bytes, or a label of more than 63.
    #[error("the host is too long")]
    TooLong,
    /// Neither a name by IDNA nor an address.
    #[error("{0:?} is not a host name")]
    NotAName(String),
}

impl Host {
    /// Reads a host.
    ///
    /// # Errors
    ///
    /// [`HostError`] names the rule that it breaks.
    pub fn parse(text: &str) -> Result<Self, HostError> {
        if let Some(inner) = text.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
            let ip: Ipv6Addr = inner.parse().map_err(|_| HostError::NotAName(text.to_owned()))?;
            return Ok(Self(format!("[{ip}]").into()));
        }
        let decoded = percent_encoding::percent_decode_str(text)
            .decode_utf8()
            .map_err(|_| HostError::NotAName(text.to_owned()))?;
        let name = decoded.strip_suffix('.').unwrap_or(&decoded);
        if name.is_empty() {
            return Err(HostError::Empty);
        }
        let ascii = idna::domain_to_ascii(name).map_err(|_| HostError::NotAName(text.to_owned()))?;
        let ascii = ascii.strip_suffix('.').unwrap_or(&ascii);
        if 253 < ascii.len() || ascii.split('.').any(|label| 63 < label.len()) {
            return Err(HostError::TooLong);
        }
        if let Some(ipv4) = ipv4_as_resolvers_read_it(ascii) {
            let ip = ipv4.ok_or_else(|| HostError::NotAName(text.to_owned()))?;
            return Ok(Self(ip.to_string().into()));
        }
        let well_formed = ascii.split('.').all(|label| {
            !label.is_empty()
                && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_')
        });
        if !well_formed {
            return Err(HostError::NotAName(text.to_owned()));
        }
        Ok(Self(ascii.to_ascii_lowercase().into()))
    }

    /// As it stands in a URL; an IPv6 address in brackets.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The registrable domain, under which all names are one owner's; an address is its own.
    #[must_use]
    pub fn domain(&self) -> &str {
        if self.ip().is_some() {
            return self.as_str();
        }
        psl::domain_str(self.as_str()).unwrap_or(self.as_str())
    }

    /// The address, if it is one.
    #[must_use]
    pub fn ip(&self) -> Option<IpAddr> {
        match self.0.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
            Some(inner) => inner.parse().ok(),
            None => self.0.parse().ok(),
        }
    }
}

/// What `inet_aton` makes of a name: none if it would ask DNS, some none if it looks like an address and
/// is out of range.
fn ipv4_as_resolvers_read_it(name: &str) -> Option<Option<Ipv4Addr>> {
    let parts: Vec<&str> = name.split('.').collect();
    let last = parts.last()?;
    let numeric = |part: &str| {
        !part.is_empty()
            && (part.bytes().all(|byte| byte.is_ascii_digit())
                || part
                    .strip_prefix("0x")
                    .or_else(|| part.strip_prefix("0X"))
                    .is_some_and(|hex| hex.bytes().all(|byte| byte.is_ascii_hexdigit())))
    };
    if !numeric(last) {
        return None;
    }
    Some(read_parts(&parts))
}

fn read_parts(parts: &[&str]) -> Option<Ipv4Addr> {
    if 4 < parts.len() {
        return None;
    }
    let mut numbers = Vec::with_capacity(4);
    for part in parts {
        let number = match part.strip_prefix("0x").or_else(|| part.strip_prefix("0X")) {
            Some("") => 0,
            Some(hex) => u64::from_str_radix(hex, 16).ok()?,
            None if part.len() > 1 && part.starts_with('0') => u64::from_str_radix(part, 8).ok()?,
            None => part.parse().ok()?,
        };
        numbers.push(number);
    }
    let (last, leading) = numbers.split_last()?;
    let mut address: u64 = 0;
    for (place, number) in leading.iter().enumerate() {
        if 255 < *number {
            return None;
        }
        address |= number << (24 - 8 * place);
    }
    if 1_u64 << (8 * (4 - leading.len())) <= *last {
        return None;
    }
    u32::try_from(address | last).ok().map(Ipv4Addr::from)
}

impl fmt::Display for Host {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl FromStr for Host {
    type Err = HostError;

    fn from_str(text: &str) -> Result<Self, HostError> {
        Self::parse(text)
    }
}

impl TryFrom<String> for Host {
    type Error = HostError;

    fn try_from(text: String) -> Result<Self, HostError> {
        Self::parse(&text)
    }
}

impl From<Host> for String {
    fn from(host: Host) -> Self {
        host.0.as_ref().to_owned()
    }
}

/// A capsule: a host and a port. Displays as `host`, or `host:port` where the port is not Gemini's.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct CapsuleAddr {
    host: Host,
    port: u16,
}

/// Why a text is no capsule.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CapsuleAddrError {
    /// The host is none.
    #[error("{text:?} does not name a capsule")]
    Host {
        /// What was read.
        text: String,
        /// The rule that is broken.
        #[source]
        source: HostError,
    },
    /// The port is no number from 1 to 65535.
    #[error("the port of {0:?} is not a number from 1 to 65535")]
    Port(String),
}

impl CapsuleAddr {
    /// Puts the two together.
    #[must_use]
    pub const fn new(host: Host, port: u16) -> Self {
        Self { host, port }
    }

    /// The host.
    #[must_use]
    pub const fn host(&self) -> &Host {
        &self.host
    }

    /// The port.
    #[must_use]
    pub const fn port(&self) -> u16 {
        self.port
    }
}

impl fmt::Display for CapsuleAddr {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.port == DEFAULT_PORT {
            write!(f, "{}", self.host)
        } else {
            write!(f, "{}:{}", self.host, self.port)
        }
    }
}

impl FromStr for CapsuleAddr {
    type Err = CapsuleAddrError;

    fn from_str(text: &str) -> Result<Self, CapsuleAddrError> {
        let (host, port) = match text.rsplit_once(':') {
            Some((host, port)) if !port.contains(']') => (host, read_port(text, port)?),
            _ => (text, DEFAULT_PORT),
        };
        let host =
            Host::parse(host).map_err(|source| CapsuleAddrError::Host { text: text.to_owned(), source })?;
        Ok(Self { host, port })
    }
}

/// A port of a URL's authority; none after the colon means Gemini's own.
fn read_port(text: &str, port: &str) -> Result<u16, CapsuleAddrError> {
    if port.is_empty() {
        return Ok(DEFAULT_PORT);
    }
    let digits = port.bytes().all(|byte| byte.is_ascii_digit());
    match port.parse() {
        Ok(number) if digits && 0 < number => Ok(number),
        Ok(_) | Err(_) => Err(CapsuleAddrError::Port(text.to_owned())),
    }
}

impl TryFrom<String> for CapsuleAddr {
    type Error = CapsuleAddrError;

    fn try_from(text: String) -> Result<Self, CapsuleAddrError> {
        text.parse()
    }
}

impl From<CapsuleAddr> for String {
    fn from(addr: CapsuleAddr) -> Self {
        addr.to_string()
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case::itself("example.org", "example.org")]
    #[case::a_name_in_it("gem.deep.example.org", "example.org")]
    #[case::two_levels("capsule.example.co.uk", "example.co.uk")]
    #[case::a_name_without_a_domain("localhost", "localhost")]
    #[case::an_address("192.0.2.7", "192.0.2.7")]
    #[case::a_longer_address("[2001:db8::7]", "[2001:db8::7]")]
    fn domains(#[case] host: &str, #[case] expected: &str) {
        assert_eq!(Host::parse(host).unwrap().domain(), expected);
    }
}
