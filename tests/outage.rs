//! Postgres stopped while everything runs: search goes on, and the rest goes on by itself when it is back.

use bench::engine::Engine;
use server::search::{SearchConfig, SearchRequest, Searcher};
use shared::store::cluster::{Cluster, ClusterOptions};
use shared::store::{Store, StoreOptions};
use space::{Generator, Space};

const PAGES: u64 = 1_200;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn search_goes_on_without_the_database_and_the_crawl_goes_on_after_it() {
    let folder = tempfile::tempdir().expect("a folder");
    let options = ClusterOptions::new(folder.path());
    let cluster = Cluster::open(&options).await.expect("a cluster");
    let store = Store::open(StoreOptions::new(cluster.options())).await.expect("a store");
    let generator = Generator::new(7, 12, PAGES);
    let front = generator.pages().next().expect("a page");
    let space = Space::builder().generated(generator).start().await.expect("a space");
    let engine = Engine::start(store, &space).await;
    space.wait_for(|log| log.request_count() >= 200).await.expect("the crawl is under way");
    let searcher = Searcher::open(&engine.folder.path().join("index"), SearchConfig::default());
    let words = front.trim_start_matches("gemini://").trim_end_matches('/').to_owned();
    let found = engine.first_found(&searcher, &words).await;
    assert!(0 < found.total, "pages of {words} can be found");

    cluster.stop().await.expect("the database stops");
    let before = space.request_count();
    for _ in 0..50 {
        searcher.search(SearchRequest::new(words.clone())).await.expect("a search needs no database");
    }
    assert!(before < PAGES, "the crawl was not over");

    let cluster = Cluster::open(&options).await.expect("the database is back");
    engine.until_all_is_indexed().await;
    let searchable = engine.searchable().await.len() as u64;
    assert!(PAGES * 8 / 10 < searchable, "the crawl went on by itself: {searchable} pages");
    let report = engine.stop_and_verify().await;
    assert_eq!(report.differences(), 0, "index and store differ: {report}");
    cluster.stop().await.expect("the database stops");
}
