//! The Spartan door, over real TCP: the same screens as over Gemini, with prompts for what asks for words.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

#[path = "support/visitor.rs"]
#[allow(dead_code, reason = "each test uses its part of the support")]
mod visitor;

use std::time::Duration;

use shared::store::cluster::scratch;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::time::timeout;
use visitor::House;

/// Sends the bytes and reads to the end.
async fn ask(house: &House, request: &[u8]) -> String {
    let mut stream = TcpStream::connect(house.spartan).await.unwrap();
    stream.write_all(request).await.unwrap();
    let mut answer = String::new();
    let read = timeout(Duration::from_secs(60), stream.read_to_string(&mut answer)).await;
    read.expect("an answer has an end").unwrap();
    answer
}

#[tokio::test]
async fn screens_are_those_of_gemini_with_prompts() {
    let house = House::open().await;
    let home = ask(&house, b"localhost / 0\r\n").await;
    assert!(home.starts_with("2 text/gemini; charset=utf-8; lang=en\r\n# "), "{home}");
    assert!(home.contains("\n=: /search "), "a prompt leads to the search: {home}");
    let gemini = house.ask_raw(Some("localhost"), &[b"gemini://localhost/about\r\n"]).await.0;
    let about = ask(&house, b"localhost /about 0\r\n").await;
    let body = |answer: &str| answer.split_once("\r\n").unwrap().1.replace("=: ", "=> ");
    assert_eq!(body(&about), body(&String::from_utf8(gemini).unwrap()));
}

#[tokio::test]
async fn words_come_as_data_or_in_the_query_and_without_any_there_is_a_form() {
    let house = House::open().await;
    // There is no index in this house: a search with words says so, one without shows the form.
    let searched = "5 the index is being built, please try again in a moment\r\n";
    assert_eq!(ask(&house, b"localhost /search 9\r\nred panda").await, searched);
    assert_eq!(ask(&house, b"localhost /search?red%20panda 0\r\n").await, searched);
    let form = ask(&house, b"localhost /search 0\r\n").await;
    assert!(form.starts_with("2 text/gemini") && form.contains("=: /search "), "{form}");
}

#[tokio::test]
async fn whatever_asks_for_words_has_a_prompt_and_takes_them() {
    let scratch = scratch::database().await;
    let house = House::staffed(scratch.store()).await;
    let send = async |path: &str, words: &str| {
        ask(&house, format!("localhost {path} {}\r\n{words}", words.len()).as_bytes()).await
    };
    for path in [
        "/add-seed",
        "/backlinks",
        "/backlinks/feed/gemfeed",
        "/page",
        "/cached",
        "/capsule",
        "/capsule/requests",
        "/capsule/robots",
        "/capsule/dead-links",
        "/report",
        "/report/harbour.example",
    ] {
        let form = send(path, "").await;
        assert!(form.starts_with("2 ") && form.contains(&format!("\n=: {path} ")), "{path}: {form}");
    }
    // Spartan has no redirect with words in it: what comes next is a link.
    let next = async |path: &str, words: &str| {
        let answer = send(path, words).await;
        let link = answer.split_once("\r\n=> ").and_then(|(_, link)| link.lines().next()).map(str::to_owned);
        link.unwrap_or_else(|| panic!("{path} with {words} leads nowhere: {answer}"))
    };
    let receipt = next("/add-seed", "harbour.example").await;
    assert!(send(&receipt, "").await.contains("\nQueued"), "{receipt}");
    assert!(
        send("/backlinks", "harbour.example").await.contains("No page that can be found here links there.")
    );
    let receipt = next("/report/harbour.example", "It is a maze.").await;
    assert!(send(&receipt, "").await.contains("\nReceived"), "{receipt}");
}

#[tokio::test]
async fn what_breaks_a_rule_gets_a_sentence_and_an_end() {
    let house = House::hasty().await;
    for (request, answer) in [
        (b"localhost /nowhere 0\r\n".as_slice(), "4 there is no such page here\r\n"),
        (b"other.example / 0\r\n", "4 this server does not serve that host, port or scheme\r\n"),
        (b"localhost / 9999\r\n", "4 the data are longer than 1,024 bytes\r\n"),
        (b"gemini://localhost/\r\n", "4 a request is a host, a path and a length\r\n"),
        (b"localhost /search 4\r\n\xff\xfe\xfd\xfc", "4 the data of the request are not UTF-8\r\n"),
        // Never finished: neither the line nor the data.
        (b"localhost /", "4 the request did not come in time\r\n"),
        (b"localhost /search 9\r\nred", "4 the request did not come in time\r\n"),
    ] {
        assert_eq!(ask(&house, request).await, answer, "{:?}", String::from_utf8_lossy(request));
    }
}
