//! Whatever a batch writes into is locked by it.

#[path = "support/waiting.rs"]
mod waiting;

use std::time::Duration;

use shared::gemini::host::CapsuleAddr;
use shared::store::cluster::scratch;
use shared::store::known::capsule;
use sqlx::{Connection as _, PgConnection};
use waiting::{SOMEBODY_WAITS, until_one_is_so};

/// Two batches find the same host at the same moment; the later one enters pages into what the other has made.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_capsule_that_another_batch_has_just_made_is_locked_too() {
    let scratch = scratch::database().await;
    let mut connections = Vec::new();
    for _ in 0..3 {
        connections.push(PgConnection::connect_with(&scratch.options()).await.expect("a connection"));
    }
    let [mut one, mut other, mut watcher] = connections.try_into().expect("three connections");
    let host: CapsuleAddr = "new.example".parse().expect("a host");
    let targets = [host.clone()];

    let mut earlier = one.begin().await.expect("a transaction");
    capsule::enter(&mut earlier, &[], &targets).await.expect("it is made");
    let mut later = other.begin().await.expect("a transaction");
    let both = async {
        tokio::join!(capsule::enter(&mut later, &[], &targets), async {
            until_one_is_so(&mut watcher, &[SOMEBODY_WAITS]).await;
            earlier.commit().await.expect("it is committed");
        })
    };
    let (entered, ()) = tokio::time::timeout(Duration::from_secs(60), both).await.expect("it goes on");
    let id = entered.expect("it is found").targets[&host];

    let free: Vec<i64> = sqlx::query_scalar("select id from capsule for no key update skip locked")
        .fetch_all(&mut watcher)
        .await
        .expect("the database answers");
    assert!(!free.contains(&id.0), "nobody else may lease it now");
    later.commit().await.expect("it is committed");
}
