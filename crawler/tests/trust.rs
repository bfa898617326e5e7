//! Certificates as the field has them: all are accepted and recorded, but nobody passes with another's key.

use std::sync::Arc;
use std::time::Duration;

use crawler::fetch::Network;
use crawler::fetch::fetched::{Ending, Fetch, FetchError, Fetched, Signature, Want};
use crawler::fetch::ledger::Ledger;
use crawler::fetch::limits::{Limits, Routes};
use crawler::fetch::refused::Rules;
use rcgen::{CertificateParams, KeyPair, SignatureAlgorithm, date_time_ymd};
use rustls::crypto::aws_lc_rs::{default_provider, sign::any_supported_type};
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::server::{ClientHello, ResolvesServerCert};
use rustls::sign::CertifiedKey;
use rustls::version::{TLS12, TLS13};
use rustls::{ServerConfig, SupportedProtocolVersion};
use shared::gemini::fingerprint::Fingerprint;
use shared::gemini::host::Host;
use shared::gemini::url::GeminiUrl;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;
use tokio_util::sync::CancellationToken;
use x509_parser::asn1_rs::{Any, FromDer, ToDer};

/// Shows whatever certificate it is given, whether or not it fits the key.
#[derive(Debug)]
struct Shows(Arc<CertifiedKey>);

impl ResolvesServerCert for Shows {
    fn resolve(&self, _hello: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        Some(Arc::clone(&self.0))
    }
}

fn key(algorithm: &'static SignatureAlgorithm) -> KeyPair {
    KeyPair::generate_for(algorithm).expect("the library makes such keys")
}

fn certificate(key: &KeyPair, change: impl FnOnce(&mut CertificateParams)) -> Vec<u8> {
    let mut params = CertificateParams::new(vec!["capsule.test".to_owned()]).expect("a name");
    change(&mut params);
    params.self_signed(key).expect("a certificate").der().to_vec()
}

/// Serves one page to one client, and the visit to it.
async fn visit(
    shown: Vec<u8>,
    key: &KeyPair,
    version: &'static SupportedProtocolVersion,
) -> Result<Fetched, FetchError> {
    let der = PrivateKeyDer::try_from(key.serialize_der()).expect("a key");
    let signing = any_supported_type(&der).expect("a kind of key that can sign");
    let shows = Shows(Arc::new(CertifiedKey::new(vec![CertificateDer::from(shown)], signing)));
    let config = ServerConfig::builder_with_provider(Arc::new(default_provider()))
        .with_protocol_versions(&[version])
        .expect("the version is known")
        .with_no_client_auth()
        .with_cert_resolver(Arc::new(shows));
    let acceptor = TlsAcceptor::from(Arc::new(config));
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port is free");
    let address = listener.local_addr().expect("it is bound");

    let host = Host::parse("capsule.test").expect("a host");
    let routes: Routes = [(host, address)].into_iter().collect();
    let limits = Limits { handshake: Duration::from_secs(20), ..Limits::default() };
    let rules = Rules::for_this_machine(&[]);
    let network = Network::new(limits, routes, rules, Ledger::new(), CancellationToken::new());
    let url = GeminiUrl::parse("gemini://capsule.test/").expect("a URL");

    let server = async {
        let (tcp, _) = listener.accept().await?;
        let mut tls = acceptor.accept(tcp).await?;
        let mut request = [0; 1_026];
        let _ = tls.read(&mut request).await?;
        tls.write_all(b"20 text/gemini\r\n# Hello\n").await?;
        tls.shutdown().await
    };
    let (_, visited) = tokio::join!(server, network.get(&url, address.ip(), Want::Page));
    visited
}

async fn check(shown: Vec<u8>, key: &KeyPair, expected: Signature) -> Fetched {
    let mut last = None;
    for version in [&TLS12, &TLS13] {
        let fetched = visit(shown.clone(), key, version).await.expect("the certificate is accepted");
        assert_eq!(fetched.certificate.signature, expected);
        assert_eq!(fetched.certificate.fingerprint, Fingerprint::of(&shown));
        assert_eq!((fetched.body.bytes(), fetched.body.ending()), (&b"# Hello\n"[..], Ending::Complete));
        last = Some(fetched);
    }
    last.expect("there were visits")
}

#[tokio::test]
async fn keys_of_every_kind_are_checked() {
    for algorithm in [
        &rcgen::PKCS_ECDSA_P256_SHA256,
        &rcgen::PKCS_ECDSA_P384_SHA384,
        &rcgen::PKCS_ECDSA_P521_SHA512,
        &rcgen::PKCS_ED25519,
        &rcgen::PKCS_RSA_SHA256,
    ] {
        let key = key(algorithm);
        check(certificate(&key, |_| ()), &key, Signature::Checked).await;
    }
}

#[tokio::test]
async fn an_expired_certificate_of_another_name_is_accepted_and_its_end_recorded() {
    let key = key(&rcgen::PKCS_ECDSA_P256_SHA256);
    let shown = certificate(&key, |params| {
        *params = CertificateParams::new(vec!["somebody-else.test".to_owned()]).expect("a name");
        params.not_before = date_time_ymd(1999, 1, 1);
        params.not_after = date_time_ymd(2000, 1, 1);
    });
    let fetched = check(shown, &key, Signature::Checked).await;
    let end = fetched.certificate.not_after.expect("its end can be read");
    assert_eq!(end.to_rfc3339(), "2000-01-01T00:00:00+00:00");
}

#[tokio::test]
async fn unknown_critical_extensions_are_no_reason_to_stay_away() {
    let key = key(&rcgen::PKCS_ECDSA_P256_SHA256);
    let shown = certificate(&key, |params| {
        let mut odd = rcgen::CustomExtension::from_oid_content(&[1, 3, 6, 1, 4, 1, 99_999, 1], vec![5, 0]);
        odd.set_criticality(true);
        params.custom_extensions.push(odd);
    });
    check(shown, &key, Signature::Checked).await;
}

#[tokio::test]
async fn a_certificate_of_version_1_is_read_by_its_key() {
    let key = key(&rcgen::PKCS_ECDSA_P256_SHA256);
    let shown = version_1(&certificate(&key, |_| ()));
    check(shown, &key, Signature::Checked).await;
}

#[tokio::test]
async fn what_cannot_be_read_is_accepted_and_said_to_be_unchecked() {
    let key = key(&rcgen::PKCS_ECDSA_P256_SHA256);
    for shown in [b"no certificate".to_vec(), vec![0x30, 0x82, 0xff, 0xff], vec![0; 300]] {
        let fetched = check(shown, &key, Signature::Unchecked).await;
        assert_eq!(fetched.certificate.not_after, None);
    }
}

#[tokio::test]
async fn nobody_passes_with_the_certificate_of_another() {
    for algorithm in [&rcgen::PKCS_ECDSA_P256_SHA256, &rcgen::PKCS_ED25519] {
        let (theirs, own) = (key(algorithm), key(algorithm));
        for shown in [certificate(&theirs, |_| ()), version_1(&certificate(&theirs, |_| ()))] {
            for version in [&TLS12, &TLS13] {
                let error = visit(shown.clone(), &own, version).await.expect_err("the key is another's");
                assert!(matches!(error, FetchError::Tls { .. }), "{error:?}");
            }
        }
    }
}

/// The same certificate without version and extensions. Its own signature no longer fits, which nobody checks.
fn version_1(der: &[u8]) -> Vec<u8> {
    let parts = children(der);
    let kept = children(&parts[0]).into_iter().filter(|part| part[0] != 0xa0 && part[0] != 0xa3);
    let body = sequence(&kept.collect::<Vec<_>>().concat());
    sequence(&[body, parts[1].clone(), parts[2].clone()].concat())
}

fn children(der: &[u8]) -> Vec<Vec<u8>> {
    let (_, whole) = Any::from_der(der).expect("DER");
    let (mut rest, mut found) = (whole.data, Vec::new());
    while !rest.is_empty() {
        let (after, _) = Any::from_der(rest).expect("DER");
        found.push(rest[..rest.len() - after.len()].to_vec());
        rest = after;
    }
    found
}

fn sequence(content: &[u8]) -> Vec<u8> {
    x509_parser::asn1_rs::Sequence::new(content.into()).to_der_vec().expect("DER")
}
