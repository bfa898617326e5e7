//! A disk that fills up, step by step: old requests go first, then no new URLs come in, and the admin is told each time.
//! The reserve is chosen so that the room that there is on the real disk is what the step needs.

#![allow(clippy::unwrap_used, reason = "what a test sets up must be there")]

#[path = "support/crawling.rs"]
mod crawling;

use std::time::Duration;

use crawling::World;
use shared::process::disk::{Reserve, Step};
use shared::process::machine;
use shared::store::crawl::worker;
use space::{Capsule, Space};
use sqlx::Row as _;
use tokio::time::Instant;

const WAIT: Duration = Duration::from_secs(30);

/// A reserve with which the disk is in the middle of this step.
fn reserve(step: Step) -> Reserve {
    let free = machine::room(&std::env::temp_dir()).unwrap().free_bytes;
    Reserve::Bytes(match step {
        Step::Enough => 0,
        Step::Tight => free / 7 * 4,
        Step::Scarce => free / 5 * 4,
        Step::Full => free * 2,
    })
}

async fn garden() -> Space {
    let capsule = Capsule::new()
        .page("/", "# A garden\n=> /pond A pond\n")
        .page("/pond", "# A pond\n=> /frog A frog\n");
    Space::builder().capsule("garden.example", capsule.page("/frog", "# A frog\n")).start().await.unwrap()
}

impl World {
    /// The months of which requests are kept, this one and the coming one left out.
    async fn old_months(&self) -> i64 {
        let mut connection = self.connection().await;
        let row = sqlx::query(
            "select count(*) from pg_inherits i join pg_class c on c.oid = i.inhrelid
             where i.inhparent = 'request'::regclass and c.relname < 'request_' || to_char(clock(), 'YYYY_MM')
               and c.relname ~ '^request_\\d'",
        );
        row.fetch_one(&mut connection).await.unwrap().get(0)
    }

    /// Requests of the last months, as a crawl leaves them: two within 90 days, and one of half a year ago.
    async fn with_old_requests(&self) {
        let mut connection = self.connection().await;
        for months in [1, 2, 6] {
            sqlx::query(
                "select request_partition(date_trunc('month', clock()) - make_interval(months => $1) + interval '1 day')",
            )
            .bind(months)
            .execute(&mut connection)
            .await
            .unwrap();
        }
    }

    async fn connection(&self) -> sqlx::PgConnection {
        use sqlx::Connection as _;
        sqlx::PgConnection::connect_with(&self.scratch.options()).await.unwrap()
    }

    async fn until(&self, what: &str, is_so: impl AsyncFn() -> bool) {
        let end = Instant::now() + WAIT;
        while !is_so().await {
            assert!(Instant::now() < end, "{what}");
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    async fn is_told(&self, words: &str) -> bool {
        let workers = self.store().read(async |c| worker::all(c).await).await.unwrap();
        workers.iter().any(|worker| {
            let Some(notice) = &worker.sign.notice else { return false };
            notice.contains(words) && worker.sign.brake.is_none()
        })
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn where_room_is_scarce_known_pages_are_visited_and_new_ones_wait_until_there_is_room() {
    let (space, world) = (garden().await, World::new().await);
    let seeds = ["gemini://garden.example/"];
    let crawling = world.crawl_with(space.routes(), &seeds, |config| config.reserve = reserve(Step::Scarce));
    world.until("the admin is not told", async || world.is_told("no new URLs are taken in").await).await;
    crawling.is_quiet().await;
    crawling.stop().await;
    let asked = |path: &str| {
        space.requests_for("garden.example").iter().filter(|request| request.url.ends_with(path)).count()
    };
    assert_eq!((asked("example/"), asked("/pond")), (1, 0), "the known page, and nothing new");

    let seeds = ["gemini://garden.example/", "gemini://garden.example/pond"];
    let crawling = world.crawl_with(space.routes(), &seeds, |config| config.reserve = reserve(Step::Enough));
    let frog = space.wait_for(|log| log.requests_for("garden.example").any(|one| one.url.ends_with("/frog")));
    frog.await.unwrap();
    crawling.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn requests_are_kept_for_ninety_days_and_where_room_is_tight_for_this_month() {
    let (space, world) = (garden().await, World::new().await);
    world.with_old_requests().await;
    assert_eq!(world.old_months().await, 3);
    let seeds = ["gemini://garden.example/"];
    let crawling = world.crawl_with(space.routes(), &seeds, |config| config.reserve = reserve(Step::Enough));
    world.until("the oldest go", async || world.old_months().await == 2).await;
    crawling.is_quiet().await;
    crawling.stop().await;
    assert_eq!(world.old_months().await, 2, "what is younger than 90 days stays");

    let crawling = world.crawl_with(space.routes(), &seeds, |config| config.reserve = reserve(Step::Tight));
    world.until("old requests go", async || world.old_months().await == 0).await;
    world.until("the admin is not told", async || world.is_told("earlier months are given up").await).await;
    crawling.stop().await;
}
