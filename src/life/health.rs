//! What this process says of itself to machines: does it live, is it ready, and its figures.
//!
//! Each process of a state folder tells on a socket of its own in it, so whoever is asked for the figures (the server
//! beside the admin's desk, or `sextant up` at `process.probes`) gives those of all of them in one scrape, told apart by
//! the label `component`. Figures that only say how something is now are read when somebody asks.

mod merge;
mod sample;
mod siblings;

use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use anyhow::Context as _;
use server::web::probes::{self, ProbesDoor};
use shared::process::figures::{self, Exposed};
use shared::process::progress::Progress;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use crate::settings::{Places, Settings};
use sample::{Machine, Sample};
pub(crate) use sample::{connections, crawl, desk, index};
use siblings::{Siblings, Told};

/// Between two times that histograms are sorted.
const SORT: Duration = Duration::from_secs(5);

/// The components that `up` runs.
pub(crate) const CHILDREN: [&str; 3] = ["serve", "index", "crawl"];

/// A process's word on itself. Clones are the same.
#[derive(Clone)]
pub(crate) struct Health(Arc<Inner>);

struct Inner {
    component: &'static str,
    progress: Progress,
    exposed: Exposed,
    machine: Machine,
    siblings: Siblings,
    samples: Mutex<Vec<Sample>>,
}

impl Health {
    /// Begins to record figures in this process.
    pub(crate) fn begin(
        component: &'static str,
        settings: &Settings,
        places: &Places,
        progress: Progress,
    ) -> anyhow::Result<Self> {
        let exposed = figures::expose(component, figures::ALL)?;
        figures::BUILD.set([env!("CARGO_PKG_VERSION")], 1.0);
        let siblings = Siblings::of(places.told(), component)?;
        let machine = Machine::new(settings, places);
        let samples = Mutex::default();
        Ok(Self(Arc::new(Inner { component, progress, exposed, machine, siblings, samples })))
    }

    /// Reads this, too, when somebody asks for the figures.
    pub(crate) fn sampling(&self, sample: impl Fn() + Send + Sync + 'static) {
        self.0.samples.lock().unwrap_or_else(PoisonError::into_inner).push(Box::new(sample));
    }

    /// Tells whoever asks in the state folder, and keeps what is recorded from piling up. In tasks of `attendants`.
    pub(crate) fn attend(&self, attendants: &mut JoinSet<()>) {
        let health = self.clone();
        attendants.spawn(async move {
            loop {
                tokio::time::sleep(SORT).await;
                health.0.exposed.sort();
            }
        });
        let health = self.clone();
        attendants.spawn(async move {
            let told = || serde_json::to_vec(&health.told()).unwrap_or_default();
            health.0.siblings.answer(told).await;
        });
    }

    /// Opens the probes at these addresses, in tasks of `attendants`.
    pub(crate) fn open(&self, addresses: &[SocketAddr], attendants: &mut JoinSet<()>) -> anyhow::Result<()> {
        for &address in addresses {
            let door = ProbesDoor::bind(address)
                .with_context(|| format!("process.probes: {address} cannot be listened on"))?;
            let address = door.address().unwrap_or(address);
            tracing::info!(%address, "probes are answered");
            attendants.spawn(door.run(self.probed(), CancellationToken::new()));
        }
        Ok(())
    }

    /// For a listener that answers probes.
    pub(crate) fn probed(&self) -> Arc<dyn probes::Health> {
        Arc::new(self.clone())
    }

    fn told(&self) -> Told {
        let Inner { component, progress, exposed, machine, samples, .. } = &*self.0;
        machine.sample(progress);
        for sample in samples.lock().unwrap_or_else(PoisonError::into_inner).iter() {
            sample();
        }
        Told { component: (*component).to_owned(), lacking: progress.lacking(), figures: exposed.text() }
    }

    async fn all(&self) -> Vec<Told> {
        let mut told = self.0.siblings.ask().await;
        told.push(self.told());
        told.sort_by(|one, other| one.component.cmp(&other.component));
        told
    }

    /// For the supervisor, the whole is not ready as long as one of its components is not.
    async fn lacking_of_all(&self) -> Vec<String> {
        let told = self.0.siblings.ask().await;
        let of_child = |child: &str| match told.iter().find(|told| told.component == child) {
            None => vec![format!("{child}: it does not answer")],
            Some(told) => told.lacking.iter().map(|lack| format!("{child}: {lack}")).collect(),
        };
        CHILDREN.into_iter().flat_map(of_child).chain(self.0.progress.lacking()).collect()
    }
}

impl probes::Health for Health {
    fn stuck(&self) -> Vec<String> {
        self.0.progress.stuck()
    }

    fn lacking(&self) -> Pin<Box<dyn Future<Output = Vec<String>> + Send + '_>> {
        Box::pin(async {
            if self.0.component == "up" { self.lacking_of_all().await } else { self.0.progress.lacking() }
        })
    }

    fn figures(&self) -> Pin<Box<dyn Future<Output = String> + Send + '_>> {
        Box::pin(async {
            let all = self.all().await;
            merge::merge(all.iter().map(|told| told.figures.as_str()))
        })
    }
}
