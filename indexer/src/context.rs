//! What every part of a running indexer works with.

use shared::index::generation::IndexFolder;
use shared::process::progress::Progress;
use shared::store::Store;
use shared::store::id::{ChangeId, WorkerId};
use tokio::sync::{Mutex, watch};

use crate::config::Config;
use crate::intake::Reason;
use crate::writer::WriterLock;

/// One running indexer.
#[derive(Debug)]
pub(crate) struct Context {
    pub(crate) config: Config,
    /// Where the feed is read: the store, or a replica of it.
    pub(crate) store: Store,
    /// Where positions, answers and signals are written, and bells ring.
    pub(crate) primary: Store,
    pub(crate) folder: IndexFolder,
    /// The right to write below the index folder.
    pub(crate) right: WriterLock,
    /// The name under which jobs are leased; another one in every process.
    pub(crate) worker: WorkerId,
    pub(crate) progress: Progress,
    /// How far the index that serves has come.
    pub(crate) position: watch::Sender<ChangeId>,
    /// Why an index must be built, while it must.
    pub(crate) wanted: watch::Sender<Option<Reason>>,
    /// Held while the index that serves takes entries, and while another is put in its place: so the new one
    /// never knows less than the old one did.
    pub(crate) turn: Mutex<()>,
}

impl Context {
    /// Wants a new index, unless one is wanted already.
    pub(crate) fn want(&self, reason: Reason) {
        self.wanted.send_if_modified(|wanted| {
            let is_news = wanted.is_none();
            wanted.get_or_insert(reason);
            is_news
        });
    }
}
