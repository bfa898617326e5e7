//! The parts of one machine under systemd itself, as the separate units start them: each says when it is ready and beats,
//! together they crawl, index and answer, and each stops in order when asked.
//!
//! systemd is played by this test: it listens where `NOTIFY_SOCKET` says.

#[path = "support/program.rs"]
mod program;

use std::fs::{self, File};
use std::os::unix::net::UnixDatagram;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use program::{can_run, open_folder, open_to_all, sextant};
use space::{Generator, Space};
use tokio::time::Instant;

/// Far more than a start takes.
const PATIENCE: Duration = Duration::from_secs(120);

/// A part that runs, with the ear that systemd would have for it.
struct Part {
    name: &'static str,
    child: Child,
    ear: UnixDatagram,
    log: std::path::PathBuf,
}

impl Part {
    fn start(name: &'static str, folder: &Path, environment: &[(&str, String)]) -> Self {
        let (socket, log) = (folder.join(format!("{name}.notify")), folder.join(format!("{name}.log")));
        let ear = UnixDatagram::bind(&socket).expect("a socket");
        open_to_all(&socket);
        ear.set_read_timeout(Some(PATIENCE)).expect("a limit");
        let child = Command::new(env!("CARGO_BIN_EXE_sextant"))
            .arg("--state")
            .arg(folder.join("state"))
            .arg(name)
            .envs(environment.iter().map(|(name, value)| (name, value)))
            .env("NOTIFY_SOCKET", &socket)
            .env("WATCHDOG_USEC", "120000000")
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(File::create(&log).expect("a log"))
            .spawn()
            .expect("the program starts");
        Self { name, child, ear, log }
    }

    /// Waits until it has said a word.
    fn hears(&self, word: &str) {
        let end = Instant::now() + PATIENCE;
        let mut heard = [0; 4_096];
        while Instant::now() < end {
            let Ok(length) = self.ear.recv(&mut heard) else { break };
            if String::from_utf8_lossy(&heard[..length]).lines().any(|line| line == word) {
                return;
            }
        }
        panic!("{} does not say {word}: {}", self.name, fs::read_to_string(&self.log).unwrap_or_default());
    }

    /// Asks it to stop, as systemd does.
    fn stop(mut self) {
        let pid = Pid::from_raw(i32::try_from(self.child.id()).expect("a pid"));
        kill(pid, Signal::SIGTERM).expect("it can be asked to stop");
        let ended = self.child.wait().expect("it ends");
        assert!(ended.success(), "{} stops in order: {ended}", self.name);
    }
}

impl Drop for Part {
    /// Where the test has failed before it stopped.
    fn drop(&mut self) {
        if matches!(self.child.try_wait(), Ok(None)) {
            let pid = Pid::from_raw(i32::try_from(self.child.id()).expect("a pid"));
            // It may end this very moment.
            let _ended = kill(pid, Signal::SIGTERM);
            drop(self.child.wait());
        }
    }
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
        let part = Part::start(name, folder.path(), &environment);
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
