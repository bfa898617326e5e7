//! Jobs in a real store: asking is answered whatever happens to the open one in the same moment.

use std::time::{Duration, SystemTime};

use shared::store::asked::job::{self, Asked, Ended, JobKind};
use shared::store::cluster::scratch;
use shared::store::id::WorkerId;

const START: Duration = Duration::from_secs(1_800_000_000);
/// So often the open job is met by some in the moment of its end.
const TIMES: usize = 1_500;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whoever_asks_while_the_open_job_ends_is_answered() {
    let scratch = scratch::database().await;
    let store = scratch.store();
    scratch.set_clock(SystemTime::UNIX_EPOCH + START).await.expect("a clock");
    let worker = WorkerId(uuid::Uuid::from_u128(7));
    let doing = store.clone();
    let asking = async {
        let (mut new, mut open) = (0, 0);
        for _ in 0..TIMES {
            let asked = store.write(async |c| job::ask(c, JobKind::Recrawl, "*").await).await;
            match asked.expect("an answer") {
                Asked::New(_) => new += 1,
                Asked::Open(_) => open += 1,
            }
        }
        (new, open)
    };
    let ending = async {
        loop {
            let job = doing.write(async |c| job::lease(c, worker, &[JobKind::Recrawl], None).await).await;
            if let Some(job) = job.expect("the store is there") {
                let end = doing.write(async |c| job::end(c, worker, job.id, Ended::Done, "").await);
                end.await.expect("it ends");
            }
        }
    };
    let (new, open) = tokio::select! {
        counts = asking => counts,
        () = ending => unreachable!("it goes on for as long as there are askers"),
    };
    assert!(0 < new && 0 < open, "both were met: {new} new, {open} open");
}
