//! An indexer that runs keeps the index as the store is.
//!
//! - a page that comes, changes or goes is found so within moments, and nothing else is;
//! - what an admin shuts out is found no more, and does not come back by its next number;
//! - stopped and started again, it reads on where it stood;
//! - labels of links to a page become words of that page, and in-links count, without any visit;
//! - a row that cannot be read is left out, and nothing stops at it.

#![allow(clippy::unwrap_used, reason = "a step that fails is a test that fails")]

#[path = "support/plot.rs"]
mod plot;

use plot::{Plot, beside, until};
use shared::gemini::url::GeminiUrl;
use shared::index::schema::key;
use shared::index::signals::Signals;
use shared::process::progress::Figure;
use shared::store::asked::exclusion::{self, Exclusion};
use shared::store::feed::entry::{self, EntryState};
use shared::store::feed::follower;
use sqlx::Connection;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn pages_come_change_and_go() {
    let plot = Plot::new().await;
    let indexer = plot.indexer();
    plot.put("gemini://a.example/", "first words").await;
    beside(&indexer, async {
        until("the first page", async || plot.found().contains_key("gemini://a.example/")).await;
        plot.put("gemini://a.example/new", "a new page").await;
        plot.put("gemini://a.example/", "other words").await;
        until("the change", async || {
            plot.found().get("gemini://a.example/").is_some_and(|t| t == "other words")
        })
        .await;
        until("the new page", async || plot.found().len() == 2).await;
        plot.purge("gemini://a.example/new").await;
        until("the removal", async || plot.found().len() == 1).await;
        until("the report", async || {
            let reports = plot.store.read(follower::all).await.unwrap();
            reports
                .iter()
                .any(|report| report.name == "test" && report.change == plot.change() && report.lag == 0)
        })
        .await;
        until("the figures", async || {
            [Figure::IndexLag, Figure::IndexAge].iter().all(|figure| indexer.progress().get(*figure) == 0)
        })
        .await;
    })
    .await;
    let report = indexer.verify().await.unwrap();
    assert_eq!((report.differences(), report.matching), (0, 1), "{report}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_shut_out_leaves_at_once_and_stays_out() {
    let plot = Plot::new().await;
    let indexer = plot.indexer();
    plot.put("gemini://a.example/", "stays").await;
    plot.put("gemini://b.example/", "goes").await;
    plot.put("gemini://b.example/more", "goes too").await;
    let shut_out = async || {
        until("the rule", async || plot.found().into_keys().eq(["gemini://a.example/".to_owned()])).await
    };
    beside(&indexer, async {
        until("all", async || plot.found().len() == 3).await;
        let rule = Exclusion::new("b.example".parse().unwrap(), "asked for");
        plot.store.write(async |c| exclusion::add(c, &rule).await).await.unwrap();
        shut_out().await;
        plot.put("gemini://b.example/", "says more").await;
        plot.put("gemini://a.example/", "says more").await;
        until("the next numbers", async || {
            plot.found().get("gemini://a.example/").is_some_and(|title| title == "says more")
        })
        .await;
        shut_out().await;
    })
    .await;
    let report = indexer.verify().await.unwrap();
    assert_eq!(report.differences(), 0, "a page that is shut out is not missing: {report}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_row_that_cannot_be_read_stops_nothing() {
    let plot = Plot::new().await;
    for number in 0..5 {
        plot.put(&format!("gemini://a.example/{number}"), &format!("page {number}")).await;
    }
    let mut session = sqlx::PgConnection::connect_with(&plot.scratch.options()).await.unwrap();
    sqlx::query("update page set kind = 'spaceship' where path = '/2'").execute(&mut session).await.unwrap();
    let too_long = "update page set path = '/' || repeat('x', 2000) where path = '/3'";
    sqlx::query(too_long).execute(&mut session).await.unwrap();
    let indexer = plot.indexer();
    beside(&indexer, async {
        until("the others", async || plot.found().len() == 3).await;
        plot.put("gemini://a.example/later", "later").await;
        until("what comes later", async || plot.found().contains_key("gemini://a.example/later")).await;
    })
    .await;
    assert_eq!(indexer.verify().await.unwrap().differences(), 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn it_reads_on_where_it_stood() {
    let plot = Plot::new().await;
    plot.put("gemini://a.example/1", "one").await;
    beside(&plot.indexer(), until("the first", async || plot.found().len() == 1)).await;
    let generation = plot.place().unwrap();
    plot.put("gemini://a.example/2", "two").await;
    plot.purge("gemini://a.example/1").await;
    beside(&plot.indexer(), async {
        until("the rest", async || plot.found().into_values().eq(["two".to_owned()])).await;
    })
    .await;
    assert_eq!(generation.identity(), plot.place().unwrap().identity());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn links_become_signals_and_words_of_their_targets() {
    let plot = Plot::new().await;
    let target = plot.put("gemini://target.example/", "The Target").await;
    for capsule in ["a", "b", "c"] {
        let from = format!("gemini://{capsule}.example/");
        plot.put(&from, &format!("links of {capsule}")).await;
        plot.link(&from, &[("gemini://target.example/", "a wonderful bicycle")]).await;
    }
    let before = plot.store.read(async |c| entry::of(c, &[target]).await).await.unwrap()[0].change;
    let signals = || Signals::read(&plot.folder()).unwrap();
    beside(&plot.indexer(), async {
        until("signals", async || signals().is_some_and(|signals| signals.links(target).external == 3)).await;
        until("the labels' number", async || {
            let entry = plot.store.read(async |c| entry::of(c, &[target]).await).await.unwrap().remove(0);
            before < entry.change && entry.change <= plot.change()
        })
        .await;
    })
    .await;
    let signals = signals().unwrap();
    let site = GeminiUrl::parse("gemini://target.example/").unwrap().site().to_string();
    let standing = signals.site(key(&site)).unwrap();
    assert_eq!((standing.authority, standing.name.as_str()), (1.0, "The Target"));
    let entry = plot.store.read(async |c| entry::of(c, &[target]).await).await.unwrap().remove(0);
    let EntryState::Searchable(page) = entry.state else { panic!("it can be found") };
    assert_eq!(page.labels.len(), 1);
}
