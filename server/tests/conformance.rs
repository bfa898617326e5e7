//! The Gemini door by the protocol's rules, over real TLS.
//!
//! - every request gets the status that the specification asks for, whatever its records;
//! - every answer, refusals too, ends in `close_notify`;
//! - what is no TLS is closed without a word; slow clients are closed in time and honest ones served.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

#[path = "support/visitor.rs"]
#[allow(dead_code, reason = "each test uses its part of the support")]
mod visitor;

use std::net::{IpAddr, SocketAddr, UdpSocket};
use std::num::NonZeroU32;
use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;
use tokio::time::timeout;
use visitor::{Ending, House};

/// A path that makes the whole URL so many bytes long.
fn long_url(bytes: usize) -> String {
    let start = "gemini://localhost/";
    format!("{start}{}", "x".repeat(bytes - start.len()))
}

#[tokio::test]
async fn every_request_gets_the_status_that_the_rules_ask_for() {
    let house = House::open().await;
    let port = house.gemini.port();
    for (request, status) in [
        ("gemini://localhost/\r\n".to_owned(), "20"),
        ("gemini://localhost\r\n".to_owned(), "20"),
        (format!("gemini://localhost:{port}/\r\n"), "20"),
        ("gemini://localhost:1965/\r\n".to_owned(), "20"),
        ("gemini://LOCALHOST/\r\n".to_owned(), "20"),
        ("GEMINI://localhost/\r\n".to_owned(), "20"),
        ("gemini://127.0.0.1/\r\n".to_owned(), "20"),
        ("gemini://[::1]/\r\n".to_owned(), "20"),
        ("gemini://[2001:db8::1]/\r\n".to_owned(), "53"),
        ("gemini://[::1/\r\n".to_owned(), "59"),
        ("gemini://sextant.example/about\r\n".to_owned(), "20"),
        ("gemini://localhost/%61bout\r\n".to_owned(), "20"),
        ("gemini://localhost/help/\r\n".to_owned(), "51"),
        ("gemini://localhost/robots.txt\r\n".to_owned(), "20"),
        ("gemini://localhost/search\r\n".to_owned(), "10"),
        ("gemini://localhost/search?\r\n".to_owned(), "10"),
        ("gemini://localhost/search?%20\r\n".to_owned(), "10"),
        ("gemini://localhost/v/search\r\n".to_owned(), "10"),
        ("gemini://localhost/search?words\r\n".to_owned(), "41"),
        ("gemini://localhost/search/0?words\r\n".to_owned(), "51"),
        ("gemini://localhost/search/-1?words\r\n".to_owned(), "51"),
        ("gemini://localhost/search/18446744073709551615?words\r\n".to_owned(), "51"),
        ("gemini://localhost/search?sm\u{f6}rg\u{e5}s\r\n".to_owned(), "41"),
        ("gemini://localhost/\u{661f}\r\n".to_owned(), "51"),
        ("gemini://b\u{fc}cher.example/\r\n".to_owned(), "53"),
        ("gemini://localhost/nowhere\r\n".to_owned(), "51"),
        ("gemini://localhost/page\r\n".to_owned(), "10"),
        ("gemini://localhost/page?example.org\r\n".to_owned(), "41"),
        ("gemini://localhost/backlinks?gemini://example.org/\r\n".to_owned(), "41"),
        ("gemini://localhost/known-hosts/0\r\n".to_owned(), "51"),
        ("gemini://localhost/known-hosts/99999999999999999999\r\n".to_owned(), "51"),
        ("gemini://localhost/add_seed\r\n".to_owned(), "10"),
        ("gemini://localhost/report\r\n".to_owned(), "10"),
        ("gemini://localhost/report/example.org\r\n".to_owned(), "10"),
        ("gemini://localhost/../../etc/passwd\r\n".to_owned(), "51"),
        ("gemini://localhost/%2e%2e/help\r\n".to_owned(), "51"),
        (format!("{}\r\n", long_url(1_024)), "51"),
        (format!("{}\r\n", long_url(1_025)), "59"),
        (long_url(5_000), "59"),
        ("\r\n".to_owned(), "59"),
        ("/about\r\n".to_owned(), "59"),
        ("localhost/about\r\n".to_owned(), "59"),
        ("gemini:/about\r\n".to_owned(), "59"),
        ("gemini://localhost/about\n".to_owned(), "59"),
        ("gemini://user@localhost/\r\n".to_owned(), "59"),
        ("gemini://localhost/#top\r\n".to_owned(), "59"),
        ("gemini://localhost/a b\r\n".to_owned(), "59"),
        ("\u{feff}gemini://localhost/\r\n".to_owned(), "59"),
        ("gemini://localhost/\0\r\n".to_owned(), "59"),
        ("gemini://localhost:99999/\r\n".to_owned(), "59"),
        ("gemini://other.example/\r\n".to_owned(), "53"),
        ("gemini://localhost:70/\r\n".to_owned(), "53"),
        ("https://localhost/\r\n".to_owned(), "53"),
        ("titan://localhost/x;size=3\r\n".to_owned(), "53"),
    ] {
        let (answer, ending) = house.ask_raw(Some("localhost"), &[request.as_bytes()]).await;
        let line = String::from_utf8_lossy(&answer).lines().next().unwrap_or_default().to_owned();
        assert!(line.starts_with(status), "{request:?} got {line:?}, not {status}");
        assert_eq!(ending, Ending::CloseNotify, "{request:?} ends in order");
        assert!(answer.windows(2).any(|pair| pair == b"\r\n"), "{request:?}: the header ends in CR LF");
    }
}

/// The address by which others reach this machine; none where it has no network.
fn own_address() -> Option<IpAddr> {
    let socket = UdpSocket::bind("0.0.0.0:0").ok()?;
    // Nothing is sent: the system only looks up which of its addresses it would use.
    socket.connect("192.0.2.1:9").ok()?;
    socket.local_addr().ok().map(|address| address.ip()).filter(|address| !address.is_loopback())
}

/// Whoever looks up an address of their log finds out whose crawler came from there, whatever they ask it for.
#[tokio::test]
async fn our_own_address_shows_who_crawls() {
    let Some(address) = own_address() else {
        eprintln!("skipped: this machine has no address but its own");
        return;
    };
    let house = House::told(|config| config.gemini = vec![SocketAddr::new(address, 0)]).await;
    let ask = async |url: String| {
        let request = format!("{url}\r\n");
        String::from_utf8(house.ask_raw(None, &[request.as_bytes()]).await.0).unwrap()
    };
    let crawler = ask("gemini://sextant.example/crawler".to_owned()).await;
    assert!(crawler.starts_with("20 ") && crawler.contains("User-agent: sextant"), "{crawler}");
    for path in ["", "/", "/log/one.gmi", "/search?words"] {
        assert_eq!(ask(format!("gemini://{address}{path}")).await, crawler, "{path}");
    }
    for url in ["gemini://192.0.2.1/".to_owned(), format!("gemini://{address}:70/")] {
        assert!(ask(url.clone()).await.starts_with("53 "), "{url}");
    }
}

#[tokio::test]
async fn records_sni_and_the_end_of_a_connection_do_not_matter() {
    let house = House::open().await;
    let pieces: Vec<&[u8]> = vec![b"gem", b"ini://local", b"host/", b"\r", b"\n"];
    assert!(house.ask_raw(Some("localhost"), &pieces).await.0.starts_with(b"20 "));
    assert!(house.ask_raw(None, &[b"gemini://localhost/\r\n"]).await.0.starts_with(b"20 "), "no SNI");
    let unknown = house.ask_raw(Some("other.example"), &[b"gemini://localhost/\r\n"]).await;
    assert!(unknown.0.starts_with(b"20 "), "the name in the request counts, not the one in SNI");
}

#[tokio::test]
async fn what_is_no_handshake_is_closed_without_a_word() {
    let house = House::open().await;
    for words in [&b"gemini://localhost/\r\n"[..], b"GET / HTTP/1.1\r\n\r\n", b"SSH-2.0-x\r\n", b"\0"] {
        let mut stream = TcpStream::connect(house.gemini).await.unwrap();
        stream.write_all(words).await.unwrap();
        let mut said = Vec::new();
        let read =
            timeout(Duration::from_secs(10), stream.read_to_end(&mut said)).await.expect("it is closed");
        // A reset is a close too: the words were never read.
        drop(read);
        assert!(said.is_empty(), "{words:?} got {said:?}");
    }
}

/// Idle, half-shaken and slow clients hold nobody up and are closed within their limits.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn slow_clients_are_closed_and_honest_ones_served() {
    let house = House::hasty().await;
    let mut slow = JoinSet::new();
    for number in 0..12_usize {
        let address = house.gemini;
        slow.spawn(async move {
            let mut stream = TcpStream::connect(address).await.unwrap();
            if number % 2 == 0 {
                // The beginning of a handshake that never comes.
                stream.write_all(&[0x16, 3, 1]).await.unwrap();
            }
            let mut said = Vec::new();
            drop(
                timeout(Duration::from_secs(20), stream.read_to_end(&mut said))
                    .await
                    .expect("it is closed in time"),
            );
        });
    }
    for _ in 0..20 {
        let answer = house.ask_raw(Some("localhost"), &[b"gemini://localhost/\r\n"]).await.0;
        assert!(answer.starts_with(b"20 "), "an honest client is served meanwhile");
    }
    let stuck = house.ask_raw(Some("localhost"), &[b"gemini://localhost/"]).await;
    assert!(stuck.0.starts_with(b"59 "), "a request that does not end is refused in time");
    while let Some(ended) = slow.join_next().await {
        ended.expect("every slow client is closed");
    }
}

#[tokio::test]
async fn one_address_cannot_take_all_places() {
    let house = House::open().await;
    let mut held = Vec::new();
    for _ in 0..16 {
        held.push(house.shake_hands(Some("localhost")).await.expect("a place"));
    }
    assert!(house.shake_hands(Some("localhost")).await.is_err(), "the seventeenth stays outside");
    drop(held);
    for _ in 0..1_000 {
        if house.shake_hands(Some("localhost")).await.is_ok() {
            return;
        }
        tokio::task::yield_now().await;
    }
    panic!("places come back when their visitors leave");
}

/// A hello of TLS 1.1, as clients of its time wrote it.
fn hello_of_tls_1_1() -> Vec<u8> {
    let mut hello = vec![3, 2];
    hello.extend([7; 32]);
    // No session; two suites; no compression; no extensions.
    hello.extend([0, 0, 4, 0xc0, 0x13, 0x00, 0x2f, 1, 0]);
    let length = u8::try_from(hello.len()).unwrap();
    let mut record = vec![0x16, 3, 1, 0, length + 4, 1, 0, 0, length];
    record.extend(hello);
    record
}

#[tokio::test]
async fn tls_1_1_is_refused() {
    let house = House::open().await;
    let mut stream = TcpStream::connect(house.gemini).await.unwrap();
    stream.write_all(&hello_of_tls_1_1()).await.unwrap();
    let mut said = Vec::new();
    drop(timeout(Duration::from_secs(30), stream.read_to_end(&mut said)).await.expect("it is closed"));
    // An alert, or nothing: no hello in return.
    assert!(said.first().is_none_or(|kind| *kind == 0x15), "{said:?}");
}

#[tokio::test]
async fn certificates_and_protocols_that_nobody_asked_for_do_no_harm() {
    let house = House::open().await;
    let own = rcgen::generate_simple_self_signed(vec!["visitor".to_owned()]).unwrap();
    let key = rustls::pki_types::PrivateKeyDer::try_from(own.signing_key.serialize_der()).unwrap();
    let mut client = visitor::client().with_client_auth_cert(vec![own.cert.der().clone()], key).unwrap();
    for protocols in [&[][..], &["gemini"], &["h2", "http/1.1"], &["spdy/1"]] {
        client.alpn_protocols = protocols.iter().map(|protocol| protocol.as_bytes().to_vec()).collect();
        let (answer, ending) = house.ask_by(client.clone(), b"gemini://localhost/\r\n").await;
        assert!(answer.starts_with(b"20 "), "{protocols:?}");
        assert_eq!(ending, Ending::CloseNotify, "{protocols:?}");
    }
}

#[tokio::test]
async fn gemini_is_served_over_ipv6() {
    let anywhere = "[::1]:0";
    if TcpListener::bind(anywhere).await.is_err() {
        eprintln!("skipped: this machine has no IPv6");
        return;
    }
    let house = House::told(|config| config.gemini = vec![anywhere.parse().unwrap()]).await;
    let request = format!("gemini://[::1]:{}/\r\n", house.gemini.port());
    let (answer, ending) = house.ask_raw(None, &[request.as_bytes()]).await;
    assert!(answer.starts_with(b"20 "), "{}", String::from_utf8_lossy(&answer));
    assert_eq!(ending, Ending::CloseNotify);
}

#[tokio::test]
async fn who_asks_too_fast_is_told_the_seconds_at_every_door_and_others_are_served() {
    let house = House::told(|config| config.limits.requests_a_second = NonZeroU32::MIN).await;
    let [fast, calm] = [[127, 0, 0, 2], [127, 0, 0, 3]].map(IpAddr::from);
    let request = b"gemini://localhost/about\r\n";
    let mut answered = 0;
    let refused = loop {
        let (answer, ending) = house.ask_from(fast, request).await.unwrap();
        assert_eq!(ending, Ending::CloseNotify);
        if !answer.starts_with(b"20 ") {
            break answer;
        }
        answered += 1;
        assert!(answered < 200, "nobody may ask without end");
    };
    assert!(8 <= answered, "some may come at once: {answered}");
    assert_eq!(refused, b"44 1\r\n");
    assert!(house.ask_from(calm, request).await.unwrap().0.starts_with(b"20 "));
    let mut spartan = visitor::connect_from(fast, house.spartan).await.unwrap();
    spartan.write_all(b"localhost /about 0\r\n").await.unwrap();
    let mut said = String::new();
    spartan.read_to_string(&mut said).await.unwrap();
    assert!(said.starts_with("4 "), "Spartan counts with Gemini: {said}");
}
