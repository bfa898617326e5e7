//! The Gemini door: accepts, shakes hands, serves one request a connection.
//!
//! Every connection is a task of the door's own set, under the gate's pass and three limits: handshake,
//! request, whole answer. A first byte that begins no handshake is closed without a word. Every answer ends
//! in `close_notify`, errors and refusals too, and nobody waits for the client to close.

pub mod certificate;
mod desk;
mod identity;
mod proof;
mod serve;

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;

use rustls::ServerConfig;
use rustls::crypto::aws_lc_rs;
use rustls::server::NoServerSessionStorage;
use rustls::version::{TLS12, TLS13};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;
use tokio::time::timeout;
use tokio_rustls::TlsAcceptor;
use tokio_util::sync::CancellationToken;

use crate::accept::{accept, listen};
use crate::app::App;
use crate::config::{Config, Limits};
use crate::limits::{Gate, Pass};
use crate::names::Names;
use crate::people::Visitor;
use certificate::{CertificateError, Identity};
use identity::Hands;
use proof::AnyVisitor;

/// The first byte of a TLS handshake record.
const HANDSHAKE: u8 = 0x16;

/// The door could not be opened.
#[derive(Debug, thiserror::Error)]
pub enum GeminiError {
    /// No certificate.
    #[error("the Gemini door has no certificate")]
    Certificate(#[source] CertificateError),
    /// The certificate and its key do not fit.
    #[error("the certificate and its key do not fit together")]
    Tls(#[source] rustls::Error),
    /// An address is taken, or not ours.
    #[error("gemini cannot listen on {address}")]
    Bind {
        /// Which one.
        address: SocketAddr,
        /// Why.
        #[source]
        source: io::Error,
    },
}

/// The open door.
#[derive(Debug)]
pub struct GeminiDoor {
    listeners: Vec<TcpListener>,
    visit: Visit,
    gate: Gate,
}

/// What each visit needs.
#[derive(Clone)]
struct Visit {
    acceptor: TlsAcceptor,
    app: Arc<App>,
    names: Arc<Names>,
    hands: Hands,
    limits: Limits,
}

impl std::fmt::Debug for Visit {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Visit").field("limits", &self.limits).finish_non_exhaustive()
    }
}

impl GeminiDoor {
    /// Makes or reads the certificate and binds all addresses.
    ///
    /// # Errors
    ///
    /// When there is no usable certificate, or an address is taken.
    pub async fn bind(config: &Config, app: Arc<App>, gate: Gate) -> Result<Self, GeminiError> {
        let identity =
            certificate::load_or_make(&config.state, &config.hosts).map_err(GeminiError::Certificate)?;
        let hands = Hands::of(&identity.key);
        let acceptor = TlsAcceptor::from(Arc::new(tls(identity).map_err(GeminiError::Tls)?));
        let mut listeners = Vec::new();
        for &address in &config.gemini {
            let bound = listen(address);
            listeners.push(bound.map_err(|source| GeminiError::Bind { address, source })?);
        }
        let bound = listeners.iter().filter_map(|listener| listener.local_addr().ok());
        let names = Arc::new(Names::new(config, bound.map(|address| address.port()).collect()));
        let visit = Visit { acceptor, app, names, hands, limits: config.limits };
        Ok(Self { listeners, visit, gate })
    }

    /// Where it listens.
    #[must_use]
    pub fn addresses(&self) -> Vec<SocketAddr> {
        self.listeners.iter().filter_map(|listener| listener.local_addr().ok()).collect()
    }

    /// Serves until stopped, and then until the last visitor has an answer.
    pub async fn run(self, stop: CancellationToken) {
        let mut doors = JoinSet::new();
        for listener in self.listeners {
            let visit = self.visit.clone();
            doors.spawn(accept(listener, self.gate.clone(), stop.clone(), move |stream, visitor, pass| {
                visit.clone().one(stream, visitor, pass)
            }));
        }
        while doors.join_next().await.is_some() {}
    }
}

impl Visit {
    /// One connection from its first byte to its end. `pass` goes back when it ends, however it ends.
    async fn one(self, stream: TcpStream, visitor: Visitor, pass: Pass) {
        let handshake = timeout(self.limits.handshake, async {
            let mut first = [0];
            if stream.peek(&mut first).await.ok()? == 0 || first != [HANDSHAKE] {
                return None;
            }
            // A small answer should not wait for company.
            stream.set_nodelay(true).ok()?;
            self.acceptor.accept(stream).await.ok()
        });
        if let Ok(Some(stream)) = handshake.await {
            let house = serve::House { app: &self.app, names: &self.names, hands: &self.hands };
            serve::serve(stream, visitor, &pass, &house, &self.limits).await;
        }
        drop(pass);
    }
}

fn tls(identity: Identity) -> Result<ServerConfig, rustls::Error> {
    let mut config = ServerConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
        .with_protocol_versions(&[&TLS13, &TLS12])?
        // Whoever shows a certificate proves to have its key; nobody must show one.
        .with_client_cert_verifier(Arc::new(AnyVisitor::new()))
        .with_single_cert(vec![identity.certificate], identity.key)?;
    // One request a connection, minutes apart: sessions are not worth keeping. No ALPN list: a client that
    // offers `gemini`, or anything else, is served all the same.
    config.session_storage = Arc::new(NoServerSessionStorage {});
    config.send_tls13_tickets = 0;
    Ok(config)
}
