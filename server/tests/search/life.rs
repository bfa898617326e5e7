//! The searcher over the life of an index: before the first one, through new ones, through damage.

use server::search::{PageNumber, SearchError, SearchRequest};

use crate::library::{Library, page};

#[tokio::test]
async fn before_the_first_index_it_says_so_and_then_takes_each_new_one_up() {
    let library = Library::empty();
    assert!(matches!(library.try_ask("one", 1).await, Err(SearchError::NoIndex)));
    assert_eq!(library.searcher.facts().pages, 0);

    library.publish([page("a.example/", "One", "the first generation of pages")]);
    assert_eq!(library.urls("first").await, ["a.example/"]);
    let facts = library.searcher.facts();
    assert_eq!((facts.pages, facts.sites), (1, 1));
    assert!(facts.newest_change_at.is_some() && facts.rebuilding.is_none());

    library.publish([
        page("b.example/", "Two", "the second generation of pages"),
        page("b.example/~ann/", "Ann", "a user of the second generation"),
    ]);
    assert!(library.urls("first").await.is_empty());
    assert_eq!(library.urls("second").await.len(), 2);
    assert_eq!(library.searcher.facts().sites, 2);
}

#[tokio::test]
async fn a_damaged_current_changes_nothing() {
    let library = Library::of([page("a.example/", "One", "a page that stays")]);
    std::fs::write(library.folder.path().join("CURRENT"), "nonsense\n").unwrap();
    library.searcher.refresh();
    assert_eq!(library.urls("stays").await, ["a.example/"]);
    std::fs::write(library.folder.path().join("CURRENT"), "v999-20261123T000000-0\n").unwrap();
    library.searcher.refresh();
    assert_eq!(library.urls("stays").await, ["a.example/"]);
    std::fs::write(library.folder.path().join("signals"), "nonsense").unwrap();
    library.publish([page("b.example/", "Two", "a page that comes")]);
    assert_eq!(library.urls("comes").await, ["b.example/"]);
}

#[tokio::test]
async fn a_rebuild_shows_on_the_facts() {
    let library = Library::of([page("a.example/", "One", "text")]);
    std::fs::write(library.folder.path().join("REBUILDING"), "41\n").unwrap();
    assert_eq!(library.searcher.facts().rebuilding, Some(41));
}

#[tokio::test]
async fn searches_run_side_by_side() {
    let library = Library::of([page("a.example/", "One", "many people ask for this page")]);
    let mut asked = tokio::task::JoinSet::new();
    for _ in 0..40 {
        let searcher = library.searcher.clone();
        asked.spawn(
            async move { searcher.search(SearchRequest::new("people")).await.map(|found| found.total) },
        );
    }
    while let Some(answer) = asked.join_next().await {
        assert_eq!(answer.unwrap().unwrap(), 1);
    }
    assert_eq!(PageNumber::new(0), None);
}
