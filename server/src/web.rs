//! The web door: HTTP/1.1 for browsers, without script, cookie or third party.
//!
//! Connections come in through the gate and have limits in time ([`guest`]); requests have limits in size ([`size`]).
//! What is left goes the way of every request: [`crate::route`], and back as a response with our headers.

pub mod admin;
mod caching;
mod guest;
pub mod headers;
mod origin;
pub mod probes;
mod query;
mod respond;
mod size;

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::{ConnectInfo, State};
use axum::http::{HeaderMap, Method, StatusCode, Uri};
use axum::middleware;
use axum::response::Response;
use tokio::net::TcpListener;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use crate::accept::{count, listen};
use crate::app::App;
use crate::ask::Ask;
use crate::config::{Config, Network};
use crate::limits::{Full, Gate, Pass};
use crate::people::Visitor;
use crate::render::problem::Problem;
use crate::route;
use crate::route::guarded::guarded;
use crate::search::Extras;
use caching::unless_held;
use guest::{GRACE, GuestListener, Whence};
use origin::{Origin, origin};
use query::words_of;
use size::Taken;

/// Until one of a visitor's own requests has ended.
const A_MOMENT: Duration = Duration::from_secs(1);

/// An address is taken, or not ours.
#[derive(Debug, thiserror::Error)]
#[error("the web cannot listen on {address}")]
pub struct WebError {
    /// Which one.
    pub address: SocketAddr,
    /// Why.
    #[source]
    pub source: io::Error,
}

/// The open door.
#[derive(Debug)]
pub struct WebDoor {
    listeners: Vec<TcpListener>,
    router: Router,
    gate: Gate,
    limit: Duration,
}

impl WebDoor {
    /// Binds all addresses.
    ///
    /// # Errors
    ///
    /// When one is taken.
    pub async fn bind(config: &Config, app: Arc<App>) -> Result<Self, WebError> {
        let mut listeners = Vec::new();
        for &address in &config.web {
            let bound = listen(address);
            listeners.push(bound.map_err(|source| WebError { address, source })?);
        }
        let gate = Gate::behind(&config.trusted_proxies, &config.limits);
        let brought = gate.for_the_brought();
        let within = Within { app, gate: gate.clone(), brought, proxies: config.trusted_proxies.clone() };
        let router = Router::new()
            .fallback(serve)
            .with_state(Arc::new(within))
            .layer(middleware::map_response(headers::on_every_answer))
            .layer(middleware::map_response(counted));
        Ok(Self { listeners, router, gate, limit: config.limits.answer })
    }

    /// Where it listens.
    #[must_use]
    pub fn addresses(&self) -> Vec<SocketAddr> {
        self.listeners.iter().filter_map(|listener| listener.local_addr().ok()).collect()
    }

    /// Serves until stopped, and then for a moment those who are being answered.
    pub async fn run(self, stop: CancellationToken) {
        let mut doors = JoinSet::new();
        for listener in self.listeners {
            let listener = GuestListener { listener, gate: self.gate.clone(), limit: self.limit };
            let serving =
                axum::serve(listener, self.router.clone().into_make_service_with_connect_info::<Whence>())
                    .with_graceful_shutdown(stop.clone().cancelled_owned());
            doors.spawn(async move {
                if let Err(error) = serving.await {
                    tracing::error!(error = &error as &dyn std::error::Error, "the web door closed");
                }
            });
        }
        let all_closed = async { while doors.join_next().await.is_some() {} };
        tokio::select! {
            () = all_closed => {}
            () = async {
                stop.cancelled().await;
                tokio::time::sleep(GRACE).await;
            } => tracing::debug!("browsers were left without the end of their answers"),
        }
    }
}

async fn counted(response: Response) -> Response {
    count("web", response.status().as_str().as_bytes());
    response
}

/// What each request needs.
struct Within {
    app: Arc<App>,
    gate: Gate,
    /// Those whom proxies bring.
    brought: Gate,
    proxies: Vec<Network>,
}

async fn serve(
    State(within): State<Arc<Within>>,
    ConnectInfo(whence): ConnectInfo<Whence>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    body: Body,
) -> Response {
    let is_post = method == Method::POST && route::takes_forms(uri.path());
    if method != Method::GET && method != Method::HEAD && !is_post {
        return respond::method_not_allowed();
    }
    let taken = if is_post { Taken::Form } else { Taken::Nothing };
    let form = match size::form(taken, &uri, &headers, body).await {
        Ok(form) => form,
        Err(excess) => return excess.response(),
    };
    let words = form.as_deref().or(uri.query()).and_then(words_of);
    // Whoever asks only for headers has nothing done: no link checker hands anything in.
    let only_looks = method == Method::HEAD && route::takes_forms(uri.path());
    let words = words.filter(|_| !only_looks);
    let ask = match taken {
        Taken::Form => Ask::by_form(uri.path(), words),
        Taken::Nothing => Ask::by_web(uri.path(), words),
    };
    let from = origin(whence.0, &headers, &within.proxies);
    let response = guarded(async {
        let answer = match within.admit(from) {
            Ok((_pass, extras)) => {
                let ask = ask.of(Visitor::at(from.visitor())).with(extras);
                route::public(&within.app, &ask).await
            }
            Err(problem) => route::refused(&ask, problem),
        };
        respond::respond(uri.path(), answer)
    });
    let response = response.await.unwrap_or_else(|problem| respond::respond(uri.path(), Err(problem)));
    unless_held(&headers, response)
}

impl Within {
    /// What a visitor gets now, with a pass where a proxy brings them: who came by a connection of their own has one.
    fn admit(&self, from: Origin) -> Result<(Option<Pass>, Extras), Problem> {
        let visitor = from.visitor();
        let pass = match from {
            Origin::Peer(_) => None,
            Origin::Brought(_) => Some(self.brought.enter(visitor).map_err(|full| match full {
                Full::Everywhere => Problem::Busy { retry_after: A_MOMENT },
                Full::ForThisAddress | Full::TooOften => Problem::TooFast { retry_after: A_MOMENT },
            })?),
        };
        Ok((pass, self.gate.ask(visitor)?))
    }
}

impl From<&Problem> for StatusCode {
    fn from(problem: &Problem) -> Self {
        Self::from_u16(problem.http_status()).unwrap_or(Self::INTERNAL_SERVER_ERROR)
    }
}
