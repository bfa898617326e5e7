//! A generated space: the same at every start, wholly linked, and the same over TLS as without.

#[path = "support/client.rs"]
mod client;

use std::collections::{BTreeSet, HashMap, VecDeque};

use client::ask;
use space::{Generator, Space};

/// The targets of a page's links, resolved as far as generated pages need it.
fn links(host: &str, text: &str) -> Vec<String> {
    let targets = text.lines().filter_map(|line| line.strip_prefix("=> ")?.split(' ').next());
    let absolute = |target: &str| {
        if target.starts_with('/') { format!("gemini://{host}{target}") } else { target.to_owned() }
    };
    targets.map(absolute).collect()
}

fn split(url: &str) -> (&str, &str) {
    let rest = url.strip_prefix("gemini://").expect("a gemini URL");
    rest.split_at(rest.find('/').expect("a path"))
}

#[test]
fn every_page_can_be_reached_from_the_first_front_page() {
    for (capsules, pages) in [(1, 1), (3, 40), (40, 2_000), (200, 1_000)] {
        let space = Generator::new(7, capsules, pages);
        let all: BTreeSet<String> = space.pages().collect();
        assert_eq!(all.len() as u64, space.page_count(), "no URL is there twice");
        assert_eq!(space.page_count(), pages);
        let first = format!("gemini://{}/", space.hosts().next().expect("a host"));
        let mut reached = BTreeSet::from([first.clone()]);
        let mut queue = VecDeque::from([first]);
        while let Some(url) = queue.pop_front() {
            let (host, path) = split(&url);
            let Some(text) = space.page(host, path) else { continue };
            let new: Vec<String> =
                links(host, &text).into_iter().filter(|link| !reached.contains(link)).collect();
            reached.extend(new.iter().cloned());
            queue.extend(new);
        }
        let missing: Vec<&String> = all.difference(&reached).collect();
        assert!(missing.is_empty(), "{capsules} capsules, {pages} pages: {missing:?}");
    }
}

#[test]
fn the_same_seed_makes_the_same_space_and_another_makes_another() {
    let pages = |seed| -> Vec<(String, Option<String>)> {
        let space = Generator::new(seed, 20, 300);
        space.pages().map(|url| (url.clone(), space.page(split(&url).0, split(&url).1))).collect()
    };
    assert_eq!(pages(1), pages(1));
    assert_ne!(pages(1), pages(2));
}

#[test]
fn pages_are_pleasant_and_of_one_to_four_kilobytes() {
    let space = Generator::new(3, 30, 1_500);
    let mut sizes = Vec::new();
    let mut texts = BTreeSet::new();
    let mut titles: HashMap<String, u32> = HashMap::new();
    for url in space.pages() {
        let text = space.page(split(&url).0, split(&url).1).expect("a page");
        let title = text.lines().next().and_then(|line| line.strip_prefix("# ")).expect("a title").to_owned();
        assert!(!text.contains(['{', '}']), "an empty slot: {text}");
        assert!(text.lines().any(|line| line.starts_with("=> ")), "links");
        assert!(url.is_ascii() && url.len() < 200, "{url}");
        *titles.entry(title).or_default() += 1;
        sizes.push(text.len());
        texts.insert(text);
    }
    sizes.sort_unstable();
    let of = |share: usize| sizes[sizes.len() * share / 100];
    assert!((800..2_500).contains(&of(50)), "median {}", of(50));
    assert!(of(2) > 500 && of(98) < 5_000, "{} to {}", of(2), of(98));
    assert_eq!(texts.len(), sizes.len(), "no two pages are the same");
    assert!(titles.len() > sizes.len() / 2, "{} titles", titles.len());
}

#[tokio::test]
async fn a_generated_space_is_served_as_it_is_without_sockets() {
    let generator = Generator::new(5, 12, 200);
    let space = Space::builder().generated(generator.clone()).start().await.expect("a space");
    assert_eq!(space.routes().len(), 12);
    for url in generator.pages().step_by(13) {
        let (host, path) = split(&url);
        let seen = ask(space.address(host).expect("an address"), &url).await.expect("an answer");
        assert!(seen.header().starts_with("20 text/gemini; lang="), "{}", seen.header());
        assert_eq!(Some(seen.body()), generator.page(host, path), "{url}");
    }
    let mut statuses = BTreeSet::new();
    for host in generator.hosts() {
        let address = space.address(&host).expect("an address");
        for path in ["/robots.txt", "/private/diary.gmi", "/guestbook", "/old/0", "/old/99999", "/lost/3"] {
            let seen = ask(address, &format!("gemini://{host}{path}")).await.expect("an answer");
            statuses.insert(format!("{path} {}", &seen.header()[..2]));
        }
    }
    let expected = [
        "/guestbook 10",
        "/guestbook 51",
        "/lost/3 51",
        "/old/0 31",
        "/old/99999 51",
        "/private/diary.gmi 20",
        "/private/diary.gmi 51",
        "/robots.txt 20",
        "/robots.txt 51",
    ];
    assert_eq!(statuses, expected.map(str::to_owned).into());
}

#[test]
fn a_large_space_costs_nothing_until_it_is_asked() {
    let space = Generator::new(1, 10_000, 5_000_000);
    assert_eq!(space.page_count(), 5_000_000);
    let last = space.hosts().last().expect("a host");
    assert!(space.page(&last, "/").is_some_and(|text| text.starts_with("# ")));
}
