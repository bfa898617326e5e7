//! URLs that people handed in, and seeds: they enter the frontier like links, without a page that links.

use super::super::pool::{PageTx, StoreError};
use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use sqlx::PgConnection;

use super::super::codec;
use crate::gemini::url::GeminiUrl;

/// Keeps what was handed in.
///
/// # Errors
///
/// When the database is away.
pub async fn record(tx: &mut PageTx, urls: &BTreeSet<GeminiUrl>) -> Result<(), StoreError> {
    let urls = codec::texts(urls);
    sqlx::query!("insert into submission (url) select * from unnest($1::text[])", &urls)
        .execute(&mut **tx)
        .await?;
    Ok(())
}

/// Keeps what a visitor handed in: a receipt begins.
///
/// # Errors
///
/// When the database is away.
pub async fn record_by_visitor(tx: &mut PageTx, url: &GeminiUrl) -> Result<(), StoreError> {
    sqlx::query!("insert into submission (url, origin) values ($1, 'visitor')", url.as_str())
        .execute(&mut **tx)
        .await?;
    Ok(())
}

/// When a URL was last handed in.
///
/// # Errors
///
/// When the database is away.
pub async fn latest(c: &mut PgConnection, url: &GeminiUrl) -> Result<Option<DateTime<Utc>>, StoreError> {
    let moment = sqlx::query_scalar!("select max(submitted_at) from submission where url = $1", url.as_str())
        .fetch_one(c)
        .await?;
    Ok(moment)
}
