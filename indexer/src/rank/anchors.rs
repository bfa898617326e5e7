//! Whose anchor text changed: what a page is called by others is part of what it is found by.
//!
//! A new label changes the page it points to, not the page it stands on, so no visit gives the target a
//! number. This pass compares the labels of every page, a slice at a time, with the digest of those the
//! index was last given, and has the pages that differ numbered again.

use shared::store::feed::{change, graph};
use shared::store::id::PageId;
use shared::store::{Store, StoreError};
use tokio_util::sync::CancellationToken;

/// Pages compared at once, and numbered in one transaction at most.
const SLICE: i64 = 1_000;

/// Numbers the pages whose labels changed; says how many.
pub(super) async fn renumber(store: &Store, stop: &CancellationToken) -> Result<u64, StoreError> {
    let mut after = Some(PageId(0));
    let mut renumbered = 0;
    while let Some(slice_after) = after
        && !stop.is_cancelled()
    {
        let slice = store.read(async |c| graph::stale_anchors(c, slice_after, SLICE).await).await?;
        if !slice.stale.is_empty() {
            change::renumber(store, &slice.stale).await?;
            renumbered += slice.stale.len() as u64;
        }
        after = slice.next;
    }
    Ok(renumbered)
}
