//! The whole journey over 59 real capsules: crawled through real TLS, stored, indexed, found.
//!
//! - at least 97 % of the pages that can be reached from the front pages by allowed links are searchable;
//! - none of them, all written by people and projects, is taken for news, a mirror, mail or a chat;
//! - nothing is stored or searchable twice, and index and store agree;
//! - one connection at a time per capsule and address, seen from the servers' side.

#[path = "support/data.rs"]
#[allow(dead_code, reason = "each test uses its part of the support")]
mod data;

use std::collections::{BTreeSet, VecDeque};
use std::path::Path;

use bench::engine::Engine;
use bench::known_item;
use bench::quality::asked;
use shared::gemini::gemtext::{self, Line};
use shared::gemini::kind::Kind;
use shared::gemini::robots::{Robots, Ruling, Use};
use shared::gemini::url::{GeminiUrl, LinkTarget};
use shared::store::cluster::scratch::{self, Scratch};
use space::{By, Space};
use sqlx::ConnectOptions as _;

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
    let mass = mass_material(&scratch).await;
    assert!(mass.is_empty(), "what people write is taken for mass material: {mass:#?}");
    known_pages_are_found_first(&engine, capsules.path()).await;
    let report = engine.stop_and_verify().await;
    assert_eq!(report.differences(), 0, "index and store differ: {report}");
}

/// What was taken for mass material: place and kind of each page.
async fn mass_material(scratch: &Scratch) -> Vec<String> {
    let kinds: Vec<&str> = Kind::ALL.iter().filter(|kind| kind.is_mass()).map(|kind| kind.as_str()).collect();
    let mut connection = scratch.options().connect().await.expect("the database answers");
    sqlx::query_scalar("select concat(c.host, p.path, ' ', p.kind) from page p join capsule c on c.id = p.capsule where p.kind = any($1)")
        .bind(kinds)
        .fetch_all(&mut connection)
        .await
        .expect("pages are listed")
}

/// Rare words of a page lead to that page: every fourth query of the shared set that is no label of a link. A
/// few answers are on pages that no link leads to.
async fn known_pages_are_found_first(engine: &Engine, capsules: &Path) {
    let folder = data::folder().expect("the data").join("known-item");
    let mut queries = known_item::queries(&folder).expect("the queries beside the capsules");
    queries.retain(|query| query.source.is_none());
    let some: Vec<_> = queries.into_iter().step_by(4).collect();
    let searcher = asked::searcher(&engine.index_folder());
    let (kinds, _) = known_item::ask_all(&searcher, &some, capsules).await.expect("searches");
    for (kind, bound) in [("title", 0.9), ("body", 0.8)] {
        let measured = kinds.get(kind).copied().unwrap_or_default();
        assert!(bound <= measured.mrr, "{kind}: {measured}");
    }
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
