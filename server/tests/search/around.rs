//! What stands around the hits: limits beside the words, facets, and what may have been meant.

use server::search::results::{FacetGroup, Note};
use shared::gemini::kind::Kind;
use shared::index::document::Document;
use shared::index::signals::{Signals, SiteStanding};

use crate::library::{Library, moment, page, page_in};

fn library() -> Library {
    let boats = |number: u32| format!("a harbour with many boats, part {number} of a long story");
    let mut pages = Vec::new();
    for number in 0..6 {
        pages.push(page_in("en", &format!("a.example/{number}.gmi"), "Boats", &boats(number)));
    }
    for number in 6..9 {
        pages.push(page_in("de", &format!("b{number}.example/"), "Boote", &boats(number)));
    }
    pages.push(Document {
        kind: Kind::Gemlog,
        ..page_in("fr", "c.example/", "Bateaux", "another harbour with boats, seen in the evening")
    });
    let library = Library::of(pages);
    let standing = SiteStanding { site: "a.example".into(), authority: 0.5, name: String::new() };
    Signals::new(1, Vec::new(), vec![standing]).write(library.folder.path()).unwrap();
    library.searcher.refresh();
    library
}

#[tokio::test]
async fn facets_part_the_list_and_lead_to_what_they_count() {
    let library = library();
    let results = library.ask("boats").await;
    let found: Vec<(FacetGroup, &str, u32)> =
        results.facets.iter().map(|facet| (facet.group, facet.value.as_str(), facet.count)).collect();
    assert_eq!(
        found,
        [
            (FacetGroup::Kind, "page", 9),
            (FacetGroup::Language, "en", 6),
            (FacetGroup::Site, "a.example", 6),
            (FacetGroup::Language, "de", 3),
        ]
    );
    for facet in &results.facets {
        let within = library.ask_within(&facet.limit.to_string(), "boats").await;
        assert_eq!(within.total, u64::from(facet.count), "{}", facet.limit);
        assert!(within.facets.iter().all(|other| other.group != facet.group), "{}", facet.limit);
        assert_eq!(within.limits, std::slice::from_ref(&facet.limit));
    }
    assert!(
        library.ask("boats lang:de").await.facets.iter().all(|facet| facet.group != FacetGroup::Language)
    );
}

#[tokio::test]
async fn limits_beside_the_words_hold_whatever_is_typed() {
    let library = library();
    assert_eq!(library.ask_within("lang:de", "boats").await.total, 3);
    assert_eq!(library.ask_within("lang:de lang:fr", "boats").await.total, 4);
    assert_eq!(library.ask_within("-lang:en -kind:gemlog", "boats").await.total, 3);
    assert_eq!(library.ask_within("site:a.example", "boats site:c.example").await.total, 0);
    assert_eq!(library.ask_within("site:a.example", "boats OR site:c.example").await.total, 6);
    let all_of_one = library.ask_within("site:a.example", "boats").await;
    assert_eq!(all_of_one.hits.len(), 6, "within a site all are listed");
    let alone = library.ask_within("lang:fr", "").await;
    assert_eq!((alone.total, alone.notes.contains(&Note::NothingToSearch)), (1, false));
}

#[tokio::test]
async fn a_slip_is_mended_with_a_word_that_pages_have() {
    let library = library();
    let check = async |typed: &str, meant: Option<&str>| {
        let results = library.ask(typed).await;
        assert_eq!(results.suggestion.map(|suggestion| suggestion.text).as_deref(), meant, "{typed}");
    };
    check("harbuor boats", Some("harbour boats")).await;
    check("Hrabor, lang:en \"boats\"", None).await;
    check("Harbor, lang:en \"boats\"", Some("harbour, lang:en \"boats\"")).await;
    check("eveninng", Some("evening")).await;
    check("boats", None).await;
    check("xyzzyx", None).await;
    check("ev", None).await;
    check("港口", None).await;
    let mended = library.ask("harbuor").await.suggestion.unwrap();
    assert_eq!(mended.changed, [("harbuor".to_owned(), "harbour".to_owned())]);
    assert_eq!(library.ask(&mended.text).await.total, 10);
}

#[tokio::test]
async fn of_what_is_new_each_site_shows_its_newest_page() {
    let day = |number: i64| moment() + chrono::Duration::days(number);
    let found_on =
        |url: &str, number: i64| Document { first_seen: day(number), ..page(url, url, "a harbour") };
    let mut pages: Vec<Document> =
        (0..200).map(|number| found_on(&format!("busy.example/{number}.gmi"), 100 + number)).collect();
    pages.extend([
        found_on("calm.example/", 7),
        found_on("calm.example/old.gmi", 3),
        found_on("late.example/", 9),
    ]);
    let newest = Library::of(pages).searcher.newest_of_sites(2).await.unwrap();
    let urls: Vec<&str> = newest.iter().map(|seen| seen.url.as_str()).collect();
    assert_eq!(urls, ["gemini://busy.example/199.gmi", "gemini://late.example/"]);
}
