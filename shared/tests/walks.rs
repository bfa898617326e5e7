//! What a batch does costs as much as the batch, however large the capsule is and however many capsules there are.

use std::collections::BTreeSet;

use shared::gemini::url::GeminiUrl;
use shared::store::cluster::scratch;
use shared::store::feed::change::{plan_by_keys, sealed};
use shared::store::id::{CapsuleId, LeaseToken};
use shared::store::known::{capsule, page};
use sqlx::{ConnectOptions as _, PgConnection};

/// Capsules of one page, and pages of one capsule.
const CAPSULES: i64 = 2_000;
const PAGES: i64 = 5_000;
/// URLs that a batch looks for.
const URLS: i64 = 40;

/// Rows of a table that this transaction has read.
async fn rows_read(c: &mut PgConnection, table: &str) -> i64 {
    let read = sqlx::query_scalar(
        "select seq_tup_read + coalesce(idx_tup_fetch, 0) from pg_stat_xact_user_tables where relname = $1",
    );
    read.bind(table).fetch_one(c).await.expect("the statistics")
}

/// In a young store, of which Postgres knows nothing yet, and in an old one, where the common capsule is small.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_batch_reads_the_rows_that_it_names() {
    let scratch = scratch::database().await;
    let store = scratch.store();
    let mut connection = scratch.options().connect().await.expect("a connection");
    let fill = [
        format!(
            "insert into capsule (host, port) select 'small-' || n, 1965 from generate_series(1, {CAPSULES}) n"
        ),
        "insert into page (capsule, path, folder) select id, '/', '/' from capsule".to_owned(),
        "insert into capsule (host, port) values ('large', 1965)".to_owned(),
        format!(
            "insert into page (capsule, path, folder)
             select c.id, '/' || n, '/' from capsule c, generate_series(1, {PAGES}) n where c.host = 'large'"
        ),
    ];
    for statement in fill {
        sqlx::query(sqlx::AssertSqlSafe(statement)).execute(&mut connection).await.expect("it is filled");
    }
    let urls: BTreeSet<GeminiUrl> =
        (1..=URLS).map(|n| GeminiUrl::parse(&format!("gemini://large/{n}")).expect("a URL")).collect();
    let leases = [(CapsuleId(1), LeaseToken(1)), (CapsuleId(2), LeaseToken(2))];
    for age in ["young", "old"] {
        let (found, _highest) = sealed(&store, async |tx| {
            plan_by_keys(tx).await?;
            let found = page::find(tx, &urls).await?;
            capsule::enter(tx, &leases, &[]).await?;
            let (pages, capsules) = (rows_read(tx, "page").await, rows_read(tx, "capsule").await);
            assert!(pages <= 2 * URLS, "{pages} pages are read for {URLS} URLs of a store that is {age}");
            assert!(capsules <= 3 * URLS, "{capsules} capsules are read for one and two leases");
            Ok(found)
        })
        .await
        .expect("the store answers");
        assert_eq!(found.len(), urls.len(), "all are found");
        sqlx::query("analyze").execute(&mut connection).await.expect("it is analysed");
    }
}
