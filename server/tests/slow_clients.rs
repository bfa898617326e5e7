//! Idle, half-shaken and slow clients in numbers: honest ones are served meanwhile, every hostile one is closed in
//! time, and nothing of them is left.
//!
//! In CI at a fifth of the size and of the limits; `SEXTANT_TEST_SLOW_CLIENTS=full` takes 2,000 idle ones, 500 half
//! handshakes and 500 slow readers under the limits of every day, and holds honest clients to their 500 ms.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

#[path = "support/visitor.rs"]
#[allow(dead_code, reason = "each test uses its part of the support")]
mod visitor;

use std::net::IpAddr;
use std::time::Duration;

use rustls::pki_types::ServerName;
use server::config::Limits;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::task::JoinSet;
use tokio::time::{Instant, timeout};
use visitor::{House, connect_from, connector};

/// A hostile client is closed after so long at most.
const CLOSED: Duration = Duration::from_secs(11);

/// What a hostile client does, once connected.
#[derive(Clone, Copy, Debug)]
enum Slow {
    Idle,
    HalfHandshake,
    Reader,
}

/// Is slow on a connection, and tells how long it took until the server ended it.
async fn be_slow(slow: Slow, mut stream: TcpStream) -> Duration {
    let began = Instant::now();
    let closed = async {
        let mut said = Vec::new();
        match slow {
            Slow::Idle => drop(stream.read_to_end(&mut said).await),
            Slow::HalfHandshake => {
                // The beginning of a handshake that never comes.
                drop(stream.write_all(&[0x16, 3, 1]).await);
                drop(stream.read_to_end(&mut said).await);
            }
            Slow::Reader => {
                let name = ServerName::try_from("localhost").unwrap();
                let Ok(mut stream) = connector().connect(name, stream).await else { return };
                // A request that never ends, and nothing is read but the end.
                drop(stream.write_all(b"gemini://localhost/").await);
                drop(stream.read_to_end(&mut said).await);
            }
        }
    };
    timeout(CLOSED * 5, closed).await.unwrap_or_else(|_| panic!("{slow:?} is never closed"));
    began.elapsed()
}

fn descriptors() -> usize {
    std::fs::read_dir("/proc/self/fd").unwrap().count()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn honest_clients_are_served_beside_a_crowd_of_slow_ones() {
    let full = std::env::var_os("SEXTANT_TEST_SLOW_CLIENTS").is_some();
    let usual = Limits::default();
    let (size, limits) = if full {
        (5, usual)
    } else {
        let (handshake, request, answer) = (usual.handshake / 5, usual.request / 5, usual.answer / 5);
        (1, Limits { handshake, request, answer, ..usual })
    };
    let house = House::with(limits).await;
    assert!(house.ask_raw(Some("localhost"), &[b"gemini://localhost/\r\n"]).await.0.starts_with(b"20 "));
    let before = descriptors();
    let mut crowd = JoinSet::new();
    let kinds = [(Slow::Idle, 400), (Slow::HalfHandshake, 100), (Slow::Reader, 100)];
    let slow = kinds.into_iter().flat_map(|(slow, number)| std::iter::repeat_n(slow, number * size));
    for (number, slow) in slow.enumerate() {
        // Thirty from each address: what it holds beyond its sixteen places is closed at once.
        let from = IpAddr::from([127, 0, 1, u8::try_from(number / 30).unwrap()]);
        // One after the other: what a burst leaves behind in the kernel's queue never reaches the server.
        if let Ok(stream) = connect_from(from, house.gemini).await {
            crowd.spawn(be_slow(slow, stream));
        }
    }
    let mut waited = Vec::new();
    for _ in 0..50 * size {
        let began = Instant::now();
        let (answer, _) = house.ask_raw(Some("localhost"), &[b"gemini://localhost/about\r\n"]).await;
        waited.push(began.elapsed());
        assert!(answer.starts_with(b"20 "), "{}", String::from_utf8_lossy(&answer));
    }
    waited.sort_unstable();
    let p99 = waited[waited.len() * 99 / 100 - 1];
    let bound = Duration::from_millis(if full { 500 } else { 2_500 });
    eprintln!("honest clients: p50 {:?}, p99 {p99:?}", waited[waited.len() / 2]);
    assert!(p99 <= bound, "p99 is {p99:?}");
    let mut longest = Duration::ZERO;
    while let Some(ended) = crowd.join_next().await {
        longest = longest.max(ended.expect("every slow client is closed"));
    }
    eprintln!("the last slow client was closed after {longest:?}");
    assert!(longest <= CLOSED, "{longest:?}");
    // The server's ends go a moment after the clients'.
    for _ in 0..200 {
        if descriptors() <= before {
            return;
        }
        house.ask_raw(Some("localhost"), &[b"gemini://localhost/about\r\n"]).await;
    }
    panic!("{before} descriptors before, {} after", descriptors());
}
