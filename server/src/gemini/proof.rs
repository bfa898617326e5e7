//! The proof that a visitor has the key of the certificate that they show.
//!
//! Anybody may come with any certificate, or with none: whose it is, nobody asks but the desk. But a certificate is
//! no secret, so whoever shows one must sign the handshake with its key (`shared::gemini::key_proof`), and a copy
//! without the key ends it. Where the key is of a kind that cannot be checked, the visitor is served like anybody,
//! and nothing is proved.

use rustls::client::danger::HandshakeSignatureValid;
use rustls::crypto::aws_lc_rs;
use rustls::pki_types::{CertificateDer, UnixTime};
use rustls::server::danger::{ClientCertVerified, ClientCertVerifier};
use rustls::{DigitallySignedStruct, DistinguishedName, Error, SignatureScheme};
use shared::gemini::key_proof::KeyProof;

/// Lets every certificate in whose key signed the handshake.
#[derive(Debug)]
pub(super) struct AnyVisitor {
    proof: KeyProof,
}

impl AnyVisitor {
    pub(super) fn new() -> Self {
        Self { proof: proof() }
    }
}

/// Whether who came in with this certificate has proved to have its key: what can be checked was checked.
pub(super) fn is_proved(certificate: &CertificateDer<'_>) -> bool {
    proof().covers(certificate)
}

fn proof() -> KeyProof {
    KeyProof::new(aws_lc_rs::default_provider().signature_verification_algorithms)
}

impl ClientCertVerifier for AnyVisitor {
    fn client_auth_mandatory(&self) -> bool {
        false
    }

    fn root_hint_subjects(&self) -> &[DistinguishedName] {
        &[]
    }

    fn verify_client_cert(
        &self,
        _certificate: &CertificateDer<'_>,
        _chain: &[CertificateDer<'_>],
        _now: UnixTime,
    ) -> Result<ClientCertVerified, Error> {
        // Whose it is, the desk asks; that its key is there, the signature shows.
        Ok(ClientCertVerified::assertion())
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
