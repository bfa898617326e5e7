//! The whole journey over 59 real capsules: crawled through real TLS, stored, indexed, found.
//!
//! - at least 97 % of the pages that can be reached from the front pages by allowed links are searchable;
//! - nothing is stored or searchable twice, and index and store agree;
//! - one connection at a time per capsule and address, seen from the servers' side.

#[path = "support/data.rs"]
#[allow(dead_code, reason = "each test uses its part of the support")]
mod data;
#[path = "support/engine.rs"]
#[allow(dead_code, reason = "each test uses its part of the support")]
mod engine;

use std::collections::{BTreeSet, VecDeque};
use std::path::Path;

use engine::Engine;
use server::search::{SearchConfig, SearchRequest, Searcher};
use shared::gemini::gemtext::{self, Line};
use shared::gemini::robots::{Robots, Ruling, Use};
use shared::gemini::url::{GeminiUrl, LinkTarget};
use shared::store::cluster::scratch;
use space::{By, Space};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn real_capsules_are_crawled_whole_and_indexed() {
    let Some(capsules) = data::capsules() else { return };
    let reachable = reachable_pages(capsules.path());
    assert!(3_000 < reachable.len(), "the capsules are there: {} pages", reachable.len());

    let space = Space::builder().folder(capsules.path()).start().await.expect("a space");
    let scratch = scratch::database().await;
    let engine = Engine::start(scratch.store(), &space).await;
    engine.until_all_is_indexed().await;

    let found = engine.searchable().await;
    let missing: Vec<&GeminiUrl> = reachable.difference(&found).collect();
    let share = 1.0 - missing.len() as f64 / reachable.len() as f64;
    assert!(0.97 <= share, "{:.1} % of {} pages; missing: {missing:#?}", share * 100.0, reachable.len());
    assert_eq!(space.max_open_at_once(By::Host), 1, "one connection at a time per capsule");
    assert_eq!(space.max_open_at_once(By::Address), 1, "one connection at a time per address");
    known_titles_are_found_first(&engine).await;
    let report = engine.stop_and_verify().await;
    assert_eq!(report.differences(), 0, "index and store differ: {report}");
}

/// Rare words of a page's title and text lead to that page: the first 100 such queries of the shared set.
async fn known_titles_are_found_first(engine: &Engine) {
    let queries = std::fs::read_to_string(data::folder().expect("the data").join("known-item/queries.tsv"));
    let queries = queries.expect("the queries beside the capsules");
    let searcher = Searcher::open(&engine.folder.path().join("index"), SearchConfig::default());
    let (mut asked, mut first) = (0, 0);
    for line in queries.lines() {
        let columns: Vec<&str> = line.split('\t').collect();
        let [words, answer, "title", ..] = columns[..] else { continue };
        let found = searcher.search(SearchRequest::new(words)).await.expect("a search");
        // The queries write a folder's index page as the folder.
        let folder = |url: &str| url.trim_end_matches("index.gmi").to_owned();
        first += usize::from(found.hits.first().is_some_and(|hit| folder(hit.url.as_str()) == answer));
        asked += 1;
        if asked == 100 {
            break;
        }
    }
    assert_eq!(asked, 100, "there are queries");
    assert!(85 <= first, "{first} of {asked} known pages stand first");
}

/// Pages reached from the front pages by links of gemtext pages, as a reader of the folder finds them: an
/// own small crawl over files, by the rules of the capsules' README.
fn reachable_pages(folder: &Path) -> BTreeSet<GeminiUrl> {
    let mut queue: VecDeque<GeminiUrl> = std::fs::read_dir(folder)
        .expect("the folder of capsules")
        .filter_map(|entry| entry.expect("an entry").file_name().into_string().ok())
        .filter_map(|host| GeminiUrl::parse(&format!("gemini://{host}/")).ok())
        .collect();
    let mut seen: BTreeSet<GeminiUrl> = queue.iter().cloned().collect();
    let mut pages = BTreeSet::new();
    while let Some(url) = queue.pop_front() {
        let robots = std::fs::read_to_string(folder.join(url.host().as_str()).join("robots.txt"));
        let robots = Robots::parse(&robots.unwrap_or_default());
        if robots.allows(Use::Index, url.path_and_query()) != Ruling::Allowed || url.query().is_some() {
            continue;
        }
        let mut links = Vec::new();
        match data::served(folder, &url) {
            data::Served::Gemtext(text) => {
                for line in gemtext::lines(&text) {
                    if let Line::Link { target, .. } = line {
                        links.push(target.to_owned());
                    }
                }
                pages.insert(url.clone());
            }
            data::Served::Moved(target) => links.push(target),
            data::Served::Other | data::Served::Missing => {}
        }
        for link in links {
            if let Ok(LinkTarget::Gemini(target)) = url.join(&link)
                && seen.insert(target.clone())
            {
                queue.push_back(target);
            }
        }
    }
    pages
}
