//! Where every process has its memory from.
//!
//! A storm of large bodies passes, and its memory goes back to the system within a second; the system's own allocator
//! kept tens of MiB of it for years, in the holes between what lives longer.

use tikv_jemallocator::Jemalloc;

#[global_allocator]
static ALLOCATOR: Jemalloc = Jemalloc;
