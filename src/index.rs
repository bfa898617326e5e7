//! `sextant index`: follow the store, compare the index with it, or build it anew.

use std::io::Write as _;
use std::process::ExitCode;

use anyhow::Context as _;
use indexer::{Indexer, IndexerError, VerifyReport, WriterError};
use shared::store::Store;
use shared::store::asked::job::{self, JobKind};
use shared::store::bell::{self, Topic};

use crate::life::{Life, components, identity};
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
    /// Let the index before this one serve again
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
    let mut life = Life::begin("index", settings, places)?;
    if let Some(store) = components::store(settings, places, &life.stop()).await? {
        let indexer = Indexer::new(settings.indexer(places), store);
        life.tell(indexer.progress());
        let stop = life.stop();
        life.until(indexer.run(stop)).await?;
    }
    Ok(ExitCode::SUCCESS)
}

/// A running indexer has the folder: it is asked by a job. Otherwise the work is done here.
async fn rebuild(settings: &Settings, places: &Places) -> anyhow::Result<ExitCode> {
    let indexer = indexer(settings, places).await?;
    let stop = crate::life::signals::only_stop()?;
    match indexer.rebuild(&stop.token).await {
        Ok(report) => tell(&report),
        Err(IndexerError::Writer(WriterError::Taken { .. })) => {
            let store = open(settings, places).await?;
            store
                .write(async |c| {
                    job::ask(c, JobKind::Rebuild, &settings.follower).await?;
                    bell::ring(c, Topic::Jobs).await
                })
                .await?;
            writeln!(
                std::io::stdout(),
                "the running indexer was asked to build its index anew; the old one serves on"
            )?;
            Ok(ExitCode::SUCCESS)
        }
        Err(error) => Err(error.into()),
    }
}

async fn roll_back(settings: &Settings, places: &Places) -> anyhow::Result<ExitCode> {
    let stop = crate::life::signals::only_stop()?;
    tell(&indexer(settings, places).await?.roll_back(&stop.token).await?)
}

async fn indexer(settings: &Settings, places: &Places) -> anyhow::Result<Indexer> {
    Ok(Indexer::new(settings.indexer(places), open(settings, places).await?))
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
