//! A house that fills up, at its real doors: first the bare hits of a search, then a word when to come again, then a
//! closed door; and as its visitors leave, all of it again. And one whose machine has too much to do: it says so, and
//! when to come again.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

#[path = "support/desk.rs"]
#[allow(dead_code, reason = "each test uses its part of the support")]
mod desk;
#[path = "search/library.rs"]
#[allow(dead_code, reason = "each test uses its part of the support")]
mod library;
#[path = "support/visitor.rs"]
#[allow(dead_code, reason = "each test uses its part of the support")]
mod visitor;

use std::time::Duration;

use desk::boats;
use library::Library;
use server::app::StoreSlot;
use server::search::{SearchConfig, SearchRequest, Searcher};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::task::JoinSet;
use tokio::time::timeout;
use visitor::House;

/// Places in the house.
const PLACES: usize = 16;

/// A misspelt search: there is something to suggest, and filters that part the list.
const GEMINI: &[u8] = b"gemini://localhost/search?baots%20harbour\r\n";
const WEB: &[u8] = b"GET /search?q=baots+harbour HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n";

async fn house(library: &Library) -> House {
    let more = |config: &mut server::config::Config| {
        config.limits.connections = PLACES;
        config.limits.connections_per_address = PLACES;
        // Whoever only stands there stays for the whole test.
        (config.limits.handshake, config.limits.request, config.limits.answer) =
            (Duration::from_secs(120), Duration::from_secs(120), Duration::from_secs(120));
    };
    House::built(more, library.searcher.clone(), StoreSlot::default()).await
}

/// What an answer has of all that there can be.
#[derive(Debug, PartialEq, Eq)]
enum Got {
    Everything,
    BareHits,
    AWordWhenToComeAgain,
    AClosedDoor,
}

fn got(said: &str) -> Got {
    let facets = ["\n=> /in/lang:de/search?baots%20harbour Language: German", "<h3>Language</h3>"];
    let extras = [said.contains("Did you mean"), facets.iter().any(|facet| said.contains(facet))];
    if said.contains("30 pages found") {
        match extras {
            [true, true] => return Got::Everything,
            [false, false] => return Got::BareHits,
            _ => panic!("half of the extras: {said}"),
        }
    }
    let is_told = said == "44 5\r\n"
        || (said.starts_with("HTTP/1.1 503") && said.to_lowercase().contains("\r\nretry-after: 5\r\n"));
    if is_told {
        return Got::AWordWhenToComeAgain;
    }
    assert_eq!(said, "", "neither an answer nor a word");
    Got::AClosedDoor
}

/// By how many are inside, the one who asks among them.
fn expected(inside: usize) -> Got {
    match inside {
        ..12 => Got::Everything,
        12..15 => Got::BareHits,
        15..=PLACES => Got::AWordWhenToComeAgain,
        _ => Got::AClosedDoor,
    }
}

/// Asks until the answer is the one that is to be expected; whoever asked before may still be on the way out.
async fn until_got(wanted: &Got, inside: usize, ask: impl AsyncFn() -> String) {
    let mut said = String::new();
    for _ in 0..500 {
        said = ask().await;
        if got(&said) == *wanted {
            return;
        }
        tokio::task::yield_now().await;
    }
    panic!("{inside} inside, and not {wanted:?} but {said}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn as_the_gemini_door_fills_up_its_visitors_get_less() {
    let library = Library::of(boats());
    let house = house(&library).await;
    let ask = async || {
        let Ok(mut stream) = house.shake_hands(Some("localhost")).await else { return String::new() };
        stream.write_all(GEMINI).await.unwrap();
        let mut said = String::new();
        timeout(Duration::from_secs(60), stream.read_to_string(&mut said)).await.expect("an end").unwrap();
        said
    };
    let mut waiting = Vec::new();
    for inside in 1..=PLACES + 1 {
        until_got(&expected(inside), inside, ask).await;
        // The last one finds the door shut.
        waiting.extend(house.shake_hands(Some("localhost")).await.ok());
    }
    drop(waiting);
    until_got(&Got::Everything, 1, ask).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn as_the_web_fills_up_its_visitors_get_less() {
    let library = Library::of(boats());
    let house = house(&library).await;
    let ask = async || {
        let mut stream = TcpStream::connect(house.web).await.unwrap();
        let mut said = String::new();
        // A door that stays shut may close with a reset.
        if stream.write_all(WEB).await.is_ok() {
            drop(timeout(Duration::from_secs(60), stream.read_to_string(&mut said)).await.expect("an end"));
        }
        said
    };
    let mut waiting = Vec::new();
    for inside in 1..=PLACES + 1 {
        until_got(&expected(inside), inside, ask).await;
        waiting.push(TcpStream::connect(house.web).await.unwrap());
    }
    drop(waiting);
    until_got(&Got::Everything, 1, ask).await;
}

/// A search that is no work at all, on a machine with too much to do: nobody is told that it was their words.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_busy_machine_says_so_and_when_to_come_again() {
    let library = Library::of(boats());
    let budget = Duration::from_millis(30);
    let busy = SearchConfig { threads: 1, budget, ..SearchConfig::default() };
    let searcher = Searcher::open(library.folder.path(), busy);
    let house = House::searching(searcher.clone()).await;
    // So many that hardly one has its turn within its time.
    let mut others = JoinSet::new();
    for number in 0..48 {
        let searcher = searcher.clone();
        others.spawn(async move {
            loop {
                drop(searcher.search(SearchRequest::new(format!("boats harbour sea {number}"))).await);
            }
        });
    }
    let by_gemini = async || {
        let (said, _) = house.ask_raw(Some("localhost"), &[b"gemini://localhost/search?boats\r\n"]).await;
        String::from_utf8(said).unwrap()
    };
    until_said(by_gemini, &["44 5\r\n"]).await;
    let by_web = async |target: &str| {
        let mut stream = TcpStream::connect(house.web).await.unwrap();
        let request = format!("GET {target} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n");
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut said = String::new();
        timeout(Duration::from_secs(60), stream.read_to_string(&mut said)).await.expect("an end").unwrap();
        said
    };
    let sentence = "this server is busy just now, please try again in 5 seconds";
    let on_the_web = ["HTTP/1.1 503", "retry-after: 5\r\n", sentence];
    until_said(async || by_web("/search?q=boats").await, &on_the_web).await;
    let json = format!("{{\"error\":\"{sentence}\",\"retry_after\":5}}");
    until_said(
        async || by_web("/api/v1/search?q=boats").await,
        &["HTTP/1.1 503", "retry-after: 5\r\n", &json],
    )
    .await;
}

/// Asks until an answer has all of it; one may be lucky and have its turn.
async fn until_said(ask: impl AsyncFn() -> String, wanted: &[&str]) {
    let mut said = String::new();
    for _ in 0..50 {
        said = ask().await;
        if wanted.iter().all(|part| said.contains(part)) {
            return;
        }
    }
    panic!("not {wanted:?} but {said}");
}
