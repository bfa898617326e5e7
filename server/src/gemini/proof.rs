//! The proof that a visitor has the key of the certificate that they show.
//!
//! Anybody may come with any certificate, or with none: whose it is, nobody asks but the desk. But a certificate is
//! no secret, so whoever shows one must sign the handshake with its key, and a copy without the key ends it. Odd
//! certificates that strict readers refuse are read leniently; where the key is of a kind that cannot be checked, the
//! visitor is served like anybody, and nothing is proved.

use rustls::client::danger::HandshakeSignatureValid;
use rustls::crypto::{WebPkiSupportedAlgorithms, aws_lc_rs, verify_tls13_signature_with_raw_key};
use rustls::pki_types::{CertificateDer, SubjectPublicKeyInfoDer, UnixTime};
use rustls::server::ParsedCertificate;
use rustls::server::danger::{ClientCertVerified, ClientCertVerifier};
use rustls::{CertificateError, DigitallySignedStruct, DistinguishedName, Error, SignatureScheme};
use x509_parser::asn1_rs::Any;
use x509_parser::prelude::{FromDer as _, X509Certificate};
use x509_parser::public_key::PublicKey;
use x509_parser::x509::SubjectPublicKeyInfo;

/// Lets every certificate in whose key signed the handshake.
#[derive(Debug)]
pub(super) struct AnyVisitor {
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

impl AnyVisitor {
    pub(super) fn new() -> Self {
        Self { algorithms: algorithms() }
    }
}

/// Whether who came in with this certificate has proved to have its key: what can be checked was checked.
pub(super) fn is_proved(certificate: &CertificateDer<'_>) -> bool {
    usable_key(certificate, &algorithms()).is_some()
}

fn algorithms() -> WebPkiSupportedAlgorithms {
    aws_lc_rs::default_provider().signature_verification_algorithms
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
