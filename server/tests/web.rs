//! The web door: what it answers, the headers of every answer, and that slow browsers hold nobody up.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

#[path = "support/visitor.rs"]
#[allow(dead_code, reason = "each test uses its part of the support")]
mod visitor;

use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::task::JoinSet;
use tokio::time::timeout;
use visitor::House;

/// An answer: its status, its headers in lower case, its body.
struct Said {
    status: String,
    headers: String,
    body: String,
}

impl Said {
    fn header(&self, name: &str) -> Option<&str> {
        self.headers.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(": "))
    }
}

async fn ask(house: &House, request: &str) -> Said {
    let mut stream = TcpStream::connect(house.web).await.unwrap();
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut said = Vec::new();
    let read = timeout(Duration::from_secs(60), stream.read_to_end(&mut said)).await;
    // A server that refuses a body it has not read may close with a reset; its answer came before.
    drop(read.expect("an answer has an end"));
    let said = String::from_utf8(said).unwrap();
    let (head, body) = said.split_once("\r\n\r\n").unwrap_or((&said, ""));
    let (first, headers) = head.split_once("\r\n").unwrap_or((head, ""));
    let status = first.split(' ').nth(1).unwrap_or_default().to_owned();
    Said { status, headers: headers.to_lowercase(), body: body.to_owned() }
}

fn post(target: &str, form: &str) -> String {
    let length = form.len();
    format!(
        "POST {target} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\ncontent-length: {length}\r\n\r\n{form}"
    )
}

fn get(target: &str) -> String {
    format!("GET {target} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n")
}

const EVERYWHERE: [(&str, &str); 5] = [
    (
        "content-security-policy",
        "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
    ),
    ("x-content-type-options", "nosniff"),
    ("referrer-policy", "no-referrer"),
    ("cross-origin-opener-policy", "same-origin"),
    ("x-frame-options", "deny"),
];

#[tokio::test]
async fn every_answer_has_its_status_and_all_headers() {
    let house = House::open().await;
    let long = "x".repeat(2_100);
    let many = format!(
        "GET / HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\nx-long: {}\r\n\r\n",
        "y".repeat(9_000)
    );
    for (request, status, listed) in [
        (get("/"), "200", true),
        (get("/help"), "200", true),
        (get("/about"), "200", false),
        (get("/crawler"), "200", false),
        (get("/privacy"), "200", false),
        (get("/search"), "200", false),
        (get("/search?q="), "200", false),
        (get("/search?q=words"), "503", false),
        (get("/search/0?q=words"), "404", false),
        (get("/search/2?query=words"), "503", false),
        (get("/style.css"), "200", false),
        (get("/favicon.svg"), "200", false),
        (get("/limb.svg"), "200", false),
        (get("/robots.txt"), "200", false),
        (get("/nowhere"), "404", false),
        (get("/%00%ff"), "404", false),
        (get("/../../etc/passwd"), "404", false),
        (get(&format!("/search?q={long}")), "414", false),
        (many, "431", false),
        ("POST / HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n".to_owned(), "405", false),
        ("DELETE /search?q=x HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n".to_owned(), "405", false),
        (
            "GET / HTTP/1.1\r\nhost: x\r\nconnection: close\r\ncontent-length: 5\r\n\r\nhello".to_owned(),
            "413",
            false,
        ),
        (get("/page?q=example.org"), "503", false),
        (get("/add-seed"), "200", false),
        (get("/add_seed?q=https://example.org/"), "200", false),
        (get("/add-seed?example.org"), "503", false),
        (post("/add-seed", "q=https%3A%2F%2Fexample.org%2F"), "200", false),
        (post("/add-seed", "q=example.org"), "503", false),
        (post("/add-seed", &"x".repeat(9_000)), "413", false),
        (post("/report/example.org", "q=it+is+mine"), "503", false),
        (post("/search", "q=words"), "405", false),
        ("HEAD / HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n".to_owned(), "200", true),
    ] {
        let said = ask(&house, &request).await;
        let line = request.lines().next().unwrap().chars().take(60).collect::<String>();
        assert_eq!(said.status, status, "{line}");
        for (name, value) in EVERYWHERE {
            assert_eq!(said.header(name), Some(value.to_lowercase().as_str()), "{name} of {line}");
        }
        assert!(said.header("permissions-policy").is_some(), "{line}");
        let robots = if listed { "all" } else { "noindex, nofollow" };
        assert_eq!(said.header("x-robots-tag"), Some(robots), "{line}");
        assert_eq!(said.header("set-cookie"), None, "{line}");
        assert_eq!(said.header("server"), None, "{line}");
        assert_eq!(said.body.is_empty(), line.starts_with("HEAD"), "{line}");
        assert!(!said.body.contains("<script") && !said.body.contains(" style="), "{line}");
        if status == "503" {
            assert!(said.header("retry-after").is_some(), "{line}");
        }
    }
}

#[tokio::test]
async fn words_come_back_in_the_field_as_they_were_typed() {
    let house = House::open().await;
    let said = ask(&house, &get("/search?q=%22%3E%3Cb%3E")).await;
    assert!(!said.body.contains("<b>"), "{}", said.body);
}

#[tokio::test]
async fn garbage_is_refused_and_http2_is_not_spoken() {
    let house = House::open().await;
    for request in
        ["\u{16}\u{3}\u{1}hello", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", "GET / HTTP/1.1\r\nbad header\r\n\r\n"]
    {
        let said = ask(&house, request).await;
        assert!(said.status.is_empty() || said.status == "400", "{request:?} got {}", said.status);
    }
}

/// Idle browsers, half requests and trickles are closed within their limits; honest ones are served.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn slow_browsers_are_closed_and_honest_ones_served() {
    let house = House::hasty().await;
    let mut slow = JoinSet::new();
    for number in 0..30_usize {
        let address = house.web;
        slow.spawn(async move {
            let mut stream = TcpStream::connect(address).await.unwrap();
            match number % 3 {
                0 => {}
                1 => stream.write_all(b"GET / HTTP/1.1\r\nhost: loc").await.unwrap(),
                _ => {
                    // A byte now and then moves no limit.
                    for byte in b"GET / HTTP/1.1\r\nx-a-very-long-header-that-comes-slowly: indeed" {
                        let written = stream.write_all(&[*byte]).await;
                        let mut nothing = [0; 1];
                        let pause = Duration::from_millis(100);
                        let closed =
                            matches!(timeout(pause, stream.read(&mut nothing)).await, Ok(Ok(0) | Err(_)));
                        if written.is_err() || closed {
                            return;
                        }
                    }
                    panic!("a trickle was read to its end");
                }
            }
            let mut said = Vec::new();
            // A reset is a close too.
            drop(
                timeout(Duration::from_secs(20), stream.read_to_end(&mut said))
                    .await
                    .expect("closed in time"),
            );
        });
    }
    for _ in 0..20 {
        assert_eq!(ask(&house, &get("/")).await.status, "200", "an honest browser is served meanwhile");
    }
    while let Some(ended) = slow.join_next().await {
        ended.expect("every slow browser is closed");
    }
}

#[tokio::test]
async fn a_connection_is_kept_for_the_next_request() {
    let house = House::open().await;
    let mut stream = TcpStream::connect(house.web).await.unwrap();
    for _ in 0..3 {
        stream.write_all(b"HEAD /help HTTP/1.1\r\nhost: localhost\r\n\r\n").await.unwrap();
        let mut said = Vec::new();
        while !said.ends_with(b"\r\n\r\n") {
            assert!(stream.read_buf(&mut said).await.unwrap() > 0, "the connection stays open");
        }
        assert!(said.starts_with(b"HTTP/1.1 200"));
    }
}
