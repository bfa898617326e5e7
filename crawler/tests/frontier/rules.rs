//! Rules that nobody can read.

use super::*;

/// There are servers that answer 40 for whatever they do not have.
#[tokio::test]
async fn after_thirty_days_without_rules_all_pages_are_visited_whose_front_page_answers() {
    let links: String = (0..40).map(|n| format!("=> /{n} {n}\n")).collect();
    let pages: Vec<String> = (0..40).map(|n| format!("gemini://a.example/{n}")).collect();
    let mut rows = vec![
        ("gemini://a.example/robots.txt", "40 no such file", ""),
        ("gemini://a.example/", GEMTEXT, &*links),
    ];
    rows.extend(pages.iter().map(|url| (url.as_str(), GEMTEXT, "# A page\n")));
    let space = table(&rows);
    let world = World::new(Budget::PerDay(100), &["gemini://a.example/"]).await;
    let begun = SystemTime::now();
    world.crawl(&space).await;
    world.scratch.set_clock(begun + 29 * 24 * HOUR).await.unwrap();
    world.crawl(&space).await;
    assert!(world.searchable().await.is_empty(), "without rules nothing is visited");
    world.scratch.set_clock(begun + 31 * 24 * HOUR).await.unwrap();
    world.crawl(&space).await;
    assert_eq!(world.searchable().await.len(), 41, "the front page, and what it leads to");
}
