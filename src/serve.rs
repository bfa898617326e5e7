//! `sextant serve`: the server alone. It needs the index and no database: where one is in reach, our own
//! pages (help and the like) are put into it, so that they can be found like any other.

mod look;
mod own_pages;

use std::convert::Infallible;
use std::error::Error;
use std::process::ExitCode;
use std::time::Duration;

use server::Server;
use server::app::StoreSlot;
use server::search::{SearchConfig, Searcher};
use shared::process::figures;
use shared::process::progress::{Figure, Progress};
use shared::store::register::{Keeper, RegisterError};
use shared::store::{Store, StoreOptions};
use tokio::time::sleep;

use crate::admin::backup;
use crate::life::{Life, components, identity};
use crate::settings::{Places, Settings};

/// Between two looks for a database.
const LOOK_AGAIN: Duration = Duration::from_secs(10);
/// Connections to the database for all screens together.
const READERS: u32 = 4;
/// A screen waits so long for the database.
const READ: Duration = Duration::from_secs(3);

/// Why nobody should be sent here yet.
const NO_INDEX: &str = "there is no index to search yet";

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
    let counted = searcher.clone();
    life.health().sampling(move || figures::SEARCHABLE.set([], counted.facts().pages as f64));
    life.progress().lacks("index", Some(NO_INDEX.to_owned()));
    let server = Server::bind(&config, searcher.clone(), store.clone()).await?;
    let server = server.telling(&life.progress()).probed(life.health().probed());
    for address in server.gemini_addresses() {
        tracing::info!(%address, "Gemini is served");
    }
    for address in server.web_addresses() {
        tracing::info!(%address, "the web is served");
    }
    for address in server.spartan_addresses() {
        tracing::info!(%address, "Spartan is served");
    }
    for address in server.desk_addresses() {
        tracing::info!(%address, "the admin's desk is open");
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
    let store = Store::lazy(StoreOptions { connections: READERS, deadline: READ, ..options.clone() });
    let reserve = settings.reserve;
    let daily = backup::daily(settings, places.clone(), options.clone());
    let mut keeper = Keeper::new(places.register());
    keep_register(&mut keeper, &store).await;
    slot.fill(store.clone());
    let looked_at = look::keep(store.clone(), places.state(), reserve);
    let registering = async {
        loop {
            sleep(LOOK_AGAIN).await;
            keep_register(&mut keeper, &store).await;
        }
    };
    tokio::join!(own_pages::keep(config, searcher, options), looked_at, registering, daily);
}

/// Until this machine's register of removals and the store's are the same: what was removed before a restore is taken
/// out again before any of it is shown.
async fn keep_register(keeper: &mut Keeper, store: &Store) {
    loop {
        match keeper.keep(store, store).await {
            Ok(()) => return,
            // The store has it, and shows none of it.
            Err(error @ RegisterError::Write { .. }) => {
                tracing::warn!(error = &error as &dyn Error, "the register of removals was not written");
                return;
            }
            Err(RegisterError::Store(error)) if error.is_outage() => {
                tracing::debug!(%error, "the register of removals is compared as soon as the database answers");
            }
            Err(error) => {
                let error = &error as &dyn Error;
                tracing::error!(
                    error,
                    "what was removed is not known: screens that read the store stay closed"
                );
            }
        }
        sleep(LOOK_AGAIN).await;
    }
}

/// Tells how many pages can be found.
async fn count(searcher: Searcher, progress: Progress) {
    let part = progress.part("searcher");
    loop {
        progress.set(Figure::Indexed, searcher.facts().pages);
        progress.lacks("index", (!searcher.is_open()).then(|| NO_INDEX.to_owned()));
        progress.advanced();
        part.idle_during("waiting for searches", sleep(Duration::from_secs(1))).await;
    }
}
