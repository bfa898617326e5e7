//! A crawl of a scripted space into a scratch database, from its start to its end in order.

use std::net::SocketAddr;
use std::time::Duration;

use crawler::config::{Budgets, Config, Pace, Reach};
use crawler::fetch::limits::{Limits, Routes};
use crawler::{Crawler, CrawlerError};
use shared::gemini::host::Host;
use shared::gemini::url::GeminiUrl;
use shared::process::disk::Reserve;
use shared::store::Store;
use shared::store::cluster::scratch::{self, Scratch};
use shared::store::crawl::turn;
use space::Space;
use tempfile::TempDir;
use tokio::task::JoinSet;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

/// The longest that a test waits for anything.
const WAIT: Duration = Duration::from_secs(60);

/// A world for crawlers: a database and state folders.
pub(crate) struct World {
    pub(crate) scratch: Scratch,
    /// What crawlers may use up.
    pub(crate) budgets: Budgets,
}

/// A crawler at work.
pub(crate) struct Crawling {
    store: Store,
    stop: CancellationToken,
    tasks: JoinSet<Result<(), CrawlerError>>,
    _state: TempDir,
}

impl World {
    pub(crate) async fn new() -> Self {
        Self { scratch: scratch::database().await, budgets: Budgets::default() }
    }

    pub(crate) fn store(&self) -> Store {
        self.scratch.store()
    }

    /// Starts a crawler over a space with these seeds.
    #[allow(dead_code, reason = "each test uses its part of the support")]
    pub(crate) fn crawl(&self, space: &Space, pace: Pace, seeds: &[&str]) -> Crawling {
        self.crawl_routes(space.routes(), pace, seeds)
    }

    /// Starts a crawler that finds hosts at these addresses.
    pub(crate) fn crawl_routes(
        &self,
        routes: Vec<(String, SocketAddr)>,
        pace: Pace,
        seeds: &[&str],
    ) -> Crawling {
        self.crawl_with(routes, seeds, |config| config.pace = pace)
    }

    /// Starts a crawler without gaps that may go everywhere in public Geminispace, not only to the space's hosts.
    #[allow(dead_code, reason = "each test uses its part of the support")]
    pub(crate) fn crawl_public(&self, space: &Space) -> Crawling {
        self.crawl_with(space.routes(), &[], |config| config.reach = Reach::Public)
    }

    /// The same with a configuration of one's own; nobody is given a gap.
    pub(crate) fn crawl_with(
        &self,
        routes: Vec<(String, SocketAddr)>,
        seeds: &[&str],
        change: impl FnOnce(&mut Config),
    ) -> Crawling {
        let state = tempfile::tempdir().unwrap();
        let routes: Routes =
            routes.into_iter().map(|(host, address)| (Host::parse(&host).unwrap(), address)).collect();
        let mut config = Config {
            routes,
            pace: Pace::Unpaced,
            budgets: self.budgets,
            seeds: seeds.iter().map(|seed| GeminiUrl::parse(seed).unwrap()).collect(),
            // A connection has 600 ms and a handshake 1.6 s: what a loaded machine keeps.
            limits: Limits::default().faster(3),
            reach: Reach::RoutedOnly,
            // However full the disk of this machine is.
            reserve: Reserve::Bytes(0),
            ..Config::new(state.path().to_owned())
        };
        change(&mut config);
        let stop = CancellationToken::new();
        let mut tasks = JoinSet::new();
        let crawler = Crawler::new(config, self.store());
        let token = stop.clone();
        tasks.spawn(async move { crawler.run(token).await });
        Crawling { store: self.store(), stop, tasks, _state: state }
    }
}

impl Crawling {
    /// Waits until nothing is due and nothing is leased.
    pub(crate) async fn is_quiet(&self) {
        is_quiet(&self.store).await;
    }

    /// Stops it in order.
    pub(crate) async fn stop(mut self) {
        self.stop.cancel();
        let ended = tokio::time::timeout(Duration::from_secs(15), self.tasks.join_next()).await;
        ended
            .expect("the crawler stops within 15 s")
            .expect("one task")
            .expect("no panic")
            .expect("no error");
    }
}

/// Waits until nothing is due and nothing is leased.
pub(crate) async fn is_quiet(store: &Store) {
    let end = Instant::now() + WAIT;
    loop {
        let backlog = store.read(async |c| turn::backlog(c).await).await.unwrap();
        if backlog.due_capsules == 0 {
            return;
        }
        assert!(Instant::now() < end, "the crawl did not come to rest: {backlog:?}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}
