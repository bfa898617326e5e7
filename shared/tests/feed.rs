//! The feed loses nothing: writers of every kind at once, with pauses and rollbacks, and a follower that
//! reads along.
//!
//! - a follower that reads `change > last` while eight writers commit ends up with every page's last number;
//! - nothing deadlocks: every writer gets all its work through;
//! - the same load on a plain serial column loses changes: the test is able to fail.

#[path = "support/world.rs"]
mod world;

use std::collections::HashMap;
use std::time::Duration;

use rand::rngs::SmallRng;
use rand::{Rng, SeedableRng};
use shared::gemini::pattern::UrlPattern;
use shared::store::Store;
use shared::store::cluster::scratch;
use shared::store::feed::{change, entry, graph};
use shared::store::id::{ChangeId, PageId};
use shared::store::known::page;
use sqlx::PgPool;
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use tokio::task::JoinSet;
use world::World;

const VISITORS: usize = 5;
const CHANGES_PER_VISITOR: usize = 640;
const RUNS: usize = 10;

/// Five crawlers' visits, two admins' purges and recrawls, a rank pass.
async fn write_all(world: &World, seed: u64) {
    let mut writers = JoinSet::new();
    for visitor in 0..VISITORS {
        let world = world.clone();
        writers.spawn(async move {
            let mut dice = SmallRng::seed_from_u64(seed ^ (visitor as u64) << 32);
            for number in 0..CHANGES_PER_VISITOR / 8 {
                world
                    .visit(visitor, number, &mut dice)
                    .await
                    .expect("the lock order leaves nothing to contend for");
            }
        });
    }
    for admin in 0..2 {
        let store = world.store.clone();
        writers.spawn(async move {
            for round in 0..20 {
                let pattern =
                    format!("gemini://capsule-{}.example/page-{admin}{}*", round % VISITORS, round % 10);
                let pattern: UrlPattern = pattern.parse().expect("a prefix");
                purge_and_plant_anew(&store, &pattern).await;
            }
        });
    }
    let store = world.store.clone();
    writers.spawn(async move {
        for _ in 0..20 {
            renumber_stale_anchors(&store).await;
        }
    });
    while let Some(ended) = writers.join_next().await {
        ended.expect("a writer fails only if its work was refused");
    }
}

/// An admin's purge of a few pages; the visits bring them back.
async fn purge_and_plant_anew(store: &Store, pattern: &UrlPattern) {
    let mut after = PageId(0);
    for _ in 0..100 {
        let purged = change::sealed(store, async |tx| {
            page::purge(tx, pattern, chrono::DateTime::<chrono::Utc>::MAX_UTC, after, 100).await
        })
        .await;
        match purged.expect("the lock order leaves nothing to contend for").0 {
            Some((last, _)) => after = last,
            None => return,
        }
    }
}

/// One rank pass's look at anchor texts.
async fn renumber_stale_anchors(store: &Store) {
    let mut after = PageId(0);
    for _ in 0..100 {
        let slice = store.read(async |c| graph::stale_anchors(c, after, 100).await).await.expect("a slice");
        change::renumber(store, &slice.stale).await.expect("the lock order leaves nothing to contend for");
        match slice.next {
            Some(last) => after = last,
            None => return,
        }
    }
}

async fn read_along(store: &Store, known: &mut HashMap<PageId, ChangeId>, last: &mut ChangeId) -> usize {
    let entries =
        store.read(async |c| entry::since(c, *last, 100).await).await.expect("the feed can be read");
    for entry in &entries {
        assert!(*last < entry.change, "numbers come in order: {last} before {}", entry.change);
        *last = entry.change;
        known.insert(entry.page, entry.change);
    }
    entries.len()
}

/// Every page's number as the store has it.
async fn numbers(store: &Store) -> HashMap<PageId, ChangeId> {
    let mut numbers = HashMap::new();
    let mut last = ChangeId::START;
    for _ in 0..10_000 {
        if read_along(store, &mut numbers, &mut last).await == 0 {
            break;
        }
    }
    numbers
}

/// Connections of a test's own, for tables of its own.
pub(crate) async fn pool(options: &PgConnectOptions) -> PgPool {
    PgPoolOptions::new().max_connections(10).connect_with(options.clone()).await.expect("a pool")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_follower_misses_no_change_of_eight_writers() {
    for run in 0..RUNS {
        let scratch = scratch::database().await;
        let world = World::new(&scratch.store(), VISITORS, 40).await;
        let mut known = HashMap::new();
        let mut last = ChangeId::START;
        let writing = write_all(&world, run as u64);
        tokio::pin!(writing);
        let done = tokio::time::timeout(Duration::from_secs(120), async {
            loop {
                tokio::select! {
                    () = &mut writing => break,
                    _ = read_along(&world.store, &mut known, &mut last) => {}
                }
            }
        })
        .await;
        assert!(done.is_ok(), "the writers are stuck");
        for _ in 0..10_000 {
            if read_along(&world.store, &mut known, &mut last).await == 0 {
                break;
            }
        }
        let stored = numbers(&world.store).await;
        assert!(stored.len() > 100, "the load changed something: {} pages", stored.len());
        let missed: Vec<_> = stored.iter().filter(|(page, number)| known.get(page) != Some(number)).collect();
        assert!(missed.is_empty(), "run {run}: missed {missed:?}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_plain_serial_loses_changes_under_the_same_load() {
    let scratch = scratch::database().await;
    let pool = pool(&scratch.options()).await;
    sqlx::raw_sql("create table naive (seq bigserial primary key, writer int)")
        .execute(&pool)
        .await
        .expect("a table");
    let mut writers = JoinSet::new();
    for writer in 0..8_i32 {
        let pool = pool.clone();
        writers.spawn(async move {
            let mut dice = SmallRng::seed_from_u64(u64::from(writer.unsigned_abs()));
            for _ in 0..100 {
                let mut tx = pool.begin().await.expect("a transaction");
                sqlx::query("insert into naive (writer) values ($1)")
                    .bind(writer)
                    .execute(&mut *tx)
                    .await
                    .expect("a row");
                let pause = dice.random_range(0.0..0.01);
                sqlx::query("select pg_sleep($1)").bind(pause).execute(&mut *tx).await.expect("a pause");
                tx.commit().await.expect("a commit");
            }
        });
    }
    let (mut seen, mut last) = (0_usize, 0_i64);
    loop {
        let done = writers.is_empty();
        let rows: Vec<i64> = sqlx::query_scalar("select seq from naive where seq > $1 order by seq")
            .bind(last)
            .fetch_all(&pool)
            .await
            .expect("the naive feed can be read");
        seen += rows.len();
        last = rows.last().copied().unwrap_or(last);
        if done {
            break;
        }
        while let Some(ended) = writers.try_join_next() {
            ended.expect("a writer");
        }
    }
    assert!(seen < 800, "the naive feed lost nothing: this load proves nothing");
}
