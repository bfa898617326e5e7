//! Loopback addresses: who gets which, and the sockets that hold them.
//!
//! Address number n is 127.16.0.1 and up, stable by order. All addresses share one port; each has a listener of
//! its own, since a listener for the whole of 127.0.0.0/8 does not exist.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use tokio::net::{TcpListener, TcpSocket, TcpStream};

use crate::SpaceError;

/// The most addresses of one space; further hosts share them.
const MAX_ADDRESSES: usize = 4_000;
/// How often another free port is tried when some address is taken on the first.
const PORT_TRIES: usize = 20;
const BACKLOG: u32 = 1_024;

/// What listens on an address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Door {
    /// An ordinary listener.
    Open,
    /// Bound without listening: connections are refused.
    Refusing,
    /// Listening with a full queue: connections are never established.
    Full,
}

/// A bound address.
#[derive(Debug)]
pub(crate) enum Bound {
    Open(TcpListener),
    /// Kept only so that nobody else can listen there.
    Refusing(#[expect(dead_code, reason = "holds the address")] TcpSocket),
    Full(
        #[expect(dead_code, reason = "holds the queue")] TcpListener,
        #[expect(dead_code, reason = "fills it")] Vec<TcpStream>,
    ),
}

/// The address with this number.
pub(crate) fn number(number: usize) -> IpAddr {
    let part = |n: usize| u8::try_from(n).unwrap_or(u8::MAX);
    IpAddr::V4(Ipv4Addr::new(
        127,
        part(16 + number / 62_500),
        part(number / 250 % 250),
        part(number % 250 + 1),
    ))
}

/// How many addresses this process can afford: half of its descriptors, at most 4,000.
pub(crate) fn affordable() -> usize {
    let limits = std::fs::read_to_string("/proc/self/limits").unwrap_or_default();
    let line = limits.lines().find(|line| line.starts_with("Max open files"));
    let soft = line.and_then(|line| line.split_whitespace().nth(3)).and_then(|soft| soft.parse().ok());
    (soft.unwrap_or(1_024_usize) / 2).clamp(1, MAX_ADDRESSES)
}

/// Binds every address on one port; port 0 finds one that is free on all.
pub(crate) async fn bind(doors: &[Door], port: u16) -> Result<(u16, Vec<Bound>), SpaceError> {
    let tries = if port == 0 { PORT_TRIES } else { 1 };
    let mut last = None;
    for _ in 0..tries {
        match bind_all(doors, port).await {
            Ok(bound) => return Ok(bound),
            Err(error) => last = Some(error),
        }
    }
    Err(last.unwrap_or(SpaceError::NoAddress))
}

async fn bind_all(doors: &[Door], port: u16) -> Result<(u16, Vec<Bound>), SpaceError> {
    let mut port = port;
    // The first address of every space is held by a listener, so that two spaces never find the same port.
    let keeper = listener(SocketAddr::new(number(0), port)).map_err(|source| bind_error(0, port, source))?;
    if port == 0 {
        port = keeper.local_addr().map_err(|source| bind_error(0, port, source))?.port();
    }
    let mut keeper = Some(keeper);
    let mut bound = Vec::with_capacity(doors.len());
    for (n, door) in doors.iter().enumerate() {
        let address = SocketAddr::new(number(n), port);
        let made = match (door, keeper.take()) {
            (Door::Open, Some(keeper)) => Ok(Bound::Open(keeper)),
            (door, keeper) => {
                drop(keeper);
                one(*door, address).await
            }
        };
        bound.push(made.map_err(|source| bind_error(n, port, source))?);
    }
    Ok((port, bound))
}

async fn one(door: Door, address: SocketAddr) -> std::io::Result<Bound> {
    match door {
        Door::Open => Ok(Bound::Open(listener(address)?)),
        Door::Refusing => {
            let socket = TcpSocket::new_v4()?;
            socket.bind(address)?;
            Ok(Bound::Refusing(socket))
        }
        Door::Full => {
            let socket = TcpSocket::new_v4()?;
            socket.bind(address)?;
            let listener = socket.listen(0)?;
            // A queue of length 0 still takes one connection; from then on the kernel drops each SYN.
            let filled = vec![TcpStream::connect(address).await?];
            Ok(Bound::Full(listener, filled))
        }
    }
}

fn listener(address: SocketAddr) -> std::io::Result<TcpListener> {
    let socket = TcpSocket::new_v4()?;
    socket.set_reuseaddr(true)?;
    socket.bind(address)?;
    socket.listen(BACKLOG)
}

fn bind_error(n: usize, port: u16, source: std::io::Error) -> SpaceError {
    SpaceError::Bind { address: SocketAddr::new(number(n), port), source }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_stable_and_all_different() {
        assert_eq!(number(0).to_string(), "127.16.0.1");
        assert_eq!(number(250).to_string(), "127.16.1.1");
        assert_eq!(number(62_500).to_string(), "127.17.0.1");
        let all: std::collections::HashSet<_> = (0..100_000).map(number).collect();
        assert_eq!(all.len(), 100_000);
    }
}
