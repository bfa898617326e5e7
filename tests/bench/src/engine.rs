//! Crawler and indexer over a scratch database and a simulated space, in this process.

use std::collections::BTreeSet;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;

use crawler::Crawler;
use crawler::config::{Config, Pace, Reach};
use crawler::fetch::limits::Routes;
use indexer::{Indexer, VerifyReport};
use server::search::results::Results;
use server::search::{SearchError, SearchRequest, Searcher};
use shared::gemini::host::Host;
use shared::gemini::url::GeminiUrl;
use shared::process::disk::Reserve;
use shared::store::Store;
use shared::store::bell::{Bell, Topic};
use shared::store::crawl::turn;
use shared::store::feed::entry::{self, EntryState};
use shared::store::feed::{follower, signal};
use shared::store::id::PageId;
use space::Space;
use tempfile::TempDir;
use tokio::task::JoinSet;
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;

/// No wait is longer.
const PATIENCE: Duration = Duration::from_secs(240);

/// Crawler and indexer at work. What fails here is a panic with the reason: neither a test nor a bench can go on.
#[derive(Debug)]
pub struct Engine {
    /// The store that they share.
    pub store: Store,
    /// The folder of their state.
    pub folder: TempDir,
    indexer: Indexer,
    stop: CancellationToken,
    parts: JoinSet<()>,
}

impl Engine {
    /// An indexer alone; somebody else crawls.
    pub async fn index_only(store: Store) -> Self {
        let folder = tempfile::tempdir().expect("a state folder");
        let indexer = Indexer::new(indexer::Config::new(folder.path().join("index"), "test"), store.clone());
        let stop = CancellationToken::new();
        let mut parts = JoinSet::new();
        let (following, indexing) = (indexer.clone(), stop.clone());
        parts.spawn(async move { following.run(indexing).await.expect("the indexer runs") });
        Self { store, folder, indexer, stop, parts }
    }

    /// Crawls all hosts of the space from their front pages, without gaps, and indexes them.
    pub async fn start(store: Store, space: &Space) -> Self {
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
    pub async fn until_all_is_indexed(&self) {
        until_quiet(&self.store, async |store| {
            let seen = store.read(async |c| Ok((turn::backlog(c).await?, follower::all(c).await?))).await;
            seen.is_ok_and(|(backlog, followers)| backlog.due_capsules == 0 && have_read_all(&followers))
        })
        .await;
    }

    /// Waits until the index has also read what the first count of the links has brought.
    pub async fn until_all_is_ranked(&self) {
        until_quiet(&self.store, async |store| {
            let seen = store.read(async |c| Ok((signal::pass(c).await?, follower::all(c).await?))).await;
            seen.is_ok_and(|(pass, followers)| pass > 0 && have_read_all(&followers))
        })
        .await;
    }

    /// The folder of the index.
    #[must_use]
    pub fn index_folder(&self) -> PathBuf {
        self.folder.path().join("index")
    }

    /// Searches until there is an index with such a page.
    pub async fn first_found(&self, searcher: &Searcher, words: &str) -> Results {
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
    pub async fn searchable(&self) -> BTreeSet<GeminiUrl> {
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

    /// Stops all parts in order.
    pub async fn stop(&mut self) {
        self.stop.cancel();
        while let Some(ended) = self.parts.join_next().await {
            ended.expect("a part ends in order");
        }
    }

    /// Stops all parts in order and compares the index with the store.
    pub async fn stop_and_verify(mut self) -> VerifyReport {
        self.stop().await;
        self.indexer.verify().await.expect("index and store can be compared")
    }
}

/// Crawls all hosts of a space from these pages and their front pages to the end, and indexes nothing.
pub async fn crawl_whole(store: &Store, space: &Space, mut seeds: BTreeSet<GeminiUrl>) {
    seeds.extend(front_pages(space));
    let folder = tempfile::tempdir().expect("a state folder");
    let config = Config { seeds: seeds.into_iter().collect(), ..unpaced(folder.path(), space.routes()) };
    let crawler = Crawler::new(config, store.clone());
    let stop = CancellationToken::new();
    let until_done = async {
        until_quiet(store, async |store| {
            let seen =
                store.read(async |c| Ok((turn::backlog(c).await?, entry::all(c, PageId(0), 1).await?))).await;
            seen.is_ok_and(|(backlog, pages)| backlog.due_capsules == 0 && !pages.is_empty())
        })
        .await;
        stop.cancel();
    };
    let (crawled, ()) = tokio::join!(crawler.run(stop.clone()), until_done);
    crawled.expect("the crawler runs");
}

/// Waits until something holds three times in a row: between two turns nothing is due for a moment.
async fn until_quiet(store: &Store, holds: impl AsyncFn(&Store) -> bool) {
    let mut bell = Bell::new(store.clone(), Topic::Feed);
    let waiting = async {
        let mut quiet = 0;
        while quiet < 3 {
            quiet = if holds(store).await { quiet + 1 } else { 0 };
            bell.wait(Duration::from_millis(700)).await;
        }
    };
    timeout(PATIENCE, waiting).await.expect("crawl and index come to their end");
}

fn have_read_all(followers: &[follower::Report]) -> bool {
    !followers.is_empty() && followers.iter().all(|follower| follower.lag == 0)
}

/// The front pages of all hosts of a space.
pub fn front_pages(space: &Space) -> BTreeSet<GeminiUrl> {
    let hosts = space.routes().into_iter();
    hosts.map(|(host, _)| GeminiUrl::parse(&format!("gemini://{host}/")).expect("a URL")).collect()
}

/// A crawler that visits these hosts only, without gaps, and keeps its identity in `folder`.
pub fn unpaced(folder: &Path, routes: Vec<(String, SocketAddr)>) -> Config {
    let mut config = Config::new(folder.join("crawler"));
    config.pace = Pace::Unpaced;
    config.reach = Reach::RoutedOnly;
    let routes = routes.into_iter().map(|(host, address)| (Host::parse(&host).expect("a host"), address));
    config.routes = Routes::from_iter(routes);
    // However full the disk of this machine is.
    config.reserve = Reserve::Bytes(0);
    config
}
