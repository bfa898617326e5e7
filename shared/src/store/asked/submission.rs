//! URLs that people handed in, and seeds: they enter the frontier like links, without a page that links.

use super::super::page_tx::PageTx;
use super::super::pool::StoreError;
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

/// Something that was handed in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Submission {
    /// What.
    pub url: GeminiUrl,
    /// When.
    pub at: DateTime<Utc>,
    /// By whom.
    pub by: HandedInBy,
}

/// Who handed a URL in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HandedInBy {
    /// The admin: a seed.
    Admin,
    /// A visitor.
    Visitor,
}

/// What was handed in, the latest first: `limit` of it after `offset`, and how much there is in all.
///
/// # Errors
///
/// When the database is away, or a row cannot be read.
pub async fn list(
    c: &mut PgConnection,
    offset: i64,
    limit: i64,
) -> Result<(Vec<Submission>, u64), StoreError> {
    let count =
        sqlx::query_scalar!(r#"select count(*) as "count!" from submission"#).fetch_one(&mut *c).await?;
    let rows = sqlx::query!(
        "select url, submitted_at, origin from submission order by id desc offset $1 limit $2",
        offset,
        limit
    )
    .fetch_all(c)
    .await?;
    let read = rows.into_iter().map(|row| {
        let by = match row.origin.as_str() {
            "admin" => HandedInBy::Admin,
            "visitor" => HandedInBy::Visitor,
            other => {
                return Err(StoreError::Unreadable {
                    what: "origin of a submission",
                    value: other.to_owned(),
                });
            }
        };
        Ok(Submission { url: codec::word("submission", &row.url)?, at: row.submitted_at, by })
    });
    Ok((read.collect::<Result<_, StoreError>>()?, count.unsigned_abs()))
}
