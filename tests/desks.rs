//! The desk of the running program, opened with what one command makes: a token for the web, a certificate for Gemini.
//!
//! What is ordered at either door is done by the crawler and stands in the audit log; the command line shows the same.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

#[path = "../server/tests/support/browser.rs"]
#[allow(dead_code, reason = "each test uses its part of the support")]
mod browser;
#[path = "support/desk.rs"]
mod desk;
#[path = "support/door.rs"]
mod door;
#[path = "support/program.rs"]
#[allow(dead_code, reason = "each test uses its part of the support")]
mod program;
#[path = "support/running.rs"]
mod running;
#[path = "../server/tests/support/visitor.rs"]
#[allow(dead_code, reason = "each test uses its part of the support")]
mod visitor;

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::time::Duration;

use desk::{GeminiDesk, WebDesk};
use door::door;
use program::{can_run, open_folder, sextant};
use running::Up;
use tokio::time::Instant;

/// No wait is longer.
const LIMIT: Duration = Duration::from_secs(120);

struct Home {
    state: String,
}

impl Home {
    fn admin(&self, arguments: &[&str]) -> String {
        let all: Vec<&str> = ["--state", &self.state, "admin"].iter().chain(arguments).copied().collect();
        let output = sextant(&all, &[]);
        let said = String::from_utf8_lossy(&output.stdout).into_owned();
        assert!(output.status.success(), "{arguments:?}: {said}{}", String::from_utf8_lossy(&output.stderr));
        said
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_command_makes_the_key_to_each_door() {
    if !can_run() {
        return;
    }
    let folder = open_folder();
    let (capsules, log) = (folder.path().join("capsules"), folder.path().join("log"));
    fs::create_dir_all(capsules.join("garden.example")).expect("a capsule");
    fs::write(capsules.join("garden.example/index.gmi"), "# The garden\nFrogs sing.\n").expect("a page");
    let home = Home { state: folder.path().join("state").display().to_string() };
    let space = ["--space".to_owned(), capsules.display().to_string()];
    let listen = [("SEXTANT_ADMIN_LISTEN", format!("{}/desk.sock", home.state))];
    let _up = Up::start(&home.state, &space, &listen, &log);
    let end = Instant::now() + LIMIT;
    let gemini = loop {
        // Each look is a process that waits for the database by itself.
        let looked = sextant(&["--state", &home.state, "admin", "status"], &[]);
        match (looked.status.success(), door(&log, "Gemini is served")) {
            (true, Some(door)) => break door,
            _ => assert!(Instant::now() < end, "{}", fs::read_to_string(&log).unwrap_or_default()),
        }
    };

    let token = home.admin(&["token"]);
    assert_eq!(token.trim().len(), 64, "256 bits");
    let desk = WebDesk::open(Path::new(&home.state).join("desk.sock"), &token).await;
    let receipt = desk.order("recrawl", "garden.example").await;
    let end = Instant::now() + LIMIT;
    loop {
        let page = desk.get(&receipt).await;
        if page.contains("was asked for: done.") {
            break;
        }
        assert!(Instant::now() < end, "the crawler does not do it: {page}");
    }

    let told = home.admin(&["certificate", "ann"]);
    let file = told.lines().next().expect("the file's path");
    assert_eq!(fs::metadata(file).expect("a file").permissions().mode() & 0o777, 0o600);
    let desk = GeminiDesk::with(gemini, Path::new(file));
    assert_eq!(desk.order("pause", "garden.example").await, "30 /admin/capsules");
    assert!(home.admin(&["capsules"]).contains("garden.example"));
    let audit = home.admin(&["audit"]);
    for line in ["recrawl garden.example", "web desk", "pause garden.example", "certificate:ann"] {
        assert!(audit.contains(line), "{line}: {audit}");
    }
    let fingerprint = told.split_whitespace().find(|word| word.starts_with("sha256:")).expect("it is told");
    assert!(home.admin(&["pins"]).contains(fingerprint));
    home.admin(&["unpin", fingerprint]);
    assert!(desk.shown("/admin").await.0.starts_with("61 "), "at once");
}
