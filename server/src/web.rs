//! The web door: HTTP/1.1 for browsers, without script, cookie or third party.

pub mod headers;
mod respond;

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;

use axum::Router;
use axum::extract::{RawQuery, State};
use axum::http::{Method, StatusCode, Uri};
use axum::middleware;
use axum::response::Response;
use tokio::net::TcpListener;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use crate::app::App;
use crate::ask::Ask;
use crate::config::Config;
use crate::render::problem::Problem;
use crate::route;

/// Bytes of a path with its query at most.
const URI_BYTES: usize = 2_048;

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
            let bound = TcpListener::bind(address).await;
            listeners.push(bound.map_err(|source| WebError { address, source })?);
        }
        let router = Router::new()
            .fallback(serve)
            .with_state(app)
            .layer(middleware::map_response(headers::on_every_answer));
        Ok(Self { listeners, router })
    }

    /// Where it listens.
    #[must_use]
    pub fn addresses(&self) -> Vec<SocketAddr> {
        self.listeners.iter().filter_map(|listener| listener.local_addr().ok()).collect()
    }

    /// Serves until stopped.
    pub async fn run(self, stop: CancellationToken) {
        let mut doors = JoinSet::new();
        for listener in self.listeners {
            let serving = axum::serve(listener, self.router.clone())
                .with_graceful_shutdown(stop.clone().cancelled_owned());
            doors.spawn(async move {
                if let Err(error) = serving.await {
                    tracing::error!(error = &error as &dyn std::error::Error, "the web door closed");
                }
            });
        }
        while doors.join_next().await.is_some() {}
    }
}

async fn serve(State(app): State<Arc<App>>, method: Method, uri: Uri, RawQuery(query): RawQuery) -> Response {
    if method != Method::GET && method != Method::HEAD {
        return respond::plain(StatusCode::METHOD_NOT_ALLOWED, "only GET and HEAD are served here");
    }
    if URI_BYTES < uri.path().len() + query.as_ref().map_or(0, String::len) {
        return respond::plain(StatusCode::URI_TOO_LONG, "the address is longer than 2,048 bytes");
    }
    let words = query.as_deref().and_then(words_of);
    let answer = route::public(&app, &Ask::by_web(uri.path(), words)).await;
    respond::respond(answer)
}

/// The words of a form's query: `q`, or `query`; a plus is a space there.
fn words_of(query: &str) -> Option<String> {
    query.split('&').find_map(|pair| {
        let (name, value) = pair.split_once('=')?;
        matches!(name, "q" | "query").then(|| shared::gemini::request::decode_query(&value.replace('+', " ")))
    })
}

impl From<&Problem> for StatusCode {
    fn from(problem: &Problem) -> Self {
        Self::from_u16(problem.http_status()).unwrap_or(Self::INTERNAL_SERVER_ERROR)
    }
}

#[cfg(test)]
mod tests {
    use super::words_of;

    #[test]
    fn words_are_read_as_forms_write_them() {
        for (query, words) in [
            ("q=red+panda", Some("red panda")),
            ("query=a%26b", Some("a&b")),
            ("x=1&q=c%2B%2B", Some("c++")),
            ("red%20panda", None),
            ("", None),
        ] {
            assert_eq!(words_of(query).as_deref(), words, "{query}");
        }
    }
}
