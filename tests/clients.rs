//! Real clients against the real server: home, the prompt, results, the second page.
//!
//! A client that is not installed is passed over with a word (`deploy/test` installs them).

#[path = "support/driven.rs"]
mod driven;
#[path = "clients/scripted.rs"]
mod scripted;

use std::net::SocketAddr;
use std::path::Path;
use std::process::{Command, Output, Stdio};

use bench::engine::Engine;
use server::Server;
use server::app::StoreSlot;
use server::config::Config;
use server::search::{SearchConfig, Searcher};
use shared::store::cluster::scratch;
use space::{Capsule, Space};
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

/// Fifteen capsules, each with a page about otters: enough for two pages of results.
fn otters() -> space::Builder {
    (0..15).fold(Space::builder(), |builder, number| {
        let text = format!("# Otter number {number}\n\nThis otter swims in river {number} and likes tea.\n");
        builder.capsule(&format!("otter-{number}.example"), Capsule::new().page("/", text))
    })
}

/// What a client printed; none when it is not installed.
fn client(program: &str, arguments: &[&str]) -> Option<String> {
    let output: Output = match Command::new(program).args(arguments).stdin(Stdio::null()).output() {
        Ok(output) => output,
        Err(_) => {
            eprintln!("passed over: {program} is not installed");
            return None;
        }
    };
    Some(format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr)))
}

fn expect(program: &str, asked: &str, said: &str, words: &[&str]) {
    for word in words {
        assert!(said.contains(word), "{program} asked {asked} and does not show {word:?}: {said}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn clients_get_home_prompt_results_and_the_second_page() {
    let space = otters().start().await.expect("a space");
    let scratch = scratch::database().await;
    let engine = Engine::start(scratch.store(), &space).await;
    engine.until_all_is_indexed().await;
    let searcher = Searcher::open(&engine.folder.path().join("index"), SearchConfig::default());
    engine.first_found(&searcher, "otter").await;
    let anywhere = SocketAddr::from(([127, 0, 0, 1], 0));
    let local = Config::local(engine.folder.path().join("server"));
    let config = Config { gemini: vec![anywhere], web: vec![anywhere], ..local };
    let store = StoreSlot::default();
    store.fill(engine.store.clone());
    let server = Server::bind(&config, searcher, store).await.expect("a server");
    let (gemini, web) = (server.gemini_addresses()[0].port(), server.web_addresses()[0].port());
    let stop = CancellationToken::new();
    let mut running = JoinSet::new();
    running.spawn(server.run(stop.clone()));

    let folder = engine.folder.path().to_owned();
    let asking = tokio::task::spawn_blocking(move || {
        by_nauyaca(gemini);
        by_openssl(gemini);
        by_trot(gemini);
        by_chromium(web, &folder);
        scripted::by_searxng(web);
        scripted::by_browser(web, &folder);
        scripted::by_terminals(gemini, &folder);
        scripted::by_offpunk(gemini, &folder);
        scripted::by_ignition(gemini, &folder);
        scripted::by_npm(gemini);
        by_schemathesis(web);
        by_curl(web);
        by_python(web);
    });
    asking.await.expect("the clients are served");
    stop.cancel();
    while let Some(ended) = running.join_next().await {
        ended.expect("the server ends in order");
    }
}

fn by_nauyaca(port: u16) {
    for (path, words) in [
        ("/", &["Sextant", "15 pages"][..]),
        ("/search", &["[10]", "What are you looking for?"]),
        ("/search?otter", &["15 pages found, page 1 of 2", "1. Otter number", "/search/2?otter"]),
        ("/search/2?otter", &["page 2 of 2", "11. Otter number", "/search?otter"]),
        ("/nowhere", &["51"]),
    ] {
        let url = format!("gemini://localhost:{port}{path}");
        let Some(said) = client("nauyaca", &["get", "-t", "20", "--no-verify-ssl", &url]) else { return };
        expect("nauyaca", path, &said, words);
    }
}

fn by_openssl(port: u16) {
    let request = format!(
        "printf 'gemini://localhost/search?river%%20tea\\r\\n' | openssl s_client -quiet -ign_eof -connect localhost:{port} 2>/dev/null"
    );
    if let Some(said) = client("sh", &["-c", &request]) {
        expect("openssl", "/search?river tea", &said, &["20 text/gemini", "15 pages found"]);
    }
}

fn by_trot(port: u16) {
    for (path, input, words) in [
        ("/", &[][..], &["Find your way through Geminispace"][..]),
        ("/search", &["otter", "tea"], &["15 pages found", "page 1 of 2", "Next page"]),
        ("/search/2", &["otter", "tea"], &["page 2 of 2", "Previous page"]),
    ] {
        let url = format!("gemini://localhost:{port}{path}");
        let arguments: Vec<&str> = ["--no-color", &url].into_iter().chain(input.iter().copied()).collect();
        let Some(said) = client("trot", &arguments) else { return };
        expect("trot", path, &said, words);
    }
}

/// Requests made from the description of the interface, valid ones and such that are not. That something is not there
/// (this server has no database) is a described answer.
fn by_schemathesis(port: u16) {
    let description = format!("http://127.0.0.1:{port}/api/v1/openapi.json");
    let how =
        ["--max-examples", "10", "--seed", "1965", "--exclude-checks", "not_a_server_error", "--no-color"];
    let arguments: Vec<&str> = ["run", &description].into_iter().chain(how).collect();
    if let Some(said) = client("schemathesis", &arguments) {
        expect("schemathesis", &description, &said, &[" passed"]);
        assert!(!said.contains("Failures:"), "schemathesis: {said}");
    }
}

/// The example of the README.
fn by_curl(port: u16) {
    let address = format!("http://127.0.0.1:{port}/api/v1/search");
    let arguments = ["--silent", "--get", "--data-urlencode", "q=river lang:en", &address];
    if let Some(said) = client("curl", &arguments) {
        expect("curl", "/api/v1/search", &said, &["\"total\":", "\"hits\":["]);
    }
}

/// The example of the README.
fn by_python(port: u16) {
    let script = format!(
        "import json, urllib.parse, urllib.request\n\
         query = urllib.parse.urlencode({{'q': 'otter'}})\n\
         with urllib.request.urlopen('http://127.0.0.1:{port}/api/v1/search?' + query) as answer:\n    \
             for hit in json.load(answer)['hits']:\n        print(hit['url'], hit['title'])\n"
    );
    if let Some(said) = client("python3", &["-c", &script]) {
        expect("python3", "/api/v1/search", &said, &["gemini://otter-", "Otter number"]);
    }
}

fn by_chromium(port: u16, folder: &Path) {
    let profile = format!("--user-data-dir={}", folder.join("chromium").display());
    for (path, words) in [
        ("/", &["Find your way", "<strong>15</strong> pages"][..]),
        ("/search?q=otter", &["<mark>otter</mark>", "Next page"]),
    ] {
        let url = format!("http://localhost:{port}{path}");
        let quiet = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"];
        let alone =
            ["--disable-background-networking", "--disable-component-update", "--disable-sync", "--dump-dom"];
        let arguments: Vec<&str> =
            quiet.into_iter().chain(alone).chain([profile.as_str(), url.as_str()]).collect();
        let Some(said) = client("chromium", &arguments) else { return };
        expect("chromium", path, &said, words);
    }
}
