//! The real crawler in a process of its own, without gaps and without limits of a day, as for every routed space.

use std::ffi::OsString;
use std::io::Read as _;
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use crawler::Crawler;
use crawler::config::{Config, Pace, Reach};
use shared::gemini::host::Host;
use shared::store::{Store, StoreOptions};
use tempfile::TempDir;
use tokio_util::sync::CancellationToken;

use super::ground::Ground;
use super::world::World;
use crate::process::{self, Worker};

/// What the crawler's process is told.
#[derive(Debug, clap::Args)]
pub struct Work {
    #[arg(long)]
    database: String,
    #[arg(long)]
    state: PathBuf,
    #[arg(long)]
    in_flight: usize,
}

/// The file of routes in the state folder.
const ROUTES: &str = "routes.json";

/// Crawls until standard input ends, then stops in order.
///
/// # Errors
///
/// When the crawler cannot begin.
pub async fn work(work: &Work) -> anyhow::Result<()> {
    let told = std::fs::read_to_string(work.state.join(ROUTES))?;
    let routes: std::collections::BTreeMap<String, std::net::SocketAddr> = serde_json::from_str(&told)?;
    let routes = routes.into_iter().filter_map(|(host, address)| Some((Host::parse(&host).ok()?, address)));
    let config = Config {
        routes: routes.collect(),
        pace: Pace::Unpaced,
        reach: Reach::RoutedOnly,
        in_flight: work.in_flight,
        ..Config::new(work.state.clone())
    };
    let store = Store::connect(StoreOptions::from_url(&work.database)?).await?;
    let stop = CancellationToken::new();
    let crawling = Crawler::new(config, store).run(stop.clone());
    let parent = tokio::task::spawn_blocking(|| std::io::stdin().read_to_end(&mut Vec::new()));
    let stopping = async {
        let _ended = parent.await;
        stop.cancel();
    };
    let (crawled, ()) = tokio::join!(crawling, stopping);
    Ok(crawled?)
}

/// The crawler at work.
pub(super) struct Crawling {
    worker: Worker,
    _state: TempDir,
}

/// What it has used so far.
pub(super) struct Used {
    pub(super) cpu_seconds: f64,
    pub(super) memory_mib: f64,
}

impl Crawling {
    pub(super) fn start(ground: &Ground, world: &World, in_flight: usize) -> anyhow::Result<Self> {
        let state = tempfile::tempdir()?;
        std::fs::write(state.path().join(ROUTES), serde_json::to_string(&world.routes)?)?;
        let worker = Worker::start_piped(arguments(&ground.url(), state.path(), in_flight))?;
        Ok(Self { worker, _state: state })
    }

    pub(super) fn used(&self) -> anyhow::Result<Used> {
        let id = self.worker.id();
        Ok(Used { cpu_seconds: process::cpu_seconds(id)?, memory_mib: process::most_memory_mib(id)? })
    }

    /// Lets it stop in order.
    pub(super) fn stop(self) -> anyhow::Result<()> {
        self.worker.end().context("the crawler did not stop in order")
    }
}

fn arguments(database: &str, state: &Path, in_flight: usize) -> [OsString; 7] {
    [
        "crawl-worker".into(),
        "--database".into(),
        database.into(),
        "--state".into(),
        state.into(),
        "--in-flight".into(),
        in_flight.to_string().into(),
    ]
}
