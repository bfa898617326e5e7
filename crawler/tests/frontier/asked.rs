//! What people ask for is done, whatever stands beside it in the store.

use crawler::jobs::purge;
use shared::process::progress::Progress;
use shared::store::asked::job::{self, Ended, JobKind, JobState, Run};
use shared::store::register;
use tokio::sync::watch;

use super::*;

/// Does jobs until all are over, or a minute has passed.
async fn do_jobs(world: &World) -> Vec<Run> {
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
    runs
}

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
    let runs = do_jobs(&world).await;
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

/// What it said before is as much its own as what it says now.
#[tokio::test]
async fn a_purge_takes_out_what_a_page_had_said_before_too() {
    let seeds = ["gemini://a.example/", "gemini://a.example/other"];
    let mut space = table(&[(seeds[0], GEMTEXT, "# A secret\n"), (seeds[1], GEMTEXT, "# Another page\n")]);
    let world = World::new(Budget::PerDay(100), &seeds).await;
    world.crawl(&space).await;
    space.0.insert(seeds[0].to_owned(), (GEMTEXT.to_owned(), "# Nothing to see\n".to_owned()));
    let front = seeds[0].parse().unwrap();
    crawler::jobs::recrawl::slice(&world.store, &front, PageId(0)).await.unwrap();
    world.crawl(&space).await;
    world.store.write(async |c| removal::record(c, &front, Origin::Takedown).await).await.unwrap();

    let begun = purge::begin(&world.store, &front).await.unwrap().expect("something is to be removed");
    register::slice(&world.store, &begun.newest, PageId(0)).await.unwrap();
    purge::done((&world.store, &Part::default()), &begun).await.unwrap();
    assert_eq!(world.texts().await, 1, "that of the other page");
}
