//! Many pages in a scratch database, as a crawl leaves them, without its thousands of transactions.

#![allow(dead_code, reason = "each test uses a part of it")]

use sqlx::postgres::PgConnectOptions;
use sqlx::{Connection as _, PgConnection};

/// How many pages a test of many takes: as many as the long runs say, else fewer.
pub(crate) fn pages(otherwise: u32) -> u32 {
    number("SEXTANT_TEST_PAGES", otherwise)
}

/// A number out of the environment.
pub(crate) fn number(variable: &str, otherwise: u32) -> u32 {
    std::env::var(variable).ok().and_then(|number| number.parse().ok()).unwrap_or(otherwise)
}

/// Plants so many pages, a hundred on each capsule; page 7 has the title and the words `planted page 7`.
pub(crate) async fn plant(database: &PgConnectOptions, pages: u32) {
    let pages = i32::try_from(pages).expect("not so many pages");
    let mut session = PgConnection::connect_with(database).await.expect("a session");
    let mut planting = session.begin().await.expect("a transaction");
    for statement in [
        "insert into capsule (host, port)
         select 'h' || n || '.example', 1965 from generate_series(0, ($1 - 1) / 100) n",
        "insert into content (capsule, hash, source, body, headings, alt)
         select c.id, sha256(convert_to('page ' || n, 'UTF8')), '', 'planted page ' || n, '{}', '{}'
         from generate_series(0, $1 - 1) n join capsule c on c.host = 'h' || n / 100 || '.example'",
        "insert into page (capsule, path, folder, standing, outcome, title, media_type, content,
                           fetched_at, changed_at, change)
         select c.id, '/' || n, '/', 'searchable', 'fetched', 'planted page ' || n, 'text/gemini',
                sha256(convert_to('page ' || n, 'UTF8')), clock(), clock(), nextval('change_number')
         from generate_series(0, $1 - 1) n join capsule c on c.host = 'h' || n / 100 || '.example'
         order by n",
    ] {
        sqlx::query(statement).bind(pages).execute(&mut *planting).await.expect("pages");
    }
    planting.commit().await.expect("a commit");
    session.close().await.expect("an end");
}
