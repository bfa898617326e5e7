//! Several machines, as processes on one: `docs/machines.md` done for real.
//!
//! Three crawlers and two pairs of index and server share one Postgres; the second pair reads a streaming replica that
//! `pg_basebackup` made, and writes its position to the primary. Every page is fetched once, both indexes agree with the
//! store to the last page, and both servers answer, also after the primary is gone.

#[path = "support/program.rs"]
mod program;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::fs::File;
use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use nix::sys::signal::{Signal, kill};
use nix::unistd::{Pid, Uid, User};
use program::{can_run, open_folder, open_to_all, sextant};
use shared::store::cluster::{Cluster, ClusterOptions};
use space::{Generator, Space};
use tokio::time::Instant;

const CAPSULES: usize = 12;
const PAGES: u64 = 240;
const CRAWLERS: usize = 3;
/// Far more than all of it takes.
const PATIENCE: Duration = Duration::from_secs(240);

/// A process of this test; asked to stop when dropped.
struct Process(Child);

impl Drop for Process {
    fn drop(&mut self) {
        if matches!(self.0.try_wait(), Ok(None)) {
            let pid = i32::try_from(self.0.id()).expect("a pid");
            // SIGINT stops Postgres fast, and Sextant in order.
            kill(Pid::from_raw(pid), Signal::SIGINT).expect("it can be asked to stop");
            drop(self.0.wait());
        }
    }
}

struct Ground {
    folder: tempfile::TempDir,
}

impl Ground {
    fn at(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn log(&self, name: &str) -> String {
        fs::read_to_string(self.at(&format!("{name}.log"))).unwrap_or_default()
    }

    /// Where a server answers the web, once it does.
    fn door(&self, name: &str, end: Instant) -> SocketAddr {
        loop {
            let log = self.log(&format!("{name}-server"));
            // A line that is being written has no end yet.
            let mut lines = log.split_inclusive('\n').filter(|line| line.ends_with('\n'));
            if let Some((_, address)) = lines.find_map(|line| line.split_once("the web is served address=")) {
                return address.trim().parse().expect("an address");
            }
            assert!(Instant::now() < end, "the server {name} opens no door: {log}");
            std::thread::sleep(Duration::from_millis(50));
        }
    }

    /// A component of its own, as a unit would start it.
    fn component(&self, name: &str, arguments: &[&str], environment: &[(&str, String)]) -> Process {
        let log = File::create(self.at(&format!("{name}.log"))).expect("a log");
        let child = Command::new(env!("CARGO_BIN_EXE_sextant"))
            .arg("--state")
            .arg(self.at(arguments[0]))
            .args(&arguments[1..])
            .envs(environment.iter().map(|(name, value)| (name, value)))
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(log)
            .spawn();
        Process(child.expect("the program starts"))
    }
}

/// As whom Postgres runs: never as root.
fn as_owner(command: &mut Command) -> &mut Command {
    match User::from_name("sextant").ok().flatten().filter(|_| Uid::effective().is_root()) {
        Some(user) => command.uid(user.uid.as_raw()).gid(user.gid.as_raw()),
        None => command,
    }
}

/// The programs of the version that made `data`.
fn programs(data: &Path) -> Option<PathBuf> {
    let version = fs::read_to_string(data.join("PG_VERSION")).ok()?;
    let bin = PathBuf::from(format!("/usr/lib/postgresql/{}/bin", version.trim()));
    bin.join("pg_basebackup").is_file().then_some(bin)
}

fn address(socket: &Path) -> String {
    format!("postgres://sextant@localhost/sextant?host={}", socket.display())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn crawlers_and_followers_on_several_machines_share_one_store() {
    if !can_run() {
        return;
    }
    let ground = Ground { folder: open_folder() };
    for name in ["primary", "replica"] {
        fs::create_dir(ground.at(name)).expect("a folder");
        open_to_all(&ground.at(name));
        let owner = User::from_name("sextant").ok().flatten().filter(|_| Uid::effective().is_root());
        if let Some(owner) = owner {
            std::os::unix::fs::chown(ground.at(name), Some(owner.uid.as_raw()), Some(owner.gid.as_raw()))
                .expect("it is theirs");
        }
    }
    let primary =
        Cluster::open(&ClusterOptions::new(ground.at("primary").join("pg"))).await.expect("a primary");
    let Some(bin) = programs(&ground.at("primary").join("pg/data")) else {
        eprintln!("skipped: there is no pg_basebackup of this Postgres");
        primary.stop().await.expect("it stops");
        return;
    };
    let primary_url = address(primary.socket());
    let space =
        Space::builder().generated(Generator::new(21, CAPSULES, PAGES)).start().await.expect("a space");
    let routes: String = space.routes().iter().map(|(host, address)| format!("{host} {address}\n")).collect();
    fs::write(ground.at("routes"), routes).expect("the routes");

    // Three machines that crawl. The first one makes the tables; any of them may.
    let crawling = [
        ("SEXTANT_DATABASE_URL", primary_url.clone()),
        ("SEXTANT_CRAWL_ROUTES", ground.at("routes").display().to_string()),
        ("SEXTANT_CRAWL_REACH", "routed".to_owned()),
        ("SEXTANT_CRAWL_PACE", "unpaced".to_owned()),
        ("SEXTANT_CRAWL_IN_FLIGHT", "4".to_owned()),
    ];
    let crawlers: Vec<Process> = (0..CRAWLERS)
        .map(|number| {
            let name = format!("crawler-{number}");
            ground.component(&name, &[&name, "crawl"], &crawling)
        })
        .collect();
    // A machine with an index and a server, on the primary.
    let first =
        vec![("SEXTANT_DATABASE_URL", primary_url.clone()), ("SEXTANT_INDEX_NAME", "first".to_owned())];
    let first_index = ground.component("first-index", &["first", "index"], &first);
    // The replica, made while the crawl goes on.
    let _replica = replica(&ground, &bin, primary.socket());
    let second = vec![
        ("SEXTANT_DATABASE_URL", address(&ground.at("replica"))),
        ("SEXTANT_INDEX_PRIMARY_URL", primary_url.clone()),
        ("SEXTANT_INDEX_NAME", "second".to_owned()),
    ];
    let second_index = ground.component("second-index", &["second", "index"], &second);
    let doors = [
        ("SEXTANT_SERVER_GEMINI", "127.0.0.1:0".to_owned()),
        ("SEXTANT_SERVER_WEB", "127.0.0.1:0".to_owned()),
    ];
    let first_server = ground.component("first-server", &["first", "serve"], &[&first[..], &doors].concat());
    let second_server =
        ground.component("second-server", &["second", "serve"], &[&second[..], &doors].concat());

    let all: BTreeSet<String> = Generator::new(21, CAPSULES, PAGES).pages().collect();
    let end = Instant::now() + PATIENCE;
    let fetched = |log: &space::Log| {
        log.requests()
            .map(|request| request.url.as_str())
            .filter(|url| all.contains(*url))
            .collect::<BTreeSet<_>>()
            .len()
    };
    space.wait_for(|log| all.len() <= fetched(log)).await.unwrap_or_else(|_| {
        panic!("the crawl ends: {}", ground.log("crawler-0"));
    });
    for (name, environment) in [("first", &first), ("second", &second)] {
        let environment: Vec<(&str, &str)> =
            environment.iter().map(|(name, value)| (*name, value.as_str())).collect();
        let state = ground.at(name).display().to_string();
        loop {
            let verified = sextant(&["--state", &state, "index", "verify"], &environment);
            let told = String::from_utf8_lossy(&verified.stdout).into_owned();
            // All pages are there, none differs, and none is on its way.
            let matching =
                told.split("; ").nth(1).and_then(|rest| rest.split(' ').next()?.parse::<usize>().ok());
            if verified.status.success() && matching.is_some_and(|matching| all.len() <= matching) {
                break;
            }
            let said = String::from_utf8_lossy(&verified.stderr).into_owned();
            let log = ground.log(&format!("{name}-index"));
            assert!(Instant::now() < end, "the index {name} does not agree: {told}{said}\n{log}");
        }
        // Without a database: the index is enough.
        let searched = sextant(&["--state", &state, "search", "the"], &[]);
        assert!(searched.status.success(), "{}", String::from_utf8_lossy(&searched.stderr));
    }

    let mut times: BTreeMap<String, usize> =
        Generator::new(21, CAPSULES, PAGES).pages().map(|url| (url, 0)).collect();
    for request in space.requests() {
        times.entry(request.url).and_modify(|times| *times += 1);
    }
    times.retain(|_, times| *times != 1);
    assert!(times.is_empty(), "every page once: {times:?}");
    // Each index tells the primary of itself every ten seconds.
    let (first_state, primary_only) =
        (ground.at("first").display().to_string(), [("SEXTANT_DATABASE_URL", &*primary_url)]);
    loop {
        let told = sextant(&["--state", &first_state, "admin", "status"], &primary_only);
        let told = String::from_utf8_lossy(&told.stdout).into_owned();
        if told.contains("Index first") && told.contains("Index second") {
            break;
        }
        assert!(Instant::now() < end, "both tell the primary: {told}");
    }

    let doors = ["first", "second"].map(|name| (name, ground.door(name, end)));
    // The primary goes: what is indexed is still found on both.
    drop(crawlers);
    drop((first_index, second_index));
    primary.stop().await.expect("it stops");
    for (name, door) in doors {
        let answer = get(door, "/search?q=the");
        assert!(answer.starts_with("HTTP/1.1 200") && answer.contains("gemini://"), "{name}: {answer}");
    }
    drop((first_server, second_server));
}

/// One request to the web; the whole answer.
fn get(door: SocketAddr, path: &str) -> String {
    let mut socket = TcpStream::connect(door).expect("the door is open");
    socket.set_read_timeout(Some(PATIENCE)).expect("a limit");
    let request = format!("GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
    socket.write_all(request.as_bytes()).expect("a request");
    let mut answer = String::new();
    socket.read_to_string(&mut answer).expect("an answer");
    answer
}

/// A streaming replica in a folder of its own.
fn replica(ground: &Ground, bin: &Path, primary: &Path) -> Process {
    let folder = ground.at("replica");
    let data = folder.join("data");
    let copied = as_owner(&mut Command::new(bin.join("pg_basebackup")))
        .args([
            "--wal-method=stream",
            "--write-recovery-conf",
            "--checkpoint=fast",
            "--username=sextant",
            "--host",
        ])
        .arg(primary)
        .arg("--pgdata")
        .arg(&data)
        .current_dir(&folder)
        .output()
        .expect("pg_basebackup runs");
    assert!(copied.status.success(), "{}", String::from_utf8_lossy(&copied.stderr));
    let log = File::create(ground.at("replica.log")).expect("a log");
    let child = as_owner(&mut Command::new(bin.join("postgres")))
        .arg("-D")
        .arg(&data)
        .arg("-c")
        .arg(format!("unix_socket_directories={}", folder.display()))
        .args(["-c", "logging_collector=off"])
        .current_dir(&folder)
        .stdin(Stdio::null())
        .stdout(log.try_clone().expect("a log"))
        .stderr(log)
        .process_group(0)
        .spawn();
    Process(child.expect("the replica starts"))
}
