//! Postgres killed under load: a follower never knows a number that the store does not.
//!
//! - after each SIGKILL of the postmaster the private cluster starts again by itself;
//! - what a follower had read before is there afterwards, for commits are synchronous.

#[path = "support/world.rs"]
mod world;

use std::time::Duration;

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use rand::SeedableRng;
use rand::rngs::SmallRng;
use shared::store::cluster::{Cluster, ClusterOptions};
use shared::store::feed::{entry, identity};
use shared::store::id::ChangeId;
use shared::store::{Store, StoreError, StoreOptions};
use tokio::task::JoinSet;
use world::World;

const KILLS: u64 = 5;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_follower_never_knows_a_number_that_a_crash_took_back() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut cluster = Cluster::open(&ClusterOptions::new(folder.path())).await.expect("a cluster");
    // Longer than a loaded machine ever takes: the end of a dead database is seen at once.
    let store = Store::open(StoreOptions {
        deadline: Duration::from_secs(20),
        ..StoreOptions::new(cluster.options())
    })
    .await
    .expect("a store");
    let before = store.read(async |c| identity::current(c).await).await.expect("an identity");
    let world = World::new(&store, 4, 40).await;
    let mut last = ChangeId::START;
    for round in 0..KILLS {
        let mut writers = JoinSet::new();
        for visitor in 0..4 {
            let world = world.clone();
            writers.spawn(async move {
                let mut dice = SmallRng::seed_from_u64(round << 8 | visitor as u64);
                for number in 0..1_000 {
                    world.visit(visitor, number, &mut dice).await?;
                }
                Ok::<(), StoreError>(())
            });
        }
        // Reads along until the load has moved the feed on, then pulls the plug in the middle of it.
        let goal = ChangeId(last.0 + 200 + 37 * i64::try_from(round).expect("few rounds"));
        for _ in 0..100_000 {
            if goal <= last {
                break;
            }
            last = advance(&store, last).await;
        }
        assert!(goal <= last, "the load moves the feed");
        kill(Pid::from_raw(cluster.pid()), Signal::SIGKILL).expect("the postmaster can be killed");
        while let Some(ended) = writers.join_next().await {
            let error = ended.expect("a writer ends").expect_err("nobody writes without Postgres");
            assert!(error.is_outage(), "a dead database is an outage: {error:?}");
        }
        tokio::time::timeout(Duration::from_secs(60), async {
            cluster.ended().await;
            cluster.restart().await.expect("the cluster starts again");
        })
        .await
        .expect("a restart takes no minute");
        let feed = store.read(async |c| identity::current(c).await).await.expect("an identity");
        assert_eq!(feed.identity, before.identity, "a crash forks no history");
        assert!(last <= feed.highest, "the follower knows {last}, the store only {}", feed.highest);
    }
    store.close().await;
    cluster.stop().await.expect("a stop");
}

async fn advance(store: &Store, last: ChangeId) -> ChangeId {
    let entries = store.read(async |c| entry::since(c, last, 100).await).await.expect("the feed can be read");
    entries.last().map_or(last, |entry| entry.change)
}
