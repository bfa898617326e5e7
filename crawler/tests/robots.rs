//! What capsules forbid is never asked for, in a crawl of a whole scripted space.

#![allow(clippy::unwrap_used, reason = "what a test sets up must be there")]

#[path = "support/crawling.rs"]
mod crawling;

use crawler::config::Pace;
use crawling::World;
use rstest::rstest;
use space::{Capsule, Space};

/// Crawls one capsule that links to everything below and says what was asked for, robots.txt aside.
async fn asked_of(capsule: Capsule) -> Vec<String> {
    let links = "# Links\n=> /open/page\n=> /private/page\n=> /private/open\n=> /query?secret=1\n=> /~ann/\n=> /~ann/drafts/one\n";
    let mut capsule = capsule.page("/", links);
    for path in
        ["/open/page", "/private/page", "/private/open", "/query?secret=1", "/~ann/", "/~ann/drafts/one"]
    {
        capsule = capsule.page(path, format!("# Page {path}\n"));
    }
    let space = Space::builder()
        .capsule("rules.example", capsule)
        .capsule("start.example", Capsule::new().page("/", "# Start\n=> gemini://rules.example/\n"))
        .start()
        .await
        .unwrap();
    let world = World::new().await;
    let crawling = world.crawl(&space, Pace::Unpaced, &["gemini://start.example/"]);
    space.wait_for(|log| log.requests_for("rules.example").next().is_some()).await.unwrap();
    crawling.is_quiet().await;
    crawling.stop().await;
    let url = |request: space::Request| request.url.trim_start_matches("gemini://rules.example").to_owned();
    let mut asked: Vec<String> = space
        .requests_for("rules.example")
        .into_iter()
        .map(url)
        .filter(|path| !path.ends_with("robots.txt"))
        .collect();
    asked.sort();
    asked
}

const ALL: [&str; 7] =
    ["/", "/open/page", "/private/open", "/private/page", "/query?secret=1", "/~ann/", "/~ann/drafts/one"];

fn all_but(forbidden: &[&str]) -> Vec<&'static str> {
    ALL.into_iter().filter(|path| !forbidden.contains(path)).collect()
}

#[rstest]
#[case::nothing_is_forbidden("", &[])]
#[case::for_everybody("User-agent: *\nDisallow: /private/\n", &["/private/page", "/private/open"])]
#[case::for_indexers("User-agent: indexer\nDisallow: /private/\n", &["/private/page", "/private/open"])]
#[case::for_archivers_alone("User-agent: archiver\nDisallow: /\n", &[])]
#[case::allow_by_longest_match("User-agent: *\nDisallow: /private/\nAllow: /private/open\n", &["/private/page"])]
#[case::query_and_wildcard("User-agent: *\r\nDisallow: /*?secret\r\n", &["/query?secret=1"])]
#[case::by_name("User-agent: sextant\nDisallow: /open/\n\nUser-agent: *\nDisallow: /\n", &["/open/page"])]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn forbidden_pages_are_never_asked_for(#[case] rules: &str, #[case] forbidden: &[&str]) {
    assert_eq!(asked_of(Capsule::new().robots(rules)).await, all_but(forbidden));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn everything_may_be_forbidden() {
    assert!(asked_of(Capsule::new().robots("User-agent: *\nDisallow: /\n")).await.is_empty());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_users_own_file_rules_their_folder() {
    let capsule =
        Capsule::new().file("/~ann/robots.txt", "text/plain", "User-agent: *\nDisallow: /~ann/drafts/\n");
    assert_eq!(asked_of(capsule).await, all_but(&["/~ann/drafts/one"]));
}

#[rstest]
#[case::temporary("41 down for now")]
#[case::redirected_elsewhere("31 gemini://start.example/robots.txt")]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_is_asked_for_while_the_rules_are_not_known(#[case] header: &str) {
    assert!(asked_of(Capsule::new().status("/robots.txt", header)).await.is_empty());
}

#[rstest]
#[case::certificate("60 show yourself")]
#[case::input("10 which?")]
#[case::gone("52 no")]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_rules_are_no_obstacle(#[case] header: &str) {
    assert_eq!(asked_of(Capsule::new().status("/robots.txt", header)).await, all_but(&[]));
}
