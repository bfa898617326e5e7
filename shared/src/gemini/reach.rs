//! Which names and ports may be a public capsule at all, before anybody asks DNS.
//!
//! The crawler asks before it resolves, the server before it takes a submission: so nobody waits for a visit
//! that never comes. Addresses are judged by the crawler alone, when it connects.

use super::host::Host;

/// Why nothing is asked there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unreachable {
    /// A name that never leads to a public capsule, such as `printer.local`.
    #[error("the name is not a public one")]
    Name,
    /// A port on which no capsule is expected.
    #[error("port {0} is not one for capsules")]
    Port(u16),
}

/// Names that are never public, last labels and whole names.
const PRIVATE_NAMES: [&str; 9] =
    ["local", "localhost", "localdomain", "internal", "lan", "home.arpa", "onion", "test", "invalid"];

/// Services above port 1023 that are no capsules and should not be poked: databases, caches, admin pages.
const SERVICE_PORTS: [u16; 26] = [
    1080, 1433, 1521, 1883, 2049, 2375, 2376, 2379, 3128, 3306, 3389, 5060, 5432, 5672, 5900, 5984, 6379,
    6443, 6667, 8080, 9000, 9200, 9300, 11211, 27017, 50070,
];

/// May a capsule be asked for here? An address in place of a name is not judged.
///
/// # Errors
///
/// Why not.
pub fn permit(host: &Host, port: u16) -> Result<(), Unreachable> {
    permit_port(port)?;
    if host.ip().is_some() { Ok(()) } else { permit_name(host.as_str()) }
}

/// May this name be looked up?
///
/// # Errors
///
/// [`Unreachable::Name`].
pub fn permit_name(name: &str) -> Result<(), Unreachable> {
    let private = PRIVATE_NAMES.iter().any(|private| {
        name.strip_suffix(private).is_some_and(|before| before.is_empty() || before.ends_with('.'))
    });
    // A name of one label would be completed by the resolver's search list: it names a neighbour.
    if private || !name.contains('.') { Err(Unreachable::Name) } else { Ok(()) }
}

/// May this port be connected to?
///
/// # Errors
///
/// [`Unreachable::Port`].
pub fn permit_port(port: u16) -> Result<(), Unreachable> {
    if port < 1024 || SERVICE_PORTS.contains(&port) { Err(Unreachable::Port(port)) } else { Ok(()) }
}
