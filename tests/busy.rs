//! Who brings much leaves room for others: one busy site fills neither the list of new pages nor that of new posts, one with
//! many feeds not the beginning of theirs, and one domain with a name for everything not that of new capsules. Over a real
//! crawl.

use std::collections::BTreeSet;

use bench::engine::Engine;
use server::app::{App, StoreSlot};
use server::ask::Ask;
use server::config::Config;
use server::render;
use server::route;
use server::search::{SearchConfig, Searcher};
use shared::gemini::pattern::UrlPattern;
use shared::gemini::url::GeminiUrl;
use shared::store::cluster::scratch;
use shared::store::feed::change;
use shared::store::id::PageId;
use shared::store::known::page;
use space::{Capsule, Space};

/// Sites with a front page, a page, a feed and two posts of different days.
const QUIET: usize = 5;
/// Feeds of one site: more than a part of the list has places.
const FEEDS: usize = 60;
/// Entries of one site and day; a crawl over midnight has so many of each day.
const AT_MOST: std::ops::RangeInclusive<usize> = 1..=6;

/// A site with a log of sixty posts, one of sixty feeds, five with two posts that are older, and twelve names of one domain. The
/// lists have room for fifty pages or feeds, thirty posts and ten capsules.
fn space() -> space::Builder {
    let links: String = (0..60).map(|number| format!("=> {number}.gmi 2025-03-02 Post {number}\n")).collect();
    let busy = Capsule::new()
        .page("/", "# Busy\n=> /log/ My log\n".to_owned())
        .page("/log/", format!("# Busy's log\n\n{links}"));
    let busy = (0..60).fold(busy, |capsule, number| {
        let text = format!("# Page {number}\nWords of their own: {number}.\n");
        capsule.page(&format!("/log/{number}.gmi"), text)
    });
    let feed = |name: &str| {
        format!("<feed xmlns=\"http://www.w3.org/2005/Atom\"><title>The feed of {name}</title></feed>")
    };
    let links: String = (0..FEEDS).map(|number| format!("=> {number}.xml\n")).collect();
    let many = (0..FEEDS).fold(Capsule::new().page("/", format!("# Many\n{links}")), |capsule, number| {
        let name = format!("the many's number {number}");
        capsule.file(&format!("/{number}.xml"), "application/atom+xml", feed(&name))
    });
    let builder = Space::builder().capsule("busy.example", busy).capsule("many.example", many);
    let builder = (0..QUIET).fold(builder, |builder, number| {
        let log = format!("# Log of number {number}\n\n=> post.gmi 2025-02-01 The post of number {number}\n=> older.gmi 2025-01-01 An older one\n=> atom.xml\n");
        let post = format!("# Quiet {number}\nThe only post of number {number}.\n");
        let capsule = Capsule::new().page("/", log).page("/post.gmi", post).file(
            "/atom.xml",
            "application/atom+xml",
            feed(&format!("quiet {number}")),
        );
        builder.capsule(&format!("quiet-{number}.example"), capsule)
    });
    (0..12).fold(builder, |builder, number| {
        let text = format!("# Name {number}\nThe page of the name {number}.\n");
        builder.capsule(&format!("a{number}.crowd.example"), Capsule::new().page("/", text))
    })
}

async fn gemtext(app: &App, path: &str) -> String {
    let answer = route::public(app, &Ask::by_gemini(path, None)).await;
    String::from_utf8(render::gemtext(&answer)).expect("UTF-8")
}

/// What stands in a part of a list, as the hosts that its lines lead to.
fn hosts<'a>(list: &'a str, heading: &str) -> Vec<&'a str> {
    let part = list.split("\n## ").find(|part| part.starts_with(heading)).unwrap_or_default();
    let links = part.lines().filter_map(|line| line.strip_prefix("=> gemini://"));
    links.filter_map(|link| link.split('/').next()).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_brings_much_leaves_room_for_others_in_the_lists_of_what_is_new() {
    let space = space().start().await.expect("a space");
    let scratch = scratch::database().await;
    let mut engine = Engine::start(scratch.store(), &space).await;
    engine.until_all_is_indexed().await;
    assert_eq!(engine.searchable().await.len(), 62 + 1 + FEEDS + 3 * QUIET + 12);
    let config = Config::local(engine.folder.path().join("server"));
    let searcher = Searcher::open(&engine.index_folder(), SearchConfig::default());
    let app = App::new(&config, searcher, StoreSlot::filled(engine.store.clone()));
    let (new, feeds) = (gemtext(&app, "/new").await, gemtext(&app, "/feeds").await);
    let count = |hosts: &[&str], of: &str| hosts.iter().filter(|host| host.contains(of)).count();

    let pages = hosts(&new, "New pages");
    assert!(AT_MOST.contains(&count(&pages, "busy.example")), "{new}");
    assert_eq!(count(&pages, "quiet-"), 3 * QUIET, "{new}");

    let posts = hosts(&feeds, "Newest posts");
    assert_eq!(count(&posts, "busy.example"), 3, "a post bears its own day: {feeds}");
    assert_eq!(count(&posts, "quiet-"), 2 * QUIET, "{feeds}");

    let all = hosts(&feeds, "All feeds");
    let of_others = all.iter().filter(|host| **host != "many.example").count();
    let (first_round, _) = all.split_at(of_others + 3);
    assert_eq!(count(first_round, "many.example"), 3, "each site before the fourth of any: {feeds}");
    assert!(QUIET < of_others, "{feeds}");
    let second = gemtext(&app, "/feeds/2").await;
    let reached = [&feeds, &second].into_iter().flat_map(|part| part.lines());
    let reached: BTreeSet<&str> = reached
        .filter_map(|line| line.strip_prefix("=> gemini://many.example/")?.split(' ').next())
        .collect();
    assert_eq!(reached.len(), FEEDS, "and none is lost: {second}");

    let capsules = hosts(&new, "New capsules");
    assert_eq!(count(&capsules, "crowd.example"), 3, "all were handed in at one moment: {new}");
    assert_eq!(count(&capsules, "quiet-"), QUIET, "{new}");

    // The order is kept for a while; what is gone is gone all the same.
    let url = "gemini://quiet-0.example/post.gmi";
    assert!(new.contains(url), "{new}");
    let pattern = UrlPattern::Page(GeminiUrl::parse(url).expect("a URL"));
    let later = chrono::Utc::now() + chrono::TimeDelta::days(1);
    let purged =
        change::sealed(&engine.store, async |tx| page::purge(tx, &pattern, later, PageId(0), 10).await);
    assert_eq!(purged.await.expect("purged").0.map(|(_, pages)| pages), Some(1));
    let new = gemtext(&app, "/new").await;
    assert!(!new.contains(url) && new.contains("gemini://quiet-0.example/"), "{new}");
    engine.stop().await;
}
