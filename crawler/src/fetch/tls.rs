//! The handshake: TLS 1.2 and 1.3, a name for names only, nothing kept for a later session.

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use rustls::client::Resumption;
use rustls::crypto::aws_lc_rs::{self, kx_group};
use rustls::pki_types::ServerName;
use rustls::version::{TLS12, TLS13};
use rustls::{ClientConfig, SupportedProtocolVersion};
use shared::gemini::host::Host;
use shared::store::outcome::Stage;
use tokio::time::timeout;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

use super::connect::Connection;
use super::fetched::FetchError;
use super::trust::AnyCertificate;

const VERSIONS: [&SupportedProtocolVersion; 2] = [&TLS13, &TLS12];

/// The one configuration that all connections share.
pub(super) fn connector() -> TlsConnector {
    let mut provider = aws_lc_rs::default_provider();
    // A post-quantum share makes the ClientHello larger than a packet, which old servers do not survive.
    provider.kx_groups = vec![kx_group::X25519, kx_group::SECP256R1, kx_group::SECP384R1];
    let trust = AnyCertificate::new(provider.signature_verification_algorithms);
    let mut config = ClientConfig::builder_with_provider(Arc::new(provider))
        .with_protocol_versions(&VERSIONS)
        .expect("the provider has suites and groups for both versions")
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(trust))
        .with_no_client_auth();
    config.resumption = Resumption::disabled();
    config.enable_sni = true;
    TlsConnector::from(Arc::new(config))
}

/// Shakes hands within the limit. The connection goes into the stream, or is closed.
pub(super) async fn handshake(
    connector: &TlsConnector,
    host: &Host,
    ip: IpAddr,
    connection: Connection,
    limit: Duration,
) -> Result<TlsStream<Connection>, FetchError> {
    connection.reach(Stage::Tls);
    match timeout(limit, connector.connect(server_name(host, ip), connection)).await {
        Ok(result) => result.map_err(|source| FetchError::from_io(Stage::Tls, source)),
        Err(_elapsed) => Err(FetchError::TimedOut { stage: Stage::Tls, limit }),
    }
}

/// An address is never sent as a name, nor is a host that could not stand in a certificate.
fn server_name(host: &Host, ip: IpAddr) -> ServerName<'static> {
    match host.ip() {
        Some(literal) => ServerName::IpAddress(literal.into()),
        None => ServerName::try_from(host.as_str().to_owned()).unwrap_or(ServerName::IpAddress(ip.into())),
    }
}

#[cfg(test)]
mod tests {
    use rustls::NamedGroup;

    use super::*;

    #[test]
    fn no_group_makes_the_first_packet_too_large() {
        let groups: Vec<NamedGroup> =
            connector().config().crypto_provider().kx_groups.iter().map(|group| group.name()).collect();
        assert_eq!(groups, [NamedGroup::X25519, NamedGroup::secp256r1, NamedGroup::secp384r1]);
    }

    #[test]
    fn names_are_sent_and_addresses_are_not() {
        let ip: IpAddr = "192.0.2.1".parse().unwrap();
        let name = |host: &str| server_name(&Host::parse(host).unwrap(), ip);
        assert!(matches!(name("example.org"), ServerName::DnsName(_)));
        assert!(matches!(name("a_b.example.org"), ServerName::DnsName(_)));
        assert!(matches!(name("192.0.2.7"), ServerName::IpAddress(_)));
        assert!(matches!(name("[2001:db8::1]"), ServerName::IpAddress(_)));
    }
}
