//! The smallest machine that is promised, 1 GiB: everything in 900 MB without swap, Postgres inside.
//!
//! The whole program is started in a control group that has no more. Capsules outside of it are crawled until every page
//! can be found; then the index is built anew, compared with the store, and goes on following. From the first page on
//! somebody searches and reads, and gets every answer; nothing is killed for want of memory, and nothing is started anew.
//!
//! In CI there are 1,000 pages; `SEXTANT_TEST_PAGES` makes more, and each of them is really crawled. Where no control group
//! can be made the test says so and passes over.

#[path = "support/asking.rs"]
mod asking;
#[path = "support/group.rs"]
mod group;
#[path = "support/program.rs"]
#[allow(dead_code, reason = "each test uses its part of the support")]
mod program;

use std::fs::{self, File};
use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::path::PathBuf;
use std::process::{Child, Output, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{self, Builder, JoinHandle};
use std::time::Duration;

use asking::{free_port, get};
use group::{Group, Held};
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use program::{can_run, open_folder};
use space::{Generator, Space};
use tokio::time::Instant;

/// What is left of 1 GiB for all of it.
const MEMORY: u64 = 900_000_000;
/// What the processes may hold of it; the rest keeps the files at hand that are searched.
const HELD: u64 = 700_000_000;
/// The kernel lends a full group the pages that it cannot refuse (network buffers in an interrupt), and takes them back.
const LENT: u64 = 1 << 20;
/// Pages unless told.
const PAGES: u64 = 1_000;
/// Pages of one domain, which has a few capsules.
const PAGES_A_DOMAIN: u64 = 1_000;
const CAPSULES_A_DOMAIN: usize = 4;
/// No wait is longer, and for each page this much may be added.
const PATIENCE: Duration = Duration::from_secs(300);
const PATIENCE_A_PAGE: Duration = Duration::from_millis(10);
/// Between two looks, and between two questions of the visitor.
const LOOK: Duration = Duration::from_millis(250);
const GAP: Duration = Duration::from_millis(50);
/// A visitor comes again so often, each time when told to.
const TRIES: u32 = 6;
/// Nobody waits longer for one answer.
const ANSWERED_WITHIN: Duration = Duration::from_secs(20);

fn pages() -> u64 {
    std::env::var("SEXTANT_TEST_PAGES")
        .map_or(PAGES, |told| told.parse().expect("SEXTANT_TEST_PAGES is a number"))
}

/// Domains of a thousand pages each, so that no capsule has more than fit into the time.
fn generators(pages: u64) -> Vec<Generator> {
    let domains = pages.div_ceil(PAGES_A_DOMAIN);
    let domain = |number: u64| {
        let (name, size) = (format!("d{number}.example"), PAGES_A_DOMAIN.min(pages));
        Generator::domain(number, CAPSULES_A_DOMAIN, size, &name)
    };
    (0..domains).map(domain).collect()
}

/// The program in its group, and where it is asked.
struct Machine {
    group: Group,
    folder: tempfile::TempDir,
    up: Child,
    web: SocketAddr,
    probes: SocketAddr,
    patience: Duration,
}

impl Machine {
    fn start(group: Group, routes: &str, patience: Duration) -> Self {
        let (folder, web, probes) = (open_folder(), free_port(), free_port());
        fs::write(folder.path().join("routes"), routes).expect("the routes");
        let mut command = group.command(env!("CARGO_BIN_EXE_sextant"));
        let up = command
            .arg("--state")
            .arg(folder.path().join("state"))
            .arg("up")
            .env("SEXTANT_SERVER_GEMINI", "127.0.0.1:0")
            .env("SEXTANT_SERVER_WEB", web.to_string())
            .env("SEXTANT_PROCESS_PROBES", probes.to_string())
            .env("SEXTANT_CRAWL_ROUTES", folder.path().join("routes"))
            .env("SEXTANT_CRAWL_REACH", "routed")
            .env("SEXTANT_CRAWL_PACE", "unpaced")
            // However full the disk of this machine is.
            .env("SEXTANT_CRAWL_RESERVE_MIB", "0")
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(File::create(folder.path().join("log")).expect("a log"))
            .spawn()
            .expect("the program starts");
        Self { group, folder, up, web, probes, patience }
    }

    fn log(&self) -> String {
        fs::read_to_string(self.folder.path().join("log")).unwrap_or_default()
    }

    /// A command of the admin's, on the same machine.
    fn run(&self, arguments: &[&str]) -> Output {
        let state: PathBuf = self.folder.path().join("state");
        let mut command = self.group.command(env!("CARGO_BIN_EXE_sextant"));
        command.arg("--state").arg(state).args(arguments).stdin(Stdio::null());
        command.output().expect("the program starts")
    }

    /// Waits until something is so, and watches what is held.
    #[track_caller]
    fn until(&self, what: &str, most: &mut Held, mut holds: impl FnMut(&str) -> bool) {
        let end = Instant::now() + self.patience;
        loop {
            let figures = get(self.probes, "/metrics").map(|(_, figures)| figures).unwrap_or_default();
            let now = self.group.held();
            if most.all() < now.all() {
                *most = now;
            }
            if holds(&figures) {
                return;
            }
            assert!(Instant::now() < end, "{what}: {figures}\n{}", self.log());
            thread::sleep(LOOK);
        }
    }
}

impl Drop for Machine {
    fn drop(&mut self) {
        if matches!(self.up.try_wait(), Ok(None)) {
            let pid = Pid::from_raw(i32::try_from(self.up.id()).expect("a pid"));
            // It may end this very moment.
            let _ended = kill(pid, Signal::SIGTERM);
            drop(self.up.wait());
        }
    }
}

/// The sum of all series of a name that have this label.
fn sum(figures: &str, name: &str, label: &str) -> f64 {
    let series = figures.lines().filter(|line| {
        line.strip_prefix(name).is_some_and(|rest| rest.starts_with(['{', ' '])) && line.contains(label)
    });
    series.filter_map(|line| line.rsplit_once(' ')?.1.parse::<f64>().ok()).sum()
}

/// Somebody who searches and reads without a break, and who comes again when told to.
struct Visitor {
    web: SocketAddr,
    words: Vec<String>,
    /// The page that is read before one was found.
    known: String,
    stop: Arc<AtomicBool>,
}

/// What came of that.
#[derive(Clone, Debug, Default)]
struct Visits {
    answered: u64,
    /// Answers that were a word when to come again, with the question.
    put_off: Vec<String>,
    slowest: Duration,
}

impl Visitor {
    /// Until told to stop; an answer that is none is a panic.
    fn walk(self) -> Visits {
        let mut visits = Visits::default();
        let mut found = self.known.clone();
        for number in 0_usize.. {
            if self.stop.load(Ordering::Relaxed) {
                break;
            }
            let words = encoded(&self.words[number % self.words.len()]);
            let path = match number % 6 {
                0 => "/".to_owned(),
                1 => format!("/search?q={words}"),
                2 => format!("/search/2?q={words}"),
                3 => format!("/api/v1/search?q={words}"),
                4 => format!("/page?q={}", encoded(&found)),
                _ => format!("/cached?q={}", encoded(&found)),
            };
            let body = self.answer(&path, &mut visits);
            if number % 6 == 3 {
                // While the crawl has only begun there may be none.
                found = first_hit(&body).unwrap_or(found);
            }
            thread::sleep(GAP);
        }
        visits
    }

    fn answer(&self, path: &str, visits: &mut Visits) -> String {
        for _ in 0..TRIES {
            let asked = Instant::now();
            let (head, body) = self.ask(path);
            visits.slowest = visits.slowest.max(asked.elapsed());
            let status = head.split(' ').nth(1).unwrap_or_default();
            if status == "200" {
                visits.answered += 1;
                return body;
            }
            let again = head.lines().find_map(|line| line.strip_prefix("retry-after: ")?.trim().parse().ok());
            let (Some(seconds), "503") = (again, status) else { panic!("{path} got {head}\n\n{body}") };
            visits.put_off.push(format!("{path} after {:.1?}: {head}", asked.elapsed()));
            thread::sleep(Duration::from_secs(seconds));
        }
        panic!("{path} was put off {TRIES} times: {:#?}", visits.put_off);
    }

    fn ask(&self, path: &str) -> (String, String) {
        let mut stream = TcpStream::connect(self.web).expect("the web is open");
        stream.set_read_timeout(Some(ANSWERED_WITHIN)).expect("a limit");
        write!(stream, "GET {path} HTTP/1.0\r\nHost: {}\r\n\r\n", self.web).expect("it is heard");
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).unwrap_or_else(|error| panic!("{path} has no answer: {error}"));
        let answer = String::from_utf8_lossy(&answer);
        let (head, body) = answer.split_once("\r\n\r\n").unwrap_or_else(|| panic!("{path} got {answer:?}"));
        (head.to_owned(), body.to_owned())
    }
}

/// The URL of the first hit in an answer for programs.
fn first_hit(body: &str) -> Option<String> {
    let hit = body.split("\"url\":\"gemini://").nth(1)?.split('"').next()?;
    Some(format!("gemini://{hit}"))
}

/// A text as it stands in a query.
fn encoded(text: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~/:".contains(&byte);
    let one = |byte: u8| if plain(byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") };
    text.bytes().map(one).collect()
}

/// The title of one page of each domain: words that are found.
fn titles(generators: &[Generator]) -> Vec<String> {
    let title = |generator: &Generator| {
        let url = generator.pages().nth(7)?;
        let (host, path) = url.strip_prefix("gemini://")?.split_once('/')?;
        let text = generator.page(host, &format!("/{path}"))?;
        Some(text.lines().next()?.trim_start_matches("# ").to_owned())
    };
    generators.iter().filter_map(title).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn everything_runs_in_900_megabytes() {
    if !can_run() {
        return;
    }
    let Some(group) = Group::with_memory(MEMORY) else { return };
    let generators = generators(pages());
    let count: u64 = generators.iter().map(Generator::page_count).sum();
    let words = titles(&generators);
    let space = generators.into_iter().fold(Space::builder().log_at_most(1_000), space::Builder::generated);
    let space = space.start().await.expect("a space");
    let routes: String = space.routes().iter().map(|(host, address)| format!("{host} {address}\n")).collect();
    let patience = PATIENCE + PATIENCE_A_PAGE * u32::try_from(count).expect("so few pages");
    let machine = Machine::start(group, &routes, patience);
    let lived = tokio::task::spawn_blocking(move || live(&machine, count, words));
    lived.await.expect("it lives on a small machine");
    space.stop().await;
}

/// The life of a machine: crawl, index, rebuild, and answers all the time.
fn live(machine: &Machine, count: u64, words: Vec<String>) {
    let (began, mut most) = (Instant::now(), Held::default());
    let searched = format!("/api/v1/search?q={}", encoded(&words[0]));
    let mut first = None;
    machine.until("the first page is found", &mut most, |_| {
        first = get(machine.web, &searched).and_then(|(_, body)| first_hit(&body));
        first.is_some()
    });
    let first = first.expect("a hit");
    let stop = Arc::new(AtomicBool::new(false));
    let visitor = Visitor { web: machine.web, words, known: first, stop: Arc::clone(&stop) };
    let walking: JoinHandle<Visits> = Builder::new().spawn(move || visitor.walk()).expect("a thread");
    machine.until("every page is found", &mut most, |figures| {
        assert!(!walking.is_finished(), "the visitor has left: {figures}\n{}", machine.log());
        count as f64 <= sum(figures, "sextant_pages_searchable", "")
    });
    eprintln!("{count} pages can be found after {:.0?}, {most:?}", began.elapsed());

    let (began, rebuilt) = (Instant::now(), "sextant_jobs_total");
    let asked = machine.run(&["index", "rebuild"]);
    assert!(asked.status.success(), "{}", String::from_utf8_lossy(&asked.stderr));
    machine.until("the index is built anew", &mut most, |figures| {
        assert!(!walking.is_finished(), "the visitor has left: {figures}\n{}", machine.log());
        1.0 <= sum(figures, rebuilt, "kind=\"rebuild\"")
    });
    eprintln!("the index is built anew after {:.0?}, {most:?}", began.elapsed());
    machine.until("the index agrees with the store", &mut most, |_| {
        machine.run(&["index", "verify"]).status.success()
    });
    stop.store(true, Ordering::Relaxed);
    let visits = walking.join().expect("every question is answered");

    let (figures, programs) = (get(machine.probes, "/metrics").expect("figures").1, machine.group.programs());
    let told = figures.lines().filter(|line| {
        ["sextant_searches_total", "sextant_limits_hit_total"].iter().any(|name| line.starts_with(name))
    });
    eprintln!("{}", told.collect::<Vec<_>>().join("\n"));
    eprintln!(
        "{} answers, the slowest after {:.1?}, {} put off; {most:?}, at most {} bytes with files",
        visits.answered,
        visits.slowest,
        visits.put_off.len(),
        machine.group.peak()
    );
    assert!(programs.contains("sextant") && programs.contains("postgres"), "all of it is in: {programs:?}");
    assert_eq!(machine.group.killed(), 0, "nothing is killed for want of memory: {}", machine.log());
    assert_eq!(sum(&figures, "sextant_restarts_total", ""), 0.0, "nothing is begun anew: {}", machine.log());
    assert!(machine.group.peak() <= MEMORY + LENT, "the group holds");
    assert!(most.all() <= HELD, "files need room, too: {most:?}");
    assert!(visits.put_off.len() as u64 * 100 <= visits.answered, "often put off: {:#?}", visits.put_off);
}
