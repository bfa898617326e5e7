//! The life of a process that runs one component: telemetry, its lock, signals, work, the end.
//!
//! A component stops when asked by a signal or when its supervisor is gone, which it learns from its standard
//! input: the supervisor holds the other end of that pipe and writes nothing. What a component tells of its
//! progress goes out on standard output, one line a second, by its watchdog.

pub(crate) mod child;
pub(crate) mod components;
pub(crate) mod ending;
pub(crate) mod health;
pub(crate) mod identity;
pub(crate) mod lock;
pub(crate) mod notify;
pub(crate) mod report;
pub(crate) mod signals;
pub(crate) mod starts;
pub(crate) mod telemetry;
pub(crate) mod terminal;
pub(crate) mod unfinished;
pub(crate) mod watchdog;

use std::process::ExitCode;
use std::time::Duration;

use anyhow::Context as _;
use sd_notify::NotifyState;
use shared::process::progress::Progress;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use crate::settings::{Places, Settings};
use components::Start;
use health::Health;
use lock::Lock;
use telemetry::Destination;
use watchdog::{Watchdog, Witness};

/// How long a component may take to end its work. All of `sextant up` has 15 s.
const GRACE: Duration = Duration::from_secs(8);

/// Runs the program's work to its end and gives its exit code.
pub(crate) fn live(work: impl Future<Output = anyhow::Result<ExitCode>>) -> ExitCode {
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => return ending::of(&error.into()),
    };
    let ended = runtime.block_on(work);
    // Blocking work that hangs does not keep the process.
    runtime.shutdown_timeout(Duration::from_secs(1));
    ended.unwrap_or_else(|error| ending::of(&error))
}

/// One component's process.
pub(crate) struct Life {
    name: &'static str,
    stop: CancellationToken,
    /// Signals, the parent, the reports: all end with the process.
    attendants: JoinSet<()>,
    progress: Progress,
    patience: Duration,
    watchdog: Option<Watchdog>,
    health: Health,
    /// Held until the end.
    _lock: Lock,
}

impl Life {
    /// Begins: from here on the process can be told to stop.
    pub(crate) fn begin(name: &'static str, settings: &Settings, places: &Places) -> anyhow::Result<Self> {
        let thrift = telemetry::start(settings, Destination::Stderr)?;
        std::fs::create_dir_all(places.state())
            .with_context(|| format!("the state folder {} cannot be made", places.state().display()))?;
        unfinished::none(places.state())?;
        let lock = Lock::take(&places.lock(name))?;
        let mut attendants = JoinSet::new();
        let stop = signals::listen(&mut attendants)?.stop;
        attendants.spawn(telemetry::tell(thrift));
        tracing::info!(component = name, version = env!("CARGO_PKG_VERSION"), "started");
        starts::note(places, name);
        let (progress, patience) = (Progress::default(), settings.patience);
        let health = Health::begin(name, settings, places, progress.clone())?;
        health.attend(&mut attendants);
        if child::is_supervised() {
            attendants.spawn(child::outlive_nobody(stop.clone()));
        } else {
            // A supervisor of ours does this for all of its children.
            health.open(&settings.probes, &mut attendants)?;
            notify::attend(settings, places, &mut attendants);
        }
        let mut life =
            Self { name, stop, attendants, progress, patience, watchdog: None, health, _lock: lock };
        life.watch(Box::new(Vec::new))?;
        Ok(life)
    }

    /// What the component tells of itself: watched from the beginning on.
    pub(crate) fn progress(&self) -> Progress {
        self.progress.clone()
    }

    /// Its beginning, which ends when this is dropped.
    pub(crate) fn start(&self) -> Start {
        Start::new(self.stop(), self.progress())
    }

    /// What it says of itself to machines.
    pub(crate) fn health(&self) -> Health {
        self.health.clone()
    }

    /// Watches the component, with `witness` to say what it has in hand.
    pub(crate) fn watch(&mut self, witness: Witness) -> anyhow::Result<()> {
        // The one before ends first: there is one beat.
        self.watchdog = None;
        let progress = self.progress();
        let watchdog = Watchdog::begin(self.name, progress, witness, self.patience, watchdog::remedy());
        self.watchdog = Some(watchdog.context("the watchdog cannot be started")?);
        Ok(())
    }

    /// Cancelled when it is time to stop.
    pub(crate) fn stop(&self) -> CancellationToken {
        self.stop.clone()
    }

    /// Runs something beside the component, as long as the process lives.
    pub(crate) fn attend(&mut self, attendant: impl Future<Output = ()> + Send + 'static) {
        self.attendants.spawn(attendant);
    }

    /// Lives until the work is done; once stopped, it has a little time to end.
    pub(crate) async fn until<E>(self, work: impl Future<Output = Result<(), E>>) -> anyhow::Result<()>
    where
        E: Into<anyhow::Error>,
    {
        if !child::is_supervised() {
            watchdog::notify(NotifyState::Ready);
        }
        let overdue = async {
            self.stop.cancelled().await;
            if !child::is_supervised() {
                watchdog::notify(NotifyState::Stopping);
            }
            tokio::time::sleep(GRACE).await;
        };
        let result = tokio::select! {
            result = work => result.map_err(Into::into),
            () = overdue => {
                tracing::warn!(component = self.name, "stopped with work unfinished");
                Ok(())
            }
        };
        tracing::info!(component = self.name, "ended");
        result
    }
}
