//! Who searches for what is nowhere, in the whole running program with everything logged that can be.
//!
//! - a thousand searches with words of their own, from six hundred addresses, by every door and through a proxy, and what
//!   visitors hand in and report besides, leave no word and no address in the log, the figures, any row of the
//!   database, the index, or any file of the state folder.

#[path = "support/asking.rs"]
mod asking;
#[path = "support/program.rs"]
mod program;
#[path = "support/running.rs"]
mod running;
#[path = "../server/tests/support/visitor.rs"]
#[allow(dead_code, clippy::unwrap_used, reason = "each test uses its part of the support")]
mod visitor;

use std::fs;
use std::net::{IpAddr, SocketAddr};
use std::path::Path;
use std::time::Duration;

use asking::{free_port, get};
use program::{can_run, open_folder, sextant};
use running::Up;
use sqlx::postgres::{PgConnectOptions, PgConnection};
use sqlx::{AssertSqlSafe, ConnectOptions as _};
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::time::{Instant, timeout};
use tokio_rustls::rustls::pki_types::ServerName;
use visitor::{connect_from, connector};

/// Far more than anything here takes.
const PATIENCE: Duration = Duration::from_secs(180);

/// The searchers: each by five ways, with five searches.
const VISITORS: u8 = 200;

/// The word that only a searcher knows.
const CANARY: &str = "zyxcanary";

/// How every address of a visitor begins: their own, and those that a proxy tells.
const ADDRESSES: [&str; 3] = ["127.77.0.", "203.0.113.", "2001:db8:77:"];

/// Where lists are, with which a search is made.
const LISTS: [&str; 7] =
    ["/search", "/v/search", "/in/lang:en/search", "/search/2", "/images", "/lucky", "/search/feed/atom"];

/// The doors of a running Sextant.
struct Doors {
    gemini: SocketAddr,
    web: SocketAddr,
    spartan: SocketAddr,
}

/// Sends a request and reads its answer to the end.
async fn exchange(mut stream: impl AsyncRead + AsyncWrite + Unpin, request: &str) -> String {
    stream.write_all(request.as_bytes()).await.expect("a request is sent");
    let mut answer = Vec::new();
    let read = timeout(PATIENCE, stream.read_to_end(&mut answer)).await;
    read.expect("an answer has an end").expect("an answer is read");
    String::from_utf8_lossy(&answer).into_owned()
}

impl Doors {
    async fn by_gemini(&self, from: IpAddr, target: &str) -> String {
        let stream = connect_from(from, self.gemini).await.expect("the door is open");
        let name = ServerName::try_from("localhost").expect("a name");
        let stream = connector().connect(name, stream).await.expect("a handshake");
        exchange(stream, &format!("gemini://localhost{target}\r\n")).await
    }

    async fn by_web(&self, from: IpAddr, headers: &str, target: &str) -> String {
        let stream = connect_from(from, self.web).await.expect("the door is open");
        let request =
            format!("GET {target} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n{headers}\r\n");
        exchange(stream, &request).await
    }

    async fn by_spartan(&self, from: IpAddr, path: &str, words: &str) -> String {
        let stream = connect_from(from, self.spartan).await.expect("the door is open");
        exchange(stream, &format!("localhost {path} {}\r\n{words}", words.len())).await
    }

    /// All the searches of one visitor.
    async fn search(&self, number: u8) {
        let own = IpAddr::from([127, 77, 0, number]);
        let proxy = IpAddr::from([127, 0, 0, 1]);
        let words = |way: u8| format!("{CANARY}{number}x{way}%20OR%20pandas");
        let list = LISTS[usize::from(number) % LISTS.len()];
        let forwarded = |address: String| format!("x-forwarded-for: {address}\r\n");
        let answers = [
            self.by_gemini(own, &format!("{list}?{}", words(0))).await,
            self.by_web(own, "", &format!("{list}?q={}", words(1))).await,
            self.by_web(
                proxy,
                &forwarded(format!("203.0.113.{number}")),
                &format!("/search?query={}", words(2)),
            )
            .await,
            self.by_web(
                proxy,
                &forwarded(format!("2001:db8:77:{number:x}::1")),
                &format!("/api/v1/search?q={}", words(3)),
            )
            .await,
            self.by_spartan(own, "/search", &words(4).replace("%20", " ")).await,
        ];
        let begins = ["20 ", "HTTP/1.1 200", "HTTP/1.1 200", "HTTP/1.1 200", "2 "];
        let leads = ["30 ", "HTTP/1.1 303", "", "", ""];
        for ((answer, begin), lead) in answers.iter().zip(begins).zip(leads) {
            let led = list == "/lucky" && !lead.is_empty() && answer.starts_with(lead);
            assert!(answer.starts_with(begin) || led, "visitor {number} on {list}: {answer}");
        }
        for answer in &answers[2..] {
            assert!(answer.contains("Red pandas"), "the search was made: {answer}");
        }
    }

    /// What is kept for good, and of nobody: something handed in, and a complaint.
    async fn hand_in_and_report(&self, number: u8) {
        let own = IpAddr::from([127, 77, 0, number]);
        let behind = format!("x-forwarded-for: 203.0.113.{number}\r\n");
        let proxy = IpAddr::from([127, 0, 0, 1]);
        for answer in [
            self.by_gemini(own, &format!("/add-seed?gemini://panda.example/{number}")).await,
            self.by_gemini(own, "/report/gemini:%2F%2Fpanda.example%2F?it%20is%20mine").await,
            self.by_web(proxy, &behind, &format!("/add-seed?q=gemini://panda.example/p{number}")).await,
        ] {
            let is_taken = ["20 ", "30 ", "HTTP/1.1 200", "HTTP/1.1 303"];
            assert!(is_taken.iter().any(|begin| answer.starts_with(begin)), "{answer}");
        }
    }
}

/// The first trace of a searcher in a text.
fn trace(text: &str) -> Option<&str> {
    let found = std::iter::once(CANARY).chain(ADDRESSES).find_map(|trace| text.find(trace))?;
    let from =
        (0..=found.saturating_sub(200)).rev().find(|&at| text.is_char_boundary(at)).unwrap_or_default();
    let to = (found + 100..).find(|&at| text.len() <= at || text.is_char_boundary(at)).unwrap_or_default();
    Some(&text[from..to.min(text.len())])
}

/// Every row of every table, the database's own tables and its memory of the last statements among them.
async fn rows(state: &Path) -> String {
    let options = PgConnectOptions::new_without_pgpass()
        .socket(state.join("postgres/socket"))
        .username("sextant")
        .database("sextant");
    let mut session: PgConnection = options.connect().await.expect("the database answers");
    let tables: Vec<String> = sqlx::query_scalar(
        "select format('%I.%I', schemaname, tablename) from pg_tables
         union all select 'pg_catalog.pg_stat_activity' order by 1",
    )
    .fetch_all(&mut session)
    .await
    .expect("the tables");
    assert!(60 < tables.len(), "{tables:?}");
    let mut text = String::new();
    for table in tables {
        let all = format!("select coalesce(string_agg(t::text, E'\\n'), '') from {table} t");
        let rows: String = sqlx::query_scalar(AssertSqlSafe(all))
            .fetch_one(&mut session)
            .await
            .unwrap_or_else(|error| panic!("{table}: {error}"));
        text.push_str(&rows);
    }
    text
}

/// Every file below a folder.
fn files(folder: &Path) -> Vec<(String, String)> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).expect("a folder").flatten() {
        match entry.file_type().expect("a kind") {
            kind if kind.is_dir() => found.extend(files(&entry.path())),
            kind if kind.is_file() => {
                let bytes = fs::read(entry.path()).expect("a file");
                found
                    .push((entry.path().display().to_string(), String::from_utf8_lossy(&bytes).into_owned()));
            }
            _ => {}
        }
    }
    found
}

/// Two capsules, and a Sextant that has read them.
fn capsules(folder: &Path) {
    for (host, text) in [
        (
            "panda.example",
            "# Red pandas\nRed pandas live in trees.\n=> gemini://other.example/ Other pandas\n",
        ),
        ("other.example", "# Other animals\nNot all of them are pandas.\n"),
    ] {
        let capsule = folder.join(host);
        fs::create_dir_all(&capsule).expect("a capsule");
        fs::write(capsule.join("index.gmi"), text).expect("a page");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_word_and_no_address_of_a_visitor_is_kept_anywhere() {
    if !can_run() {
        return;
    }
    let folder = open_folder();
    let at = |name: &str| folder.path().join(name);
    capsules(&at("capsules"));
    let (state, log) = (at("state"), at("log"));
    let told = state.display().to_string();
    let doors = Doors { gemini: free_port(), web: free_port(), spartan: free_port() };
    let probes = free_port();
    let environment = [
        ("SEXTANT_SERVER_GEMINI", doors.gemini.to_string()),
        ("SEXTANT_SERVER_WEB", doors.web.to_string()),
        ("SEXTANT_SERVER_SPARTAN", doors.spartan.to_string()),
        ("SEXTANT_WEB_TRUSTED_PROXIES", "127.0.0.1".to_owned()),
        ("SEXTANT_PROCESS_PROBES", probes.to_string()),
        ("SEXTANT_LOG_LEVEL", "trace".to_owned()),
    ];
    let space = ["--space".to_owned(), at("capsules").display().to_string()];
    let up = Up::start(&told, &space, &environment, &log);
    let end = Instant::now() + PATIENCE;
    loop {
        let found = sextant(&["--state", &told, "search", "pandas"], &[]);
        let found = String::from_utf8_lossy(&found.stdout).into_owned();
        if ["panda.example", "other.example"].iter().all(|host| found.contains(host)) {
            break;
        }
        assert!(Instant::now() < end, "the pages are indexed: {found}");
    }
    while get(doors.web, "/search?q=pandas").is_none_or(|(_, page)| !page.contains("Red pandas")) {
        assert!(Instant::now() < end, "the pages are found at the door");
        tokio::task::yield_now().await;
    }

    for number in 1..=VISITORS {
        doors.search(number).await;
    }
    for number in 1..=8 {
        doors.hand_in_and_report(number).await;
    }

    let (_, figures) = get(probes, "/metrics").expect("figures");
    assert!(figures.contains("sextant_searches_total"), "{figures}");
    assert_eq!(trace(&figures), None, "in the figures");
    let rows = rows(&state).await;
    assert!(rows.contains("Red pandas") && rows.contains("it is mine"), "what is kept is seen: {rows}");
    assert_eq!(trace(&rows), None, "in the database");
    let begun = sextant(&["--state", &told, "search", "zyx*"], &[]);
    let begun = String::from_utf8_lossy(&begun.stdout).into_owned();
    assert!(!begun.contains("gemini://"), "the index knows of no word that begins so: {begun}");
    drop(up);
    let logged = fs::read_to_string(&log).expect("a log");
    assert!(logged.contains("TRACE") && logged.contains("panda.example"), "everything is logged");
    assert_eq!(trace(&logged), None, "in the log");
    let files = files(&state);
    assert!(100 < files.len() && files.iter().any(|(_, text)| text.contains("Red pandas")), "they are read");
    for (name, text) in &files {
        assert_eq!(trace(text), None, "in {name}");
    }
}
