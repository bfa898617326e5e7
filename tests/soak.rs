//! A soak: twenty pages and twenty queries a second, and something bad every so often, for as long as it is told.
//!
//! - Postgres is restarted, a backend is killed, the indexer is stopped and begun again, a hostile capsule comes and is
//!   paused by the admin;
//! - 99.9 % of the searches are answered;
//! - the crawl goes on in every round;
//! - descriptors, tasks and memory at rest do not rise with the rounds.
//!
//! In CI it lasts eighty seconds: eight rounds of ten, each with a fault, which sees what leaks with each page, query
//! or fault. `SEXTANT_TEST_SOAK_MINUTES` makes it so many rounds of a minute; from half an hour on the slope of the
//! memory in the second half is judged too.

use std::collections::BTreeSet;
use std::path::Path;
use std::time::Duration;

use bench::engine;
use crawler::Crawler;
use indexer::Indexer;
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use rand::SeedableRng as _;
use rand::rngs::SmallRng;
use rand::seq::SliceRandom as _;
use server::search::{SearchConfig, SearchError, SearchRequest, Searcher};
use shared::gemini::url::GeminiUrl;
use shared::store::asked::pause;
use shared::store::cluster::{Cluster, ClusterOptions};
use shared::store::{Store, StoreOptions};
use space::{Behaviour, Capsule, Space};
use sqlx::ConnectOptions as _;
use tokio::runtime::Handle;
use tokio::task::JoinSet;
use tokio::time::{Instant, MissedTickBehavior, interval, sleep, timeout};
use tokio_util::sync::CancellationToken;

/// Capsules, each of which asks for a second between two requests.
const CAPSULES: usize = 20;
const ROUNDS: usize = 8;
const ROUND: Duration = Duration::from_secs(10);
/// Between two searches.
const GAP: Duration = Duration::from_millis(50);
/// A search that takes longer is not answered.
const ANSWERED_WITHIN: Duration = Duration::from_secs(5);
const LIMIT: Duration = Duration::from_secs(60);
/// Readings that a moment of rest is sought among.
const LOOKS: usize = 40;
/// What a pool of connections, open segments and one hostile visit may hold more than at another rest.
const SLACK: usize = 24;
/// What the process may grow by in so few rounds that nothing can be said of a slope.
const GROWTH_MIB: f64 = 64.0;
const SLOPE_MIB_AN_HOUR: f64 = 1.0;

/// What befalls it.
#[derive(Clone, Copy, Debug)]
enum Fault {
    Restart,
    BackendKilled,
    IndexerAgain,
    Hostile,
}

/// The least of each reading over a while: what is held when nothing passes through.
#[derive(Clone, Copy, Debug)]
struct Rest {
    descriptors: usize,
    tasks: usize,
    memory_mib: f64,
    at: Instant,
}

impl Rest {
    fn now() -> Self {
        let status = std::fs::read_to_string("/proc/self/status").expect("the process");
        let line = status.lines().find_map(|line| line.strip_prefix("RssAnon:")).expect("its memory");
        let kib: f64 = line.trim().trim_end_matches(" kB").parse().expect("a number");
        Self {
            descriptors: std::fs::read_dir("/proc/self/fd").expect("descriptors").count(),
            tasks: Handle::current().metrics().num_alive_tasks(),
            memory_mib: kib / 1024.0,
            at: Instant::now(),
        }
    }

    async fn seek() -> Self {
        let mut least = Self::now();
        let mut looks = interval(GAP);
        for _ in 0..LOOKS {
            looks.tick().await;
            let now = Self::now();
            least = Self {
                descriptors: least.descriptors.min(now.descriptors),
                tasks: least.tasks.min(now.tasks),
                memory_mib: least.memory_mib.min(now.memory_mib),
                at: now.at,
            };
        }
        least
    }
}

/// The slope of the memory in MiB an hour by least squares, and its standard error.
fn slope(rests: &[Rest]) -> (f64, f64) {
    let count = rests.len() as f64;
    let points: Vec<(f64, f64)> = rests
        .iter()
        .map(|rest| (rest.at.duration_since(rests[0].at).as_secs_f64() / 3_600.0, rest.memory_mib))
        .collect();
    let mean = |of: fn(&(f64, f64)) -> f64| points.iter().map(of).sum::<f64>() / count;
    let (x, y) = (mean(|point| point.0), mean(|point| point.1));
    let spread: f64 = points.iter().map(|point| (point.0 - x).powi(2)).sum();
    let slope = points.iter().map(|point| (point.0 - x) * (point.1 - y)).sum::<f64>() / spread;
    let left: f64 = points.iter().map(|point| (point.1 - y - slope * (point.0 - x)).powi(2)).sum();
    (slope, (left / (count - 2.0) / spread).sqrt())
}

/// How long it lasts: rounds, and the time of one.
fn length() -> (usize, Duration) {
    std::env::var("SEXTANT_TEST_SOAK_MINUTES").map_or((ROUNDS, ROUND), |told| {
        (told.parse().expect("SEXTANT_TEST_SOAK_MINUTES is a number"), Duration::from_secs(60))
    })
}

/// A capsule that has a page for every second, linked as a tree of eights.
fn capsule(number: usize, pages: usize) -> Capsule {
    let path = |page: usize| if page == 0 { "/".to_owned() } else { format!("/page-{page}.gmi") };
    let robots = Capsule::new().robots("User-agent: *\nCrawl-delay: 1\n");
    (0..pages).fold(robots, |capsule, page| {
        let below = (page * 8 + 1..=page * 8 + 8).filter(|child| *child < pages);
        let links: String = below.map(|child| format!("=> {} Page {child}\n", path(child))).collect();
        let text = format!("# Page {page}\n\nsteady word{number}x{page} of capsule {number}.\n{links}");
        capsule.page(&path(page), text)
    })
}

/// An indexer that can be stopped and begun again.
struct Indexing {
    indexer: Indexer,
    stop: CancellationToken,
    running: JoinSet<()>,
}

impl Indexing {
    fn begin(folder: &Path, store: &Store) -> Self {
        let indexer = Indexer::new(indexer::Config::new(folder.join("index"), "test"), store.clone());
        let (stop, mut running) = (CancellationToken::new(), JoinSet::new());
        let (following, until) = (indexer.clone(), stop.clone());
        running.spawn(async move { following.run(until).await.expect("the indexer runs") });
        Self { indexer, stop, running }
    }

    async fn end(mut self) -> Indexer {
        self.stop.cancel();
        let ended = timeout(LIMIT, self.running.join_next()).await.expect("the indexer does not hang");
        ended.expect("it ran").expect("it ends in order");
        self.indexer
    }
}

/// Searches until told to stop: how many were asked, and how many answered.
async fn search_on(searcher: Searcher, stop: CancellationToken) -> (u64, u64) {
    let mut pace = interval(GAP);
    pace.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let (mut asked, mut answered) = (0, 0);
    while !stop.is_cancelled() {
        pace.tick().await;
        asked += 1;
        let found = timeout(ANSWERED_WITHIN, searcher.search(SearchRequest::new("steady"))).await;
        answered += u64::from(matches!(found, Ok(Ok(found)) if 0 < found.total));
    }
    (asked, answered)
}

async fn until_found(searcher: &Searcher) {
    let mut looks = interval(GAP);
    let finding = async {
        loop {
            looks.tick().await;
            match searcher.search(SearchRequest::new("steady")).await {
                Ok(found) if 0 < found.total => return,
                Ok(_) | Err(SearchError::NoIndex) => {}
                Err(error) => panic!("a search failed: {error}"),
            }
        }
    };
    timeout(LIMIT, finding).await.expect("a page is found in time");
}

async fn befall(fault: Fault, cluster: &mut Cluster, store: &Store, hostile: &str) {
    match fault {
        Fault::Restart => {
            kill(Pid::from_raw(cluster.pid()), Signal::SIGINT).expect("Postgres is there");
            timeout(LIMIT, cluster.ended()).await.expect("it ends");
            cluster.restart().await.expect("it starts again");
        }
        Fault::BackendKilled => {
            let mut session = cluster.options().connect().await.expect("a session");
            let query = "select pid from pg_stat_activity where application_name = 'sextant' limit 1";
            let pid: Option<i32> =
                sqlx::query_scalar(query).fetch_optional(&mut session).await.expect("sessions are told");
            if let Some(pid) = pid {
                // It may have ended in between.
                let _gone = kill(Pid::from_raw(pid), Signal::SIGKILL);
            }
        }
        Fault::Hostile => {
            let seed = BTreeSet::from([GeminiUrl::parse(&format!("gemini://{hostile}/")).expect("a URL")]);
            crawler::plant(store, &seed).await.expect("the store answers");
        }
        Fault::IndexerAgain => {}
    }
}

fn hostile_host(round: usize) -> String {
    format!("hostile-{round}.example")
}

/// The admin has seen enough of it: one that answers each of fifteen hundred links with four MiB, unpaced, would be all
/// that the rest of the run is about.
async fn turn_away(store: &Store, host: &str) {
    let host = host.parse().expect("a pattern");
    let paused = store.write(async |c| pause::add(c, &host, "hostile", "the soak").await).await;
    paused.expect("the store answers");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_long_run_with_a_fault_in_every_round_leaves_no_trace_and_search_goes_on() {
    let (rounds, round) = length();
    // As many pages as seconds, the time between the rounds included.
    let pages = usize::try_from(round.as_secs()).expect("seconds") * (rounds + 1) * 3 / 2;
    let hostile: Vec<Behaviour> =
        Behaviour::all().into_iter().filter(|behaviour| !behaviour.name().starts_with("trap")).collect();
    let builder = (0..CAPSULES).fold(Space::builder().log_at_most(1_000), |builder, number| {
        builder.capsule(&format!("steady-{number}.example"), capsule(number, pages))
    });
    let builder = (0..rounds).fold(builder, |builder, number| {
        builder.hostile(&hostile_host(number), hostile[number * 7 % hostile.len()])
    });
    let space = builder.start().await.expect("a space");
    let folder = tempfile::tempdir().expect("a folder");
    let state = tempfile::tempdir().expect("a folder");
    let mut cluster = Cluster::open(&ClusterOptions::new(folder.path())).await.expect("a cluster");
    let store = Store::open(StoreOptions::new(cluster.options())).await.expect("a store");
    let seeds = (0..CAPSULES).map(|number| GeminiUrl::parse(&format!("gemini://steady-{number}.example/")));
    let seeds = seeds.map(|url| url.expect("a URL")).collect();
    crawler::plant(&store, &seeds).await.expect("the seeds are planted");
    let crawler = Crawler::new(engine::unpaced(state.path(), space.routes()), store.clone());
    let (stop, mut parts) = (CancellationToken::new(), JoinSet::new());
    let crawling = stop.clone();
    parts.spawn(async move { crawler.run(crawling).await.expect("the crawler runs") });
    let mut indexing = Indexing::begin(state.path(), &store);
    let searcher = Searcher::open(&state.path().join("index"), SearchConfig::default());
    until_found(&searcher).await;
    let mut searches = JoinSet::new();
    searches.spawn(search_on(searcher, stop.clone()));

    let kinds = [Fault::Restart, Fault::BackendKilled, Fault::IndexerAgain, Fault::Hostile];
    let mut faults: Vec<Fault> = kinds.into_iter().cycle().take(rounds).collect();
    faults.shuffle(&mut SmallRng::seed_from_u64(20));
    let began = Instant::now();
    let (first, mut rests) = (space.request_count(), Vec::new());
    let mut turns = interval(round);
    turns.set_missed_tick_behavior(MissedTickBehavior::Delay);
    for (number, fault) in faults.into_iter().enumerate() {
        turns.tick().await;
        let fetched = space.request_count();
        befall(fault, &mut cluster, &store, &hostile_host(number)).await;
        if matches!(fault, Fault::IndexerAgain) {
            indexing.end().await;
            indexing = Indexing::begin(state.path(), &store);
        }
        let goal = fetched + CAPSULES as u64;
        let went_on = space.wait_at_most(LIMIT, |log| goal <= log.request_count()).await;
        went_on
            .unwrap_or_else(|error| panic!("round {number}, {fault:?}: the crawl does not go on: {error}"));
        if matches!(fault, Fault::Hostile) {
            turn_away(&store, &hostile_host(number)).await;
        }
        // What befell it has passed by then.
        sleep(round / 2).await;
        let rest = Rest::seek().await;
        eprintln!(
            "round {number}, {fault:?}: {} descriptors, {} tasks, {:.1} MiB, {} requests",
            rest.descriptors,
            rest.tasks,
            rest.memory_mib,
            space.request_count()
        );
        rests.push(rest);
    }
    let a_second = (space.request_count() - first) as f64 / began.elapsed().as_secs_f64();

    stop.cancel();
    let (asked, answered) = searches.join_next().await.expect("it ran").expect("the searches end in order");
    let ended = timeout(LIMIT, parts.join_next()).await.expect("the crawler does not hang");
    ended.expect("it ran").expect("it ends in order");
    let indexer = indexing.end().await;
    eprintln!("{a_second:.1} requests a second, {answered} of {asked} searches answered");
    assert!(999 * asked <= 1_000 * answered, "only {answered} of {asked} searches were answered");
    let report = indexer.verify().await.expect("index and store can be compared");
    assert_eq!(report.differences(), 0, "index and store differ: {report}");

    // What is made once and kept is made in the first quarter.
    let settled = &rests[rests.len() / 4..];
    let (early, late) = settled.split_at(settled.len() / 2);
    let least = |rests: &[Rest], of: fn(&Rest) -> usize| rests.iter().map(of).min().expect("rests");
    for (what, of) in [
        ("descriptors", (|rest: &Rest| rest.descriptors) as fn(&Rest) -> usize),
        ("tasks", |rest: &Rest| rest.tasks),
    ] {
        let (early, late) = (least(early, of), least(late, of));
        assert!(late <= early + SLACK, "{what} rise: {early} at first, {late} later");
    }
    let grown = late[late.len() - 1].memory_mib - early[0].memory_mib;
    assert!(grown <= GROWTH_MIB, "the process has grown by {grown:.1} MiB");
    let (slope, error) = slope(&rests[rests.len() / 2..]);
    eprintln!("memory of the second half: {slope:.2} MiB an hour, give or take {error:.2}");
    if Duration::from_secs(30 * 60) <= round * u32::try_from(rounds).expect("rounds") {
        let surely = slope - 2.0 * error;
        assert!(surely <= SLOPE_MIB_AN_HOUR, "the memory rises by {surely:.2} MiB an hour or more");
    }
    cluster.stop().await.expect("Postgres stops");
}
