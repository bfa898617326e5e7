//! "Look again": makes the pages that a pattern names due at once, in slices. From there on it is every
//! page's walk: robots.txt and pace hold as ever.

use shared::gemini::pattern::UrlPattern;
use shared::store::bell::{self, Topic};
use shared::store::feed::change::sealed;
use shared::store::id::PageId;
use shared::store::known::page;
use shared::store::{Store, StoreError};

/// Pages looked at in one transaction.
const SLICE: i64 = 1_000;

/// One slice after `cursor`: the last page looked at, and how many were made due. None: it was the last.
///
/// # Errors
///
/// When the database is away.
pub async fn slice(
    store: &Store,
    pattern: &UrlPattern,
    cursor: PageId,
) -> Result<Option<(PageId, u64)>, StoreError> {
    let (slice, _highest) = sealed(store, async |tx| {
        let slice = page::make_due(tx, pattern, cursor, SLICE).await?;
        if slice.is_some_and(|(_, pages)| pages > 0) {
            bell::ring(tx, Topic::Crawl).await?;
        }
        Ok(slice)
    })
    .await?;
    Ok(slice)
}
