//! What people ask for is done, whatever stands beside it in the store.

use shared::process::progress::Progress;
use shared::store::asked::job::{self, Ended, JobKind, JobState};
use tokio::sync::watch;

use super::*;

#[tokio::test]
async fn what_cannot_be_done_or_read_keeps_nothing_else_from_being_done() {
    let world = World::new(Budget::PerDay(100), &["gemini://a.example/"]).await;
    let mut connection = world.scratch.options().connect().await.unwrap();
    for statement in [
        // Another version wrote these, or a hand.
        "insert into exclusion (pattern, reason) values ('a word of another version', '')",
        "insert into page (capsule, path, folder, due_at) select id, 'no path', '/', 'infinity' from capsule",
        "update page set due_at = 'infinity'",
    ] {
        sqlx::query(statement).execute(&mut connection).await.unwrap();
    }
    for (kind, target) in [(JobKind::Exclude, "b.example"), (JobKind::Recrawl, "*")] {
        world.store.write(async |c| job::ask(c, kind, target).await).await.unwrap();
    }
    let (part, stop) = (Progress::default().part("jobs"), CancellationToken::new());
    let told = (part, watch::Sender::new(None).subscribe());
    let doing = crawler::jobs::run(world.store.clone(), world.worker, told, stop.clone());
    let looking = async {
        let end = Instant::now() + Duration::from_secs(60);
        loop {
            let (runs, _) = world.store.read(async |c| job::runs(c, 0, 10).await).await.unwrap();
            let is_over = runs.iter().all(|run| matches!(run.state, JobState::Over(_)));
            if is_over || end <= Instant::now() {
                stop.cancel();
                return runs;
            }
        }
    };
    let ((), runs) = tokio::join!(doing, looking);
    let states: Vec<_> = runs.iter().map(|run| (run.job.kind, run.state)).collect();
    let expected =
        [(JobKind::Recrawl, JobState::Over(Ended::Done)), (JobKind::Exclude, JobState::Over(Ended::Failed))];
    assert_eq!(states, expected, "{runs:?}");
    let due: bool = sqlx::query_scalar("select due_at < clock() from page where path = '/'")
        .fetch_one(&mut connection)
        .await
        .unwrap();
    assert!(due, "the page that can be read is due");
}
