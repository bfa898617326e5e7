//! A server of our own on free ports, and a visitor who speaks raw Gemini to it.

use std::io;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use rustls::client::WantsClientCert;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{CryptoProvider, aws_lc_rs};
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{ClientConfig, ConfigBuilder, DigitallySignedStruct, SignatureScheme, SupportedProtocolVersion};
use server::Server;
use server::app::StoreSlot;
use server::config::{Config, DeskAddress, DeskDoor, Limits};
use server::search::{SearchConfig, Searcher};
use shared::gemini::host::Host;
use shared::store::Store;
use tempfile::TempDir;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpSocket, TcpStream};
use tokio::task::JoinSet;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

/// A running server; stops when dropped.
pub(crate) struct House {
    pub(crate) gemini: SocketAddr,
    pub(crate) web: SocketAddr,
    pub(crate) spartan: SocketAddr,
    /// Where the admin's desk is on the web.
    pub(crate) desk: Vec<DeskAddress>,
    pub(crate) state: TempDir,
    _running: JoinSet<()>,
}

/// How the server ended a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Ending {
    CloseNotify,
    Cut,
}

impl House {
    /// With the limits of everyday; there is no index.
    pub(crate) async fn open() -> Self {
        Self::with(Limits::default()).await
    }

    /// With limits of a twentieth.
    pub(crate) async fn hasty() -> Self {
        let limits = Limits::default();
        Self::with(Limits {
            connections_per_address: 64,
            handshake: limits.handshake / 20,
            request: limits.request / 20,
            answer: limits.answer / 20,
            ..limits
        })
        .await
    }

    pub(crate) async fn with(limits: Limits) -> Self {
        Self::told(|config| config.limits = limits).await
    }

    /// Told more than usual.
    pub(crate) async fn told(more: impl FnOnce(&mut Config)) -> Self {
        let nothing = tempfile::tempdir().unwrap();
        let searcher = Searcher::open(&nothing.path().join("index"), SearchConfig::default());
        Self::built(more, searcher, StoreSlot::default()).await
    }

    /// With something to search in.
    pub(crate) async fn searching(searcher: Searcher) -> Self {
        Self::built(|_| (), searcher, StoreSlot::default()).await
    }

    /// With a store and a desk.
    pub(crate) async fn staffed(store: Store) -> Self {
        let nothing = tempfile::tempdir().unwrap();
        let searcher = Searcher::open(&nothing.path().join("index"), SearchConfig::default());
        let more = |config: &mut Config| {
            let anywhere = DeskAddress::Tcp(SocketAddr::from(([127, 0, 0, 1], 0)));
            let socket = DeskAddress::Unix(config.state.join("desk.sock"));
            config.desk = DeskDoor::at(vec![anywhere, socket]);
        };
        Self::built(more, searcher, StoreSlot::filled(store)).await
    }

    /// Told more than usual, with something to search in and a store.
    pub(crate) async fn built(more: impl FnOnce(&mut Config), searcher: Searcher, store: StoreSlot) -> Self {
        let state = tempfile::tempdir().unwrap();
        let anywhere = SocketAddr::from(([127, 0, 0, 1], 0));
        let hosts = ["sextant.example", "localhost"].map(|host| Host::parse(host).unwrap()).to_vec();
        let local = Config::local(state.path().to_owned());
        let doors = vec![anywhere];
        let mut config = Config { gemini: doors.clone(), web: doors.clone(), spartan: doors, hosts, ..local };
        more(&mut config);
        let server = Server::bind(&config, searcher, store).await.unwrap();
        let (gemini, web) = (server.gemini_addresses()[0], server.web_addresses()[0]);
        let spartan = server.spartan_addresses()[0];
        let desk = server.desk_addresses();
        let mut running = JoinSet::new();
        running.spawn(server.run(tokio_util::sync::CancellationToken::new()));
        Self { gemini, web, spartan, desk, state, _running: running }
    }

    /// Connects and shakes hands.
    pub(crate) async fn shake_hands(&self, sni: Option<&str>) -> io::Result<TlsStream<TcpStream>> {
        let stream = TcpStream::connect(self.gemini).await?;
        let name = match sni {
            Some(name) => ServerName::try_from(name.to_owned()).unwrap(),
            None => ServerName::IpAddress(self.gemini.ip().into()),
        };
        connector().connect(name, stream).await
    }

    /// Asks from another address of this machine.
    pub(crate) async fn ask_from(&self, from: IpAddr, request: &[u8]) -> io::Result<(Vec<u8>, Ending)> {
        let stream = connect_from(from, self.gemini).await?;
        let name = ServerName::try_from("localhost").unwrap();
        Ok(exchange(connector().connect(name, stream).await?, &[request]).await)
    }

    /// Asks as a client that shakes hands in its own way.
    pub(crate) async fn ask_by(&self, client: ClientConfig, request: &[u8]) -> (Vec<u8>, Ending) {
        let stream = TcpStream::connect(self.gemini).await.unwrap();
        let name = ServerName::try_from("localhost").unwrap();
        let stream = TlsConnector::from(Arc::new(client)).connect(name, stream).await;
        exchange(stream.expect("a handshake"), &[request]).await
    }

    /// Sends the pieces, each in a record of its own, and reads to the end.
    pub(crate) async fn ask_raw(&self, sni: Option<&str>, pieces: &[&[u8]]) -> (Vec<u8>, Ending) {
        exchange(self.shake_hands(sni).await.expect("a handshake"), pieces).await
    }
}

/// Connects from an address of this machine: all of 127.0.0.0/8 are.
pub(crate) async fn connect_from(from: IpAddr, to: SocketAddr) -> io::Result<TcpStream> {
    let socket = TcpSocket::new_v4()?;
    socket.bind(SocketAddr::new(from, 0))?;
    let stream = socket.connect(to).await?;
    // A request should not wait until the end of the handshake is acknowledged.
    stream.set_nodelay(true)?;
    Ok(stream)
}

async fn exchange(mut stream: TlsStream<TcpStream>, pieces: &[&[u8]]) -> (Vec<u8>, Ending) {
    for piece in pieces {
        // A server that has heard enough may close while we still talk.
        if stream.write_all(piece).await.and(stream.flush().await).is_err() {
            break;
        }
    }
    let mut answer = Vec::new();
    let read = tokio::time::timeout(Duration::from_secs(60), stream.read_to_end(&mut answer)).await;
    let ending = match read.expect("an answer has an end") {
        Ok(_) => Ending::CloseNotify,
        Err(_) => Ending::Cut,
    };
    (answer, ending)
}

pub(crate) fn connector() -> TlsConnector {
    TlsConnector::from(Arc::new(client().with_no_client_auth()))
}

/// A client that trusts on first use, up to its own certificate.
pub(crate) fn client() -> ConfigBuilder<ClientConfig, WantsClientCert> {
    client_of(rustls::DEFAULT_VERSIONS)
}

/// The same, of these versions of TLS.
pub(crate) fn client_of(
    versions: &[&'static SupportedProtocolVersion],
) -> ConfigBuilder<ClientConfig, WantsClientCert> {
    let provider = Arc::new(aws_lc_rs::default_provider());
    ClientConfig::builder_with_provider(Arc::clone(&provider))
        .with_protocol_versions(versions)
        .unwrap()
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(Anybody(provider)))
}

/// Trusts on first use.
#[derive(Debug)]
struct Anybody(Arc<CryptoProvider>);

impl ServerCertVerifier for Anybody {
    fn verify_server_cert(
        &self,
        _: &CertificateDer<'_>,
        _: &[CertificateDer<'_>],
        _: &ServerName<'_>,
        _: &[u8],
        _: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        let algorithms = &self.0.signature_verification_algorithms;
        rustls::crypto::verify_tls12_signature(message, certificate, signature, algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        let algorithms = &self.0.signature_verification_algorithms;
        rustls::crypto::verify_tls13_signature(message, certificate, signature, algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.0.signature_verification_algorithms.supported_schemes()
    }
}
