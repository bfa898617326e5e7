//! What every screen may use: the searcher, and what this copy says of itself.

use shared::gemini::host::{CapsuleAddr, Host};

use crate::config::Config;
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
}

impl App {
    /// What the configuration says of this copy, with its searcher.
    #[must_use]
    pub fn new(config: &Config, searcher: Searcher) -> Self {
        let localhost = || Host::parse("localhost").expect("localhost is a host name");
        let host = config.hosts.first().cloned().unwrap_or_else(localhost);
        Self {
            searcher,
            capsule: CapsuleAddr::new(host.clone(), config.port),
            host,
            operator: config.operator.clone(),
            contact: config.contact.clone(),
        }
    }
}

impl std::fmt::Debug for App {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("App").field("host", &self.host).finish_non_exhaustive()
    }
}
