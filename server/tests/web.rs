//! The web door: what it answers, the headers of every answer, and that slow browsers hold nobody up.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

#[path = "support/visitor.rs"]
#[allow(dead_code, reason = "each test uses its part of the support")]
mod visitor;

use std::time::Duration;

use shared::store::cluster::scratch;
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
        (
            "HEAD /add-seed?q=example.org HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n".to_owned(),
            "200",
            false,
        ),
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

/// What only looks changes nothing: browsers and mail programs ask by HEAD before anybody has clicked.
#[tokio::test]
async fn who_asks_by_head_hands_nothing_in() {
    let scratch = scratch::database().await;
    let house = House::staffed(scratch.store()).await;
    let receipt = async || ask(&house, &get("/submission?q=gemini://example.org/")).await.body;
    let unknown = receipt().await;
    assert!(unknown.contains("Not known: it was not handed in"), "{unknown}");
    let hand_in = get("/add-seed?q=gemini://example.org/");
    for path in ["/add-seed", "/add_seed"] {
        let head = hand_in.replacen("GET", "HEAD", 1).replacen("/add-seed", path, 1);
        assert_eq!(ask(&house, &head).await.status, "200", "{path}");
        assert_eq!(receipt().await, unknown, "{path} by HEAD has written something");
    }
    assert_eq!(ask(&house, &hand_in).await.status, "303");
    let queued = receipt().await;
    assert!(queued.contains("Queued"), "{queued}");
}

/// Every path that is public, as the one list of them has it.
fn public_paths() -> Vec<&'static str> {
    let consts = include_str!("../src/paths.rs").lines().filter(|line| line.starts_with("pub const "));
    let paths: Vec<&str> = consts.filter_map(|line| line.split('"').nth(1)).collect();
    assert!(25 < paths.len() && paths.iter().all(|path| path.starts_with('/')), "{paths:?}");
    paths
}

#[tokio::test]
async fn every_public_path_has_all_headers_for_get_head_and_what_is_refused() {
    let house = House::open().await;
    for path in public_paths() {
        for method in ["GET", "HEAD", "POST", "OPTIONS"] {
            let request = format!("{method} {path} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n");
            let said = ask(&house, &request).await;
            let line = format!("{method} {path}");
            for (name, value) in EVERYWHERE {
                assert_eq!(said.header(name), Some(value.to_lowercase().as_str()), "{name} of {line}");
            }
            for name in ["permissions-policy", "x-robots-tag", "cache-control"] {
                assert!(said.header(name).is_some(), "{name} of {line}");
            }
            let taken =
                matches!(method, "GET" | "HEAD") || (method == "POST" && server::route::takes_forms(path));
            assert_eq!(said.status == "405", !taken, "{line}: {}", said.status);
            // There is no store and no index here: some screens must say so, and none may break.
            assert_ne!(said.status, "500", "{line}");
            // A receipt is only at its number.
            assert!(said.status != "404" || path == "/report-receipt", "{line}");
            assert_eq!(said.header("retry-after").is_some(), said.status == "503", "{line}: {}", said.status);
        }
    }
}

#[tokio::test]
async fn what_a_browser_holds_is_not_sent_again() {
    let house = House::open().await;
    for path in ["/help", "/", "/style.css", "/search", "/api/v1/openapi.json"] {
        let with =
            |more: &str| format!("GET {path} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n{more}\r\n");
        let first = ask(&house, &with("")).await;
        let tag = first.header("etag").unwrap_or_else(|| panic!("{path} has no tag")).to_owned();
        assert!(tag.starts_with('"') && tag.ends_with('"'), "a strong tag: {tag}");
        for held in [tag.clone(), format!("\"x\", W/{tag}"), "*".to_owned()] {
            let again = ask(&house, &with(&format!("if-none-match: {held}\r\n"))).await;
            assert_eq!((again.status.as_str(), again.body.as_str()), ("304", ""), "{path} {held}");
            for name in ["etag", "cache-control", "content-security-policy", "x-robots-tag"] {
                assert_eq!(again.header(name), first.header(name), "{name} of {path}");
            }
        }
        let other = ask(&house, &with("if-none-match: \"x\"\r\n")).await;
        assert_eq!((other.status.as_str(), &other.body), ("200", &first.body), "{path}");
        let head = ask(&house, &with("").replacen("GET", "HEAD", 1)).await;
        assert_eq!(head.body, "", "{path}");
        for name in ["content-length", "content-type", "etag", "cache-control"] {
            assert_eq!(head.header(name), first.header(name), "{name} of HEAD {path}");
        }
    }
    let refused = ask(&house, &get("/nowhere")).await;
    assert_eq!((refused.header("etag"), refused.header("cache-control")), (None, Some("no-store")));
}

/// A request that a proxy passes on.
fn passed_on(path: &str, forwarded_for: &str) -> String {
    format!(
        "GET {path} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\nx-forwarded-for: {forwarded_for}\r\n\r\n"
    )
}

#[tokio::test]
async fn behind_a_named_proxy_each_visitor_has_limits_of_their_own() {
    let house = House::told(|config| {
        config.trusted_proxies = vec!["127.0.0.1".parse().unwrap()];
        config.limits.requests_a_second = std::num::NonZeroU32::MIN;
    })
    .await;
    let mut answered = 0;
    let refused = loop {
        // What the visitor wrote into the header before the proxy did makes nobody else of them.
        let said = ask(&house, &passed_on("/help", &format!("203.0.113.{answered}, 198.51.100.1"))).await;
        if said.status != "200" {
            break said;
        }
        answered += 1;
        assert!(answered < 200, "nobody may ask without end");
    };
    assert!(8 <= answered, "a page with its pictures may come at once: {answered}");
    assert_eq!((refused.status.as_str(), refused.header("retry-after")), ("429", Some("1")));
    assert_eq!(refused.header("x-content-type-options"), Some("nosniff"));
    let of_program = ask(&house, &passed_on("/api/v1/search?q=x", "198.51.100.1")).await;
    assert_eq!(of_program.status, "429");
    assert!(of_program.body.contains("\"retry_after\":1"), "{}", of_program.body);
    assert_eq!(
        ask(&house, &passed_on("/help", "198.51.100.2")).await.status,
        "200",
        "another is not held up"
    );
}

#[tokio::test]
async fn over_ipv6_a_network_behind_a_proxy_is_one_visitor() {
    let anywhere = "[::1]:0";
    if tokio::net::TcpListener::bind(anywhere).await.is_err() {
        eprintln!("skipped: this machine has no IPv6");
        return;
    }
    let house = House::told(|config| {
        config.web = vec![anywhere.parse().unwrap()];
        config.trusted_proxies = vec!["::1".parse().unwrap()];
        config.limits.requests_a_second = std::num::NonZeroU32::MIN;
    })
    .await;
    let mut answered = 0;
    loop {
        let said = ask(&house, &passed_on("/help", &format!("2001:db8:1:2::{answered:x}"))).await;
        if said.status == "429" {
            break;
        }
        assert_eq!(said.status, "200");
        answered += 1;
        assert!(answered < 200, "a /64 may not ask without end");
    }
    assert_eq!(
        ask(&house, &passed_on("/help", "2001:db8:1:3::1")).await.status,
        "200",
        "the next /64 is another"
    );
}

#[tokio::test]
async fn without_a_named_proxy_nobody_is_who_a_header_says() {
    let house = House::told(|config| config.limits.requests_a_second = std::num::NonZeroU32::MIN).await;
    // From this machine itself one may ask fast, for there may be a proxy that we were not told of.
    for number in 0..40 {
        assert_eq!(ask(&house, &passed_on("/help", &format!("198.51.100.{number}"))).await.status, "200");
    }
}
