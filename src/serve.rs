//! `sextant serve`: the server alone. It needs the index and no database: where one is in reach, our own
//! pages (help and the like) are put into it, so that they can be found like any other.

mod own_pages;

use std::convert::Infallible;
use std::process::ExitCode;
use std::time::Duration;

use server::Server;
use server::app::StoreSlot;
use server::search::{SearchConfig, Searcher};
use shared::process::progress::{Figure, Progress};
use shared::store::{Store, StoreOptions};
use tokio::time::sleep;

use crate::life::{Life, components, identity};
use crate::settings::{Places, Settings};

/// Between two looks for a database.
const LOOK_AGAIN: Duration = Duration::from_secs(10);
/// Connections to the database for all screens together.
const READERS: u32 = 4;
/// A screen waits so long for the database.
const READ: Duration = Duration::from_secs(3);

/// Serves until told to stop.
pub(crate) async fn run(settings: &Settings) -> anyhow::Result<ExitCode> {
    let places = settings.places();
    identity::leave_root(places.state())?;
    let mut life = Life::begin("serve", settings, &places)?;
    let _as_many_as_may_be = shared::process::machine::raised_descriptors();
    let config = settings.server(&places);
    let search = SearchConfig { threads: settings.search_threads, ..SearchConfig::default() };
    let searcher = Searcher::open(&places.index(), search);
    let store = StoreSlot::default();
    let server = Server::bind(&config, searcher.clone(), store.clone()).await?.telling(&life.progress());
    for address in server.gemini_addresses() {
        tracing::info!(%address, "Gemini is served");
    }
    for address in server.web_addresses() {
        tracing::info!(%address, "the web is served");
    }
    for address in server.spartan_addresses() {
        tracing::info!(%address, "Spartan is served");
    }
    life.attend(count(searcher.clone(), life.progress()));
    life.attend(find_store(settings.clone(), places.clone(), config, searcher, store));
    let stop = life.stop();
    life.until(async {
        server.run(stop).await;
        Ok::<(), Infallible>(())
    })
    .await?;
    Ok(ExitCode::SUCCESS)
}

/// Looks for the database until it is found: then the screens that need one can be shown, and our own pages are
/// put into it.
async fn find_store(
    settings: Settings,
    places: Places,
    config: server::config::Config,
    searcher: Searcher,
    slot: StoreSlot,
) {
    let options = loop {
        match components::store_options(&settings, &places).await {
            Ok(options) => break options,
            Err(error) => tracing::debug!(%error, "no database is found yet"),
        }
        sleep(LOOK_AGAIN).await;
    };
    slot.fill(Store::lazy(StoreOptions { connections: READERS, deadline: READ, ..options.clone() }));
    own_pages::keep(config, searcher, options).await;
}

/// Tells how many pages can be found.
async fn count(searcher: Searcher, progress: Progress) {
    let part = progress.part("searcher");
    loop {
        progress.set(Figure::Indexed, searcher.facts().pages);
        progress.advanced();
        part.idle_during("waiting for searches", sleep(Duration::from_secs(1))).await;
    }
}
