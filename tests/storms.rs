//! One bad thing after another happens to Postgres while everything runs, and nobody helps.
//!
//! - a restart, SIGKILL of a backend and of the postmaster, a freeze with queries in flight, a pool and a server with
//!   no connection left, a volume of the WAL that is full;
//! - a search is answered all the while;
//! - the crawl goes on within ten seconds after Postgres;
//! - in the end every page is searchable once, index and store agree, nothing is leased, no task is left.
//!
//! The freeze lasts eight seconds, or as many as `SEXTANT_TEST_FREEZE_SECONDS` says. The full volume is a small file
//! system in memory, which only root can mount; where it cannot be had, that part says so and passes over.

#[path = "support/weather.rs"]
mod weather;

use std::collections::BTreeSet;
use std::fs;
use std::time::Duration;

use bench::engine::{self, Engine};
use crawler::Crawler;
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use server::search::{SearchConfig, Searcher};
use shared::gemini::url::GeminiUrl;
use shared::store::cluster::{Cluster, ClusterOptions};
use shared::store::{Store, StoreError, StoreOptions};
use space::{Capsule, Space};
use sqlx::{ConnectOptions as _, PgConnection};
use tokio::runtime::Handle;
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio::time::{Instant, interval, timeout};
use tokio_util::sync::CancellationToken;
use weather::{Frozen, Volume};

/// Each storm has capsules of its own, so that there is a crawl to be disturbed however fast the machine is.
const STORMS: usize = 7;
const CAPSULES: usize = 8;
const PAGES: usize = 40;
/// Shorter than the freeze, so that queries in flight are given up.
const DEADLINE: Duration = Duration::from_secs(3);
const FREEZE_SECONDS: u64 = 8;
/// What is promised of the crawl.
const RESUMES_WITHIN: Duration = Duration::from_secs(10);
/// No other wait is longer.
const LIMIT: Duration = Duration::from_secs(60);
/// Between two looks.
const GAP: Duration = Duration::from_millis(50);
/// Searches that must be answered in each storm.
const ANSWERS: u64 = 10;

fn freeze() -> Duration {
    let told = std::env::var("SEXTANT_TEST_FREEZE_SECONDS").ok();
    let told = told.map(|told| told.parse().expect("SEXTANT_TEST_FREEZE_SECONDS is a number"));
    Duration::from_secs(told.unwrap_or(FREEZE_SECONDS))
}

fn host(storm: usize, number: usize) -> String {
    format!("storm-{storm}-{number}.example")
}

fn path(page: usize) -> String {
    if page == 0 { "/".to_owned() } else { format!("/page-{page}.gmi") }
}

/// A capsule whose pages are linked in a chain, each also to the same page of the next capsule.
/// They ask for a pause between requests, so that no machine is so fast that nothing is left to crawl after a storm.
fn capsule(storm: usize, number: usize) -> Capsule {
    let robots = Capsule::new().robots("User-agent: *\nCrawl-delay: 0.25\n");
    (0..PAGES).fold(robots, |capsule, page| {
        let next = if page + 1 < PAGES { format!("=> {} On\n", path(page + 1)) } else { String::new() };
        let aside = format!("=> gemini://{}{} Beside\n", host(storm, (number + 1) % CAPSULES), path(page));
        let text =
            format!("# Page {page} of {number}\n\nweather word{storm}x{number}x{page} here.\n{aside}{next}");
        capsule.page(&path(page), text)
    })
}

fn pages(storm: usize) -> BTreeSet<GeminiUrl> {
    let all = (0..CAPSULES).flat_map(|number| (0..PAGES).map(move |page| (number, page)));
    let urls = all.map(|(number, page)| format!("gemini://{}{}", host(storm, number), path(page)));
    urls.map(|url| GeminiUrl::parse(&url).expect("a URL")).collect()
}

/// What happens, and to whom.
struct Ground {
    cluster: Cluster,
    store: Store,
    space: Space,
    answered: watch::Receiver<u64>,
}

impl Ground {
    async fn session(&self) -> PgConnection {
        self.try_session(LIMIT).await.expect("Postgres is back in time")
    }

    /// A session as soon as there is one.
    async fn try_session(&self, limit: Duration) -> Option<PgConnection> {
        let end = Instant::now() + limit;
        let mut looks = interval(GAP);
        while Instant::now() < end {
            looks.tick().await;
            if let Ok(Ok(session)) = timeout(RESUMES_WITHIN, self.cluster.options().connect()).await {
                return Some(session);
            }
        }
        None
    }

    /// Pages that were visited and stored.
    async fn stored(&self, session: &mut PgConnection) -> i64 {
        let count = sqlx::query_scalar("select count(*) from page where visited_at is not null");
        count.fetch_one(session).await.expect("pages are counted")
    }

    /// Every page that can be searched, as often as it is stored.
    async fn searchable(&self) -> Vec<GeminiUrl> {
        let query = "select 'gemini://' || host || path from page join capsule on capsule.id = capsule
                     where standing = 'searchable' order by 1";
        let urls: Vec<String> =
            sqlx::query_scalar(query).fetch_all(&mut self.session().await).await.expect("pages");
        urls.iter().map(|url| GeminiUrl::parse(url).expect("a URL")).collect()
    }

    /// The crawl of this storm's capsules is under way.
    async fn gather(&self, storm: usize) {
        let seeds = (0..CAPSULES).map(|number| format!("gemini://{}/", host(storm, number)));
        let seeds = seeds.map(|url| GeminiUrl::parse(&url).expect("a URL")).collect();
        let mut again = interval(GAP);
        let planting = async {
            loop {
                again.tick().await;
                match crawler::plant(&self.store, &seeds).await {
                    Ok(_) => return,
                    // The last storm may still be in the pool.
                    Err(error) => assert!(error.is_outage(), "{error}"),
                }
            }
        };
        timeout(LIMIT, planting).await.expect("the seeds are planted");
        let prefix = format!("storm-{storm}-");
        let under_way = |log: &space::Log| {
            (CAPSULES * 3) <= log.requests().filter(|request| request.host.starts_with(&prefix)).count()
        };
        self.space.wait_at_most(LIMIT, under_way).await.expect("the crawl is under way");
    }

    /// Searches are answered now, one after another.
    async fn searches_go_on(&self) {
        let mut answered = self.answered.clone();
        let goal = *answered.borrow() + ANSWERS;
        let waited = timeout(LIMIT, answered.wait_for(|count| goal <= *count)).await;
        drop(waited.expect("searches are answered").expect("somebody searches"));
    }

    /// After Postgres the crawl is back in its time.
    async fn crawl_goes_on(&self, what: &str) {
        let mut session = self.session().await;
        let began = Instant::now();
        let before = self.stored(&mut session).await;
        let mut looks = interval(GAP);
        while self.stored(&mut session).await <= before {
            assert!(began.elapsed() < RESUMES_WITHIN, "{what}: the crawl does not go on");
            looks.tick().await;
        }
        eprintln!("{what}: the crawl went on {:.1} s after Postgres", began.elapsed().as_secs_f64());
    }

    /// It has ended; search goes on without it; it is started again, as its keeper does.
    async fn bring_back(&mut self) {
        timeout(LIMIT, self.cluster.ended()).await.expect("the postmaster ends");
        self.searches_go_on().await;
        self.cluster.restart().await.expect("it starts again");
    }

    fn signal(&self, signal: Signal) {
        kill(Pid::from_raw(self.cluster.pid()), signal).expect("the postmaster is there");
    }

    /// One backend that serves the store.
    async fn backend(&self, session: &mut PgConnection) -> Pid {
        let query = "select pid from pg_stat_activity where application_name = 'sextant'
                     order by state = 'active' desc, pid limit 1";
        Pid::from_raw(sqlx::query_scalar(query).fetch_one(session).await.expect("the store has a session"))
    }

    /// Postgres and its children.
    fn processes(&self) -> Vec<Pid> {
        let parent = self.cluster.pid();
        let is_child = |pid: &i32| {
            let status = fs::read_to_string(format!("/proc/{pid}/status")).unwrap_or_default();
            let found =
                status.lines().find_map(|line| line.strip_prefix("PPid:")?.trim().parse::<i32>().ok());
            found == Some(parent)
        };
        let entries = fs::read_dir("/proc").expect("the processes").flatten();
        let pids = entries.filter_map(|entry| entry.file_name().to_str()?.parse().ok());
        std::iter::once(parent).chain(pids.filter(is_child)).map(Pid::from_raw).collect()
    }

    async fn freezes(&mut self) {
        let frozen = Frozen::of(self.processes());
        let began = Instant::now();
        let asked =
            timeout(5 * DEADLINE, self.store.read(async |c| Ok(sqlx::query("select 1").execute(c).await?)));
        let told = asked.await.expect("who asks a frozen Postgres is told");
        assert!(matches!(&told, Err(error) if error.is_outage()), "{told:?}");
        while began.elapsed() < freeze() {
            self.searches_go_on().await;
        }
        drop(frozen);
    }

    /// Twice as many as there are connections hold on to one each, again and again.
    async fn exhausts_the_pool(&mut self) {
        let mut holders = JoinSet::new();
        let end = Instant::now() + 2 * DEADLINE;
        for _ in 0..16 {
            let store = self.store.clone();
            holders.spawn(async move {
                while Instant::now() < end {
                    let holding =
                        async |c: &mut PgConnection| Ok(sqlx::query("select pg_sleep(1)").execute(c).await?);
                    if let Err(error) = store.read(holding).await {
                        assert!(error.is_outage(), "{error}");
                    }
                }
            });
        }
        while !holders.is_empty() {
            self.searches_go_on().await;
            while let Some(ended) = holders.try_join_next() {
                ended.expect("a holder ends");
            }
        }
    }

    /// Others take every session that Postgres has, those of the store too.
    async fn takes_every_session(&mut self) {
        let mut taken = vec![self.session().await];
        let mut refused = 0;
        for _ in 0..2_000 {
            match self.cluster.options().connect().await {
                Ok(session) => taken.push(session),
                Err(error) => {
                    assert!(StoreError::from(error).is_outage());
                    refused += 1;
                    let throw_out = "select pg_terminate_backend(pid) from pg_stat_activity
                                     where application_name = 'sextant'";
                    let thrown = sqlx::query(throw_out).execute(&mut taken[0]).await.expect("they are ended");
                    if 3 < refused && thrown.rows_affected() == 0 {
                        break;
                    }
                }
            }
        }
        assert!(20 < taken.len() && 3 < refused, "{} taken, {refused} refused", taken.len());
        self.searches_go_on().await;
    }

    /// The volume of the WAL is as large as what is in it.
    async fn fills_the_volume(&mut self, volume: &Volume) {
        volume.fill();
        let mut failed = false;
        for _ in 0..400 {
            let writing = async |c: &mut PgConnection| {
                let emit = "select pg_logical_emit_message(true, 'storm', string_agg(md5(n::text), ''))
                            from generate_series(1, 30000) n";
                Ok(sqlx::query(emit).execute(c).await?)
            };
            if let Err(error) = self.store.write(writing).await {
                assert!(error.is_outage(), "a full volume is an outage: {error}");
                failed = true;
                break;
            }
        }
        assert!(failed, "the volume was full");
        self.searches_go_on().await;
        // It may give up altogether: then it is started again, in vain until there is room.
        let mut ended = timeout(2 * DEADLINE, self.cluster.ended()).await.is_ok();
        if ended {
            let restarted = self.cluster.restart().await;
            eprintln!(
                "a restart on the full volume: {}",
                restarted.as_ref().err().map_or(String::new(), ToString::to_string)
            );
            ended = restarted.is_err();
        }
        self.searches_go_on().await;
        volume.grow();
        if ended {
            self.cluster.restart().await.expect("there is room again");
        } else if self.try_session(2 * DEADLINE).await.is_none() {
            self.bring_back().await;
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whatever_happens_to_postgres_search_goes_on_and_nothing_is_lost_or_twice() {
    let every = (0..=STORMS).flat_map(|storm| (0..CAPSULES).map(move |number| (storm, number)));
    let builder = every.fold(Space::builder(), |builder, (storm, number)| {
        builder.capsule(&host(storm, number), capsule(storm, number))
    });
    let space = builder.start().await.expect("a space");
    let folder = tempfile::tempdir().expect("a folder");
    let options = ClusterOptions::new(folder.path());
    let made = Cluster::open(&options).await.expect("a cluster");
    made.stop().await.expect("it stops");
    let volume = Volume::mount(&folder.path().join("data").canonicalize().expect("the data folder"));
    let cluster = Cluster::open(&options).await.expect("a cluster");
    let tasks_before = Handle::current().metrics().num_alive_tasks();

    let store = StoreOptions { deadline: DEADLINE, ..StoreOptions::new(cluster.options()) };
    let store = Store::open(store).await.expect("a store");
    let engine = Engine::index_only(store.clone()).await;
    let crawler = Crawler::new(engine::unpaced(engine.folder.path(), space.routes()), store.clone());
    let (stop, mut parts) = (CancellationToken::new(), JoinSet::new());
    let crawling = stop.clone();
    parts.spawn(async move { crawler.run(crawling).await.expect("the crawler runs") });
    let (sender, answered) = watch::channel(0);
    let mut ground = Ground { cluster, store, space, answered };
    ground.gather(STORMS).await;
    let searcher = Searcher::open(&engine.index_folder(), SearchConfig::default());
    engine.first_found(&searcher, "weather").await;
    parts.spawn(weather::search_all_the_time(searcher, sender, stop.clone()));

    ground.gather(0).await;
    ground.signal(Signal::SIGINT);
    ground.bring_back().await;
    ground.crawl_goes_on("a fast restart").await;

    ground.gather(1).await;
    let mut session = ground.session().await;
    let backend = ground.backend(&mut session).await;
    kill(backend, Signal::SIGKILL).expect("the backend is there");
    ground.searches_go_on().await;
    ground.crawl_goes_on("a killed backend").await;

    ground.gather(2).await;
    ground.signal(Signal::SIGKILL);
    ground.bring_back().await;
    ground.crawl_goes_on("a killed postmaster").await;

    ground.gather(3).await;
    ground.freezes().await;
    ground.crawl_goes_on("a freeze").await;

    ground.gather(4).await;
    ground.exhausts_the_pool().await;
    ground.crawl_goes_on("an exhausted pool").await;

    ground.gather(5).await;
    ground.takes_every_session().await;
    ground.crawl_goes_on("no session left").await;

    ground.gather(6).await;
    if let Some(volume) = &volume {
        ground.fills_the_volume(volume).await;
        ground.crawl_goes_on("a full volume").await;
    }

    engine.until_all_is_indexed().await;
    let all: BTreeSet<GeminiUrl> = (0..=STORMS).flat_map(pages).collect();
    let found = ground.searchable().await;
    let lost: Vec<_> = all.iter().filter(|url| !found.contains(url)).collect();
    assert!(lost.is_empty(), "lost: {lost:?}");
    assert_eq!(found.len(), all.len(), "every page once, and nothing else");
    stop.cancel();
    while let Some(ended) = timeout(LIMIT, parts.join_next()).await.expect("no part hangs") {
        ended.expect("a part ends in order");
    }
    let report = timeout(LIMIT, engine.stop_and_verify()).await.expect("the indexer does not hang");
    assert_eq!(report.differences(), 0, "index and store differ: {report}");
    assert_eq!(report.indexed, all.len() as u64, "none is searchable twice");
    let leases = "select (select count(*) from capsule where lease_until is not null)
                       + (select count(*) from address where lease_until is not null)";
    let held: i64 = sqlx::query_scalar(leases).fetch_one(&mut ground.session().await).await.expect("leases");
    assert_eq!(held, 0, "nothing stays leased");
    ground.store.close().await;
    let end = Instant::now() + LIMIT;
    let mut looks = interval(GAP);
    while tasks_before < Handle::current().metrics().num_alive_tasks() && Instant::now() < end {
        looks.tick().await;
    }
    let tasks = Handle::current().metrics().num_alive_tasks();
    assert!(tasks <= tasks_before, "{tasks} tasks are left, before were {tasks_before}");
    ground.cluster.stop().await.expect("the database stops");
}
