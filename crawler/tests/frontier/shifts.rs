//! One worker, process after process: what the dead one held is its successor's.

use super::*;

/// A process that was killed may have sent a lease that Postgres carries out when the next process is there already.
#[tokio::test]
async fn what_a_dead_process_had_sent_leases_nothing_to_nobody() {
    let mut world = World::new(Budget::PerDay(10), &["gemini://a.example/", "gemini://b.example/"]).await;
    let held = world.one_lease().await;
    let dead = world.begin_anew().await;
    assert!(dead.lease(8).await.unwrap().is_empty(), "its time is over");
    let leases = world.frontier.lease(8).await.unwrap();
    assert_eq!(leases.len(), 2, "what it held and what it did not is its successor's");
    assert!(leases.iter().all(|leased| leased.token != held.token));
}
