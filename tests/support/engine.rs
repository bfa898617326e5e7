//! Crawler and indexer over a scratch database and a simulated space, in this process.

use std::collections::BTreeSet;
use std::net::SocketAddr;
use std::path::Path;
use std::time::Duration;

use crawler::Crawler;
use crawler::config::{Config, Pace, Reach};
use crawler::fetch::limits::Routes;
use indexer::{Indexer, VerifyReport};
use server::search::results::Results;
use server::search::{SearchError, SearchRequest, Searcher};
use shared::gemini::host::Host;
use shared::gemini::url::GeminiUrl;
use shared::store::Store;
use shared::store::bell::{Bell, Topic};
use shared::store::crawl::turn;
use shared::store::feed::entry::{self, EntryState};
use shared::store::feed::follower;
use shared::store::id::PageId;
use space::Space;
use tempfile::TempDir;
use tokio::task::JoinSet;
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;

/// No wait is longer.
const PATIENCE: Duration = Duration::from_secs(240);

pub(crate) struct Engine {
    pub(crate) store: Store,
    pub(crate) folder: TempDir,
    indexer: Indexer,
    stop: CancellationToken,
    parts: JoinSet<()>,
}

impl Engine {
    /// An indexer alone; somebody else crawls.
    pub(crate) async fn index_only(store: Store) -> Self {
        let folder = tempfile::tempdir().expect("a state folder");
        let indexer = Indexer::new(indexer::Config::new(folder.path().join("index"), "test"), store.clone());
        let stop = CancellationToken::new();
        let mut parts = JoinSet::new();
        let (following, indexing) = (indexer.clone(), stop.clone());
        parts.spawn(async move { following.run(indexing).await.expect("the indexer runs") });
        Self { store, folder, indexer, stop, parts }
    }

    /// Crawls all hosts of the space from their front pages, without gaps, and indexes them.
    pub(crate) async fn start(store: Store, space: &Space) -> Self {
        let mut engine = Self::index_only(store).await;
        let config = Config {
            seeds: front_pages(space).into_iter().collect(),
            ..unpaced(engine.folder.path(), space.routes())
        };
        let crawler = Crawler::new(config, engine.store.clone());
        let crawling = engine.stop.clone();
        engine.parts.spawn(async move { crawler.run(crawling).await.expect("the crawler runs") });
        engine
    }

    /// Waits until nothing is due, nobody is out, and the index has read the whole feed.
    pub(crate) async fn until_all_is_indexed(&self) {
        let mut bell = Bell::new(self.store.clone(), Topic::Feed);
        let mut quiet = 0;
        let waiting = async {
            // Twice in a row: between two turns nothing is due for a moment.
            while quiet < 3 {
                let seen =
                    self.store.read(async |c| Ok((turn::backlog(c).await?, follower::all(c).await?))).await;
                let done = seen.is_ok_and(|(backlog, followers)| {
                    let read = !followers.is_empty() && followers.iter().all(|follower| follower.lag == 0);
                    backlog.due_capsules == 0 && read
                });
                quiet = if done { quiet + 1 } else { 0 };
                bell.wait(Duration::from_millis(700)).await;
            }
        };
        timeout(PATIENCE, waiting).await.expect("the crawl comes to its end");
    }

    /// Searches until there is an index with such a page.
    pub(crate) async fn first_found(&self, searcher: &Searcher, words: &str) -> Results {
        let mut bell = Bell::new(self.store.clone(), Topic::Feed);
        let searching = async {
            loop {
                match searcher.search(SearchRequest::new(words)).await {
                    Ok(found) if !found.hits.is_empty() => return found,
                    Ok(_) | Err(SearchError::NoIndex) => bell.wait(Duration::from_millis(300)).await,
                    Err(error) => panic!("a search failed: {error}"),
                }
            }
        };
        timeout(PATIENCE, searching).await.expect("a page is found in time")
    }

    /// Every searchable page of the store.
    pub(crate) async fn searchable(&self) -> BTreeSet<GeminiUrl> {
        let mut urls = BTreeSet::new();
        let mut after = PageId(0);
        loop {
            let lines = self.store.read(async |c| entry::all(c, after, 500).await).await.expect("pages");
            let Some(last) = lines.last() else { return urls };
            after = last.page;
            let pages: Vec<PageId> = lines.iter().map(|line| line.page).collect();
            let entries = self.store.read(async |c| entry::of(c, &pages).await).await.expect("entries");
            for entry in entries {
                if let EntryState::Searchable(page) = entry.state {
                    assert!(urls.insert(page.url.clone()), "{} is stored twice", page.url);
                }
            }
        }
    }

    /// Stops all parts in order and compares the index with the store.
    pub(crate) async fn stop_and_verify(mut self) -> VerifyReport {
        self.stop.cancel();
        while let Some(ended) = self.parts.join_next().await {
            ended.expect("a part ends in order");
        }
        self.indexer.verify().await.expect("index and store can be compared")
    }
}

/// The front pages of all hosts of a space.
pub(crate) fn front_pages(space: &Space) -> BTreeSet<GeminiUrl> {
    let hosts = space.routes().into_iter();
    hosts.map(|(host, _)| GeminiUrl::parse(&format!("gemini://{host}/")).expect("a URL")).collect()
}

/// A crawler that visits these hosts only, without gaps, and keeps its identity in `folder`.
pub(crate) fn unpaced(folder: &Path, routes: Vec<(String, SocketAddr)>) -> Config {
    let mut config = Config::new(folder.join("crawler"));
    config.pace = Pace::Unpaced;
    config.reach = Reach::RoutedOnly;
    let routes = routes.into_iter().map(|(host, address)| (Host::parse(&host).expect("a host"), address));
    config.routes = Routes::from_iter(routes);
    config
}
