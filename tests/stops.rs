//! The whole program asked to stop, again and again, in the middle of a crawl and of searches.
//!
//! - each time it ends with 0 within 15 seconds;
//! - what was committed is still there after it, and the crawl goes on where it was;
//! - no capsule and no address stays leased, and in the end index and store agree.
//!
//! Ten stops, or as many as `SEXTANT_TEST_STOPS` says.

#[path = "support/program.rs"]
mod program;

use std::path::Path;
use std::process::{Child, Command, Stdio};

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use program::{can_run, open_folder, sextant};
use rand::rngs::SmallRng;
use rand::{Rng, SeedableRng};
use shared::store::cluster::{Cluster, ClusterOptions};
use sqlx::ConnectOptions as _;
use tokio::time::{Duration, Instant};

const STOPS: usize = 10;
const CAPSULES: usize = 8;
const PAGES: usize = 250;
/// As promised.
const STOPPED_WITHIN: Duration = Duration::from_secs(15);
/// For what takes seconds.
const LIMIT: Duration = Duration::from_secs(120);

fn stops() -> usize {
    let told = std::env::var("SEXTANT_TEST_STOPS").ok();
    told.map_or(STOPS, |told| told.parse().expect("SEXTANT_TEST_STOPS is a number"))
}

/// Capsules whose front pages link to all their pages.
fn write_capsules(folder: &Path) {
    for capsule in 0..CAPSULES {
        let home = folder.join(format!("c{capsule}.example"));
        std::fs::create_dir_all(&home).expect("a capsule");
        let links: String = (0..PAGES).map(|page| format!("=> p{page}.gmi Page {page}\n")).collect();
        std::fs::write(home.join("index.gmi"), format!("# Capsule {capsule}\n{links}")).expect("a page");
        for page in 0..PAGES {
            let text = format!("# Page {page}\nHere stands word{capsule}x{page}, and the sea is calm.\n");
            std::fs::write(home.join(format!("p{page}.gmi")), text).expect("a page");
        }
    }
}

fn start(state: &str, capsules: &Path, log: &Path) -> Child {
    Command::new(env!("CARGO_BIN_EXE_sextant"))
        .args(["--state", state, "up", "--space"])
        .arg(capsules)
        .env("SEXTANT_SERVER_GEMINI", "127.0.0.1:0")
        .env("SEXTANT_SERVER_WEB", "127.0.0.1:0")
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(std::fs::File::create(log).expect("a log"))
        .spawn()
        .expect("the program starts")
}

/// Whether a search finds the page; not so while there is no index yet.
fn finds(state: &str, words: &str, url: &str) -> bool {
    let output = sextant(&["--state", state, "search", words], &[]);
    String::from_utf8_lossy(&output.stdout).contains(url)
}

/// Waits until something is so. Each try is a process of its own, so this does not spin.
fn until(what: &str, log: &Path, is_so: impl Fn() -> bool) {
    let end = Instant::now() + LIMIT;
    while !is_so() {
        let said = || std::fs::read_to_string(log).unwrap_or_default();
        assert!(Instant::now() < end, "{what}: {}", said());
    }
}

/// Asks for everything anew, which is done as soon as the database runs.
fn is_at_work(state: &str) -> bool {
    let output = sextant(&["--state", state, "admin", "recrawl", "*"], &[]);
    output.status.success()
}

fn ask_to_stop(mut up: Child, log: &Path) {
    let pid = Pid::from_raw(i32::try_from(up.id()).expect("a pid"));
    kill(pid, Signal::SIGTERM).expect("it can be asked to stop");
    let asked = Instant::now();
    let status = up.wait().expect("it ends");
    let took = asked.elapsed();
    let said = || std::fs::read_to_string(log).unwrap_or_default();
    assert!(status.success(), "it ends with {status}: {}", said());
    assert!(took < STOPPED_WITHIN, "it took {took:?} to stop: {}", said());
}

/// What the stopped program has left in its database.
#[derive(Debug)]
struct Left {
    fetched: i64,
    leases: i64,
    highest: i64,
}

async fn left(state: &Path) -> Left {
    let cluster =
        Cluster::open(&ClusterOptions::new(state.join("postgres"))).await.expect("the database starts");
    let mut connection = cluster.options().connect().await.expect("the database answers");
    let (fetched, leases, highest) = sqlx::query_as(
        "select (select count(*) from page where standing = 'searchable' and origin = 'crawl'),
                (select count(*) from capsule where lease_until is not null)
                    + (select count(*) from address where lease_until is not null),
                (select coalesce(max(change), 0) from page)",
    )
    .fetch_one(&mut connection)
    .await
    .expect("it is counted");
    drop(connection);
    cluster.stop().await.expect("the database stops");
    Left { fetched, leases, highest }
}

#[test]
fn many_stops_in_the_middle_of_work_lose_nothing_and_leave_nothing_behind() {
    if !can_run() {
        return;
    }
    let folder = open_folder();
    let state = folder.path().join("state");
    let (capsules, log) = (folder.path().join("capsules"), folder.path().join("log"));
    write_capsules(&capsules);
    let told = state.display().to_string();
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    let mut dice = SmallRng::seed_from_u64(15);
    let mut before = Left { fetched: 0, leases: 0, highest: 0 };
    for stop in 1..=stops() {
        let up = start(&told, &capsules, &log);
        until("the database answers", &log, || is_at_work(&told));
        // Some searches and triggers, so that it is stopped in many different moments of its work.
        for _ in 0..dice.random_range(0..8) {
            finds(&told, "calm sea", "gemini://");
            is_at_work(&told);
        }
        ask_to_stop(up, &log);
        let now = runtime.block_on(left(&state));
        assert_eq!(now.leases, 0, "stop {stop}: nothing stays leased: {now:?}");
        assert!(
            before.fetched <= now.fetched && before.highest <= now.highest,
            "stop {stop}: {before:?}, {now:?}"
        );
        before = now;
    }
    let up = start(&told, &capsules, &log);
    for capsule in 0..CAPSULES {
        for page in [0, PAGES / 2, PAGES - 1] {
            let word = format!("word{capsule}x{page}");
            let url = format!("gemini://c{capsule}.example/p{page}.gmi");
            until(&word, &log, || finds(&told, &word, &url));
        }
    }
    until("index and store agree", &log, || {
        let output = sextant(&["--state", &told, "index", "verify"], &[]);
        output.status.success()
    });
    ask_to_stop(up, &log);
    let now = runtime.block_on(left(&state));
    assert_eq!(now.leases, 0, "nothing stays leased: {now:?}");
    let pages = i64::try_from(CAPSULES * (PAGES + 1)).expect("a count");
    let is_sound = before.fetched <= now.fetched && now.fetched <= pages;
    assert!(is_sound, "nothing is lost, and nothing is there twice: {before:?}, {now:?}");
}
