//! Visits of pages that are known already: what is served as before costs nothing, and hides nothing.

#![allow(clippy::unwrap_used, reason = "what a test sets up must be there")]

#[path = "support/crawling.rs"]
mod crawling;

use std::collections::{BTreeMap, BTreeSet};

use crawler::config::Pace;
use shared::gemini::url::GeminiUrl;
use shared::store::bell::{self, Topic};
use shared::store::feed::change::sealed;
use shared::store::feed::{entry, identity};
use shared::store::id::{ChangeId, PageId};
use shared::store::known::page;
use space::{Answer, Capsule, Space};

use crawling::World;

const HOST: &str = "a.example";

fn capsule() -> Capsule {
    Capsule::new()
        .page("/", "# Front\n\n=> /same.gmi The same\n=> /edited.gmi Edited\n=> /relabelled.gmi Relabelled\n")
        .page("/same.gmi", "# Same\n\nNothing ever happens here, and it says so at length.\n")
        .page("/edited.gmi", "# Edited\n\nThe first words.\n\n=> /old.gmi An old link\n")
        .page("/relabelled.gmi", "# Relabelled\n\nEin Satz, lang genug.\n")
        .page("/old.gmi", "# Old\n")
        .page("/new.gmi", "# New\n")
}

/// Asks for every page again and waits until all were visited.
async fn look_again(world: &World) {
    let store = world.store();
    sealed(&store, async |tx| {
        page::make_due(tx, &"*".parse().unwrap(), PageId(0), 1_000).await?;
        bell::ring(tx, Topic::Crawl).await
    })
    .await
    .unwrap();
}

/// What searchers may find: title by path, with the labels that lead there.
async fn shown(world: &World) -> BTreeMap<String, (String, BTreeSet<String>)> {
    let entries = world.store().read(async |c| entry::since(c, ChangeId::START, 1_000).await).await.unwrap();
    let pages = entries.into_iter().filter_map(|entry| match entry.state {
        entry::EntryState::Searchable(page) => Some(page),
        entry::EntryState::Removed | entry::EntryState::Unreadable { .. } => None,
    });
    pages
        .map(|page| {
            let labels = page.labels.iter().map(ToString::to_string).collect();
            (page.url.path_and_query().to_owned(), (page.title.to_string(), labels))
        })
        .collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_served_as_before_stays_and_what_is_not_is_read() {
    let space = Space::builder().capsule(HOST, capsule()).start().await.unwrap();
    let world = World::new().await;
    let crawling = world.crawl(&space, Pace::Unpaced, &["gemini://a.example/"]);
    space.wait_for(|log| log.requests_for(HOST).count() == 6).await.unwrap();
    crawling.is_quiet().await;
    let before = shown(&world).await;
    let highest = world.store().read(identity::current).await.unwrap().highest;

    look_again(&world).await;
    space.wait_for(|log| log.requests_for(HOST).count() == 11).await.unwrap();
    crawling.is_quiet().await;
    assert_eq!(shown(&world).await, before, "nothing was changed, nothing is lost");
    let unchanged = world.store().read(identity::current).await.unwrap().highest;
    assert_eq!(unchanged, highest, "followers hear nothing of a visit without news");

    space
        .edit(HOST, |capsule| {
            capsule.page("/edited.gmi", "# Edited\n\nOther words by now.\n\n=> /new.gmi A new link\n").answer(
                "/relabelled.gmi",
                Answer::file("text/plain", "# Relabelled\n\nEin Satz, lang genug.\n"),
            )
        })
        .unwrap();
    look_again(&world).await;
    space.wait_for(|log| log.requests_for(HOST).count() == 17).await.unwrap();
    crawling.is_quiet().await;
    let after = shown(&world).await;
    let labels = |path: &str| after[path].1.iter().cloned().collect::<Vec<_>>();
    assert_eq!(labels("/new.gmi"), ["A new link"]);
    assert_eq!(labels("/old.gmi"), Vec::<String>::new());
    assert_eq!(labels("/same.gmi"), ["The same"], "links of a page that was not read stay");
    assert_eq!(
        after["/relabelled.gmi"].0, "# Relabelled",
        "another type reads the same bytes in another way"
    );
    crawling.stop().await;
    let known = BTreeSet::from([GeminiUrl::parse("gemini://a.example/new.gmi").unwrap()]);
    assert_eq!(world.store().read(async |c| page::find(c, &known).await).await.unwrap().len(), 1);
}
