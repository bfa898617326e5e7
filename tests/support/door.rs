//! Where the running program listens, as its log says.

use std::fs;
use std::net::SocketAddr;
use std::path::Path;

/// The address of a door, told in these words.
pub(crate) fn door(log: &Path, told: &str) -> Option<SocketAddr> {
    let text = fs::read_to_string(log).ok()?;
    let line = text.lines().find(|line| line.contains(told))?;
    let address = line.split("address=").nth(1)?.trim();
    address.trim_start_matches("http://").trim_end_matches('/').parse().ok()
}
