//! A raw client over tokio-rustls: it takes any certificate, sends what it is told and reports what came, byte for
//! byte. It knows nothing of the space's own code.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{CryptoProvider, aws_lc_rs, verify_tls12_signature, verify_tls13_signature};
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{ClientConfig, DigitallySignedStruct, Error, SignatureScheme};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

/// How the other side ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum End {
    /// `close_notify`.
    Closed,
    /// FIN without `close_notify`.
    Cut,
    /// A reset, or bytes that cannot be decrypted.
    Broken,
    /// It did not end within the client's time.
    Open,
}

/// Everything that came over one connection.
#[derive(Debug)]
pub(crate) struct Seen {
    pub(crate) bytes: Vec<u8>,
    pub(crate) end: End,
}

impl Seen {
    pub(crate) fn header(&self) -> String {
        let line = self.bytes.split(|byte| *byte == b'\n').next().unwrap_or_default();
        String::from_utf8_lossy(line).trim_end_matches('\r').to_owned()
    }

    pub(crate) fn body(&self) -> String {
        let text = String::from_utf8_lossy(&self.bytes).into_owned();
        text.split_once('\n').map(|(_, body)| body.to_owned()).unwrap_or_default()
    }
}

/// TCP and TLS with this SNI.
pub(crate) async fn connect(address: SocketAddr, name: &str) -> io::Result<TlsStream<TcpStream>> {
    let provider = Arc::new(aws_lc_rs::default_provider());
    let mut config = ClientConfig::builder_with_provider(Arc::clone(&provider))
        .with_safe_default_protocol_versions()
        .map_err(io::Error::other)?
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(Anything(provider)))
        .with_no_client_auth();
    config.resumption = rustls::client::Resumption::disabled();
    let name = ServerName::try_from(name.to_owned()).map_err(io::Error::other)?;
    let tcp = TcpStream::connect(address).await?;
    TlsConnector::from(Arc::new(config)).connect(name, tcp).await
}

/// One whole request, read for at most this time and this many bytes.
pub(crate) async fn ask_within(
    address: SocketAddr,
    name: &str,
    line: &[u8],
    limit: Duration,
    most: usize,
) -> io::Result<Seen> {
    let mut tls = connect(address, name).await?;
    tls.write_all(line).await?;
    tls.flush().await?;
    let mut seen = Seen { bytes: Vec::new(), end: End::Open };
    let reading = async {
        let mut piece = vec![0; 16_384];
        while seen.bytes.len() < most {
            match tls.read(&mut piece).await {
                Ok(0) => {
                    seen.end = End::Closed;
                    break;
                }
                Ok(count) => seen.bytes.extend_from_slice(&piece[..count]),
                Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => {
                    seen.end = End::Cut;
                    break;
                }
                Err(_) => {
                    seen.end = End::Broken;
                    break;
                }
            }
        }
    };
    let _ = timeout(limit, reading).await;
    Ok(seen)
}

/// A request for a URL, with plenty of time.
pub(crate) async fn ask(address: SocketAddr, url: &str) -> io::Result<Seen> {
    let host = url.split('/').nth(2).unwrap_or_default().split(':').next().unwrap_or_default();
    let line = format!("{url}\r\n");
    ask_within(address, host, line.as_bytes(), Duration::from_secs(10), 32 << 20).await
}

#[derive(Debug)]
struct Anything(Arc<CryptoProvider>);

impl ServerCertVerifier for Anything {
    fn verify_server_cert(
        &self,
        _: &CertificateDer<'_>,
        _: &[CertificateDer<'_>],
        _: &ServerName<'_>,
        _: &[u8],
        _: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls12_signature(message, certificate, signed, &self.0.signature_verification_algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        // X.509 version 1 cannot be read by webpki; this client only looks at bytes.
        verify_tls13_signature(message, certificate, signed, &self.0.signature_verification_algorithms)
            .or(Ok(HandshakeSignatureValid::assertion()))
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.0.signature_verification_algorithms.supported_schemes()
    }
}
