//! `sextant index`: follow the store, compare the index with it, or build it anew.

use std::io::Write as _;
use std::process::ExitCode;

use anyhow::Context as _;
use indexer::{Indexer, IndexerError, VerifyReport, WriterError};
use shared::index::generation::IndexFolder;
use shared::store::asked::job::{self, JobKind};
use shared::store::bell::{self, Topic};
use shared::store::{Store, StoreOptions};

use crate::life::components::Start;
use crate::life::{Life, components, health, identity};
use crate::settings::{Places, Settings};

/// Run the indexer alone, compare the index with the store, or build it anew
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    act: Option<Act>,
}

#[derive(Debug, clap::Subcommand)]
enum Act {
    /// Follow the store until stopped (the default)
    Follow,
    /// Compare the index with the store, and say how many pages differ
    Verify,
    /// Build the index anew while the old one serves
    Rebuild,
    /// Let the index before this one serve again, once it has read on to now
    #[command(name = "rollback", alias = "roll-back")]
    RollBack,
}

/// Runs the indexer, or one act of it.
pub(crate) async fn run(settings: &Settings, arguments: &Arguments) -> anyhow::Result<ExitCode> {
    let places = settings.places();
    identity::leave_root(places.state())?;
    match arguments.act {
        None | Some(Act::Follow) => follow(settings, &places).await,
        Some(Act::Verify) => tell(&indexer(settings, &places).await?.verify().await?),
        Some(Act::Rebuild) => rebuild(settings, &places).await,
        Some(Act::RollBack) => roll_back(settings, &places).await,
    }
}

async fn follow(settings: &Settings, places: &Places) -> anyhow::Result<ExitCode> {
    let life = Life::begin("index", settings, places)?;
    // The start ends here, and with it the part that is watched for it.
    let indexer = following(settings, places, &life.start()).await?;
    if let Some(indexer) = indexer {
        let indexer = indexer.telling(life.progress());
        let (progress, folder) = (life.progress(), IndexFolder::at(&places.index()));
        life.health().sampling(move || health::index(&progress, folder.rebuilding()));
        let stop = life.stop();
        life.until(indexer.run(stop)).await?;
    }
    Ok(ExitCode::SUCCESS)
}

/// The indexer that runs: it waits for its database. None: told to stop before it came.
async fn following(settings: &Settings, places: &Places, start: &Start) -> anyhow::Result<Option<Indexer>> {
    let config = settings.indexer(places);
    let Some(url) = &settings.primary_url else {
        let store = components::store(settings, places, start).await?;
        return Ok(store.map(|store| Indexer::new(config, store)));
    };
    let options = StoreOptions::from_url(url).context("index.primary_url")?;
    let Some(primary) = components::opened(options, start).await? else { return Ok(None) };
    let replica = Store::lazy(components::store_options(settings, places).await?);
    Ok(Some(Indexer::new(config, replica).writing_to(primary)))
}

/// A running indexer has the folder: it is asked by a job. Otherwise the work is done here.
async fn rebuild(settings: &Settings, places: &Places) -> anyhow::Result<ExitCode> {
    let indexer = indexer(settings, places).await?;
    let stop = crate::life::signals::only_stop()?;
    let done = indexer.rebuild(&stop.token).await;
    told_or_asked(settings, places, done, JobKind::Rebuild, "build its index anew; the old one serves on")
        .await
}

async fn roll_back(settings: &Settings, places: &Places) -> anyhow::Result<ExitCode> {
    let indexer = indexer(settings, places).await?;
    let stop = crate::life::signals::only_stop()?;
    let done = indexer.roll_back(&stop.token).await;
    told_or_asked(settings, places, done, JobKind::RollBack, "let its earlier index serve again").await
}

async fn told_or_asked(
    settings: &Settings,
    places: &Places,
    done: Result<VerifyReport, IndexerError>,
    kind: JobKind,
    to: &str,
) -> anyhow::Result<ExitCode> {
    match done {
        Ok(report) => tell(&report),
        Err(IndexerError::Writer(WriterError::Taken { .. })) => {
            let store = primary(settings, places).await?;
            store
                .write(async |c| {
                    job::ask(c, kind, &settings.follower).await?;
                    bell::ring(c, Topic::Jobs).await
                })
                .await?;
            writeln!(std::io::stdout(), "the running indexer was asked to {to}")?;
            Ok(ExitCode::SUCCESS)
        }
        Err(error) => Err(error.into()),
    }
}

async fn indexer(settings: &Settings, places: &Places) -> anyhow::Result<Indexer> {
    let indexer = Indexer::new(settings.indexer(places), open(settings, places).await?);
    Ok(indexer.writing_to(primary(settings, places).await?))
}

/// The store that takes writing.
async fn primary(settings: &Settings, places: &Places) -> anyhow::Result<Store> {
    match &settings.primary_url {
        Some(url) => {
            let options = StoreOptions::from_url(url).context("index.primary_url")?;
            Store::connect(options).await.context("the primary cannot be opened")
        }
        None => open(settings, places).await,
    }
}

async fn open(settings: &Settings, places: &Places) -> anyhow::Result<Store> {
    let mut options = components::store_options(settings, places).await?;
    // A comparison reads long lists.
    options.deadline = std::time::Duration::from_secs(60);
    Store::connect(options).await.context("the store cannot be opened")
}

/// A difference is a failure, so that a script can rely on it.
fn tell(report: &VerifyReport) -> anyhow::Result<ExitCode> {
    writeln!(std::io::stdout(), "{report}")?;
    Ok(if report.differences() == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
