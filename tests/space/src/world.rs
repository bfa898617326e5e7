//! Who is in the space: every host with what it is at the moment, and where it listens.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use crate::answer::Answer;
use crate::behaviour::Behaviour;
use crate::capsule::{Act, Capsule};
use crate::folder;
use crate::generate::Generator;
use crate::log::Recorder;
use crate::request::Asked;
use crate::tls::Tls;

/// What stands behind a name. Cloned for each request, so that a test can change it while it is served.
#[derive(Clone, Debug)]
pub(crate) enum Host {
    Capsule(Arc<Capsule>),
    Folder(Arc<PathBuf>),
    Generated(Arc<Generator>, usize),
    Hostile(Behaviour),
}

/// A name with its address.
#[derive(Debug)]
pub(crate) struct Place {
    pub(crate) address: SocketAddr,
    host: RwLock<Host>,
    requests: AtomicU64,
}

impl Place {
    pub(crate) fn new(address: SocketAddr, host: Host) -> Self {
        Self { address, host: RwLock::new(host), requests: AtomicU64::new(0) }
    }

    pub(crate) fn host(&self) -> Host {
        self.host.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Counts a request, and says how many came before it.
    pub(crate) fn count(&self) -> u64 {
        self.requests.fetch_add(1, Ordering::Relaxed)
    }

    pub(crate) fn change(&self, change: impl FnOnce(&Host) -> Host) {
        let mut host = self.host.write().unwrap_or_else(PoisonError::into_inner);
        *host = change(&host);
    }
}

/// Everything a connection needs to know.
#[derive(Debug)]
pub(crate) struct World {
    pub(crate) places: HashMap<String, Place>,
    pub(crate) recorder: Arc<Recorder>,
    pub(crate) tls: Tls,
    pub(crate) faster: u32,
    pub(crate) port: u16,
}

impl World {
    /// The host that a request means, if this space serves it.
    pub(crate) fn serves(&self, asked: &Asked) -> Option<&Place> {
        let port_is_ours = asked.port.is_none_or(|port| port == 1965 || port == self.port);
        if asked.scheme != "gemini" || !port_is_ours {
            return None;
        }
        self.places.get(&asked.host)
    }
}

/// What this host does with this request, and after which delay.
pub(crate) async fn act(host: &Host, asked: &Asked) -> (Act, Duration) {
    let answer = match host {
        Host::Capsule(capsule) => return capsule.act(&asked.path, &asked.path_and_query()),
        Host::Folder(root) => folder::answer(root, &asked.path).await,
        Host::Generated(generator, number) => {
            let answer = generator.answer(*number, &asked.path, asked.query.as_deref());
            answer.unwrap_or_else(Answer::not_found)
        }
        Host::Hostile(Behaviour::Answer(misanswer)) => return (Act::Misanswer(*misanswer), Duration::ZERO),
        // Those that get this far with an odd handshake are capsules like any other.
        Host::Hostile(Behaviour::Connect(_) | Behaviour::Handshake(_)) => plain(asked),
    };
    (Act::Answer(answer), Duration::ZERO)
}

/// A small capsule of two pages, for hosts that are odd in other ways.
pub(crate) fn plain(asked: &Asked) -> Answer {
    match asked.path.as_str() {
        "/" => {
            Answer::gemtext(format!("# {}\n\nAn ordinary page.\n\n=> /second A second page\n", asked.host))
        }
        "/second" => Answer::gemtext("# A second page\n\n=> / Back\n"),
        _ => Answer::not_found(),
    }
}
