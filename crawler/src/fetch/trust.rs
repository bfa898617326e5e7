//! Whom the crawler believes: anyone, as long as they hold the key that they show.
//!
//! A crawler of public pages accepts every certificate and records what it saw. What it still checks is the
//! handshake's signature (`shared::gemini::key_proof`); where the key is of a kind that cannot be checked, that is
//! recorded as [`Signature::Unchecked`]. Which of both holds is a function of the certificate alone, so one verifier
//! serves all connections and keeps no state.

use chrono::{DateTime, Utc};
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::WebPkiSupportedAlgorithms;
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{ClientConfig, DigitallySignedStruct, Error, SignatureScheme};
use shared::gemini::fingerprint::Fingerprint;
use shared::gemini::key_proof::KeyProof;
use shared::store::known::certificate::Signature;
use x509_parser::prelude::{FromDer as _, X509Certificate};

use super::fetched::SeenCertificate;

/// Accepts every certificate and checks every signature that can be checked.
#[derive(Debug)]
pub(super) struct AnyCertificate {
    proof: KeyProof,
}

/// What a handshake under this configuration showed.
pub(super) fn seen(certificate: &CertificateDer<'_>, config: &ClientConfig) -> SeenCertificate {
    let proof = KeyProof::new(config.crypto_provider().signature_verification_algorithms);
    SeenCertificate {
        fingerprint: Fingerprint::of(certificate),
        not_after: not_after(certificate),
        signature: if proof.covers(certificate) { Signature::Checked } else { Signature::Unchecked },
    }
}

impl AnyCertificate {
    pub(super) const fn new(algorithms: WebPkiSupportedAlgorithms) -> Self {
        Self { proof: KeyProof::new(algorithms) }
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
        self.proof.check_tls12(message, certificate, signed)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.proof.check_tls13(message, certificate, signed)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.proof.schemes()
    }
}

fn not_after(certificate: &CertificateDer<'_>) -> Option<DateTime<Utc>> {
    let (_, parsed) = X509Certificate::from_der(certificate).ok()?;
    DateTime::from_timestamp(parsed.validity().not_after.timestamp(), 0)
}
