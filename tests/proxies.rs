//! The proxies before the web, as `deploy/proxy` has them: each program takes its file, a search goes through to the
//! running Sextant and back, and neither the words nor the visitor's address are in anything that the proxy has written,
//! not even when Sextant is away.
//!
//! Where nginx or Caddy is not installed its test passes over.

#[path = "support/program.rs"]
mod program;
#[path = "support/running.rs"]
mod running;

use std::fs::{self, File};
use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use program::{can_run, open_folder, sextant};
use running::Up;
use tokio::time::Instant;

const PATIENCE: Duration = Duration::from_secs(120);

/// A word that stands nowhere else.
const WORD: &str = "zwiebelfisch";

/// A proxy that runs; asked to stop when dropped.
struct Proxy(Child);

impl Proxy {
    fn start(command: &mut Command, log: &Path) -> Self {
        let log = File::create(log).expect("a log");
        let child = command.stdin(Stdio::null()).stdout(log.try_clone().expect("a log")).stderr(log).spawn();
        Self(child.expect("the proxy starts"))
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        let pid = i32::try_from(self.0.id()).expect("a pid");
        // It may have ended by itself, which the test has told already.
        let _ended = kill(Pid::from_raw(pid), Signal::SIGTERM);
        drop(self.0.wait());
    }
}

fn shipped(name: &str) -> String {
    fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("deploy/proxy").join(name))
        .expect("the file")
}

fn is_missing(program: &str, flag: &str) -> bool {
    let missing = Command::new(program).arg(flag).output().is_err();
    if missing {
        eprintln!("skipped: {program} is not installed");
    }
    missing
}

/// Ports that are free now; nobody else takes them in between.
fn free_ports<const N: usize>() -> [SocketAddr; N] {
    let listeners = [(); N].map(|()| TcpListener::bind("127.0.0.1:0").expect("a port"));
    listeners.map(|listener| listener.local_addr().expect("an address"))
}

/// One request; the whole answer, or nothing while nobody answers.
fn get(door: SocketAddr, path: &str) -> String {
    let Ok(mut socket) = TcpStream::connect(door) else { return String::new() };
    socket.set_read_timeout(Some(PATIENCE)).expect("a limit");
    let request = format!("GET {path} HTTP/1.1\r\nHost: search.example.org\r\nConnection: close\r\n\r\n");
    let mut answer = Vec::new();
    // One that hangs up has said all it says.
    let _ended = socket.write_all(request.as_bytes()).and_then(|()| socket.read_to_end(&mut answer));
    String::from_utf8_lossy(&answer).into_owned()
}

fn until_answered(door: SocketAddr, path: &str, status: &str) -> String {
    let end = Instant::now() + PATIENCE;
    loop {
        let answer = get(door, path);
        if answer.starts_with(&format!("HTTP/1.1 {status}")) {
            return answer;
        }
        assert!(Instant::now() < end, "no {status}: {answer}");
        std::thread::yield_now();
    }
}

/// Everything that was written below a folder.
fn written(folder: &Path) -> String {
    let mut text = String::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).expect("a folder").flatten() {
            match entry.file_type().expect("a kind") {
                kind if kind.is_dir() => folders.push(entry.path()),
                _ => text.push_str(&String::from_utf8_lossy(&fs::read(entry.path()).expect("a file"))),
            }
        }
    }
    text
}

/// A Sextant whose web is at `web`, and a search through the proxy at `door`, which writes below `logs`; then the same
/// without Sextant.
fn searches_leave_nothing(web: SocketAddr, door: SocketAddr, logs: &Path) {
    let folder = open_folder();
    let state = folder.path().join("state").display().to_string();
    let garden = folder.path().join("capsules/garden.example");
    fs::create_dir_all(&garden).expect("a capsule");
    fs::write(garden.join("index.gmi"), format!("# The garden\n{WORD} blooms here.\n")).expect("a page");
    let arguments = ["--space".to_owned(), folder.path().join("capsules").display().to_string()];
    let environment = [
        ("SEXTANT_SERVER_WEB", web.to_string()),
        ("SEXTANT_WEB_TRUSTED_PROXIES", "127.0.0.1,::1".to_owned()),
    ];
    let up = Up::start(&state, &arguments, &environment, &folder.path().join("log"));
    let end = Instant::now() + PATIENCE;
    loop {
        let found = sextant(&["--state", &state, "search", WORD], &[]);
        if String::from_utf8_lossy(&found.stdout).contains("gemini://garden.example/") {
            break;
        }
        assert!(Instant::now() < end, "the page is indexed");
    }
    let path = format!("/search?q={WORD}");
    while !until_answered(door, &path, "200").contains("gemini://garden.example/") {
        assert!(Instant::now() < end, "the page is found through the proxy");
    }
    drop(up);
    until_answered(door, &path, "502");
    let written = written(logs);
    for trace in [WORD, "127.0.0.1"] {
        assert!(!written.contains(trace), "{trace} was written down: {written}");
    }
}

#[test]
fn nginx_keeps_nothing_of_a_search() {
    if is_missing("nginx", "-v") || !can_run() {
        return;
    }
    let folder = open_folder();
    let logs = folder.path().join("logs");
    fs::create_dir(&logs).expect("a folder");
    program::open_to_all(&logs);
    let [web, door, redirect] = free_ports();
    let made = Command::new("openssl")
        .args([
            "req",
            "-x509",
            "-newkey",
            "ed25519",
            "-nodes",
            "-days",
            "2",
            "-subj",
            "/CN=search.example.org",
            "-keyout",
        ])
        .arg(folder.path().join("privkey.pem"))
        .arg("-out")
        .arg(folder.path().join("fullchain.pem"))
        .output()
        .expect("openssl runs");
    assert!(made.status.success());
    let told = folder.path().display().to_string();
    let written_as = |plain: bool| {
        let site = shipped("nginx.conf")
            .replace("/etc/letsencrypt/live/search.example.org", &told)
            .replace("/var/log/nginx", &logs.display().to_string())
            .replace("127.0.0.1:8080", &web.to_string())
            .replace("listen 80;", &format!("listen {redirect};"))
            .replace("    listen [::]:80;\n", "")
            .replace("    listen [::]:443 ssl http2;\n", "")
            // A client without TLS asks more simply.
            .replace(
                "listen 443 ssl http2;",
                &format!("listen {door}{};", if plain { "" } else { " ssl http2" }),
            );
        let main = format!(
            "daemon off;\nworker_processes 1;\npid {told}/pid;\nerror_log {logs}/main.log warn;\nevents {{}}\nhttp {{\n\
             client_body_temp_path {told}/body;\nproxy_temp_path {told}/proxy;\nfastcgi_temp_path {told}/fastcgi;\n\
             uwsgi_temp_path {told}/uwsgi;\nscgi_temp_path {told}/scgi;\n{site}}}\n",
            logs = logs.display()
        );
        let file = folder.path().join("nginx.conf");
        fs::write(&file, main).expect("a file");
        file
    };
    let checked =
        Command::new("nginx").arg("-t").arg("-c").arg(written_as(false)).output().expect("nginx runs");
    assert!(checked.status.success(), "{}", String::from_utf8_lossy(&checked.stderr));
    let file = written_as(true);
    let _proxy = Proxy::start(Command::new("nginx").arg("-c").arg(file), &logs.join("console.log"));
    searches_leave_nothing(web, door, &logs);
}

#[test]
fn caddy_keeps_nothing_of_a_search() {
    if is_missing("caddy", "version") || !can_run() {
        return;
    }
    let folder = open_folder();
    let logs = folder.path().join("logs");
    fs::create_dir(&logs).expect("a folder");
    let [web, door] = free_ports();
    let as_shipped = folder.path().join("Caddyfile.shipped");
    fs::write(&as_shipped, shipped("Caddyfile")).expect("a file");
    let adapted = Command::new("caddy").args(["adapt", "--validate", "--config"]).arg(&as_shipped).output();
    let adapted = adapted.expect("caddy runs");
    assert!(adapted.status.success(), "{}", String::from_utf8_lossy(&adapted.stderr));
    let site = shipped("Caddyfile")
        .replace("search.example.org {", &format!("http://search.example.org:{} {{", door.port()))
        .replace("{\n\tlog default", "{\n\tadmin off\n\tlog default")
        .replace("127.0.0.1:8080", &web.to_string());
    let file = folder.path().join("Caddyfile");
    fs::write(&file, site).expect("a file");
    let _proxy = Proxy::start(
        Command::new("caddy")
            .args(["run", "--config"])
            .arg(&file)
            .env("XDG_DATA_HOME", folder.path().join("data"))
            .env("XDG_CONFIG_HOME", folder.path().join("config")),
        &logs.join("console.log"),
    );
    searches_leave_nothing(web, door, &logs);
}
