//! What a machine asks of another: does it live, is it ready, and its figures for Prometheus.
//!
//! `/livez` is for whoever restarts a process, `/readyz` for whoever sends visitors to it, `/metrics` for Prometheus.
//! All three are the admin's: they are opened beside the admin's desk, or alone by a process that has none.

use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::State;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse as _, Response};
use axum::routing::get;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;
use tower_http::timeout::TimeoutLayer;

use crate::accept::listen;

/// Whoever asks waits no longer.
const LIMIT: Duration = Duration::from_secs(10);

/// Prometheus's text format.
const FIGURES: &str = "text/plain; version=0.0.4; charset=utf-8";

/// What a process says of itself.
pub trait Health: Send + Sync + 'static {
    /// What stands still, a sentence each; empty: all moves.
    fn stuck(&self) -> Vec<String>;

    /// Why it cannot do its work now, a sentence each; empty: it can.
    fn lacking(&self) -> Pin<Box<dyn Future<Output = Vec<String>> + Send + '_>>;

    /// Its figures, in Prometheus's text format.
    fn figures(&self) -> Pin<Box<dyn Future<Output = String> + Send + '_>>;
}

/// The three paths.
pub fn router(health: Arc<dyn Health>) -> Router {
    Router::new()
        .route("/livez", get(live))
        .route("/readyz", get(ready))
        .route("/metrics", get(figures))
        .layer(TimeoutLayer::with_status_code(StatusCode::SERVICE_UNAVAILABLE, LIMIT))
        .with_state(health)
}

async fn live(State(health): State<Arc<dyn Health>>) -> Response {
    told("it lives", &health.stuck())
}

async fn ready(State(health): State<Arc<dyn Health>>) -> Response {
    told("it is ready", &health.lacking().await)
}

async fn figures(State(health): State<Arc<dyn Health>>) -> Response {
    plain(StatusCode::OK, FIGURES, health.figures().await)
}

/// A line for each trouble; without one, that all is well.
fn told(well: &str, troubles: &[String]) -> Response {
    let (status, text) = match troubles {
        [] => (StatusCode::OK, format!("{well}\n")),
        troubles => (StatusCode::SERVICE_UNAVAILABLE, troubles.join("\n") + "\n"),
    };
    plain(status, "text/plain; charset=utf-8", text)
}

fn plain(status: StatusCode, kind: &'static str, text: String) -> Response {
    let headers = [
        (CONTENT_TYPE, HeaderValue::from_static(kind)),
        (CACHE_CONTROL, HeaderValue::from_static("no-store")),
    ];
    (status, headers, text).into_response()
}

/// The probes of a process without a desk, on a listener of their own.
#[derive(Debug)]
pub struct ProbesDoor(TcpListener);

impl ProbesDoor {
    /// Binds an address.
    ///
    /// # Errors
    ///
    /// When it is taken, or not ours.
    pub fn bind(address: SocketAddr) -> io::Result<Self> {
        listen(address).map(Self)
    }

    /// Where it listens.
    ///
    /// # Errors
    ///
    /// When the system does not say.
    pub fn address(&self) -> io::Result<SocketAddr> {
        self.0.local_addr()
    }

    /// Answers until stopped.
    pub async fn run(self, health: Arc<dyn Health>, stop: CancellationToken) {
        let serving = axum::serve(self.0, router(health)).into_future();
        tokio::select! {
            () = stop.cancelled() => {}
            ended = serving => if let Err(error) = ended {
                tracing::error!(error = &error as &dyn std::error::Error, "the probes closed");
            },
        }
    }
}
