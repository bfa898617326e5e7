//! What an indexer may be told. Every value has a default that suits a machine with 1 GiB of memory.

use std::path::PathBuf;
use std::time::Duration;

use shared::process::disk::Reserve;
use shared::store::register::Register;

use crate::rhythm::Rhythm;

/// How one indexer works.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Config {
    /// The folder of the index: generations, `CURRENT`, the signals. One indexer at a time writes here.
    pub folder: PathBuf,
    /// This machine's register of removals.
    pub register: Register,
    /// The name under which this follower reports its position, and by which jobs call it.
    pub follower: String,
    /// Memory for documents that are not on disk yet; at least 15 MB.
    pub heap_bytes: usize,
    /// While changes keep coming, they are committed this often.
    pub commit_every: Duration,
    /// Entries read at once, at most.
    pub batch: usize,
    /// The longest wait for the bell when there is nothing to read.
    pub poll: Duration,
    /// When links are counted again.
    pub rhythm: Rhythm,
    /// A rebuild does not begin unless this much stays free beside a second index.
    pub keep_free_bytes: u64,
    /// What must stay free on the disk: near it, the index before this one is given up.
    pub reserve: Reserve,
}

impl Config {
    /// The defaults, for an index in `folder`, with the register beside it.
    #[must_use]
    pub fn new(folder: impl Into<PathBuf>, follower: impl Into<String>) -> Self {
        let folder = folder.into();
        Self {
            register: Register::within(folder.parent().unwrap_or(&folder)),
            folder,
            follower: follower.into(),
            heap_bytes: 64_000_000,
            commit_every: Duration::from_secs(2),
            batch: 500,
            poll: Duration::from_secs(1),
            rhythm: Rhythm::default(),
            keep_free_bytes: 256 << 20,
            reserve: Reserve::default(),
        }
    }
}
