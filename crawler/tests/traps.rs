//! Traps beside well-behaved capsules, over real connections and a real database: each costs its budget of the day
//! and no more, the others are crawled whole, and the admin can see which sites smell.

#![allow(clippy::unwrap_used, reason = "what a test sets up must be there")]

#[path = "support/crawling.rs"]
mod crawling;

use std::collections::{BTreeMap, BTreeSet};

use crawler::config::{Bounds, Budgets, Pace};
use crawling::World;
use shared::gemini::url::GeminiUrl;
use shared::store::known::{page, site};
use space::behaviour::Trap;
use space::{Capsule, Space};

/// The budget of new URLs a day, instead of 1,500.
const BUDGET: u32 = 60;
const GOOD: usize = 20;
/// Pages of a good capsule, its front page included.
const PAGES: usize = 12;

const TRAPS: [(Trap, &str); 8] = [
    (Trap::Calendar, "calendar.example"),
    (Trap::RepeatedSegments, "repeated.example"),
    (Trap::SessionIds, "sessions.example"),
    (Trap::RedirectMaze, "redirects.example"),
    (Trap::ManyLinks, "links.example"),
    (Trap::InfiniteDepth, "depth.example"),
    (Trap::SelfSimilar, "similar.example"),
    (Trap::Tarpit, "tarpit.example"),
];

fn good(number: usize) -> Capsule {
    let links: String = (1..PAGES).map(|n| format!("=> /{n} Page {n}\n")).collect();
    (1..PAGES).fold(Capsule::new().page("/", format!("# Capsule {number}\n\n{links}")), |capsule, n| {
        capsule.page(&format!("/{n}"), format!("# Page {n}\n\nWords of page {n} of capsule {number}.\n"))
    })
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_trap_costs_its_budget_and_the_others_are_crawled_whole() {
    let mut builder = Space::builder();
    let mut seeds = Vec::new();
    for (trap, host) in TRAPS {
        builder = builder.hostile(host, trap);
        seeds.push(format!("gemini://{host}/"));
    }
    for number in 0..GOOD {
        let host = format!("good{number}.example");
        builder = builder.capsule(&host, good(number));
        seeds.push(format!("gemini://{host}/"));
    }
    let space = builder.start().await.unwrap();
    let mut world = World::new().await;
    world.budgets = Budgets { new_urls_a_day: BUDGET, routed: Bounds::Bound, ..Budgets::default() };
    let seeds: Vec<&str> = seeds.iter().map(String::as_str).collect();
    let crawling = world.crawl(&space, Pace::Unpaced, &seeds);
    let hosts = TRAPS.len() + GOOD;
    space
        .wait_for(|log| log.requests().map(|one| one.host.as_str()).collect::<BTreeSet<_>>().len() == hosts)
        .await
        .unwrap();
    crawling.is_quiet().await;
    crawling.stop().await;

    let pages = |host: &str| {
        space.look(|log| log.requests_for(host).filter(|one| !one.url.ends_with("/robots.txt")).count())
    };
    for number in 0..GOOD {
        assert_eq!(pages(&format!("good{number}.example")), PAGES, "good capsule {number}");
    }
    let asked: BTreeMap<&str, usize> = TRAPS.iter().map(|(_, host)| (*host, pages(host))).collect();
    // The seed costs nothing; every other page has paid for itself.
    assert!(asked.values().all(|pages| *pages > 1 && *pages <= 1 + BUDGET as usize), "{asked:?}");
    // What smells has paid more: these are held with a fraction of the visits that the budget would allow.
    for host in ["repeated.example", "sessions.example", "similar.example", "redirects.example"] {
        assert!(asked[host] <= 1 + BUDGET as usize / 2, "{host}: {asked:?}");
    }

    let suspects = world.store().read(async |c| site::suspects(c, 100).await).await.unwrap();
    let named: BTreeSet<&str> = suspects.iter().map(|site| site.capsule.as_str()).collect();
    assert_eq!(named, TRAPS.iter().map(|(_, host)| *host).collect::<BTreeSet<_>>());
    let of = |host: &str| suspects.iter().find(|site| site.capsule == host).unwrap();
    let (alike, useful) = (of("similar.example").alike, of("similar.example").useful);
    assert!(useful >= 1 && alike >= 4 * useful, "one of them says something: {suspects:?}");
    assert_eq!(of("tarpit.example").useful, 0, "random letters are no language: {suspects:?}");
    assert_eq!(of("links.example").waiting, 2_000 - BUDGET, "links beyond the budget wait: {suspects:?}");
    // What waits has not entered.
    let last = BTreeSet::from([GeminiUrl::parse("gemini://links.example/n/1999").unwrap()]);
    assert!(world.store().read(async |c| page::find(c, &last).await).await.unwrap().is_empty());
}
