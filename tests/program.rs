//! The built program, as its users meet it.
//!
//! - bad input gets one clear sentence and its exit code: 64 for flags and configuration, 1 for the rest;
//! - `up` crawls a folder, serves it and stops in order; killed with SIGKILL, it starts again on what it had.
//!
//! As root the program runs as the user `sextant`; without such a user the second half passes over.

use std::fs::File;
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};

use nix::sys::signal::{Signal, kill};
use nix::unistd::{Pid, Uid, User};
use tempfile::TempDir;
use tokio::time::{Duration, Instant};

fn sextant(arguments: &[&str], environment: &[(&str, &str)]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_sextant"))
        .args(arguments)
        .envs(environment.iter().copied())
        .stdin(Stdio::null())
        .output()
        .expect("the program starts")
}

/// A folder that the user `sextant` can reach too.
fn open_folder() -> TempDir {
    use std::os::unix::fs::PermissionsExt as _;
    let folder = tempfile::tempdir().expect("a folder");
    let open = std::fs::Permissions::from_mode(0o777);
    std::fs::set_permissions(folder.path(), open).expect("the folder is ours");
    folder
}

/// Whether `up` can run here at all.
fn can_run() -> bool {
    let can = !Uid::effective().is_root() || User::from_name("sextant").is_ok_and(|user| user.is_some());
    if !can {
        eprintln!("skipped: as root the program needs a user sextant (deploy/test makes it)");
    }
    can
}

#[test]
fn bad_input_gets_a_sentence_and_an_exit_code() {
    let folder = open_folder();
    let state = folder.path().join("state").display().to_string();
    let broken = folder.path().join("broken.toml");
    std::fs::write(&broken, "[crawl]\nin_flight = 0\npace = \"rude\"\n[serve]\nhost = 1\n").expect("a file");
    let broken = broken.display().to_string();
    let missing = folder.path().join("nowhere").display().to_string();
    let check = |arguments: &[&str], code: i32, words: &[&str]| {
        let output = sextant(arguments, &[]);
        let said = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(code), "{arguments:?} said {said}");
        for word in words {
            assert!(said.contains(word), "{arguments:?} does not say {word}: {said}");
        }
        assert!(!said.contains("panicked"), "{arguments:?}: {said}");
    };
    check(&["up", "--unknown"], 64, &["--unknown"]);
    check(&["dance"], 64, &["dance"]);
    check(&["--config", &broken, "doctor"], 64, &["3 errors", "crawl.in_flight", "crawl.pace", "serve.host"]);
    check(&["--config", &missing, "doctor"], 64, &["nowhere"]);
    check(&["--state", &state, "search", "words"], 1, &[]);
    if can_run() {
        check(&["--state", &state, "up", "--space", &missing], 1, &["nowhere"]);
        check(&["--state", "/proc/sextant", "up"], 1, &["/proc/sextant"]);
    }
}

/// Free ports on this machine; somebody else could take them in between, nobody does.
fn free_ports() -> [SocketAddr; 2] {
    let listeners = [(); 2].map(|()| TcpListener::bind("127.0.0.1:0").expect("a port"));
    listeners.map(|listener| listener.local_addr().expect("an address"))
}

#[test]
fn an_occupied_port_is_named() {
    if !can_run() {
        return;
    }
    let folder = open_folder();
    let state = folder.path().join("state").display().to_string();
    let taken = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = taken.local_addr().expect("an address").to_string();
    let output = sextant(&["--state", &state, "up"], &[("SEXTANT_SERVER_GEMINI", &address)]);
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(1), "{said}");
    assert!(said.contains(&address), "the address is named: {said}");
}

struct Up {
    child: Child,
}

impl Up {
    fn start(state: &str, capsules: &Path, log: &Path, [gemini, web]: [SocketAddr; 2]) -> Self {
        let child = Command::new(env!("CARGO_BIN_EXE_sextant"))
            .args(["--state", state, "up", "--space"])
            .arg(capsules)
            .env("SEXTANT_SERVER_GEMINI", gemini.to_string())
            // However full the disk of this machine is.
            .env("SEXTANT_CRAWL_RESERVE_MIB", "0")
            .env("SEXTANT_SERVER_WEB", web.to_string())
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(File::create(log).expect("a log"))
            .spawn();
        Self { child: child.expect("the program starts") }
    }

    fn signal(&self, signal: Signal) {
        let pid = i32::try_from(self.child.id()).expect("a pid");
        kill(Pid::from_raw(pid), signal).expect("it can be signalled");
    }
}

impl Drop for Up {
    fn drop(&mut self) {
        if matches!(self.child.try_wait(), Ok(None)) {
            self.signal(Signal::SIGTERM);
            drop(self.child.wait());
        }
    }
}

/// Searches in the terminal until the page is found. Each try is a process of its own, so this does not spin.
fn until_found(state: &str, words: &str, url: &str) {
    let end = Instant::now() + Duration::from_secs(120);
    let mut said = String::new();
    while Instant::now() < end {
        let output = sextant(&["--state", state, "search", words], &[]);
        said =
            format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
        if output.status.success() && said.contains(url) {
            return;
        }
    }
    panic!("{url} is not found: {said}");
}

/// Waits until the database answers.
fn until_status(state: &str) {
    let end = Instant::now() + Duration::from_secs(120);
    let mut said = String::new();
    while Instant::now() < end {
        let output = sextant(&["--state", state, "admin", "status"], &[]);
        if output.status.success() {
            return;
        }
        said = String::from_utf8_lossy(&output.stderr).into_owned();
    }
    panic!("the database does not answer: {said}");
}

/// Waits until the door is open.
fn until_open(door: SocketAddr) {
    let end = Instant::now() + Duration::from_secs(120);
    while Instant::now() < end {
        if TcpStream::connect(door).is_ok() {
            return;
        }
        std::thread::yield_now();
    }
    panic!("{door} stays closed");
}

/// SIGKILL for everything that runs on this state: supervisor, children, Postgres.
fn kill_all_of(state: &str) {
    let mut killed = 0;
    for process in std::fs::read_dir("/proc").expect("the processes").flatten() {
        let Some(pid) = process.file_name().to_str().and_then(|name| name.parse().ok()) else { continue };
        let command = std::fs::read(process.path().join("cmdline")).unwrap_or_default();
        if String::from_utf8_lossy(&command).contains(state) {
            killed += usize::from(kill(Pid::from_raw(pid), Signal::SIGKILL).is_ok());
        }
    }
    assert!(3 <= killed, "supervisor, server, Postgres and the others: {killed}");
}

#[test]
fn up_crawls_serves_survives_a_kill_and_stops_in_order() {
    if !can_run() {
        return;
    }
    let folder = open_folder();
    let state = folder.path().join("state").display().to_string();
    let capsules = folder.path().join("capsules");
    let garden = capsules.join("garden.example");
    std::fs::create_dir_all(&garden).expect("a capsule");
    std::fs::write(garden.join("index.gmi"), "# The garden\n=> pond.gmi Where the frogs are\n")
        .expect("a page");
    std::fs::write(garden.join("pond.gmi"), "# The pond\nFrogs sing in the evening.\n").expect("a page");
    let (ports, log) = (free_ports(), folder.path().join("log"));

    let mut up = Up::start(&state, &capsules, &log, ports);
    until_found(&state, "frogs evening", "gemini://garden.example/pond.gmi");
    let logged = std::fs::read_to_string(&log).expect("a log");
    assert!(logged.contains("the crawl begins"), "it tells what it does: {logged}");
    assert!(!logged.contains("sqlx"), "and not what the database remarks: {logged}");
    up.signal(Signal::SIGKILL);
    up.child.wait().expect("it is gone");

    let mut up = Up::start(&state, &capsules, &log, ports);
    until_found(&state, "frogs evening", "gemini://garden.example/pond.gmi");
    until_open(ports[1]);
    kill_all_of(&state);
    up.child.wait().expect("it is gone");

    std::fs::write(garden.join("index.gmi"), "# The garden\n=> pond.gmi Where the frogs are\n=> shed.gmi\n")
        .expect("a page");
    let mut up = Up::start(&state, &capsules, &log, ports);
    until_found(&state, "frogs evening", "gemini://garden.example/pond.gmi");
    until_status(&state);
    up.signal(Signal::SIGINT);
    let asked = Instant::now();
    let status = up.child.wait().expect("it ends");
    assert!(status.success(), "it stops in order: {status}");
    assert!(asked.elapsed() < Duration::from_secs(75), "it stops in its time");
    let left = sextant(&["--state", &state, "admin", "status"], &[]);
    assert_eq!(left.status.code(), Some(1), "the database was stopped too");
}
