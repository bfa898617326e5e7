//! The private Postgres as `up` and `sextant postgres` keep it: started again whenever it ends, moved to a new
//! major version when asked to, stopped last.

pub(crate) mod wish;

use std::convert::Infallible;
use std::path::Path;
use std::process::ExitCode;
use std::time::Duration;

use shared::process::figures;
use shared::store::cluster::{Cluster, ClusterError, ClusterOptions, Origin, upgrade};
use shared::store::{Store, StoreOptions};
use tokio::time::sleep;
use tokio_util::sync::CancellationToken;

use crate::life::{Life, identity};
use crate::machine;
use crate::settings::{Places, Settings};
use wish::Wish;

/// The wait between two tries to start Postgres again, at first and at most.
const FIRST_WAIT: Duration = Duration::from_millis(250);
const LONGEST_WAIT: Duration = Duration::from_secs(60);

/// Between two looks whether a move is wished for.
const LOOK: Duration = Duration::from_millis(500);

/// `sextant postgres`: the private Postgres alone, under a supervisor of somebody else's.
pub(crate) async fn run(settings: &Settings) -> anyhow::Result<ExitCode> {
    let places = settings.places();
    identity::leave_root(places.state())?;
    if settings.database_url.is_some() {
        anyhow::bail!("database.url names a Postgres of somebody else's: there is none of our own to run");
    }
    let life = Life::begin("postgres", settings, &places)?;
    let options = options(settings, &places);
    let start = life.start();
    let cluster = start.part.idle_during("the database starts", open(&options)).await?;
    drop(start);
    let store = StoreOptions::new(cluster.options());
    Store::open(store).await?.close().await;
    let (stop, part) = (life.stop(), life.progress().part("postgres"));
    let kept = async {
        let kept = keep(cluster, options, places.state(), stop);
        part.idle_during("Postgres runs", kept).await;
        Ok::<(), Infallible>(())
    };
    life.until(kept).await?;
    Ok(ExitCode::SUCCESS)
}

/// What the private cluster is opened with.
pub(crate) fn options(settings: &Settings, places: &Places) -> ClusterOptions {
    ClusterOptions {
        programs: settings.database_programs.clone(),
        memory_bytes: machine::memory_bytes(),
        ..ClusterOptions::new(places.postgres())
    }
}

/// Makes, starts or adopts it, and says which.
pub(crate) async fn open(options: &ClusterOptions) -> Result<Cluster, ClusterError> {
    let cluster = Cluster::open(options).await?;
    let how = match cluster.origin() {
        Origin::Created => "created",
        Origin::Started => "started",
        Origin::Adopted => "found running",
    };
    tracing::info!(pid = cluster.pid(), how, "the database is there");
    Ok(cluster)
}

/// Starts Postgres again whenever it ends, until nobody needs it; then stops it.
pub(crate) async fn keep(
    mut cluster: Cluster,
    mut options: ClusterOptions,
    state: &Path,
    unneeded: CancellationToken,
) {
    wish::forget(state);
    loop {
        let wished = tokio::select! {
            () = unneeded.cancelled() => break,
            () = cluster.ended() => {
                tracing::error!("Postgres ended unasked: starting it again");
                figures::RESTARTS.add(["postgres"], 1);
                None
            }
            wish = wished(state) => Some(wish),
        };
        let again = match wished {
            Some(wish) => {
                let told = move_to(cluster, &mut options, &wish).await;
                wish::answer(state, told);
                opened(&options, &unneeded).await
            }
            None => restarted(cluster, &unneeded).await,
        };
        // It does not run: there is nothing to stop.
        let Some(started) = again else { return };
        cluster = started;
    }
    if let Err(error) = cluster.stop().await {
        tracing::error!(error = &error as &dyn std::error::Error, "Postgres was left running");
    }
}

/// Opened, however often it takes; none: nobody needs it any more.
async fn opened(options: &ClusterOptions, unneeded: &CancellationToken) -> Option<Cluster> {
    let mut wait = FIRST_WAIT;
    loop {
        match Cluster::open(options).await {
            Ok(cluster) => return Some(cluster),
            Err(error) => again(&error, &mut wait, unneeded).await?,
        }
    }
}

/// Started again, however often it takes; none: nobody needs it any more.
async fn restarted(mut cluster: Cluster, unneeded: &CancellationToken) -> Option<Cluster> {
    let mut wait = FIRST_WAIT;
    while let Err(error) = cluster.restart().await {
        again(&error, &mut wait, unneeded).await?;
    }
    Some(cluster)
}

/// Waits longer each time.
async fn again(error: &ClusterError, wait: &mut Duration, unneeded: &CancellationToken) -> Option<()> {
    tracing::error!(error = error as &dyn std::error::Error, "Postgres cannot be started");
    tokio::select! {
        () = unneeded.cancelled() => return None,
        () = sleep(*wait) => *wait = (2 * *wait).min(LONGEST_WAIT),
    }
    Some(())
}

async fn wished(state: &Path) -> Wish {
    loop {
        if let Some(wish) = wish::take(state) {
            return wish;
        }
        sleep(LOOK).await;
    }
}

/// Stops it, moves it, and leaves it stopped; what to say to whoever wished for it.
async fn move_to(cluster: Cluster, options: &mut ClusterOptions, wish: &Wish) -> Result<String, String> {
    tracing::info!("the database moves to another version of Postgres");
    let moved = async {
        cluster.stop().await?;
        upgrade::upgrade(options, wish.programs.as_deref()).await
    };
    match moved.await {
        Ok(moved) => {
            tracing::info!(from = moved.from, to = moved.to, rows = moved.rows, "the database has moved");
            if wish.programs.is_some() {
                options.programs = Some(moved.programs.clone());
            }
            Ok(wish::told(&moved))
        }
        Err(error) => {
            tracing::error!(error = &error as &dyn std::error::Error, "the database did not move");
            Err(crate::life::ending::chain(&error.into()))
        }
    }
}
