//! Certificates, made on demand and self-signed, as nearly all of Geminispace has them.

use rcgen::{CertificateParams, DnType, KeyPair};
use rustls::crypto::aws_lc_rs;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};
use rustls::sign::CertifiedKey;

/// A certificate could not be made.
#[derive(Debug, thiserror::Error)]
pub(crate) enum CertificateError {
    #[error("the certificate could not be made")]
    Made(#[from] rcgen::Error),
    #[error("the TLS library refuses the key or the configuration")]
    Refused(#[from] rustls::Error),
}

/// A self-signed certificate as careful capsules have it: P-256, the name in CN and SAN.
pub(crate) fn ordinary(name: &str) -> Result<CertifiedKey, CertificateError> {
    let key = KeyPair::generate()?;
    let certificate = params(name)?.self_signed(&key)?;
    certified(vec![certificate.der().clone()], &key)
}

pub(crate) fn params(name: &str) -> Result<CertificateParams, CertificateError> {
    let mut params = CertificateParams::new(vec![name.to_owned()])?;
    params.distinguished_name.push(DnType::CommonName, name);
    Ok(params)
}

/// Joins a chain with the key that signs for it; the chain may be nonsense.
pub(crate) fn certified(
    chain: Vec<CertificateDer<'static>>,
    key: &KeyPair,
) -> Result<CertifiedKey, CertificateError> {
    let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(key.serialize_der()));
    Ok(CertifiedKey::new(chain, aws_lc_rs::sign::any_ecdsa_type(&key)?))
}
