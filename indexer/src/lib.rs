//! From the store to the index: follows the feed, ranks, rebuilds and verifies.
