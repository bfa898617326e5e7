//! Whose anchor text changed: what a page is called by others is part of what it is found by.
//!
//! A new label changes the page it points to, not the page it stands on, so no visit gives the target a
//! number. This pass compares the labels of every page, a slice at a time, with the digest of those the
//! index was last given, and has the pages that differ numbered again.

use shared::store::asked::job::Job;
use shared::store::feed::{change, graph};
use shared::store::id::PageId;
use shared::store::{Store, StoreError};
use tokio_util::sync::CancellationToken;

use super::pass::renew;
use super::trouble::RankError;
use crate::appetite::Appetite;
use crate::context::Context;

/// Pages compared at once, and numbered in one transaction, at most.
const SLICE: usize = 1_000;

/// Numbers the pages whose labels changed; says how many.
pub(super) async fn renumber(
    context: &Context,
    job: &Job,
    pages: u64,
    stop: &CancellationToken,
) -> Result<u64, RankError> {
    let mut after = Some(PageId(0));
    let mut appetite = Appetite::new(SLICE);
    let mut renumbered = 0;
    while let Some(slice_after) = after {
        renew(context, job, pages, Some(pages), stop).await?;
        let done = slice(&context.primary, slice_after, appetite.limit()).await;
        if appetite.learn(&done) {
            continue;
        }
        let (count, next) = done.map_err(RankError::Store)?;
        renumbered += count;
        after = next;
    }
    Ok(renumbered)
}

async fn slice(store: &Store, after: PageId, limit: i64) -> Result<(u64, Option<PageId>), StoreError> {
    let slice = store.read(async |c| graph::stale_anchors(c, after, limit).await).await?;
    if !slice.stale.is_empty() {
        change::renumber(store, &slice.stale).await?;
    }
    Ok((slice.stale.len() as u64, slice.next))
}
