//! A removal holds against every visit that began before it, whatever else is in the visit's batch.

use std::time::Duration;

use shared::store::cluster::scratch;
use shared::store::feed::change::sealed;
use shared::store::id::{CapsuleId, PageId};
use shared::store::known::page::{self, LinksAfter, PageAfter, Shown, Standing};
use shared::store::outcome::Outcome;
use sqlx::{ConnectOptions as _, PgConnection};

/// A visit that found page `id` as it was, when searchers saw this of it at its begin.
fn visited(id: i64, was: Standing, shown: Shown) -> PageAfter {
    PageAfter {
        capsule: CapsuleId(1),
        page: PageId(id),
        was,
        outcome: Outcome::Unchanged,
        due_in: Some(Duration::from_secs(3600)),
        interval: Duration::from_secs(3600),
        failures: 0,
        moved_to: None,
        served: None,
        links: LinksAfter::Kept,
        shown,
    }
}

async fn due(c: &mut PgConnection) -> Vec<i64> {
    let due = sqlx::query_scalar("select id from page where due_at is not null order by id");
    due.fetch_all(c).await.expect("the pages")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_purged_during_its_visit_is_not_brought_back_by_it() {
    let scratch = scratch::database().await;
    let store = scratch.store();
    let mut connection = scratch.options().connect().await.expect("a connection");
    // The second was purged during its visit, the third long before it: somebody wants to know whether it is back.
    let fill = [
        "insert into capsule (host, port) values ('a.example', 1965)",
        "insert into page (capsule, path, folder, standing)
         values (1, '/1', '/', 'searchable'), (1, '/2', '/', 'gone'), (1, '/3', '/', 'gone'), (1, '/4', '/', 'searchable')",
    ];
    for statement in fill {
        sqlx::query(statement).execute(&mut connection).await.expect("it is filled");
    }
    let kept = [
        visited(1, Standing::Searchable, Shown::Kept),
        visited(2, Standing::Searchable, Shown::Kept),
        visited(3, Standing::Gone, Shown::Kept),
    ];
    let withdrawn = visited(4, Standing::Searchable, Shown::Withdrawn);
    for batch in [kept.to_vec(), [kept.to_vec(), vec![withdrawn]].concat()] {
        sqlx::query("update page set due_at = null").execute(&mut connection).await.expect("nothing is due");
        let written = sealed(&store, async |tx| page::settle(tx, &batch).await).await.expect("it is written");
        let mut written: Vec<i64> = written.0.into_iter().map(|page| page.0).collect();
        written.sort_unstable();
        let all_but_the_purged: Vec<i64> =
            batch.iter().map(|page| page.page.0).filter(|id| *id != 2).collect();
        assert_eq!(written, all_but_the_purged, "what was written is told");
        assert_eq!(due(&mut connection).await, all_but_the_purged, "the purged page is not due");
    }
}
