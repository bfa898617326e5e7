//! Finding as visitors meet it: filters in the path, corners, subscriptions, old links that still lead there.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

#[path = "support/desk.rs"]
#[allow(dead_code, reason = "each test uses its part of the support")]
mod desk;
#[path = "search/library.rs"]
#[allow(dead_code, reason = "each test uses its part of the support")]
mod library;

use std::collections::{BTreeSet, VecDeque};

use desk::{Desk, after, boats, links};
use library::{page, page_in};
use server::app::manners::Manners;
use server::render::answer::Answer;
use shared::gemini::kind::Kind;
use shared::gemini::media_type::Charset;
use shared::gemini::text::OneLine;
use shared::gemini::url::GeminiUrl;
use shared::index::document::Document;
use shared::store::known::directory::Wishes;

#[tokio::test]
async fn filters_stand_in_the_path_and_come_and_go_by_links() {
    let desk = Desk::over(boats());
    let all = desk.gemini("/search?boats").await;
    let german = links(&all)["Language: German (10)"].clone();
    assert_eq!(german, "/in/lang:de/search?boats");
    let within = desk.gemini(&german).await;
    assert!(within.contains("10 pages found"), "{within}");
    assert_eq!(links(&within)["✕ in German (remove this filter)"], "/search?boats");
    assert!(!within.contains("Language:"), "a list in one language is not parted by language");
    assert_eq!(links(&within)["Images"], "/in/lang:de/images?boats");
    // The limit holds whatever is typed.
    let other = desk.gemini("/in/lang:de/search?boats%20lang:en").await;
    assert!(other.contains("No page was found"), "{other}");
    for (target, begins) in [
        ("/in/lang:de/search", "10 What are you looking for?\r\n"),
        ("/in/site:c1.example/search", "10 What are you looking for?\r\n"),
        ("/in/lang:de", "30 /in/lang:de/search\r\n"),
        (
            "/in/lang:klingonese/search?x",
            "51 lang:klingonese is no filter: /help lists those that there are\r\n",
        ),
        ("/in/lang:de/about", "51 "),
        ("/in/search?boats", "20 "),
    ] {
        assert!(desk.gemini(target).await.starts_with(begins), "{target}");
    }
    // Amfora and others write the slashes of a limit's value as slashes of the path.
    let whole = desk.gemini("/in/site:c1.example%2Fboat/type:text%2Fgemini/search?boats").await;
    assert!(whole.contains("3 pages found"), "{whole}");
    let parted = desk.gemini("/in/site:c1.example/boat//type:text/gemini/search?boats").await;
    assert_eq!(links(&parted), links(&whole));
    let jump = desk.gemini("/in/lang:de/search_jump/a/b?2").await;
    assert_eq!(jump, "30 /in/lang:de/search/2?a/b\r\n");
}

#[tokio::test]
async fn links_of_older_engines_lead_where_they_led() {
    let desk = Desk::over(boats());
    for (target, begins) in [
        ("/search", "10 "),
        ("/search?boats", "20 text/gemini"),
        ("/search/2?boats", "20 text/gemini"),
        ("/search/p:2/?boats", "20 text/gemini"),
        ("/v/search?boats", "20 text/gemini"),
        ("/v/search/2?boats", "20 text/gemini"),
        ("/search/0?boats", "51 "),
        ("/search/-1?boats", "51 "),
        ("/search/18446744073709551615?boats", "51 "),
        ("/search_jump/boats", "10 Which page of the list?"),
        ("/search_jump/boats?2", "30 /search/2?boats\r\n"),
        ("/v/search_jump/red%20boats?3", "30 /v/search/3?red%20boats\r\n"),
        ("/search_jump/boats?many", "10 "),
        ("/site-search/s/c1.example/", "30 /in/site:c1.example/search\r\n"),
        ("/images?boats", "20 text/gemini"),
        ("/lucky", "10 "),
        ("/lucky?boats", "30 gemini://c"),
        ("/lucky?xyzzyx", "30 /search?xyzzyx\r\n"),
        ("/random", "30 gemini://c"),
        ("/in/lang:fr/random", "30 gemini://c"),
        ("/in/lang:ja/random", "51 "),
        ("/search?gemini://c1.example/boats.png", "30 /page?gemini://c1.example/boats.png\r\n"),
    ] {
        let said = desk.gemini(target).await;
        assert!(said.starts_with(begins), "{target}: {said}");
    }
    let Ok(Answer::Redirect(lucky)) = desk.web("/lucky", Some("boats")).await else {
        panic!("lucky leads on")
    };
    assert!(lucky.starts_with("/page?q=gemini:"), "a browser cannot follow to Geminispace: {lucky}");
}

#[tokio::test]
async fn each_corner_holds_its_kinds() {
    let desk = Desk::over(boats());
    for (target, title) in [
        ("/images?boats", "c1.example/boats.png"),
        ("/audio?boats", "c2.example/boats.ogg"),
        ("/files?boats", "c3.example/boats.pdf"),
        ("/ascii-art?boats", "c4.example/boats.gmi"),
        ("/in/kind:feed/search?boats", "c5.example/boats.xml"),
    ] {
        let said = desk.gemini(target).await;
        assert!(said.contains("1 page found") && said.contains(title), "{target}: {said}");
    }
    let form = desk.html("/in/lang:de/images", None).await;
    assert!(form.contains("action=\"/in/lang:de/images\""), "{form}");
}

/// Each example of the help, what it must find, and what it must not.
const EXAMPLES: [(&str, &str, &str); 17] = [
    ("red panda", "all.example/", "none.example/"),
    ("\"small web\"", "all.example/", "none.example/"),
    ("garden -vegetables", "garden.example/", "all.example/"),
    ("tea OR coffee", "coffee.example/", "garden.example/"),
    ("astro*", "all.example/", "none.example/"),
    ("site:geminiprotocol.net docs", "geminiprotocol.net/docs/", "docs.example/"),
    ("domain:flounder.online music", "ann.flounder.online/", "all.example/"),
    ("intitle:recipes", "cook.example/", "all.example/"),
    ("inurl:gemlog", "diary.example/gemlog/", "all.example/"),
    ("linkto:geminiprotocol.net", "linking.example/", "all.example/"),
    ("type:text/plain", "plain.example/notes", "all.example/"),
    ("filetype:pdf", "files.example/thesis.pdf", "all.example/"),
    ("kind:gemlog", "diary.example/gemlog/", "all.example/"),
    ("lang:de", "deutsch.example/", "all.example/"),
    ("charset:windows-1251", "old.example/", "all.example/"),
    ("size:>5K size:<0.5MiB", "large.example/", "all.example/"),
    ("after:2026-01-01 before:2026-07", "spring.example/", "all.example/"),
];

/// For each example of the help a page that it finds, and some that it does not.
fn shown_by_examples() -> Vec<Document> {
    let words = "red panda small web garden vegetables tea astronomy music recipes docs";
    vec![
        page("all.example/", "All words", words),
        page("none.example/", "Whales", "a web so small; astral things"),
        page("garden.example/", "Mine", "a garden with flowers"),
        page("coffee.example/", "Black", "only coffee"),
        page("docs.example/", "Docs", "docs of others"),
        page("geminiprotocol.net/docs/", "Docs", "all docs"),
        page("ann.flounder.online/", "Tunes", "music by Ann"),
        page("cook.example/", "Recipes", "for soups"),
        Document { kind: Kind::Gemlog, ..page("diary.example/gemlog/", "A diary", "today") },
        Document {
            links: vec![GeminiUrl::parse("gemini://geminiprotocol.net/").unwrap()],
            ..page("linking.example/", "Links", "where to go")
        },
        Document { media_type: "text/plain".to_owned(), ..page("plain.example/notes", "Notes", "plain") },
        Document {
            media_type: "application/pdf".to_owned(),
            ..page("files.example/thesis.pdf", "Thesis", "long")
        },
        page_in("de", "deutsch.example/", "Deutsch", "auf Deutsch"),
        Document { charset: Some(Charset::parse("windows-1251")), ..page("old.example/", "Old", "old") },
        Document { size_bytes: Some(100_000), ..page("large.example/", "Large", "large") },
        Document {
            changed: "2026-04-01T00:00:00Z".parse().unwrap(),
            ..page("spring.example/", "Spring", "flowers")
        },
    ]
}

#[tokio::test]
async fn every_example_of_the_help_finds_what_it_says() {
    let desk = Desk::over(shown_by_examples());
    let help = desk.gemini("/help").await;
    let kinds: Vec<&str> = help.lines().filter_map(|line| line.strip_prefix("By kind: ")).collect();
    let kinds: BTreeSet<&str> = kinds.iter().flat_map(|line| line.split([',', ';', ':', '.', ' '])).collect();
    assert!(Kind::ALL.iter().all(|kind| kinds.contains(kind.as_str())), "each kind is named: {kinds:?}");
    let examples: Vec<_> =
        links(&help).into_iter().filter(|(_, link)| link.starts_with("/search?")).collect();
    let shown: BTreeSet<&str> = examples.iter().map(|(words, _)| words.as_str()).collect();
    assert_eq!(shown, EXAMPLES.iter().map(|example| example.0).collect(), "all of them are tried");
    for (words, link) in &examples {
        let &(_, finds, leaves) = EXAMPLES.iter().find(|example| example.0 == words).unwrap();
        let said = desk.gemini(link).await;
        assert!(said.contains(&format!("=> gemini://{finds} ")), "{words}: {said}");
        assert!(!said.contains(&format!("=> gemini://{leaves} ")), "{words}: {said}");
        assert!(!said.contains("Not understood") && !said.contains("Few pages"), "{words}: {said}");
    }
}

/// Everything that a list leads to answers; what is elsewhere in Geminispace is left alone.
#[tokio::test]
async fn no_link_of_a_list_is_broken() {
    let desk = Desk::over(boats());
    let mut next: VecDeque<String> = ["/", "/search?boats", "/v/search?boats"].map(str::to_owned).into();
    let mut seen = BTreeSet::new();
    while let Some(target) = next.pop_front() {
        // The screens about a page read the database, which is not here; their own tests follow them.
        if !seen.insert(target.clone()) || seen.len() > 150 || target.starts_with("/page?") {
            continue;
        }
        let said = desk.gemini(&target).await;
        let is_answered = ["20 ", "10 ", "30 ", "41 "].iter().any(|status| said.starts_with(status));
        assert!(is_answered, "{target}: {}", said.lines().next().unwrap_or_default());
        next.extend(links(&said).into_values().filter(|link| link.starts_with('/')));
    }
    assert!(seen.len() > 40, "{seen:?}");
}

/// The pages that a subscription tells of, the newest first.
async fn told(desk: &Desk, target: &str) -> Vec<String> {
    let said = desk.gemini(target).await;
    said.lines().filter_map(|line| line.strip_prefix("=> gemini://c")).map(str::to_owned).collect()
}

#[tokio::test]
async fn a_subscription_tells_of_each_page_once() {
    let desk = Desk::over(boats());
    let before = told(&desk, "/search/feed/gemfeed?boats%20harbour").await;
    assert_eq!(before.len(), 30);
    assert!(before[0].starts_with("9.example/boat/29.gmi 2023-12-13 Boats 29"), "{}", before[0]);
    assert!(told(&desk, "/search/feed/gemfeed?boats%20xyzzyx").await.is_empty(), "no word is given up");
    assert_eq!(told(&desk, "/in/lang:de/search/feed/gemfeed").await.len(), 10);
    // A rebuild brings the pages in another order, one is edited, a mirror is not folded: nothing comes twice.
    let mut pages = boats();
    pages.reverse();
    for page in &mut pages {
        if page.url.as_str().ends_with("/3.gmi") {
            page.changed = after(300);
            page.title = OneLine::new("Edited");
        }
    }
    pages
        .push(Document { first_seen: after(99), ..page("c0.example/new.gmi", "New boats", "a new harbour") });
    desk.shelf.publish(pages);
    let now = told(&desk, "/search/feed/gemfeed?boats%20harbour").await;
    let places = |told: &[String]| -> Vec<String> {
        told.iter().map(|line| line.split(' ').take(2).collect::<Vec<_>>().join(" ")).collect()
    };
    assert_eq!(places(&now)[1..], places(&before));
    assert_eq!(places(&now)[0], "0.example/new.gmi 2024-02-21");
    let atom = desk.gemini("/search/feed/atom?boats").await;
    assert!(atom.starts_with("20 application/atom+xml; charset=utf-8\r\n<?xml"), "{atom}");
    assert!(atom.contains("<id>gemini://sextant.example/search/feed/atom?boats</id>"), "{atom}");
    assert_eq!(atom, desk.gemini("/search/feed/atom?boats").await, "no clock is in it");
    assert!(desk.gemini("/search/feed/atom").await.starts_with("10 "));
    assert!(desk.gemini("/search/feed/rss?boats").await.starts_with("51 "));
}

#[tokio::test]
async fn the_web_shows_of_a_page_what_its_capsule_allows() {
    let mut desk = Desk::over(boats());
    let shows = async |desk: &Desk| {
        let html = desk.html("/in/site:c1.example/search", Some("boats")).await;
        (html.contains("class=\"quote\""), html.contains("Read here"), html.contains("Boats 11"))
    };
    assert_eq!(shows(&desk).await, (true, true, true));
    for (agent, expected) in [("archiver", (true, false, true)), ("webproxy", (false, false, true))] {
        let rules = format!("User-agent: {agent}\nDisallow: /boat/\n");
        let wishes = Wishes { capsule: "c1.example".parse().unwrap(), folder: "/".to_owned(), rules };
        desk.app.manners = Manners::of(vec![wishes]);
        assert_eq!(shows(&desk).await, expected, "{agent}");
    }
    desk.app.manners = Manners::default();
    assert_eq!(shows(&desk).await, (false, false, true), "while the wishes are not known");
    let gemtext = desk.gemini("/in/site:c1.example/search?boats").await;
    assert!(gemtext.contains("> boats in a harbour"), "over Gemini a quote is always shown: {gemtext}");
}
