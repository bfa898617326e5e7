//! What visitors hand in and report, at the doors: how much of it one of them may, that others may all the same, and that
//! nothing is hurried twice within ten minutes.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

#[path = "support/visitor.rs"]
#[allow(dead_code, reason = "each test uses its part of the support")]
mod visitor;

use std::net::IpAddr;
use std::time::{Duration, SystemTime};

use shared::store::cluster::scratch;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use visitor::{House, connect_from};

/// The status line of an answer over Gemini.
async fn gemini(house: &House, from: IpAddr, target: &str) -> String {
    let (answer, _) =
        house.ask_from(from, format!("gemini://localhost{target}\r\n").as_bytes()).await.unwrap();
    String::from_utf8(answer).unwrap().lines().next().unwrap_or_default().to_owned()
}

/// A whole answer over the web, in lower case.
async fn web(house: &House, from: IpAddr, target: &str) -> String {
    let mut stream = connect_from(from, house.web).await.unwrap();
    let request = format!("GET {target} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    answer.to_lowercase()
}

/// Asks until it is refused; how often it was not, and the refusal.
async fn until_refused(house: &House, from: IpAddr, target: impl Fn(u32) -> String) -> (u32, String) {
    for number in 0..100 {
        let line = gemini(house, from, &target(number)).await;
        if !line.starts_with("30 ") {
            return (number, line);
        }
    }
    panic!("nobody may without end");
}

#[tokio::test]
async fn one_visitor_hands_in_and_reports_only_so_much_in_an_hour() {
    let scratch = scratch::database().await;
    let house = House::staffed(scratch.store()).await;
    let [busy, calm] = [[127, 0, 0, 2], [127, 0, 0, 3]].map(IpAddr::from);
    let (handed_in, refused) =
        until_refused(&house, busy, |number| format!("/add-seed?h{number}.example.org")).await;
    // One more may be earned while we count.
    assert!((30..=31).contains(&handed_in), "{handed_in}: {refused}");
    let seconds: u64 = refused.strip_prefix("44 ").expect("bare seconds").parse().unwrap();
    assert!((1..=120).contains(&seconds), "{refused}");
    let by_web = web(&house, busy, "/add-seed?q=another.example.org").await;
    assert!(by_web.starts_with("http/1.1 429") && by_web.contains("\r\nretry-after: "), "{by_web}");
    assert!(gemini(&house, calm, "/add-seed?calm.example.org").await.starts_with("30 /submission?"));

    let (reported, refused) =
        until_refused(&house, busy, |number| format!("/report/h{number}.example.org?a%20maze")).await;
    assert_eq!((reported, refused.starts_with("44 ")), (6, true), "{refused}");
    assert!(gemini(&house, calm, "/report/h1.example.org?a%20maze").await.starts_with("30 /report-receipt?"));
}

#[tokio::test]
async fn what_was_handed_in_a_moment_ago_is_not_hurried_again() {
    let scratch = scratch::database().await;
    let house = House::staffed(scratch.store()).await;
    let visitor = IpAddr::from([127, 0, 0, 2]);
    let noon = SystemTime::UNIX_EPOCH + Duration::from_secs(1_800_000_000);
    let mut handed_in = Vec::new();
    for minutes in [0, 5, 9, 11] {
        scratch.set_clock(noon + Duration::from_secs(60 * minutes)).await.unwrap();
        let line = gemini(&house, visitor, "/add-seed?harbour.example.org").await;
        assert!(line.starts_with("30 /submission?"), "{line}");
        let receipt = web(&house, visitor, "/submission?q=gemini://harbour.example.org/").await;
        let (_, rest) = receipt.split_once("<dt>handed in</dt><dd><bdi>").expect("a receipt");
        // The moment, without how long ago that is.
        handed_in.push(rest.split([',', '<']).next().unwrap_or_default().to_owned());
    }
    assert_eq!((&handed_in[1], &handed_in[2]), (&handed_in[0], &handed_in[0]), "once in ten minutes");
    assert_ne!(handed_in[3], handed_in[0], "and then again");
}
