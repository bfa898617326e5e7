//! From a query to a screen: search and render over Gemini and the web.
//!
//! The doors ([`gemini`], [`web`], [`spartan`]) accept visitors within [`limits`] and turn what they ask into an
//! [`ask`]; [`route`] leads from its path to one of the [`screens`], which asks [`search`] and answers with
//! a view; [`render`] puts it into the visitor's tongue. No step of a search touches the database. What
//! changes anything is one of the [`acts`].

mod accept;
pub mod acts;
pub mod api;
pub mod app;
pub mod ask;
pub mod config;
pub mod desk;
pub mod gemini;
pub mod limits;
pub mod names;
pub mod paths;
pub mod people;
pub mod render;
pub mod route;
pub mod screens;
pub mod search;
pub mod spartan;
pub mod web;

use std::net::SocketAddr;
use std::sync::Arc;

use shared::process::progress::{Part, Progress};
use tokio_util::sync::CancellationToken;

use app::{App, StoreSlot};
use config::{Config, DeskAddress};
use gemini::{GeminiDoor, GeminiError};
use limits::Gate;
use search::Searcher;
use spartan::{SpartanDoor, SpartanError};
use web::admin::{DeskDoor, DeskError};
use web::probes::Health;
use web::{WebDoor, WebError};

/// The server could not be opened.
#[derive(Debug, thiserror::Error)]
pub enum ServerError {
    /// Over Gemini.
    #[error(transparent)]
    Gemini(#[from] GeminiError),
    /// Over the web.
    #[error(transparent)]
    Web(#[from] WebError),
    /// Over Spartan.
    #[error(transparent)]
    Spartan(#[from] SpartanError),
    /// The admin's desk on the web.
    #[error(transparent)]
    Desk(#[from] DeskError),
}

/// The server with all its doors open.
#[derive(Debug)]
pub struct Server {
    app: Arc<App>,
    gemini: GeminiDoor,
    web: WebDoor,
    spartan: SpartanDoor,
    desk: DeskDoor,
    parts: [Part; 4],
}

impl Server {
    /// Binds every address of the configuration.
    ///
    /// # Errors
    ///
    /// When an address is taken, or there is no usable certificate.
    pub async fn bind(config: &Config, searcher: Searcher, store: StoreSlot) -> Result<Self, ServerError> {
        let app = Arc::new(App::new(config, searcher, store));
        let gate = Gate::new(&config.limits);
        let gemini = GeminiDoor::bind(config, Arc::clone(&app), gate.clone()).await?;
        let spartan = SpartanDoor::bind(config, Arc::clone(&app), gate).await?;
        let web = WebDoor::bind(config, Arc::clone(&app)).await?;
        let desk = DeskDoor::bind(config, Arc::clone(&app))?;
        Ok(Self { app, gemini, web, spartan, desk, parts: Default::default() })
    }

    /// Tells of its doors to whoever watches this progress.
    #[must_use]
    pub fn telling(self, progress: &Progress) -> Self {
        let parts =
            ["gemini door", "web door", "spartan door", "desk's door"].map(|door| progress.part(door));
        Self { parts, ..self }
    }

    /// Answers the probes of machines beside the admin's desk.
    #[must_use]
    pub fn probed(self, health: Arc<dyn Health>) -> Self {
        Self { desk: self.desk.probed(health), ..self }
    }

    /// Where Gemini clients come in.
    #[must_use]
    pub fn gemini_addresses(&self) -> Vec<SocketAddr> {
        self.gemini.addresses()
    }

    /// Where browsers come in.
    #[must_use]
    pub fn web_addresses(&self) -> Vec<SocketAddr> {
        self.web.addresses()
    }

    /// Where Spartan clients come in.
    #[must_use]
    pub fn spartan_addresses(&self) -> Vec<SocketAddr> {
        self.spartan.addresses()
    }

    /// Where the admin's desk is on the web.
    #[must_use]
    pub fn desk_addresses(&self) -> Vec<DeskAddress> {
        self.desk.addresses()
    }

    /// Serves until stopped.
    pub async fn run(self, stop: CancellationToken) {
        // What capsules allow is read before the first visitor is served, where there is a store by then.
        self.app.read_manners().await;
        let [gemini, web, spartan, desk] = self.parts;
        tokio::join!(
            watched(gemini, self.gemini.run(stop.clone())),
            watched(spartan, self.spartan.run(stop.clone())),
            watched(web, self.web.run(stop.clone())),
            watched(desk, self.desk.run(stop.clone())),
            self.app.keep_manners(stop)
        );
    }
}

/// A door as its watchdog sees it: idle on purpose as long as it is open. The part ends with the door, so one without
/// an address, which is closed at once, hangs nowhere.
async fn watched(part: Part, door: impl Future<Output = ()>) {
    part.idle_during("open for visitors", door).await;
}
