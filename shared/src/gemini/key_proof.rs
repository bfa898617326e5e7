//! The proof that whoever shows a certificate holds its key: the signature of the handshake.
//!
//! A certificate is no secret: a fingerprint means something only because its key signed this very handshake. Gemini's
//! certificates are self-signed, expired, of X.509 version 1, or with extensions that nobody knows; strict readers
//! refuse them, so the signature is checked against the raw key. A key that cannot be read, or of a kind that the
//! provider does not know (RSA below 2,048 bits), lets its owner pass unproved: [`KeyProof::covers`] tells which of
//! both it is, by the certificate alone.

use rustls::client::danger::HandshakeSignatureValid;
use rustls::crypto::{WebPkiSupportedAlgorithms, verify_tls13_signature_with_raw_key};
use rustls::pki_types::{CertificateDer, SubjectPublicKeyInfoDer};
use rustls::server::ParsedCertificate;
use rustls::{CertificateError, DigitallySignedStruct, Error, SignatureScheme};
use x509_parser::asn1_rs::Any;
use x509_parser::prelude::{FromDer as _, X509Certificate};
use x509_parser::public_key::PublicKey;
use x509_parser::x509::SubjectPublicKeyInfo;

/// Bits of an RSA key that the provider checks signatures with.
const RSA_BITS: std::ops::RangeInclusive<usize> = 2048..=8192;

/// Checks the signatures of handshakes.
#[derive(Clone, Copy, Debug)]
pub struct KeyProof {
    algorithms: WebPkiSupportedAlgorithms,
}

/// A public key that signatures can be checked with.
#[derive(Debug)]
struct Key {
    /// The whole `SubjectPublicKeyInfo`.
    info: Vec<u8>,
    /// The contents of its `AlgorithmIdentifier`.
    algorithm: Vec<u8>,
    /// The key itself.
    bits: Vec<u8>,
}

impl KeyProof {
    /// A proof by what the provider knows.
    #[must_use]
    pub const fn new(algorithms: WebPkiSupportedAlgorithms) -> Self {
        Self { algorithms }
    }

    /// Whether a handshake with this certificate proves that its key is there; otherwise nothing was checked.
    #[must_use]
    pub fn covers(&self, certificate: &CertificateDer<'_>) -> bool {
        self.key(certificate).is_some()
    }

    /// Checks the signature of a handshake of TLS 1.2 over `message`.
    ///
    /// # Errors
    ///
    /// When another key signed it.
    pub fn check_tls12(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        let Some(key) = self.key(certificate) else {
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

    /// Checks the signature of a handshake of TLS 1.3 over `message`.
    ///
    /// # Errors
    ///
    /// When another key signed it.
    pub fn check_tls13(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        let Some(key) = self.key(certificate) else {
            return Ok(HandshakeSignatureValid::assertion());
        };
        let info = SubjectPublicKeyInfoDer::from(key.info);
        verify_tls13_signature_with_raw_key(message, &info, signed, &self.algorithms)
    }

    /// The kinds of signatures that can be checked.
    #[must_use]
    pub fn schemes(&self) -> Vec<SignatureScheme> {
        self.algorithms.supported_schemes()
    }

    /// The certificate's key, if it can be read and the provider knows its kind and size.
    fn key(&self, certificate: &CertificateDer<'_>) -> Option<Key> {
        let info = key_info(certificate)?;
        let (_, parsed) = SubjectPublicKeyInfo::from_der(&info).ok()?;
        if let Ok(PublicKey::RSA(rsa)) = parsed.parsed()
            && !RSA_BITS.contains(&rsa.key_size())
        {
            return None;
        }
        let (_, whole) = Any::from_der(&info).ok()?;
        let (_, identifier) = Any::from_der(whole.data).ok()?;
        let algorithm = identifier.data.to_vec();
        let bits = parsed.subject_public_key.data.to_vec();
        let known = self.algorithms.all.iter().any(|known| known.public_key_alg_id().as_ref() == algorithm);
        known.then_some(Key { info, algorithm, bits })
    }
}

/// The `SubjectPublicKeyInfo`, by the web's strict reader or, where that refuses the certificate, by a lenient one.
fn key_info(certificate: &CertificateDer<'_>) -> Option<Vec<u8>> {
    if let Ok(parsed) = ParsedCertificate::try_from(certificate) {
        return Some(parsed.subject_public_key_info().to_vec());
    }
    let (_, lenient) = X509Certificate::from_der(certificate).ok()?;
    Some(lenient.public_key().raw.to_vec())
}
