//! What comes first, and what a hit shows.

use chrono::DateTime;
use server::search::results::Role;
use shared::gemini::kind::Kind;
use shared::gemini::text::OneLine;
use shared::gemini::url::GeminiUrl;
use shared::index::document::Document;
use shared::index::signals::{PageLinks, Signals, SiteStanding};
use shared::store::id::PageId;

use crate::library::{Library, page};

const FILLER: &str = "some more words of a page that goes on for a while about this and that";

#[tokio::test]
async fn the_title_and_the_labels_that_others_give_count_more_than_the_body() {
    let body = format!("gardening is mentioned here. {FILLER}");
    let labelled = Document {
        anchors: vec![OneLine::new("Gardening for beginners")],
        ..page("labelled.example/", "Roses", &format!("how to water roses. {FILLER}"))
    };
    let library = Library::of([
        page("body.example/", "Notes", &body),
        labelled,
        page("title.example/", "Gardening", &format!("how to grow roses. {FILLER}")),
    ]);
    assert_eq!(library.urls("gardening").await, ["title.example/", "labelled.example/", "body.example/"]);
}

#[tokio::test]
async fn a_site_asked_for_by_name_comes_first() {
    let library = Library::of([
        page(
            "other.example/a.gmi",
            "All about Station",
            &format!("Station station station station. {FILLER}"),
        ),
        page("station.example/log/1.gmi", "Station log", &format!("station news. {FILLER}")),
        page("station.example/", "Welcome", &format!("this is the station. {FILLER}")),
    ]);
    let standing = SiteStanding { site: "station.example".into(), authority: 1.0, name: "Station".into() };
    Signals::new(1, Vec::new(), vec![standing]).write(library.folder.path()).unwrap();
    library.searcher.refresh();
    assert_eq!(library.urls("station").await[0], "station.example/");
}

#[tokio::test]
async fn a_typed_address_comes_first() {
    let library = Library::of([
        page(
            "talk.example/",
            "All about station.example",
            &format!("station.example station.example. {FILLER}"),
        ),
        page("station.example/log/1.gmi", "Log", &format!("news. {FILLER}")),
        page("station.example/", "Welcome", &format!("hello. {FILLER}")),
    ]);
    for query in ["station.example", "gemini://station.example", "gemini://STATION.example:1965/"] {
        assert_eq!(library.urls(query).await[0], "station.example/", "{query}");
    }
    let log = "gemini://station.example/log/1.gmi";
    assert_eq!(library.urls(log).await[0], "station.example/log/1.gmi");
}

#[tokio::test]
async fn links_freshness_nearness_and_kind_decide_between_equals() {
    let body = |number: u32| format!("the red bicycle number {number}. {FILLER}");
    let library = Library::of([
        page("plain.example/a/p.gmi", "Bicycle", &body(1)),
        page("linked.example/a/p.gmi", "Bicycle", &body(2)),
        Document {
            changed: DateTime::from_timestamp(1_200_000_000, 0).unwrap(),
            ..page("old.example/a/p.gmi", "Bicycle", &body(3))
        },
        Document { kind: Kind::MailingList, ..page("mass.example/a/p.gmi", "Bicycle", &body(4)) },
        page("apart.example/a/p.gmi", "Bicycle", &format!("red number 5. {FILLER}. The bicycle")),
    ]);
    Signals::new(1, vec![PageLinks { page: PageId(2), external: 9, internal: 0 }], Vec::new())
        .write(library.folder.path())
        .unwrap();
    library.searcher.refresh();
    let found = library.urls("red bicycle").await;
    assert_eq!(found[..3], ["linked.example/a/p.gmi", "plain.example/a/p.gmi", "old.example/a/p.gmi"]);
    assert_eq!(found[3..], ["apart.example/a/p.gmi", "mass.example/a/p.gmi"]);
    let asked = library.ask("red bicycle kind:mailing-list").await;
    assert_eq!(asked.total, 1);
}

#[tokio::test]
async fn copies_are_one_result_and_a_site_has_two() {
    let copy = |url: &str| page(url, "Mirror", "the very same text about kayaks on two capsules");
    let mut pages = vec![copy("a.example/x/index.gmi"), copy("a.example/x/"), copy("mirror.example/x/")];
    for number in 0..8 {
        let url = format!("many.example/{number}.gmi");
        pages.push(page(&url, "Kayak", &format!("kayaks, part {number}. {FILLER}")));
    }
    let library = Library::of(pages);
    let results = library.ask("kayaks").await;
    assert_eq!(results.total, 11);
    let copies: Vec<&str> = results
        .hits
        .iter()
        .filter(|hit| hit.title.as_str() == "Mirror")
        .map(|hit| hit.url.as_str())
        .collect();
    assert_eq!(copies, ["gemini://a.example/x/"]);
    let many: Vec<u32> = results
        .hits
        .iter()
        .filter(|hit| hit.title.as_str() == "Kayak")
        .map(|hit| hit.more_from_site)
        .collect();
    assert_eq!(many, [0, 6]);
    let within = library.ask("kayaks site:many.example").await;
    assert_eq!(within.hits.len(), 8, "within a site all are listed");
}

#[tokio::test]
async fn the_list_has_pages_of_ten() {
    let library = Library::of((0..35).map(|number| {
        page(&format!("h{number}.example/"), "Tulips", &format!("tulips, number {number}. {FILLER}"))
    }));
    let mut seen = std::collections::BTreeSet::new();
    for number in 1..=4 {
        let results = library.try_ask("tulips", number).await.unwrap();
        assert_eq!((results.total, results.last_page.get()), (35, 4));
        assert_eq!(results.hits.len(), if number < 4 { 10 } else { 5 });
        seen.extend(results.hits.into_iter().map(|hit| hit.url));
    }
    assert_eq!(seen.len(), 35);
    assert!(library.try_ask("tulips", 5).await.unwrap().hits.is_empty());
    assert!(library.try_ask("tulips", u32::MAX).await.unwrap().hits.is_empty());
}

#[tokio::test]
async fn a_hit_shows_its_words_and_why_it_is_there() {
    let library = Library::of([page(
        "a.example/",
        "",
        &format!("{FILLER}\n=> /x Link to apples\n# About pears\n{FILLER}"),
    )]);
    let results = library.ask("apples pears").await;
    let hit = &results.hits[0];
    assert_eq!(hit.title.as_str(), "gemini://a.example/", "without a title the URL stands there");
    let marked: Vec<&str> =
        hit.snippet.0.iter().filter(|span| span.role == Role::Match).map(|span| span.text.as_str()).collect();
    assert_eq!(marked, ["apples", "pears"]);
    assert!(hit.snippet.to_string().contains("Link to apples About pears"));
    let explanation = hit.explanation.as_ref().unwrap();
    let sum: f32 = explanation.terms.iter().map(|term| term.value).sum();
    assert!((sum - hit.score).abs() < 1e-3);
    assert_eq!(explanation.terms[0].name, "words");
}

#[tokio::test]
async fn who_types_a_label_is_led_to_where_it_points() {
    let goal = "gemini://b.example/quiet.gmi";
    let harbour = "the sail-boats come home in the evening and the whole harbour smells of fish and tar";
    let way = |links: Vec<GeminiUrl>| Document {
        links,
        ..page("a.example/", "A front page", &format!("Quiet sail-boats at dusk\n{harbour}"))
    };
    let pages =
        |links| vec![way(links), page("b.example/quiet.gmi", "An evening", &format!("{harbour}, at dusk"))];
    let first =
        async |pages: Vec<Document>| Library::of(pages).urls("quiet sail-boats at dusk").await[0].clone();
    assert_eq!(first(pages(Vec::new())).await, "a.example/", "it has all the words, and leads nowhere");
    assert_eq!(first(pages(vec![GeminiUrl::parse(goal).unwrap()])).await, "b.example/quiet.gmi");
}
