//! What the help page promises, the search keeps.

use server::ask::Tongue;
use server::paths;
use server::screens::words::EXAMPLES;
use server::search::{PageNumber, Verbosity};
use shared::gemini::request::decode_query;

use crate::library::{Library, page, page_in};

#[tokio::test]
async fn every_example_of_the_help_is_understood_also_out_of_its_link() {
    let library = Library::of([page("a.example/", "A page", "of some words")]);
    for (words, _) in EXAMPLES.iter().flat_map(|(_, examples)| *examples) {
        for (tongue, start) in [(Tongue::Gemtext, "/search?"), (Tongue::Html, "/search?q=")] {
            let link = paths::search(tongue, words, PageNumber::FIRST, Verbosity::Plain);
            let words_of_link = decode_query(link.strip_prefix(start).expect("a link to a search"));
            assert_eq!(words_of_link, *words);
        }
        let results = library.ask(words).await;
        assert!(results.notes.is_empty(), "{words}: {:?}", results.notes);
    }
}

#[tokio::test]
async fn capitals_accents_and_endings_need_no_care() {
    let library = Library::of([
        page_in(
            "en",
            "en.example/",
            "My garden",
            "a garden behind the house, with many flowers in the spring",
        ),
        page_in(
            "es",
            "es.example/",
            "Mi jardín",
            "un jardín detrás de la casa, con muchas flores en primavera",
        ),
    ]);
    assert_eq!(library.urls("Gardens").await, ["en.example/"]);
    assert_eq!(library.urls("jardin").await, ["es.example/"]);
}
