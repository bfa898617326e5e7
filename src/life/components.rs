//! What each component stands on: the store, found where the configuration says or in the private Postgres.

use std::path::PathBuf;
use std::time::Duration;

use anyhow::Context as _;
use shared::process::progress::{Part, Progress};
use shared::store::cluster;
use shared::store::{Store, StoreError, StoreOptions};
use tokio::time::sleep;
use tokio_util::sync::CancellationToken;

use crate::settings::{Places, Settings};

/// Names the socket's folder to the children of `up`, so that they need not look for a database that may be
/// down at that moment.
pub(crate) const SOCKET: &str = "SEXTANT_DATABASE_SOCKET";

/// The beginning of a component: what ends it, and what it tells meanwhile. It is not ready before this is dropped.
pub(crate) struct Start {
    stop: CancellationToken,
    pub(crate) part: Part,
    progress: Progress,
}

impl Start {
    pub(crate) fn new(stop: CancellationToken, progress: Progress) -> Self {
        progress.lacks("start", Some("the database has not been opened yet".to_owned()));
        Self { stop, part: progress.part("start"), progress }
    }
}

impl Drop for Start {
    fn drop(&mut self) {
        self.progress.lacks("start", None);
    }
}

/// Between two tries to reach the database at the start.
const AGAIN: Duration = Duration::from_secs(2);

/// Where the store is. An error names what to do: usually `sextant up`.
pub(crate) async fn store_options(settings: &Settings, places: &Places) -> anyhow::Result<StoreOptions> {
    if let Some(url) = &settings.database_url {
        return StoreOptions::from_url(url).context("database.url");
    }
    if let Some(socket) = std::env::var_os(SOCKET).map(PathBuf::from) {
        return Ok(StoreOptions::new(cluster::at(&socket)));
    }
    Ok(StoreOptions::new(cluster::find(&places.postgres()).await?))
}

/// The store with its tables at this program's version; a database that is away is waited for. None: told
/// to stop before it came.
pub(crate) async fn store(
    settings: &Settings,
    places: &Places,
    start: &Start,
) -> anyhow::Result<Option<Store>> {
    opened(store_options(settings, places).await?, start).await
}

/// The same for a store elsewhere.
pub(crate) async fn opened(options: StoreOptions, start: &Start) -> anyhow::Result<Option<Store>> {
    let Start { stop, part, .. } = start;
    while !stop.is_cancelled() {
        match part.idle_during("opening the database", Store::open(options.clone())).await {
            Ok(store) => return Ok(Some(store)),
            Err(error) if is_worth_waiting(&error) => {
                tracing::warn!(error = &error as &dyn std::error::Error, "waiting for the database");
            }
            Err(error) => return Err(error.into()),
        }
        tokio::select! {
            () = stop.cancelled() => {}
            () = part.idle_during("waiting for the database", sleep(AGAIN)) => {}
        }
    }
    Ok(None)
}

/// Whether trying again can help. Migrations that fail because the connection broke are tried again too.
fn is_worth_waiting(error: &StoreError) -> bool {
    error.is_outage()
        || std::error::Error::source(error).is_some_and(|source| {
            let text = source.to_string();
            ["connection", "Connection", "shutting down", "starting up"]
                .iter()
                .any(|word| text.contains(word))
        })
}
