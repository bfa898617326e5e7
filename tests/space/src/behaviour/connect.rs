//! Before TLS: the address is dead, or something else lives there.

use std::time::Duration;

use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;

use crate::catalogue::behaviours;
use crate::log::{Ended, Entry};
use crate::wire::{PATIENCE, read_to_end};

behaviours! {
    /// What an address does before TLS begins.
    Connect {
        /// Connections are refused.
        Refused = 7,
        /// Accepts, and never says a byte.
        Silent = 8,
        /// The queue of connections is full: SYNs are dropped.
        QueueFull = 9,
        /// Answers the `ClientHello` like a web server without TLS.
        PlainHttp = 11,
        /// Greets like an SSH server.
        SshBanner = 11,
        /// Answers like a Gopher server.
        GopherError = 11,
    }
}

const HTTP: &[u8] = b"HTTP/1.1 400 Bad Request\r\nContent-Length: 11\r\nConnection: close\r\n\r\nBad Request";
const SSH: &[u8] = b"SSH-2.0-OpenSSH_9.6\r\n";
const GOPHER: &[u8] = b"3'/' does not exist\tfake\t(NULL)\t0\r\n.\r\n";

pub(crate) async fn run(behaviour: Connect, mut tcp: TcpStream, mut entry: Entry) {
    match behaviour {
        // Where the address is shared, or was good before, the nearest thing is a reset.
        Connect::Refused | Connect::QueueFull => {
            entry.ended(Ended::Reset);
            let _ = tcp.set_zero_linger();
        }
        Connect::Silent => hold(tcp, entry).await,
        Connect::PlainHttp => banner(tcp, entry, HTTP).await,
        Connect::GopherError => banner(tcp, entry, GOPHER).await,
        Connect::SshBanner => {
            // It waits for the client's own banner afterwards, as the real one does.
            let _ = tcp.write_all(SSH).await;
            hold(tcp, entry).await;
        }
    }
}

async fn hold(mut tcp: TcpStream, mut entry: Entry) {
    let left = read_to_end(&mut tcp, PATIENCE).await;
    entry.ended(if left { Ended::ByClient } else { Ended::GivenUp });
}

async fn banner(mut tcp: TcpStream, mut entry: Entry, banner: &[u8]) {
    let _ = tcp.readable().await;
    let _ = tcp.write_all(banner).await;
    entry.ended(Ended::NoHandshake);
    let _ = tcp.shutdown().await;
    // Left unread, the ClientHello would turn the end into a reset, and the banner might be lost.
    read_to_end(&mut tcp, Duration::from_secs(2)).await;
}
