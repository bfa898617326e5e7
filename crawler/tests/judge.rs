//! trot, a client that is not ours, as judge of our reading of robots.txt: on files of plain `Disallow` lines both
//! forbid the same pages. It asks for the rules at port 1965, so this is shown in a network of its own.
//!
//! What it reads otherwise is left out here: keys in odd case, `Allow`, `*` and `$` in a path, and an empty
//! `Disallow`, which for it forbids everything.

#![allow(clippy::unwrap_used, reason = "what a test sets up must be there")]

#[path = "support/alone.rs"]
mod alone;

use std::process::Command;

use shared::gemini::robots::{Robots, Ruling, Use};
use space::{Capsule, Space};

const HOST: &str = "rules.example";
const PORT: u16 = 1965;

const FILES: [&str; 12] = [
    "User-agent: *\nDisallow: /private/\n",
    "User-agent: indexer\nDisallow: /private\n",
    "User-agent: archiver\nDisallow: /\n",
    "User-agent: *\nDisallow: /\n",
    "User-agent: indexer\nDisallow: /\n\nUser-agent: *\nDisallow: /open/\n",
    "User-agent: archiver\nUser-agent: indexer\nDisallow: /open/\nDisallow: /~ann/\n",
    "User-agent: indexer\nDisallow: /open/\n\nUser-agent: *\nDisallow: /private/\n",
    "# Welcome\nUser-agent: * # everybody\nDisallow: /private/page # not this one\n",
    "Disallow: /open/\nUser-agent: *\nDisallow: /~ann/drafts\n",
    "User-agent: *\r\nDisallow: /private/\r\n\r\nUser-agent: webproxy\r\nDisallow: /open/\r\n",
    "User-agent: *\n  Disallow:   /open/page  \n\n\nUser-agent: *\nDisallow: /~ann/\n",
    "User-agent: researcher\nDisallow: /\nUser-agent: indexer\nDisallow: /private/page\n",
];

const PATHS: [&str; 8] = [
    "/",
    "/open/",
    "/open/page",
    "/private",
    "/private/page",
    "/private/pages/more",
    "/~ann/",
    "/~ann/drafts/one",
];

fn capsule(rules: &str) -> Capsule {
    let pages = PATHS.iter().fold(Capsule::new(), |capsule, path| capsule.page(path, "# Here it is\n"));
    pages.robots(rules)
}

#[test]
fn trot_forbids_what_we_forbid() {
    if Command::new("trot").arg("--help").output().is_err() {
        eprintln!("passed over: there is no trot to judge");
        return;
    }
    // The first address of a space.
    let Some(output) = alone::alone("the_judge", &format!("127.16.0.1 {HOST}")) else { return };
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

/// The hearing; nothing where the network is everybody's.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_judge() {
    if !alone::is_alone() {
        return;
    }
    let space = Space::builder().port(PORT).capsule(HOST, capsule("")).start().await.unwrap();
    let mut forbidden = 0;
    for file in FILES {
        space.set_capsule(HOST, capsule(file)).unwrap();
        for path in PATHS {
            let url = format!("gemini://{HOST}{path}");
            let asked = tokio::process::Command::new("trot").args(["--user-agent", "indexer", &url]).output();
            let asked = asked.await.unwrap();
            let theirs = match (
                asked.status.success(),
                String::from_utf8_lossy(&asked.stderr).contains("allowed from your user-agent"),
            ) {
                (true, _) => "allowed",
                (false, true) => "refused",
                (false, false) => panic!("{url}: {}", String::from_utf8_lossy(&asked.stderr)),
            };
            let ours = match Robots::parse(file).allows(Use::Index, path) {
                Ruling::Allowed => "allowed",
                Ruling::Refused { .. } => "refused",
            };
            assert_eq!(theirs, ours, "{path} under\n{file}");
            forbidden += usize::from(ours == "refused");
        }
    }
    assert!(20 < forbidden && forbidden < 70, "files that forbid something, and not all: {forbidden}");
}
