//! `sextant up`: a small supervisor.
//!
//! It owns the private Postgres and runs `crawl`, `index` and `serve` as child processes of this same program,
//! so that a hang or a crash of one never touches the others, and healing is a restart. It stops them in
//! order: children first, then the database. When it is killed, the children end by themselves and the
//! database is adopted by the next `up`.

mod announce;
mod ground;
mod space;

use std::ffi::OsString;
use std::io::IsTerminal as _;
use std::path::PathBuf;
use std::process::ExitCode;

use sd_notify::NotifyState;
use shared::process::progress::Progress;
use shared::store::cluster::{Cluster, ClusterError};
use shared::store::{Store, StoreError, StoreOptions};
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use crate::life::child::{self, Child, Seen};
use crate::life::components::SOCKET;
use crate::life::health::{self, Health};
use crate::life::signals::{self, Signals};
use crate::life::telemetry::{self, Destination};
use crate::life::watchdog::{self, Watchdog, Witness};
use crate::life::{identity, notify, terminal};
use crate::postgres;
use crate::settings::{self, Given, Places, Plan, Settings};
use ground::Ground;
use space::Served;

/// Start everything: Postgres, crawler, indexer and server, restarted when one falls
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// Serve this folder of capsules (`<host>/<path>`) on this machine and crawl only it
    #[arg(long, value_name = "FOLDER")]
    space: Option<PathBuf>,
}

/// Runs everything until told to stop.
pub(crate) async fn run(settings: Settings, given: &Given, arguments: Arguments) -> anyhow::Result<ExitCode> {
    let plan =
        arguments.space.map_or_else(|| settings.plan(), |folder| Plan::Folder(settings::absolute(&folder)));
    let places = match &settings.state {
        Some(state) => Places::given(settings::absolute(state)),
        None => Places::for_plan(&plan),
    };
    identity::leave_root(settings.state.as_deref().unwrap_or(&settings::default_folder()))?;
    let ground = Ground::prepare(&settings, &places).await?;
    let log = if std::io::stderr().is_terminal() { Some(telemetry::open(&places.log())?) } else { None };
    let own_log = log.as_ref().map(std::fs::File::try_clone).transpose()?;
    let thrift = telemetry::start(&settings, own_log.map_or(Destination::Stderr, Destination::File))?;
    let _as_many_as_may_be = shared::process::machine::raised_descriptors();

    let mut attendants = JoinSet::new();
    let signals = signals::listen(&mut attendants)?;
    let served = space::serve(&plan, &places).await?;
    let cluster = tokio::select! {
        opened = open_postgres(&settings, &places) => opened?,
        () = signals.now.cancelled() => return Ok(ExitCode::FAILURE),
    };
    if let Err(error) = prepare_store(&settings, cluster.as_ref(), &signals).await {
        if let Some(cluster) = cluster {
            cluster.stop().await?;
        }
        return Err(error);
    }
    places.note();
    announce::tell(&settings, &places, &plan, log.is_some())?;

    let environment = environment(&places, cluster.as_ref(), served.as_ref());
    let progress = Progress::default();
    let health = Health::begin("up", &settings, &places, progress.clone())?;
    health.attend(&mut attendants);
    health.open(&settings.probes, &mut attendants)?;
    notify::attend(&settings, &places, &mut attendants);
    attendants.spawn(telemetry::tell(thrift));
    let witness: Witness = Box::new(Vec::new);
    let watchdog = Watchdog::begin("up", progress.clone(), witness, settings.patience, watchdog::remedy())?;
    let mut children = JoinSet::new();
    let mut seen = Vec::new();
    for name in health::CHILDREN {
        let (told, heard) = watch::channel(Seen::default());
        let child = Child {
            name,
            arguments: arguments_for_children(given, &settings, &places),
            environment: environment.clone(),
            log: log.as_ref().map(std::fs::File::try_clone).transpose()?,
            patience: settings.patience,
        };
        children.spawn(child::keep(child, progress.part(name), signals.clone(), told));
        seen.push((name, heard));
    }
    if log.is_some() {
        attendants.spawn(terminal::show(seen, signals.stop.clone()));
        let log = places.log();
        attendants.spawn(async move { telemetry::keep_short(&log).await });
    }
    let children_ended = CancellationToken::new();
    let mut database = JoinSet::new();
    if let Some(cluster) = cluster {
        let (options, state) = (postgres::options(&settings, &places), places.state().to_owned());
        let unneeded = children_ended.clone();
        database.spawn(async move { postgres::keep(cluster, options, &state, unneeded).await });
    }

    watchdog::notify(NotifyState::Ready);
    let mut told = JoinSet::new();
    let stop = signals.stop.clone();
    told.spawn(async move {
        stop.cancelled().await;
        watchdog::notify(NotifyState::Stopping);
    });
    while children.join_next().await.is_some() {}
    children_ended.cancel();
    while database.join_next().await.is_some() {}
    if let Some(served) = served {
        served.stop().await;
    }
    drop((watchdog, ground));
    announce::farewell()?;
    Ok(ExitCode::SUCCESS)
}

/// The private Postgres, unless the configuration names another.
async fn open_postgres(settings: &Settings, places: &Places) -> Result<Option<Cluster>, ClusterError> {
    if settings.database_url.is_some() {
        return Ok(None);
    }
    Ok(Some(postgres::open(&postgres::options(settings, places)).await?))
}

/// Brings the tables to this program's version. A database of somebody else's that
/// is away now is left to the children, who wait for it.
async fn prepare_store(
    settings: &Settings,
    cluster: Option<&Cluster>,
    signals: &Signals,
) -> anyhow::Result<()> {
    let (options, is_ours) = match (cluster, &settings.database_url) {
        (Some(cluster), _) => (StoreOptions::new(cluster.options()), true),
        (None, Some(url)) => (StoreOptions::from_url(url)?, false),
        (None, None) => return Ok(()),
    };
    let prepared = async {
        Store::open(options).await?.close().await;
        Ok(())
    };
    let result: Result<(), StoreError> = tokio::select! {
        result = prepared => result,
        () = signals.now.cancelled() => Ok(()),
    };
    match result {
        Err(error) if error.is_outage() && !is_ours => {
            tracing::warn!(
                error = &error as &dyn std::error::Error,
                "the database is away; the rest waits for it"
            );
            Ok(())
        }
        other => Ok(other?),
    }
}

fn arguments_for_children(given: &Given, settings: &Settings, places: &Places) -> Vec<OsString> {
    let mut arguments = vec!["--state".into(), places.state().into()];
    if let Some(file) = given.config.as_ref().or(settings.file.as_ref()) {
        arguments.extend(["--config".into(), settings::absolute(file).into()]);
    }
    arguments
}

fn environment(
    places: &Places,
    cluster: Option<&Cluster>,
    served: Option<&Served>,
) -> Vec<(String, OsString)> {
    let mut environment = Vec::new();
    if let Some(cluster) = cluster {
        environment.push((SOCKET.to_owned(), cluster.socket().into()));
    }
    if served.is_some() {
        environment.push((settings::variable("crawl.routes"), places.routes().into()));
        environment.push((settings::variable("crawl.reach"), "routed".into()));
        environment.push((settings::variable("crawl.pace"), "unpaced".into()));
    }
    environment
}
