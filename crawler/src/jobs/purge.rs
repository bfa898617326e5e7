//! Turns the pages that a pattern names into tombstones, in slices: out of the index within a minute.

use shared::gemini::pattern::UrlPattern;
use shared::store::feed::change::sealed;
use shared::store::id::PageId;
use shared::store::known::page;
use shared::store::{Store, StoreError};

/// Pages looked at in one transaction; each may number hundreds of pages that it links to.
const SLICE: i64 = 200;

/// One slice after `cursor`: the last page looked at, and how many were purged. None: it was the last.
///
/// # Errors
///
/// When the database is away.
pub async fn slice(
    store: &Store,
    pattern: &UrlPattern,
    cursor: PageId,
) -> Result<Option<(PageId, u64)>, StoreError> {
    let (slice, _highest) = sealed(store, async |tx| page::purge(tx, pattern, cursor, SLICE).await).await?;
    Ok(slice)
}
