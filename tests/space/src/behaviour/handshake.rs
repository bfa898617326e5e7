//! The TLS handshake: stuck, refused, or with a certificate that strict libraries do not like.
//!
//! Hosts with an odd certificate are ordinary capsules behind it, so the handshake's stream is handed on.

use std::sync::Arc;
use std::time::Duration;

use rustls::ServerConfig;
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_rustls::StartHandshake;
use tokio_rustls::server::TlsStream;

use crate::catalogue::behaviours;
use crate::certificate::CertificateError;
use crate::log::{Ended, Entry};
use crate::odd::{self, Oddity};
use crate::tls::{Tls, builder, with_certificate};
use crate::wire::{PATIENCE, read_to_end};

behaviours! {
    /// What a server does with a `ClientHello`.
    Handshake {
        /// Its answer comes at a byte a second.
        Drip = 12,
        /// Sends its `ServerHello` and nothing more.
        StopsHalfway = 13,
        /// Sends records without meaning, for ever.
        JunkRecords = 13,
        /// Alert `access_denied`.
        AccessDenied = 14,
        /// Alert `handshake_failure`.
        HandshakeFailure = 14,
        /// Alert `protocol_version`.
        ProtocolVersion = 14,
        /// Alert `internal_error`.
        InternalError = 14,
        /// Alert `unrecognized_name`.
        UnrecognizedName = 14,
        /// A reset.
        Reset = 15,
        /// Speaks TLS 1.1 only.
        OldTls = 16,
        /// A certificate that expired years ago: must be read.
        Expired = 17,
        /// A certificate of the far future: must be read.
        NotYetValid = 17,
        /// A certificate for another name: must be read.
        WrongName = 17,
        /// A certificate without names but in its subject: must be read.
        NoAlternativeName = 17,
        /// A certificate with neither subject nor names: must be read.
        NoName = 17,
        /// A certificate valid to the year 9999: must be read.
        Year9999 = 17,
        /// A certificate that says it is an authority's: must be read.
        AuthorityLeaf = 17,
        /// X.509 version 1, without extensions: should be read.
        VersionOne = 18,
        /// A critical extension that nobody knows: should be read.
        UnknownExtension = 18,
        /// Bytes that are no certificate.
        GarbageCertificate = 18,
        /// A chain of a hundred certificates.
        HundredCertificates = 18,
        /// A chain of 200 KiB.
        HugeChain = 18,
        /// Another certificate at each connection.
        ChangingCertificate = 19,
        /// Asks for a client certificate and does without: must be read.
        AsksForCertificate = 20,
        /// Demands a client certificate.
        DemandsCertificate = 20,
        /// Demands an application protocol.
        DemandsProtocol = 22,
    }
}

/// Longest time for the client's half.
const LIMIT: Duration = Duration::from_secs(10);

/// Runs the handshake; a stream comes back where a request can follow.
pub(crate) async fn run(
    behaviour: Handshake,
    hello: StartHandshake<TcpStream>,
    name: &str,
    entry: &mut Entry,
    tls: &Tls,
    faster: u32,
) -> Option<TlsStream<TcpStream>> {
    let oddity = match behaviour {
        Handshake::Drip | Handshake::StopsHalfway => {
            stuck(behaviour, hello, entry, tls, faster).await;
            return None;
        }
        Handshake::JunkRecords => {
            junk(hello.io, entry).await;
            return None;
        }
        Handshake::AccessDenied => return alert(hello.io, entry, 49).await,
        Handshake::HandshakeFailure => return alert(hello.io, entry, 40).await,
        Handshake::ProtocolVersion => return alert(hello.io, entry, 70).await,
        Handshake::InternalError => return alert(hello.io, entry, 80).await,
        Handshake::UnrecognizedName => return alert(hello.io, entry, 112).await,
        Handshake::DemandsProtocol => return alert(hello.io, entry, 120).await,
        Handshake::Reset => {
            entry.ended(Ended::Reset);
            let _ = hello.io.set_zero_linger();
            return None;
        }
        Handshake::OldTls => {
            old_tls(hello.io, entry).await;
            return None;
        }
        Handshake::Expired => Oddity::Expired,
        Handshake::NotYetValid => Oddity::NotYetValid,
        Handshake::WrongName => Oddity::WrongName,
        Handshake::NoAlternativeName => Oddity::NoAlternativeName,
        Handshake::NoName => Oddity::NoName,
        Handshake::Year9999 => Oddity::Year9999,
        Handshake::AuthorityLeaf => Oddity::AuthorityLeaf,
        Handshake::VersionOne => Oddity::VersionOne,
        Handshake::UnknownExtension => Oddity::UnknownExtension,
        Handshake::GarbageCertificate => Oddity::Garbage,
        Handshake::HundredCertificates => Oddity::Hundred,
        Handshake::HugeChain => Oddity::HugeChain,
        Handshake::ChangingCertificate => Oddity::Fresh,
        Handshake::AsksForCertificate => return with(hello, entry, client_auth(name, tls, false)).await,
        Handshake::DemandsCertificate => return with(hello, entry, client_auth(name, tls, true)).await,
    };
    with(hello, entry, odd_config(oddity, name, tls)).await
}

type Config = Result<Arc<ServerConfig>, CertificateError>;

fn odd_config(oddity: Oddity, name: &str, tls: &Tls) -> Config {
    let certificate = tls.odd(name, oddity)?;
    Ok(with_certificate(builder()?.with_no_client_auth(), certificate))
}

fn client_auth(name: &str, tls: &Tls, mandatory: bool) -> Config {
    let asks = builder()?.with_client_cert_verifier(Arc::new(odd::AnyClient { mandatory }));
    Ok(with_certificate(asks, tls.certificate(name)?))
}

async fn with(
    hello: StartHandshake<TcpStream>,
    entry: &mut Entry,
    config: Config,
) -> Option<TlsStream<TcpStream>> {
    let shaken = match config {
        Ok(config) => timeout(LIMIT, hello.into_stream(config)).await,
        Err(error) => {
            tracing::error!(%error, "an odd certificate could not be made");
            entry.ended(Ended::NoHandshake);
            return None;
        }
    };
    match shaken {
        Ok(Ok(tls)) => Some(tls),
        Ok(Err(_)) | Err(_) => {
            entry.ended(Ended::NoHandshake);
            None
        }
    }
}

/// The server's half of the handshake, written slowly or only in part.
async fn stuck(
    behaviour: Handshake,
    hello: StartHandshake<TcpStream>,
    entry: &mut Entry,
    tls: &Tls,
    faster: u32,
) {
    let mut tcp = hello.io;
    let Ok(mut session) = hello.accepted.into_connection(tls.config()) else {
        return entry.ended(Ended::NoHandshake);
    };
    let mut flight = Vec::new();
    let _ = session.write_tls(&mut flight);
    if behaviour == Handshake::StopsHalfway {
        // The first record is the ServerHello; five bytes of head tell its length.
        let length = flight.get(3..5).map_or(0, |head| usize::from(head[0]) << 8 | usize::from(head[1]));
        flight.truncate(5 + length);
        let _ = tcp.write_all(&flight).await;
        let left = read_to_end(&mut tcp, PATIENCE).await;
        return entry.ended(if left { Ended::ByClient } else { Ended::GivenUp });
    }
    for byte in flight.iter().take(600) {
        let sent = tcp.write_all(&[*byte]).await;
        if sent.is_err() || read_to_end(&mut tcp, Duration::from_secs(1) / faster.max(1)).await {
            return entry.ended(Ended::ByClient);
        }
    }
    entry.ended(Ended::GivenUp);
}

/// Change-cipher-spec records, which mean nothing here. A gibibyte is for ever.
async fn junk(mut tcp: TcpStream, entry: &mut Entry) {
    let block = b"\x14\x03\x03\x00\x01\x01".repeat(1_000);
    for _ in 0..180_000 {
        if tcp.write_all(&block).await.is_err() {
            return entry.ended(Ended::ByClient);
        }
    }
    entry.ended(Ended::GivenUp);
}

async fn alert(mut tcp: TcpStream, entry: &mut Entry, number: u8) -> Option<TlsStream<TcpStream>> {
    let _ = tcp.write_all(&[0x15, 3, 3, 0, 2, 2, number]).await;
    entry.ended(Ended::NoHandshake);
    let _ = tcp.shutdown().await;
    read_to_end(&mut tcp, Duration::from_secs(2)).await;
    None
}

/// A `ServerHello` that chooses TLS 1.1 and an old suite.
async fn old_tls(mut tcp: TcpStream, entry: &mut Entry) {
    let mut hello = vec![3, 2];
    hello.extend_from_slice(&[0x5a; 32]);
    hello.extend_from_slice(&[0, 0x00, 0x2f, 0]);
    let length = |bytes: usize| u8::try_from(bytes).unwrap_or(u8::MAX);
    let head = [0x16, 3, 2, 0, length(hello.len() + 4), 2, 0, 0, length(hello.len())];
    let _ = tcp.write_all(&[&head[..], &hello].concat()).await;
    let left = read_to_end(&mut tcp, LIMIT).await;
    entry.ended(if left { Ended::ByClient } else { Ended::NoHandshake });
}
