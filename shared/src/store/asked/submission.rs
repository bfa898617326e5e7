//! URLs that people handed in, and seeds: they enter the frontier like links, without a page that links.

use super::super::pool::{PageTx, StoreError};
use std::collections::BTreeSet;

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
