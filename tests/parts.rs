//! The parts of one machine under systemd itself, as the separate units start them: each says when it is ready and beats,
//! together they crawl, index and answer, and each stops in order when asked.

#[path = "support/program.rs"]
mod program;
#[path = "support/unit.rs"]
mod unit;

use std::fs;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use program::{can_run, open_folder, sextant};
use space::{Generator, Space};
use tokio::time::Instant;
use unit::Unit;

/// Far more than a start takes.
const PATIENCE: Duration = Duration::from_secs(120);

/// Starts a part, as its unit does.
fn start(name: &str, folder: &Path, environment: &[(&str, String)]) -> Unit {
    let mut part = Command::new(env!("CARGO_BIN_EXE_sextant"));
    part.arg("--state").arg(folder.join("state")).arg(name);
    part.envs(environment.iter().map(|(name, value)| (name, value)));
    Unit::start(name, part, folder)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_part_is_ready_beats_and_stops_in_order() {
    if !can_run() {
        return;
    }
    let folder = open_folder();
    let space = Space::builder().generated(Generator::new(5, 3, 30)).start().await.expect("a space");
    let routes: String = space.routes().iter().map(|(host, address)| format!("{host} {address}\n")).collect();
    fs::write(folder.path().join("routes"), routes).expect("the routes");
    let environment = [
        ("SEXTANT_CRAWL_ROUTES", folder.path().join("routes").display().to_string()),
        ("SEXTANT_CRAWL_REACH", "routed".to_owned()),
        ("SEXTANT_CRAWL_PACE", "unpaced".to_owned()),
        ("SEXTANT_SERVER_GEMINI", "127.0.0.1:0".to_owned()),
        ("SEXTANT_SERVER_WEB", "127.0.0.1:0".to_owned()),
    ];
    let mut parts = Vec::new();
    // In the order of their units: the others look for the database that the first one has made.
    for name in ["postgres", "crawl", "index", "serve"] {
        let part = start(name, folder.path(), &environment);
        part.hears("READY=1");
        part.hears("WATCHDOG=1");
        parts.push(part);
    }
    let state = folder.path().join("state").display().to_string();
    let end = Instant::now() + PATIENCE;
    loop {
        let verified = sextant(&["--state", &state, "index", "verify"], &[]);
        let told = String::from_utf8_lossy(&verified.stdout).into_owned();
        let matching = told.split("; ").nth(1).and_then(|rest| rest.split(' ').next()?.parse::<usize>().ok());
        if verified.status.success() && matching.is_some_and(|matching| 30 <= matching) {
            break;
        }
        assert!(Instant::now() < end, "everything is indexed: {told}");
    }
    let found = sextant(&["--state", &state, "search", "the"], &[]);
    assert!(found.status.success(), "{}", String::from_utf8_lossy(&found.stderr));
    for part in parts.into_iter().rev() {
        part.stop();
    }
    let left = sextant(&["--state", &state, "admin", "status"], &[]);
    assert_eq!(left.status.code(), Some(1), "the database has stopped, too");
}
