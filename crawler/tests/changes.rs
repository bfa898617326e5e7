//! What counts as news: other words and other links on a page, posts in a feed; no date, no counter and no footer.

#![allow(clippy::unwrap_used, reason = "what a test sets up must be there")]

#[path = "support/asked.rs"]
mod asked;
#[path = "support/crawling.rs"]
mod crawling;

use std::collections::BTreeSet;

use crawler::config::Pace;
use crawling::World;
use shared::gemini::url::{GeminiUrl, LinkTarget};
use shared::store::feed::identity;
use shared::store::known::post;
use shared::store::known::profile::{self, PageProfile};
use shared::store::outcome::Outcome;
use space::{Capsule, Space};

const HOST: &str = "a.example";
const SEED: &str = "gemini://a.example/";

async fn page(world: &World, path: &str) -> PageProfile {
    let url = GeminiUrl::parse(&format!("gemini://{HOST}{path}")).unwrap();
    world.store().read(async |c| profile::of(c, &url).await).await.unwrap().unwrap()
}

/// Visits everything once more.
async fn again(world: &World, space: &Space, paths: &[&str]) {
    let visits = |log: &space::Log, path: &str| {
        log.requests_for(HOST).filter(|request| request.url.ends_with(path)).count()
    };
    let before: Vec<usize> = paths.iter().map(|path| space.look(|log| visits(log, path))).collect();
    crawling::is_quiet(&world.store()).await;
    world.recrawl().await;
    let all = |log: &space::Log| paths.iter().zip(&before).all(|(path, before)| *before < visits(log, path));
    space.wait_for(all).await.unwrap();
    crawling::is_quiet(&world.store()).await;
}

/// A page on which everything but the words changes by itself.
fn ticking(visitors: u32, time: &str, day: &str) -> String {
    format!(
        "# The pond\n\nIt is {time} on {day}, and the water is still.\n\nYou are visitor number {visitors}.\n\n\
         => / Home\nPage generated on {day} at {time} in 0.0{visitors} seconds.\nLast updated: 2026-11-{visitors}\n"
    )
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_date_a_counter_and_a_footer_are_no_change_and_a_word_and_a_link_are() {
    const PATHS: [&str; 3] = ["/pond", "/word", "/link"];
    let links = PATHS.map(|path| format!("=> {path}\n")).concat();
    let capsule = Capsule::new()
        .page("/", format!("# A garden\n{links}"))
        .page("/pond", ticking(12, "09:15", "30 November 2026"))
        .page("/word", "# A word\n\nThe water is still.\n")
        .page("/link", "# A link\n\n=> /pond There\n");
    let space = Space::builder().capsule(HOST, capsule).start().await.unwrap();
    let world = World::new().await;
    let crawling = world.crawl(&space, Pace::Unpaced, &[SEED]);
    let whole =
        |log: &space::Log| PATHS.iter().all(|path| log.requests_for(HOST).any(|one| one.url.ends_with(path)));
    space.wait_for(whole).await.unwrap();
    crawling.is_quiet().await;
    let [pond, word, link] =
        [page(&world, "/pond").await, page(&world, "/word").await, page(&world, "/link").await];
    let highest = || async { world.store().read(identity::current).await.unwrap().highest };
    let before = highest().await;

    let tick = |capsule: Capsule| capsule.page("/pond", ticking(28, "17:42", "1 December 2026"));
    space.edit(HOST, tick).unwrap();
    again(&world, &space, &PATHS).await;
    let seen = page(&world, "/pond").await;
    assert_eq!(seen.last_visit.map(|(_, outcome)| outcome), Some(Outcome::Unchanged));
    assert_eq!(seen.changed_at, pond.changed_at, "it says nothing new");
    assert_eq!(highest().await, before, "followers hear nothing of it");

    let change = |capsule: Capsule| {
        capsule
            .page("/word", "# A word\n\nThe water is stirred.\n")
            .page("/link", "# A link\n\n=> /word There\n")
    };
    space.edit(HOST, change).unwrap();
    again(&world, &space, &PATHS).await;
    for (path, old) in [("/word", word), ("/link", link)] {
        let seen = page(&world, path).await;
        assert_eq!(seen.last_visit.map(|(_, outcome)| outcome), Some(Outcome::Fetched), "{path}");
        assert!(old.changed_at < seen.changed_at, "{path} says something new");
    }
    assert!(before < highest().await, "followers hear of it");
    crawling.stop().await;
}

/// Every recent post: its feed, its date, its title and where it leads.
async fn posts(world: &World) -> BTreeSet<String> {
    let posts = world.store().read(async |c| post::recent(c, 0, 100).await).await.unwrap();
    let line = |post: post::Post| {
        let target = match &post.url {
            LinkTarget::Gemini(url) => url.to_string(),
            LinkTarget::Foreign(url) => url.as_str().to_owned(),
        };
        let date = post.published.map_or("-".to_owned(), |at| at.format("%F").to_string());
        format!("{} {date} {} {target}", post.feed.path_and_query(), post.title)
    };
    posts.into_iter().map(line).collect()
}

fn lines(expected: &[&str]) -> BTreeSet<String> {
    expected.iter().map(|line| (*line).to_owned()).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn posts_of_every_kind_of_feed_arrive_and_so_do_their_new_ones() {
    const FEEDS: [&str; 4] = ["/log/", "/atom.xml", "/rss.xml", "/twtxt.txt"];
    let entry = |number: u32, day: &str| {
        format!(
            "<entry><title>Atom {number}</title><link href='gemini://a.example/atom/{number}'/><id>{number}</id>\
             <updated>{day}T10:00:00Z</updated></entry>"
        )
    };
    let atom = |entries: String| {
        format!("<feed xmlns='http://www.w3.org/2005/Atom'><title>Atom</title>{entries}</feed>")
    };
    let log = "# A log\n\n=> one.gmi 2025-01-31 One\n=> two.gmi 2025-02-01 - Two\n";
    let twts = "# nick = ann\n2025-04-01T10:00:00Z\tHello\n2025-04-02T10:00:00Z\tAgain\n";
    let rss = "<rss version='2.0'><channel><title>Rss</title><link>gemini://a.example/</link><description>d</description>\
               <item><title>Item</title><link>gemini://a.example/item</link><pubDate>Sat, 01 Mar 2025 10:00:00 GMT</pubDate>\
               </item></channel></rss>";
    let links = FEEDS.map(|path| format!("=> {path}\n")).concat();
    let capsule = Capsule::new()
        .page("/", format!("# A garden\n{links}"))
        .page("/log/", log)
        .file("/atom.xml", "application/atom+xml", atom(entry(1, "2025-05-01")))
        .file("/rss.xml", "application/rss+xml", rss)
        .file("/twtxt.txt", "text/plain", twts);
    let space = Space::builder().capsule(HOST, capsule).start().await.unwrap();
    let world = World::new().await;
    let crawling = world.crawl(&space, Pace::Unpaced, &[SEED]);
    let whole =
        |log: &space::Log| FEEDS.iter().all(|path| log.requests_for(HOST).any(|one| one.url.ends_with(path)));
    space.wait_for(whole).await.unwrap();
    crawling.is_quiet().await;
    let first = lines(&[
        "/log/ 2025-01-31 One gemini://a.example/log/one.gmi",
        "/log/ 2025-02-01 Two gemini://a.example/log/two.gmi",
        "/rss.xml 2025-03-01 Item gemini://a.example/item",
        "/twtxt.txt 2025-04-01 Hello gemini://a.example/twtxt.txt",
        "/twtxt.txt 2025-04-02 Again gemini://a.example/twtxt.txt",
        "/atom.xml 2025-05-01 Atom 1 gemini://a.example/atom/1",
    ]);
    assert_eq!(posts(&world).await, first);

    let write = |capsule: Capsule| {
        capsule
            .page("/log/", format!("{log}=> three.gmi 2025-06-01 Three\n"))
            .file("/atom.xml", "application/atom+xml", atom(entry(2, "2025-06-02") + &entry(1, "2025-05-01")))
            .file("/twtxt.txt", "text/plain", format!("{twts}2025-06-03T10:00:00Z\tLast\n"))
    };
    space.edit(HOST, write).unwrap();
    again(&world, &space, &FEEDS).await;
    let new = lines(&[
        "/log/ 2025-06-01 Three gemini://a.example/log/three.gmi",
        "/atom.xml 2025-06-02 Atom 2 gemini://a.example/atom/2",
        "/twtxt.txt 2025-06-03 Last gemini://a.example/twtxt.txt",
    ]);
    assert_eq!(posts(&world).await, &first | &new, "old ones stay, and none is there twice");
    crawling.stop().await;
}
