//! Whom the crawler believes: anyone, as long as they hold the key that they show.
//!
//! Gemini's certificates are self-signed, expired, of X.509 version 1, without names or with extensions that
//! nobody knows. A crawler of public pages accepts them all and records what it saw. What it still checks is
//! the handshake's signature against the key in the certificate, for that is what makes a fingerprint mean
//! anything. A key that cannot be read, or is of a kind that the provider does not know (RSA below 2,048
//! bits), is accepted too and recorded as [`Signature::Unchecked`]. Which of both holds is a function of the
//! certificate alone, so one verifier serves all connections and keeps no state.

use chrono::{DateTime, Utc};
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{WebPkiSupportedAlgorithms, verify_tls13_signature_with_raw_key};
use rustls::pki_types::{CertificateDer, ServerName, SubjectPublicKeyInfoDer, UnixTime};
use rustls::server::ParsedCertificate;
use rustls::{CertificateError, ClientConfig, DigitallySignedStruct, Error, SignatureScheme};
use shared::gemini::fingerprint::Fingerprint;
use shared::store::known::certificate::Signature;
use x509_parser::asn1_rs::Any;
use x509_parser::prelude::{FromDer, X509Certificate};
use x509_parser::public_key::PublicKey;
use x509_parser::x509::SubjectPublicKeyInfo;

use super::fetched::SeenCertificate;

/// Accepts every certificate and checks every signature that can be checked.
#[derive(Debug)]
pub(super) struct AnyCertificate {
    algorithms: WebPkiSupportedAlgorithms,
}

/// A public key that the provider can check signatures with.
#[derive(Debug)]
struct Key {
    /// The whole `SubjectPublicKeyInfo`.
    info: Vec<u8>,
    /// The contents of its `AlgorithmIdentifier`.
    algorithm: Vec<u8>,
    /// The key itself.
    bits: Vec<u8>,
}

/// What a handshake under this configuration showed.
pub(super) fn seen(certificate: &CertificateDer<'_>, config: &ClientConfig) -> SeenCertificate {
    let algorithms = config.crypto_provider().signature_verification_algorithms;
    let signature = match usable_key(certificate, &algorithms) {
        Some(_) => Signature::Checked,
        None => Signature::Unchecked,
    };
    SeenCertificate {
        fingerprint: Fingerprint::of(certificate),
        not_after: not_after(certificate),
        signature,
    }
}

impl AnyCertificate {
    pub(super) fn new(algorithms: WebPkiSupportedAlgorithms) -> Self {
        Self { algorithms }
    }
}

impl ServerCertVerifier for AnyCertificate {
    fn verify_server_cert(
        &self,
        _end_entity: &CertificateDer<'_>,
        _intermediates: &[CertificateDer<'_>],
        _server_name: &ServerName<'_>,
        _ocsp_response: &[u8],
        _now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        let Some(key) = usable_key(certificate, &self.algorithms) else {
            return Ok(HandshakeSignatureValid::assertion());
        };
        // In TLS 1.2 a scheme does not say the curve: several algorithms may stand behind it.
        let fits = self
            .algorithms
            .mapping
            .iter()
            .filter(|(scheme, _)| *scheme == signed.scheme)
            .flat_map(|(_, algorithms)| algorithms.iter())
            .filter(|algorithm| algorithm.public_key_alg_id().as_ref() == key.algorithm)
            .any(|algorithm| algorithm.verify_signature(&key.bits, message, signed.signature()).is_ok());
        if fits {
            Ok(HandshakeSignatureValid::assertion())
        } else {
            Err(Error::InvalidCertificate(CertificateError::BadSignature))
        }
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        let Some(key) = usable_key(certificate, &self.algorithms) else {
            return Ok(HandshakeSignatureValid::assertion());
        };
        let info = SubjectPublicKeyInfoDer::from(key.info);
        verify_tls13_signature_with_raw_key(message, &info, signed, &self.algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.algorithms.supported_schemes()
    }
}

/// The certificate's key, if it can be read and the provider knows its kind and size.
fn usable_key(certificate: &CertificateDer<'_>, algorithms: &WebPkiSupportedAlgorithms) -> Option<Key> {
    let info = key_info(certificate)?;
    let (_, parsed) = SubjectPublicKeyInfo::from_der(&info).ok()?;
    if let Ok(PublicKey::RSA(rsa)) = parsed.parsed()
        && !(2048..=8192).contains(&rsa.key_size())
    {
        return None;
    }
    let (_, whole) = Any::from_der(&info).ok()?;
    let (_, identifier) = Any::from_der(whole.data).ok()?;
    let algorithm = identifier.data.to_vec();
    let bits = parsed.subject_public_key.data.to_vec();
    let known = algorithms.all.iter().any(|known| known.public_key_alg_id().as_ref() == algorithm);
    known.then_some(Key { info, algorithm, bits })
}

/// The `SubjectPublicKeyInfo`, by the web's strict reader or, where that refuses the certificate, by a lenient one.
fn key_info(certificate: &CertificateDer<'_>) -> Option<Vec<u8>> {
    if let Ok(parsed) = ParsedCertificate::try_from(certificate) {
        return Some(parsed.subject_public_key_info().to_vec());
    }
    let (_, lenient) = X509Certificate::from_der(certificate).ok()?;
    Some(lenient.public_key().raw.to_vec())
}

fn not_after(certificate: &CertificateDer<'_>) -> Option<DateTime<Utc>> {
    let (_, parsed) = X509Certificate::from_der(certificate).ok()?;
    DateTime::from_timestamp(parsed.validity().not_after.timestamp(), 0)
}
