//! A running space: its routes, its log, and the changes a test makes to it.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use tokio::task::JoinSet;
use tokio::time::{Instant, timeout_at};
use tokio_util::sync::CancellationToken;

use crate::address::Bound;
use crate::behaviour::Behaviour;
use crate::capsule::Capsule;
use crate::log::{By, Log, Request};
use crate::world::{Host, Place, World};
use crate::{SpaceError, WaitedTooLong};

/// How long `wait_for` waits.
const WAIT: Duration = Duration::from_secs(30);

/// A running simulated Geminispace. It stops when it is dropped.
#[derive(Debug)]
pub struct Space {
    world: Arc<World>,
    /// Host names in the order of the builder.
    order: Vec<String>,
    listeners: JoinSet<()>,
    /// Addresses that are held without being served.
    held: Vec<Bound>,
    stop: CancellationToken,
}

impl Space {
    pub(crate) fn new(
        world: Arc<World>,
        order: Vec<String>,
        listeners: JoinSet<()>,
        held: Vec<Bound>,
        stop: CancellationToken,
    ) -> Self {
        Self { world, order, listeners, held, stop }
    }

    /// Every host with the address that serves it, for the crawler's setting `route`.
    pub fn routes(&self) -> Vec<(String, SocketAddr)> {
        let place = |name: &String| Some((name.clone(), self.world.places.get(name)?.address));
        self.order.iter().filter_map(place).collect()
    }

    /// The address of one host.
    pub fn address(&self, host: &str) -> Option<SocketAddr> {
        self.world.places.get(&host.to_ascii_lowercase()).map(|place| place.address)
    }

    /// The port of all addresses.
    pub fn port(&self) -> u16 {
        self.world.port
    }

    /// The certificate of a well-behaved host, in DER.
    pub fn certificate(&self, host: &str) -> Option<Vec<u8>> {
        let certificate = self.world.tls.certificate(&host.to_ascii_lowercase()).ok()?;
        certificate.cert.first().map(|certificate| certificate.to_vec())
    }

    /// Looks at the log. Nothing may wait inside, for the space waits meanwhile.
    pub fn look<T>(&self, look: impl FnOnce(&Log) -> T) -> T {
        look(&self.world.recorder.log())
    }

    /// Every kept request, oldest first.
    pub fn requests(&self) -> Vec<Request> {
        self.look(|log| log.requests().cloned().collect())
    }

    /// The kept requests of one host.
    pub fn requests_for(&self, host: &str) -> Vec<Request> {
        self.look(|log| log.requests_for(host).cloned().collect())
    }

    /// How many requests have come since the start.
    pub fn request_count(&self) -> u64 {
        self.look(Log::request_count)
    }

    /// How many connections are open now, as the servers see it.
    pub fn open_connections(&self) -> usize {
        self.look(Log::open_connections)
    }

    /// See [`Log::max_open_at_once`].
    pub fn max_open_at_once(&self, by: By) -> usize {
        self.look(|log| log.max_open_at_once(by))
    }

    /// See [`Log::smallest_gap`].
    pub fn smallest_gap(&self, by: By) -> Option<Duration> {
        self.look(|log| log.smallest_gap(by))
    }

    /// See [`Log::smallest_rest_among_kills`].
    pub fn smallest_rest_among_kills(&self, by: By) -> Option<Duration> {
        self.look(|log| log.smallest_rest_among_kills(by))
    }

    /// See [`Log::smallest_rest`].
    pub fn smallest_rest(&self, by: By) -> Option<Duration> {
        self.look(|log| log.smallest_rest(by))
    }

    /// Waits until the log shows this, at most 30 s. Woken by every change of the log.
    pub async fn wait_for(&self, reached: impl Fn(&Log) -> bool) -> Result<(), WaitedTooLong> {
        self.wait_at_most(WAIT, reached).await
    }

    /// Waits until the log shows this, at most `limit`.
    pub async fn wait_at_most(
        &self,
        limit: Duration,
        reached: impl Fn(&Log) -> bool,
    ) -> Result<(), WaitedTooLong> {
        let until = Instant::now() + limit;
        // Subscribed before the first look, so that no change between look and wait is missed.
        let mut changes = self.world.recorder.changes();
        while !self.look(&reached) {
            if !matches!(timeout_at(until, changes.changed()).await, Ok(Ok(()))) {
                return self.look(|log| {
                    Err(WaitedTooLong {
                        limit,
                        requests: log.request_count(),
                        connections: log.connection_count(),
                        open: log.open_connections(),
                    })
                });
            }
        }
        Ok(())
    }

    /// Changes a scripted capsule while it is served: `space.edit("a.example", |a| a.page("/", "new"))`.
    pub fn edit(&self, host: &str, edit: impl FnOnce(Capsule) -> Capsule) -> Result<(), SpaceError> {
        self.place(host)?.change(|old| {
            let capsule = match old {
                Host::Capsule(capsule) => Capsule::clone(capsule),
                Host::Folder(_) | Host::Generated(..) | Host::Hostile(_) => Capsule::new(),
            };
            Host::Capsule(Arc::new(edit(capsule)))
        });
        Ok(())
    }

    /// A host becomes this capsule from now on.
    pub fn set_capsule(&self, host: &str, capsule: Capsule) -> Result<(), SpaceError> {
        self.place(host)?.change(|_| Host::Capsule(Arc::new(capsule)));
        Ok(())
    }

    /// A host goes bad from now on. A host that was good at the start keeps its listener, so `Refused` and
    /// `QueueFull` then reset each connection instead.
    pub fn set_hostile(&self, host: &str, behaviour: impl Into<Behaviour>) -> Result<(), SpaceError> {
        let behaviour = behaviour.into();
        self.place(host)?.change(|_| Host::Hostile(behaviour));
        Ok(())
    }

    fn place(&self, host: &str) -> Result<&Place, SpaceError> {
        let name = host.to_ascii_lowercase();
        self.world.places.get(&name).ok_or(SpaceError::Unknown(name))
    }

    /// Closes every connection and listener, and returns when they are closed.
    pub async fn stop(mut self) {
        self.stop.cancel();
        while self.listeners.join_next().await.is_some() {}
        self.held.clear();
    }
}

impl Drop for Space {
    fn drop(&mut self) {
        self.stop.cancel();
    }
}
