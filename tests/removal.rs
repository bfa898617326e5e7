//! What was removed stays removed.
//!
//! - a purge is in this machine's register when it returns, and in that of every other machine soon after;
//! - after a restore of an older dump, an index that follows it shows the page at no moment, and neither does the store;
//! - what a restore command does brings the rule back that keeps the page out, unless it was lifted since.

#![allow(clippy::unwrap_used, reason = "a step that fails is a test that fails")]

#[path = "../indexer/tests/support/plot.rs"]
mod plot;

use std::path::Path;

use indexer::{Config, Indexer};
use plot::{Plot, beside, config, found, until};
use server::acts;
use server::people::Admin;
use shared::gemini::url::GeminiUrl;
use shared::store::Store;
use shared::store::asked::exclusion::{self, Exclusion, Visibility};
use shared::store::asked::job::{self, JobKind};
use shared::store::feed::identity;
use shared::store::known::removal::{self, Open};
use shared::store::register::{self, Register};
use shared::store::rule::Rule;
use tokio_util::sync::CancellationToken;

const REMOVED: &str = "gemini://a.example/private";
const LINKED: &str = "gemini://b.example/";

async fn put_all(plot: &Plot) {
    plot.put("gemini://a.example/", "The front page").await;
    plot.put(REMOVED, "A private page").await;
    plot.put(LINKED, "A page that it links to").await;
    plot.link(REMOVED, &[(LINKED, "a label")]).await;
}

async fn purge(store: &Store, register: &Register, pattern: &str) {
    let admin = Admin::at_the_console("test");
    let pattern = pattern.parse().unwrap();
    acts::purge::purge(&admin, store, register, &pattern, "asked for").await.unwrap();
}

fn following(store: &Store, folder: &Path, register: &Register) -> Indexer {
    Indexer::new(Config { register: register.clone(), ..config(folder) }, store.clone())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_removal_is_in_every_machines_register() {
    let plot = Plot::new().await;
    put_all(&plot).await;
    let folders = [(); 2].map(|()| tempfile::tempdir().unwrap());
    let [own, other] = [&folders[0], &folders[1]].map(|folder| Register::within(folder.path()));
    purge(&plot.store, &own, REMOVED).await;
    let [entry] = own.entries().await.unwrap().try_into().expect("one entry, on the disk");
    assert_eq!((entry.target().as_str(), entry.word()), (REMOVED, "takedown"));
    let indexer = following(&plot.store, &folders[1].path().join("index"), &other);
    beside(&indexer, async {
        until("the entry in the other machine's file", async || {
            other.entries().await.unwrap() == [entry.clone()]
        })
        .await;
        purge(&plot.store, &own, "c.example").await;
        until("the next one", async || other.entries().await.unwrap() == own.entries().await.unwrap()).await;
    })
    .await;
    assert_eq!(other.entries().await.unwrap().len(), 2);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_older_dump_brings_nothing_back() {
    let folder = tempfile::tempdir().unwrap();
    let (index, register) = (folder.path().join("index"), Register::within(folder.path()));
    let plot = Plot::new().await;
    put_all(&plot).await;
    beside(&following(&plot.store, &index, &register), async {
        until("all pages", async || found(&index).len() == 3).await;
        purge(&plot.store, &register, REMOVED).await;
        register::apply(&plot.store).await.unwrap();
        until("the removal", async || found(&index).len() == 2).await;
    })
    .await;

    // The dump is from before: the page is there, and nobody knows of its removal.
    let restored = Plot::new().await;
    put_all(&restored).await;
    restored.store.write(identity::raise_epoch).await.unwrap();
    let is_there = || found(&index).contains_key(REMOVED);
    let indexer = following(&restored.store, &index, &register);
    beside(&indexer, async {
        until("an index of the restored store", async || {
            assert!(!is_there(), "the removed page is back");
            let feed = restored.store.read(identity::current).await.unwrap();
            restored.place_in(&index).is_some_and(|place| place.identity() == feed.identity)
        })
        .await;
    })
    .await;
    assert_eq!(found(&index).len(), 2);
    let report = indexer.verify().await.unwrap();
    assert_eq!((report.differences(), report.matching), (0, 2), "{report}");
    let rule =
        restored.store.read(async |c| exclusion::against(c, &GeminiUrl::parse(REMOVED).unwrap()).await).await;
    assert!(rule.unwrap().is_some(), "the page is kept out, too");
    // Nothing is left to be done, and the next start finds nothing new.
    let open = restored.store.read(async |c| removal::open(c, Open::All, 10).await).await.unwrap();
    assert!(open.is_empty(), "{open:?}");
    indexer.rebuild(&CancellationToken::new()).await.unwrap();
    assert!(!is_there(), "a build reads the same");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_restore_unites_the_table_with_every_register_and_applies_it() {
    let plot = Plot::new().await;
    put_all(&plot).await;
    let folders = [(); 2].map(|()| tempfile::tempdir().unwrap());
    let [own, backup] = [&folders[0], &folders[1]].map(|folder| Register::within(folder.path()));
    let lost = Plot::new().await;
    put_all(&lost).await;
    purge(&lost.store, &backup, REMOVED).await;
    purge(&plot.store, &own, "nowhere.example").await;
    // Fetched after its removal: not what was removed.
    purge(&lost.store, &backup, "gemini://a.example/").await;
    plot.put("gemini://a.example/", "The front page, written anew").await;

    let done = register::restored(&plot.store, &own, std::slice::from_ref(&backup)).await.unwrap();
    assert_eq!((done.entries, done.pages), (2, 1), "{done:?}");
    assert_eq!(own.entries().await.unwrap().len(), 3, "this machine's register has them all");
    let indexer = following(&plot.store, &plot.folder(), &own);
    indexer.rebuild(&CancellationToken::new()).await.unwrap();
    let urls: Vec<String> = plot.found().into_keys().collect();
    assert_eq!(urls, [LINKED.to_owned()], "the front page is shut out, and the private one is gone");
    let again = register::restored(&plot.store, &own, &[backup]).await.unwrap();
    assert_eq!((again.entries, again.pages), (0, 0), "once more changes nothing: {again:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_purge_tells_visitors_no_more_of_a_rule_than_they_were_to_see() {
    let (plot, folder) = (Plot::new().await, tempfile::tempdir().unwrap());
    put_all(&plot).await;
    let rule: Rule = REMOVED.parse().unwrap();
    let hidden = Exclusion { visibility: Visibility::Count, ..Exclusion::new(rule.clone(), "a secret") };
    acts::exclude::exclude(&Admin::at_the_console("test"), &plot.store, &hidden).await.unwrap();
    purge(&plot.store, &Register::within(folder.path()), REMOVED).await;
    let listed = plot.store.read(async |c| exclusion::of(c, &rule).await).await.unwrap().unwrap();
    assert_eq!(listed.exclusion.visibility, Visibility::Count);
}

/// Two admins, or one with two fingers.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn acts_on_one_rule_at_the_same_moment_wait_for_each_other_and_no_longer() {
    let (plot, folder) = (Plot::new().await, tempfile::tempdir().unwrap());
    put_all(&plot).await;
    let register = Register::within(folder.path());
    let (admin, rule): (_, Rule) = (Admin::at_the_console("test"), REMOVED.parse().unwrap());
    let purging = async {
        for _ in 0..20 {
            purge(&plot.store, &register, REMOVED).await;
        }
    };
    let lifting = async {
        for _ in 0..40 {
            acts::exclude::lift(&admin, &plot.store, &register, &rule).await.unwrap();
        }
    };
    let excluding = async {
        for _ in 0..40 {
            let exclusion = Exclusion::new(rule.clone(), "for a while");
            acts::exclude::exclude(&admin, &plot.store, &exclusion).await.unwrap();
        }
    };
    tokio::join!(purging, lifting, excluding);
    let open = plot.store.read(async |c| removal::open(c, Open::All, 100).await).await.unwrap();
    assert_eq!(open.len(), 20, "each purge is registered");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_restore_brings_back_a_rule_that_was_lifted() {
    let (plot, folder) = (Plot::new().await, tempfile::tempdir().unwrap());
    put_all(&plot).await;
    let register = Register::within(folder.path());
    let lift = async |rule: &str| {
        let (admin, rule) = (Admin::at_the_console("test"), rule.parse().unwrap());
        acts::exclude::lift(&admin, &plot.store, &register, &rule).await.unwrap()
    };
    let exclude = async |store: &Store, rule: &str| {
        let exclusion = Exclusion::new(rule.parse().unwrap(), "for a while");
        acts::exclude::exclude(&Admin::at_the_console("test"), store, &exclusion).await.unwrap()
    };
    let (address, hash) = ("address:192.0.2.0/24", "ab".repeat(32));
    let (key, content) = (format!("key:sha256:{hash}"), format!("content:{hash}"));
    let of_a_while = [LINKED, address, &key, &content];
    // The dump has rules of each kind that were lifted since; and removals came since, of which one is lifted and one was
    // asked for once more.
    let restored = Plot::new().await;
    put_all(&restored).await;
    for store in [&restored.store, &plot.store] {
        for rule in of_a_while {
            exclude(store, rule).await;
        }
        exclude(store, "stays.example").await;
    }
    for rule in of_a_while {
        lift(rule).await;
    }
    purge(&plot.store, &register, REMOVED).await;
    lift(REMOVED).await;
    for _ in 0..2 {
        purge(&plot.store, &register, "again.example").await;
        lift("again.example").await;
    }
    purge(&plot.store, &register, "again.example").await;

    let done = register::restored(&restored.store, &register, &[]).await.unwrap();
    assert_eq!((done.entries, done.pages), (4, 1), "the page that was removed is removed: {done:?}");
    let (rules, _) = restored.store.read(async |c| exclusion::list(c, 0, 10).await).await.unwrap();
    let mut rules: Vec<String> = rules.iter().map(|listed| listed.exclusion.rule.to_string()).collect();
    rules.sort();
    assert_eq!(rules, ["again.example", "stays.example"]);
    let jobs = restored.store.read(job::open).await.unwrap();
    for rule in of_a_while {
        let is_asked =
            jobs.iter().any(|open| (open.job.kind, open.job.target.as_str()) == (JobKind::Lift, rule));
        assert!(is_asked, "what only {rule} kept out comes back: {jobs:?}");
    }
    let open = restored.store.read(async |c| removal::open(c, Open::All, 10).await).await.unwrap();
    assert!(open.is_empty(), "a lift removes nothing: {open:?}");
    let again = register::restored(&restored.store, &register, &[]).await.unwrap();
    assert_eq!((again.entries, again.pages), (0, 0), "once more changes nothing: {again:?}");
}

/// Each machine's register is as new as what that machine has seen.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_lift_that_only_another_machine_knows_of_counts_when_that_machine_brings_it() {
    let (plot, folder) = (Plot::new().await, tempfile::tempdir().unwrap());
    put_all(&plot).await;
    let older = Register::at(folder.path().join("older.jsonl"));
    let newer = Register::at(folder.path().join("newer.jsonl"));
    purge(&plot.store, &older, REMOVED).await;
    newer.add(older.entries().await.unwrap()).await.unwrap();
    let rule = Rule::Urls(REMOVED.parse().unwrap());
    acts::exclude::lift(&Admin::at_the_console("test"), &plot.store, &newer, &rule).await.unwrap();

    let restored = Plot::new().await;
    put_all(&restored).await;
    register::restored(&restored.store, &older, &[]).await.unwrap();
    let rules = async || restored.store.read(async |c| exclusion::list(c, 0, 10).await).await.unwrap().0;
    assert_eq!(rules().await.len(), 1, "as far as this machine knows it is to stay out");
    register::Keeper::new(newer).keep(&restored.store, &restored.store).await.unwrap();
    assert_eq!(rules().await, [], "it was lifted before the restore");
}
