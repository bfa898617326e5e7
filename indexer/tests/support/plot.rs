//! A few pages in a scratch database, and an index folder to follow them with.

#![allow(dead_code, reason = "each test uses a part of it")]
#![allow(clippy::unwrap_used, reason = "a step that fails is a test that fails")]

use std::collections::{BTreeMap, HashMap};
use std::future::Future;
use std::path::{Path, PathBuf};
use std::time::Duration;

use indexer::{Config, Indexer, IndexerError, Rhythm};
use shared::gemini::kind::Kind;
use shared::gemini::text::{OneLine, PageText};
use shared::gemini::url::GeminiUrl;
use shared::index::checkpoint::Checkpoint;
use shared::index::columns::Columns;
use shared::index::document;
use shared::index::generation::IndexFolder;
use shared::index::schema::Fields;
use shared::process::disk::Reserve;
use shared::store::Store;
use shared::store::cluster::scratch::{self, Scratch};
use shared::store::feed::change;
use shared::store::id::{ChangeId, ContentHash, PageId};
use shared::store::known::{capsule, content, link, page};
use tantivy::{DocAddress, ReloadPolicy, TantivyDocument};
use tokio::task::JoinSet;
use tokio::time::{self, Instant};
use tokio_util::sync::CancellationToken;

/// How long a test waits for what must come.
const LONG_ENOUGH: Duration = Duration::from_secs(60);

/// A store with pages, and a folder for an index of them.
pub(crate) struct Plot {
    pub(crate) scratch: Scratch,
    pub(crate) store: Store,
    folder: tempfile::TempDir,
}

impl Plot {
    pub(crate) async fn new() -> Self {
        let scratch = scratch::database().await;
        let store = scratch.store();
        Self { scratch, store, folder: tempfile::tempdir().unwrap() }
    }

    pub(crate) fn folder(&self) -> PathBuf {
        self.folder.path().join("index")
    }

    pub(crate) fn indexer(&self) -> Indexer {
        Indexer::new(config(&self.folder()), self.store.clone())
    }

    /// Writes a page: its title and its words. Nothing changes if it says the same already.
    pub(crate) async fn put(&self, url: &str, words: &str) -> PageId {
        let url = GeminiUrl::parse(url).unwrap();
        let body = PageText::new(words.to_owned());
        let hash = ContentHash(blake3::hash(words.as_bytes()).into());
        let text = page::Text {
            content: Some(hash),
            title: OneLine::new(words),
            kind: Kind::Page,
            media_type: "text/gemini".to_owned(),
            language: None,
            charset: None,
            size_bytes: Some(words.len() as u64),
            dimensions: None,
            words: None,
        };
        let (id, _) = change::sealed(&self.store, async |tx| {
            let entered = capsule::enter(tx, &[], std::slice::from_ref(url.capsule())).await?;
            let new = content::NewContent {
                capsule: entered.targets[url.capsule()],
                hash,
                source: body.clone(),
                body: body.clone(),
                headings: vec![],
                alt: vec![],
                art: PageText::default(),
            };
            page::put_own(tx, &url, &text, &new).await
        })
        .await
        .unwrap();
        id
    }

    /// Makes one page link to others, and to nothing else.
    pub(crate) async fn link(&self, from: &str, to: &[(&str, &str)]) {
        let urls: Vec<GeminiUrl> = std::iter::once(from)
            .chain(to.iter().map(|(url, _)| *url))
            .map(|url| GeminiUrl::parse(url).unwrap())
            .collect();
        change::sealed(&self.store, async |tx| {
            let known = page::find(tx, &urls.iter().cloned().collect()).await?;
            let links: Vec<link::NewLink> = urls[1..]
                .iter()
                .zip(to)
                .map(|(url, (_, label))| link::NewLink {
                    from: known[&urls[0]],
                    to: known[url],
                    label: OneLine::new(label),
                })
                .collect();
            link::replace(tx, &[known[&urls[0]]], &links).await
        })
        .await
        .unwrap();
    }

    /// Takes pages out for good.
    pub(crate) async fn purge(&self, pattern: &str) {
        let pattern = pattern.parse().unwrap();
        let mut after = PageId(0);
        for _ in 0..1_000 {
            let purged = change::sealed(&self.store, async |tx| {
                page::purge(tx, &pattern, chrono::DateTime::<chrono::Utc>::MAX_UTC, after, 1_000).await
            });
            match purged.await.unwrap().0 {
                Some((last, _)) => after = last,
                None => return,
            }
        }
        panic!("a purge without an end");
    }

    /// What can be found: titles by URL.
    pub(crate) fn found(&self) -> BTreeMap<String, String> {
        found(&self.folder())
    }

    /// The place of the last commit.
    pub(crate) fn place(&self) -> Option<Checkpoint> {
        self.place_in(&self.folder())
    }

    /// The place of the last commit of the index in a folder.
    pub(crate) fn place_in(&self, folder: &Path) -> Option<Checkpoint> {
        let current = IndexFolder::at(folder).current().unwrap()?;
        let payload = current.open().unwrap().load_metas().unwrap().payload?;
        Some(Checkpoint::parse(&payload).unwrap())
    }

    pub(crate) fn change(&self) -> ChangeId {
        self.place().map_or(ChangeId::START, |place| place.change())
    }
}

/// An indexer that does not wait long for anything.
pub(crate) fn config(folder: &Path) -> Config {
    Config {
        heap_bytes: 16_000_000,
        // However full the disk of this machine is.
        reserve: Reserve::Bytes(0),
        commit_every: Duration::from_millis(100),
        batch: 50,
        poll: Duration::from_millis(100),
        rhythm: Rhythm {
            quiet: Duration::from_millis(300),
            at_most: Duration::from_secs(5),
            first: Duration::from_secs(1),
            apart: Duration::from_millis(500),
        },
        ..Config::new(folder, "test")
    }
}

/// Titles by URL of all that an index folder's current generation holds. A page that is there twice panics.
pub(crate) fn found(folder: &Path) -> BTreeMap<String, String> {
    let Some(current) = IndexFolder::at(folder).current().unwrap() else { return BTreeMap::new() };
    let fields = Fields::new();
    let index = current.open().unwrap();
    let reader: tantivy::IndexReader =
        index.reader_builder().reload_policy(ReloadPolicy::Manual).try_into().unwrap();
    let searcher = reader.searcher();
    let mut found = BTreeMap::new();
    let mut pages = HashMap::new();
    for (number, segment) in searcher.segment_readers().iter().enumerate() {
        let columns = Columns::open(segment, &fields).unwrap();
        for doc in segment.doc_ids_alive() {
            let stored: TantivyDocument = searcher.doc(DocAddress::new(number as u32, doc)).unwrap();
            let stored = document::stored(&fields, &stored).unwrap();
            assert_eq!(pages.insert(columns.line(doc).page, doc), None, "{} is there twice", stored.url);
            found.insert(stored.url.to_string(), stored.title.to_string());
        }
    }
    found
}

/// Looks again and again until it is so.
pub(crate) async fn until(what: &str, mut so: impl AsyncFnMut() -> bool) {
    let end = Instant::now() + LONG_ENOUGH;
    while !so().await {
        assert!(Instant::now() < end, "it did not come: {what}");
        time::sleep(Duration::from_millis(20)).await;
    }
}

/// Runs an indexer beside `story`, and stops it after that.
pub(crate) async fn beside<T>(indexer: &Indexer, story: impl Future<Output = T>) -> T {
    let stop = CancellationToken::new();
    let mut running = JoinSet::new();
    let (indexer, token) = (indexer.clone(), stop.clone());
    running.spawn(async move { indexer.run(token).await });
    let told = tokio::select! {
        told = story => told,
        Some(ended) = running.join_next() => panic!("the indexer ended: {ended:?}"),
    };
    stop.cancel();
    let ended: Result<(), IndexerError> =
        time::timeout(LONG_ENOUGH, running.join_next()).await.expect("it stops").unwrap().unwrap();
    ended.unwrap();
    told
}
