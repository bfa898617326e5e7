//! What every screen may use: the searcher, the store where there is one, and what this copy says of itself.

use std::sync::{Arc, OnceLock};

use shared::gemini::host::{CapsuleAddr, Host};
use shared::store::{Store, StoreError};

use crate::config::Config;
use crate::people::allowance::Allowance;
use crate::search::Searcher;

/// Shared by all doors; cheap to clone behind an `Arc`.
pub struct App {
    /// Answers searches.
    pub searcher: Searcher,
    /// The name this copy is known by.
    pub host: Host,
    /// Where Gemini clients find it.
    pub capsule: CapsuleAddr,
    /// Who runs it.
    pub operator: Option<String>,
    /// How to reach them.
    pub contact: Option<String>,
    /// What each visitor may still have done.
    pub allowance: Allowance,
    store: StoreSlot,
}

/// The place of the store. A server starts without one, for searches need none; whoever finds it puts it here,
/// once. Clones are the same place.
#[derive(Clone, Debug, Default)]
pub struct StoreSlot(Arc<OnceLock<Store>>);

impl StoreSlot {
    /// A place with its store in it.
    #[must_use]
    pub fn filled(store: Store) -> Self {
        Self(Arc::new(OnceLock::from(store)))
    }

    /// Puts the store into its place; a second one is not taken.
    pub fn fill(&self, store: Store) {
        drop(self.0.set(store));
    }
}

impl App {
    /// What the configuration says of this copy, with its searcher and the place of its store.
    #[must_use]
    pub fn new(config: &Config, searcher: Searcher, store: StoreSlot) -> Self {
        let localhost = || Host::parse("localhost").expect("localhost is a host name");
        let host = config.hosts.first().cloned().unwrap_or_else(localhost);
        Self {
            searcher,
            capsule: CapsuleAddr::new(host.clone(), config.port),
            host,
            operator: config.operator.clone(),
            contact: config.contact.clone(),
            allowance: Allowance::default(),
            store,
        }
    }

    /// The store.
    ///
    /// # Errors
    ///
    /// [`StoreError::Absent`] while none has been found.
    pub fn store(&self) -> Result<&Store, StoreError> {
        self.store.0.get().ok_or(StoreError::Absent)
    }
}

impl std::fmt::Debug for App {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("App").field("host", &self.host).finish_non_exhaustive()
    }
}
