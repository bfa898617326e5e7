//! Who searches for what is nowhere: a thousand searches with words of their own from a hundred and ninety-nine
//! addresses, with everything logged that can be, leave no word and no address in the log or the index's folder.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

#[path = "search/library.rs"]
#[allow(dead_code, reason = "each test uses its part of the support")]
mod library;
#[path = "support/visitor.rs"]
#[allow(dead_code, reason = "each test uses its part of the support")]
mod visitor;

use std::io::{self, Write};
use std::net::IpAddr;
use std::path::Path;
use std::sync::{Arc, Mutex};

use library::{Library, page};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use visitor::{House, connect_from};

/// The word that only a searcher knows.
const CANARY: &str = "zyxcanary";

/// Everything that was logged.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        Write::write(&mut *self.0.lock().unwrap(), bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Whether bytes hold the canary or one of the searchers' addresses.
fn tells(bytes: &[u8]) -> Option<String> {
    let holds = |text: &str| bytes.windows(text.len()).any(|window| window == text.as_bytes());
    let addresses = (2..=200_u8).map(|last| format!("127.0.0.{last}"));
    std::iter::once(CANARY.to_owned()).chain(addresses).find(|text| holds(text))
}

fn files(folder: &Path) -> Vec<Vec<u8>> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() { found.extend(files(&path)) } else { found.push(std::fs::read(path).unwrap()) }
    }
    found
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_word_and_no_address_of_a_searcher_is_kept() {
    let log = Log::default();
    let writer = log.clone();
    tracing_subscriber::fmt()
        .with_max_level(tracing_subscriber::filter::LevelFilter::TRACE)
        .with_writer(move || writer.clone())
        .init();
    let library = Library::of([page("a.example/", "Pandas", "red pandas and others")]);
    let house = House::searching(library.searcher.clone()).await;
    for number in 0..1_000_u32 {
        let from = IpAddr::from([127, 0, 0, u8::try_from(2 + number % 199).unwrap()]);
        let words = format!("{CANARY}{number}%20OR%20pandas");
        let answer = if number % 2 == 0 {
            let request = format!("gemini://localhost/search?{words}\r\n");
            house.ask_from(from, request.as_bytes()).await.unwrap().0
        } else {
            let mut stream = connect_from(from, house.web).await.unwrap();
            let request =
                format!("GET /search?q={words} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n");
            stream.write_all(request.as_bytes()).await.unwrap();
            let mut answer = Vec::new();
            stream.read_to_end(&mut answer).await.unwrap();
            answer
        };
        let answer = String::from_utf8_lossy(&answer);
        assert!(answer.contains("Pandas"), "the search was made: {answer}");
    }
    let logged = log.0.lock().unwrap().clone();
    assert!(!logged.is_empty(), "the log is on");
    assert_eq!(tells(&logged), None, "in the log");
    assert_eq!(
        tells(format!("a 127.0.0.77 {CANARY}").as_bytes()).as_deref(),
        Some(CANARY),
        "it would be seen"
    );
    for file in files(library.folder.path()) {
        assert_eq!(tells(&file), None, "in the index's folder");
    }
}
