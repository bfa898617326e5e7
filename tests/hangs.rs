//! Hangs made on purpose in the real program, noticed and healed without a person.
//!
//! `sextant up` runs as its users run it, with the watchdog's patience scaled to seconds. What a reading of the code
//! cannot rule out is made to happen: the dispatcher waits for ever, every thread of the crawler's runtime is
//! blocked, Postgres is frozen with queries in flight, the resolver answers nothing. Each time the log says what
//! stood still, and a page that was written meanwhile is found at the end. While there is only nothing to do,
//! nothing is said and nothing is restarted.
//!
//! Built with the feature `hang-drill` only. As root the program runs as the user `sextant`; without such a user
//! these pass over.

#![cfg(feature = "hang-drill")]

#[path = "support/program.rs"]
mod program;
#[path = "support/running.rs"]
mod running;

use std::fs;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::time::Duration;

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use space::Space;
use tempfile::TempDir;
use tokio::time::Instant;

use program::{can_run, open_folder, sextant};
use running::Up;

/// What the watchdog waits for: longer than the database's deadline twice, or a frozen one would look like a hang.
const PATIENCE: Duration = Duration::from_secs(12);

/// No wait is longer.
const LIMIT: Duration = Duration::from_secs(120);

struct Home {
    folder: TempDir,
    state: String,
    capsules: PathBuf,
    log: PathBuf,
    drill: PathBuf,
    pages: u32,
}

impl Home {
    fn new() -> Self {
        let folder = open_folder();
        let at = |name: &str| folder.path().join(name);
        let (capsules, log, drill) = (at("capsules"), at("log"), at("drill"));
        fs::create_dir_all(capsules.join("garden.example")).expect("a capsule");
        fs::write(&drill, "").expect("a file");
        program::open_to_all(&drill);
        let state = at("state").display().to_string();
        let mut home = Self { state, capsules, log, drill, folder, pages: 0 };
        home.write_page();
        home
    }

    /// Writes one more page; the front page leads to it. Returns its only word.
    fn write_page(&mut self) -> String {
        self.pages += 1;
        let garden = self.capsules.join("garden.example");
        let word = format!("frogs{}", self.pages);
        fs::write(garden.join(format!("{word}.gmi")), format!("# A pond\n{word} sing.\n")).expect("a page");
        let links: String = (1..=self.pages).map(|page| format!("=> frogs{page}.gmi A pond\n")).collect();
        fs::write(garden.join("index.gmi"), format!("# The garden\n{links}")).expect("a page");
        word
    }

    fn up(&self) -> Up {
        let environment = [
            ("SEXTANT_PROCESS_HANG_SECONDS", PATIENCE.as_secs().to_string()),
            ("SEXTANT_DRILL", self.drill.display().to_string()),
        ];
        let space = ["--space".to_owned(), self.capsules.display().to_string()];
        Up::start(&self.state, &space, &environment, &self.log)
    }

    fn ask_for(&self, word: &str) {
        fs::write(&self.drill, word).expect("a file");
    }

    /// How often the log says this so far.
    fn said(&self, words: &str) -> usize {
        let log = fs::read_to_string(&self.log).expect("a log");
        log.lines().filter(|line| words.split('|').all(|word| line.contains(word))).count()
    }

    fn until_said(&self, words: &str) {
        let before = self.said(words);
        let end = Instant::now() + LIMIT;
        while self.said(words) == before {
            assert!(Instant::now() < end, "{words:?} is not said: {}", self.tail());
            std::thread::yield_now();
            // Each try is a process of its own, so this does not spin.
            let _looked = sextant(&["--state", &self.state, "admin", "status"], &[]);
        }
    }

    fn tail(&self) -> String {
        let log = fs::read_to_string(&self.log).expect("a log");
        let lines: Vec<&str> = log.lines().collect();
        lines[lines.len().saturating_sub(40)..].join("\n")
    }

    fn admin(&self, arguments: &[&str]) -> String {
        let arguments: Vec<&str> =
            ["--state", &self.state, "admin"].iter().chain(arguments).copied().collect();
        let output = sextant(&arguments, &[]);
        String::from_utf8_lossy(&output.stdout).into_owned()
    }

    /// The capsule is visited anew, and this word is found: all parts are at work.
    fn until_found(&self, word: &str) {
        let end = Instant::now() + LIMIT;
        while Instant::now() < end {
            let asked = self.admin(&["recrawl", "garden.example"]);
            let output = sextant(&["--state", &self.state, "search", word], &[]);
            if asked.contains("job")
                && String::from_utf8_lossy(&output.stdout).contains(&format!("{word}.gmi"))
            {
                return;
            }
        }
        panic!("{word} is not found: {}", self.tail());
    }
}

const ALARM: &str = "no progress while work is due";
const RESTART: &str = "ended unasked";

#[test]
fn a_stuck_dispatcher_a_blocked_runtime_and_a_frozen_database_are_noticed_and_healed() {
    if !can_run() {
        return;
    }
    let mut home = Home::new();
    let up = home.up();
    home.until_found("frogs1");

    // Nothing is due, and nothing is said, for longer than the watchdog waits.
    let idle_until = Instant::now() + PATIENCE + PATIENCE / 2;
    while Instant::now() < idle_until {
        assert!(home.admin(&["status"]).contains("nothing needs you"), "{}", home.tail());
    }
    assert_eq!((home.said(ALARM), home.said(RESTART)), (0, 0), "a false alarm: {}", home.tail());

    for (drill, part) in [("dispatcher", "dispatcher"), ("runtime", "heartbeat")] {
        let word = home.write_page();
        home.ask_for(drill);
        home.until_said(&format!("{ALARM}|{part}"));
        home.until_said(&format!("{RESTART}|70"));
        home.until_found(&word);
    }
    assert_eq!(home.said(RESTART), 2, "{}", home.tail());

    let word = home.write_page();
    home.admin(&["recrawl", "*"]);
    let database = database(Path::new(&home.state));
    assert!(2 < database.len(), "Postgres with its children: {database:?}");
    let frozen = Frozen::new(database);
    let frozen_until = Instant::now() + PATIENCE + PATIENCE / 2;
    while Instant::now() < frozen_until {
        let status = sextant(&["--state", &home.state, "admin", "status"], &[]);
        assert!(!status.status.success(), "a frozen database answers nothing");
    }
    drop(frozen);
    home.until_found(&word);
    assert_eq!(home.said(RESTART), 2, "a database that is away is waited for: {}", home.tail());
    drop(up);
    drop(home.folder);
}

/// Processes that stand still until this is dropped.
struct Frozen(Vec<Pid>);

impl Frozen {
    fn new(processes: Vec<Pid>) -> Self {
        let frozen = Self(processes);
        frozen.send(Signal::SIGSTOP);
        frozen
    }

    fn send(&self, signal: Signal) {
        for pid in &self.0 {
            // A session may have ended in between.
            let _gone = kill(*pid, signal);
        }
    }
}

impl Drop for Frozen {
    fn drop(&mut self) {
        self.send(Signal::SIGCONT);
    }
}

/// Postgres and its children.
fn database(state: &Path) -> Vec<Pid> {
    let mut folders = vec![state.join("postgres")];
    let mut postmaster = None;
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).expect("a folder").flatten() {
            if entry.file_name() == "postmaster.pid" {
                let text = fs::read_to_string(entry.path()).expect("a pid");
                postmaster = text.lines().next().and_then(|line| line.parse::<i32>().ok());
            } else if entry.path().is_dir() && folders.len() < 1_000 {
                folders.push(entry.path());
            }
        }
    }
    let postmaster = postmaster.expect("Postgres runs");
    let is_child = |pid: &i32| {
        let status = fs::read_to_string(format!("/proc/{pid}/status")).unwrap_or_default();
        status
            .lines()
            .any(|line| line.strip_prefix("PPid:").is_some_and(|ppid| ppid.trim() == postmaster.to_string()))
    };
    let processes = fs::read_dir("/proc").expect("the processes").flatten();
    let pids = processes.filter_map(|entry| entry.file_name().to_str()?.parse().ok());
    std::iter::once(postmaster).chain(pids.filter(is_child)).map(Pid::from_raw).collect()
}

/// A crawl of the public space of which one host is on this machine, and another has to be looked up.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_resolver_that_does_not_answer_is_our_trouble_and_no_capsules() {
    if !can_run() {
        return;
    }
    let home = Home::new();
    let space = Space::builder().folder(&home.capsules).start().await.expect("a space");
    let routes: String =
        space.routes().iter().map(|(host, address)| format!("\"{host}\" = \"{address}\"\n")).collect();
    let config = home.folder.path().join("sextant.toml");
    let door = TcpListener::bind("127.0.0.1:0").and_then(|door| door.local_addr()).expect("a port");
    let text = format!(
        "[server]\nhost = [\"localhost\"]\ngemini = [\"{door}\"]\nweb = []\n[admin]\ncontact = \"mailto:a@example.org\"\n\
         [crawl]\npace = \"unpaced\"\n[process]\nhang_seconds = {}\n[route]\n{routes}",
        PATIENCE.as_secs()
    );
    fs::write(&config, text).expect("a file");
    program::open_to_all(&config);
    home.ask_for("resolver");
    let told = ["--config".to_owned(), config.display().to_string()];
    let environment = [("SEXTANT_DRILL", home.drill.display().to_string())];
    let up = Up::start(&home.state, &told, &environment, &home.log);
    home.until_found("frogs1");
    let seeds = home.folder.path().join("seeds");
    fs::write(&seeds, "gemini://sleeper.example.net/\n").expect("a file");
    program::open_to_all(&seeds);
    home.admin(&["seed", &seeds.display().to_string()]);
    let end = Instant::now() + LIMIT;
    loop {
        let status = home.admin(&["status"]);
        if status.contains("the resolver of this machine does not answer") {
            assert!(status.contains("0 capsules that do not answer"), "nobody is blamed: {status}");
            break;
        }
        assert!(Instant::now() < end, "the trouble is not told: {status}\n{}", home.tail());
    }
    assert_eq!(home.said(RESTART), 0, "{}", home.tail());
    drop(up);
}
