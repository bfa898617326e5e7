//! What every screen may use: the searcher, the store where there is one, and what this copy says of itself.

pub mod kept;
pub mod latest;
pub mod manners;

use std::path::PathBuf;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use shared::gemini::host::{CapsuleAddr, Host};
use shared::process::disk::Reserve;
use shared::store::known::listing::Place;
use shared::store::register::Register;
use shared::store::{Store, StoreError};
use tokio_util::sync::CancellationToken;

use self::kept::Kept;
use self::latest::Latest;
use self::manners::Manners;
use crate::config::{Config, CrawlerFacts};
use crate::people::allowance::Allowance;
use crate::people::keyring::Keyring;
use crate::search::Searcher;

/// How long an answer for programs is kept: what the admin shuts out is told of for no longer.
const LONG_ANSWER: Duration = Duration::from_secs(60);
/// How long an order is kept. What is shown of its places is read anew each time, so nothing that is gone or shut out
/// stands in a list; only what is new comes so much later.
const ORDER: Duration = Duration::from_secs(20);

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
    /// Where browsers find it: scheme, host and port, without a slash at the end.
    pub web: String,
    /// What capsules let the web show of their texts.
    pub manners: Manners,
    /// Long answers for programs that are made now and then.
    pub kept: Kept<Vec<u8>>,
    /// The orders of long lists, each of which takes thousands of pages to be found.
    pub orders: Kept<Arc<[Place]>>,
    /// What was found last.
    pub latest: Latest,
    /// What its crawler is told to do.
    pub crawler: CrawlerFacts,
    /// What each visitor may still have done.
    pub allowance: Allowance,
    /// The keys to the admin's desk.
    pub keys: Keyring,
    /// This machine's register of removals.
    pub register: Register,
    /// The folder of this server's state: its disk is the one that is watched.
    pub state: PathBuf,
    /// What must stay free on it.
    pub reserve: Reserve,
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
            web: web_address(config, &host),
            searcher,
            capsule: CapsuleAddr::new(host.clone(), config.port),
            host,
            operator: config.operator.clone(),
            contact: config.contact.clone(),
            manners: Manners::default(),
            kept: Kept::fresh_for(LONG_ANSWER),
            orders: Kept::fresh_for(ORDER),
            latest: Latest::default(),
            crawler: config.crawler.clone(),
            allowance: Allowance::default(),
            keys: Keyring::at(&config.state),
            register: config.register.clone(),
            state: config.state.clone(),
            reserve: config.reserve,
            store,
        }
    }

    /// Reads what capsules let the web show of their texts, where there is a store to read it from.
    pub async fn read_manners(&self) {
        let Ok(store) = self.store() else { return };
        if let Err(error) = self.manners.read(store).await {
            let error = &error as &dyn std::error::Error;
            tracing::warn!(error, "what capsules allow on the web could not be read; what was known holds");
        }
    }

    /// Reads it again and again, until stopped.
    pub async fn keep_manners(&self, stop: CancellationToken) {
        loop {
            let is_known = self.manners.are_known();
            let wait = if is_known { manners::EVERY } else { manners::UNTIL_KNOWN };
            tokio::select! {
                () = stop.cancelled() => return,
                () = tokio::time::sleep(wait) => {}
            }
            self.read_manners().await;
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

/// As the configuration says; else the host with the first port that is listened on.
fn web_address(config: &Config, host: &Host) -> String {
    config.web_address.clone().unwrap_or_else(|| {
        let port = config.web.first().map_or(80, |address| address.port());
        if port == 80 { format!("http://{host}") } else { format!("http://{host}:{port}") }
    })
}

impl std::fmt::Debug for App {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("App").field("host", &self.host).finish_non_exhaustive()
    }
}
