//! `sextant serve`: the server alone. It needs the index and no database: where one is in reach, our own
//! pages (help and the like) are put into it, so that they can be found like any other.

mod own_pages;

use std::convert::Infallible;
use std::process::ExitCode;
use std::time::Duration;

use server::Server;
use server::search::{SearchConfig, Searcher};
use shared::process::progress::{Figure, Progress};
use tokio::time::sleep;

use crate::life::{Life, components, identity};
use crate::machine;
use crate::settings::Settings;

/// Serves until told to stop.
pub(crate) async fn run(settings: &Settings) -> anyhow::Result<ExitCode> {
    let places = settings.places();
    identity::leave_root(places.state())?;
    let mut life = Life::begin("serve", settings, &places)?;
    machine::raised_descriptors();
    let config = settings.server(&places);
    let search = SearchConfig { threads: settings.search_threads, ..SearchConfig::default() };
    let searcher = Searcher::open(&places.index(), search);
    let server = Server::bind(&config, searcher.clone()).await?;
    for address in server.gemini_addresses() {
        tracing::info!(%address, "Gemini is served");
    }
    for address in server.web_addresses() {
        tracing::info!(%address, "the web is served");
    }
    let progress = Progress::default();
    life.tell(progress.clone());
    life.attend(count(searcher.clone(), progress));
    match components::store_options(settings, &places).await {
        Ok(options) => life.attend(own_pages::keep(config, searcher, options)),
        Err(error) => tracing::info!(%error, "our own pages are not put into the store"),
    }
    let stop = life.stop();
    life.until(async {
        server.run(stop).await;
        Ok::<(), Infallible>(())
    })
    .await?;
    Ok(ExitCode::SUCCESS)
}

/// Tells how many pages can be found.
async fn count(searcher: Searcher, progress: Progress) {
    loop {
        progress.set(Figure::Indexed, searcher.facts().pages);
        progress.advanced();
        sleep(Duration::from_secs(1)).await;
    }
}
