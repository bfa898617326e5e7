//! What visitors hand in and report, at the doors: how much of it one of them may, that others may all the same, and that
//! nothing is hurried twice within ten minutes.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

#[path = "support/visitor.rs"]
#[allow(dead_code, reason = "each test uses its part of the support")]
mod visitor;

use std::net::IpAddr;
use std::time::{Duration, SystemTime};

use shared::store::asked::report;
use shared::store::cluster::scratch;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use visitor::{House, connect_from};

/// The status line of an answer over Gemini.
async fn gemini(house: &House, from: IpAddr, target: &str) -> String {
    let (answer, _) =
        house.ask_from(from, format!("gemini://localhost{target}\r\n").as_bytes()).await.unwrap();
    String::from_utf8(answer).unwrap().lines().next().unwrap_or_default().to_owned()
}

/// A whole answer over the web to a link, in lower case.
async fn web(house: &House, from: IpAddr, target: &str) -> String {
    by_web(house, from, &format!("GET {target}"), "").await
}

/// The same to a form that is sent.
async fn sent(house: &House, from: IpAddr, target: &str, form: &str) -> String {
    by_web(house, from, &format!("POST {target}"), form).await
}

async fn by_web(house: &House, from: IpAddr, request: &str, form: &str) -> String {
    let mut stream = connect_from(from, house.web).await.unwrap();
    let length = form.len();
    let head = format!("host: localhost\r\nconnection: close\r\ncontent-length: {length}");
    stream.write_all(format!("{request} HTTP/1.1\r\n{head}\r\n\r\n{form}").as_bytes()).await.unwrap();
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
    for refused in [
        web(&house, busy, "/add-seed?q=another.example.org").await,
        sent(&house, busy, "/add-seed", "q=another.example.org").await,
    ] {
        assert!(refused.starts_with("http/1.1 429") && refused.contains("\r\nretry-after: "), "{refused}");
    }
    assert!(gemini(&house, calm, "/add-seed?calm.example.org").await.starts_with("30 /submission?"));

    let (reported, refused) =
        until_refused(&house, busy, |number| format!("/report/h{number}.example.org?a%20maze")).await;
    assert_eq!((reported, refused.starts_with("44 ")), (6, true), "{refused}");
    assert!(gemini(&house, calm, "/report/h1.example.org?a%20maze").await.starts_with("30 /report-receipt?"));
}

#[tokio::test]
async fn a_report_is_made_by_pressing_the_button_and_by_no_link() {
    let scratch = scratch::database().await;
    let house = House::staffed(scratch.store()).await;
    let visitor = IpAddr::from([127, 0, 0, 2]);
    let waiting = async || scratch.store().read(async |c| report::waiting(c).await).await.unwrap();
    for _ in 0..10 {
        let form = web(&house, visitor, "/report/harbour.example?q=a%20maze").await;
        assert!(form.starts_with("http/1.1 200"), "{form}");
        assert!(form.contains("<form action=\"/report/harbour.example\" method=\"post\""), "{form}");
        assert!(form.contains("name=\"q\" type=\"search\" value=\"a maze\""), "it is filled in: {form}");
    }
    assert_eq!(waiting().await, 0, "nobody pressed the button");
    let pressed = sent(&house, visitor, "/report/harbour.example", "q=a+maze").await;
    assert!(pressed.starts_with("http/1.1 303"), "{pressed}");
    let (_, rest) = pressed.split_once("\r\nlocation: ").expect("a way to the receipt");
    let receipt = web(&house, visitor, rest.lines().next().unwrap()).await;
    assert!(receipt.contains("<dt>you wrote</dt><dd><bdi>a maze</bdi></dd>"), "{receipt}");
    assert_eq!(waiting().await, 1);
    for _ in 1..6 {
        assert!(
            sent(&house, visitor, "/report/harbour.example", "q=again").await.starts_with("http/1.1 303")
        );
    }
    assert!(sent(&house, visitor, "/report/harbour.example", "q=again").await.starts_with("http/1.1 429"));
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
