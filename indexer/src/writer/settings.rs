//! How the index library is set: for a small machine, and for an index that is always read while it is written.

use tantivy::indexer::{IndexWriterOptions, LogMergePolicy};

/// One thread that indexes, one that merges, and so much memory for documents that are not on disk yet.
#[must_use]
pub fn options(heap_bytes: usize) -> IndexWriterOptions {
    IndexWriterOptions::builder()
        .num_worker_threads(1)
        .memory_budget_per_thread(heap_bytes)
        .num_merge_threads(1)
        .build()
}

/// Few segments, cheap commits: a commit of every two seconds makes a small segment, five of a size are
/// merged into one, and sizes go up by fours. That is at most about twenty for a million pages, each page
/// rewritten about five times. Where a third of a segment is deleted, it is merged for that alone.
#[must_use]
pub fn merges() -> LogMergePolicy {
    let mut policy = LogMergePolicy::default();
    policy.set_min_num_segments(5);
    policy.set_min_layer_size(2_000);
    policy.set_level_log_size(2.0);
    policy.set_del_docs_ratio_before_merge(0.3);
    policy
}
