//! Certificates that strict libraries refuse, as Geminispace has them.

use rcgen::{
    BasicConstraints, CertificateParams, CustomExtension, DistinguishedName, DnType, IsCa, KeyPair,
    PublicKeyData, SigningKey, date_time_ymd,
};
use rustls::client::danger::HandshakeSignatureValid;
use rustls::crypto::{WebPkiSupportedAlgorithms, aws_lc_rs, verify_tls12_signature, verify_tls13_signature};
use rustls::pki_types::{CertificateDer, UnixTime};
use rustls::server::danger::{ClientCertVerified, ClientCertVerifier};
use rustls::sign::CertifiedKey;
use rustls::{DigitallySignedStruct, Error, SignatureScheme};

use crate::certificate::{CertificateError, certified, params};

/// What is odd about a certificate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Oddity {
    Expired,
    NotYetValid,
    WrongName,
    NoAlternativeName,
    NoName,
    Year9999,
    AuthorityLeaf,
    VersionOne,
    UnknownExtension,
    Garbage,
    Hundred,
    HugeChain,
    /// Nothing but that it is new each time.
    Fresh,
}

impl Oddity {
    /// Whether the host shows the same certificate at each connection.
    pub(crate) fn stays(self) -> bool {
        self != Self::Fresh
    }
}

/// Makes an odd certificate for this name.
pub(crate) fn certificate(name: &str, oddity: Oddity) -> Result<CertifiedKey, CertificateError> {
    let key = KeyPair::generate()?;
    let mut params = params(name)?;
    match oddity {
        Oddity::Expired => {
            params.not_before = date_time_ymd(2019, 6, 20);
            params.not_after = date_time_ymd(2020, 6, 20);
        }
        Oddity::NotYetValid => {
            params.not_before = date_time_ymd(2200, 1, 1);
            params.not_after = date_time_ymd(2300, 1, 1);
        }
        Oddity::WrongName => params = crate::certificate::params("another-name.example")?,
        Oddity::NoAlternativeName => params.subject_alt_names.clear(),
        Oddity::NoName => {
            params.subject_alt_names.clear();
            params.distinguished_name = DistinguishedName::new();
        }
        Oddity::Year9999 => params.not_after = date_time_ymd(9999, 12, 31),
        Oddity::AuthorityLeaf => params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained),
        Oddity::UnknownExtension => {
            let mut extension = CustomExtension::from_oid_content(&[1, 3, 6, 1, 4, 1, 99_999, 1], vec![5, 0]);
            extension.set_criticality(true);
            params.custom_extensions.push(extension);
        }
        Oddity::VersionOne => return certified(vec![version_one(name, &key)?], &key),
        Oddity::Garbage => {
            let garbage = CertificateDer::from(b"\x30\x82\x01\x00this is no certificate".to_vec());
            return certified(vec![garbage], &key);
        }
        Oddity::Hundred => {
            let leaf = params.self_signed(&key)?.der().clone();
            return certified(vec![leaf; 100], &key);
        }
        Oddity::HugeChain => {
            let leaf = params.self_signed(&key)?.der().clone();
            let mut padded = CertificateParams::new(vec![name.to_owned()])?;
            padded.distinguished_name.push(DnType::OrganizationName, "o".repeat(50_000));
            let padded = padded.self_signed(&key)?.der().clone();
            return certified(vec![leaf, padded.clone(), padded.clone(), padded.clone(), padded], &key);
        }
        Oddity::Fresh => {}
    }
    let certificate = params.self_signed(&key)?;
    certified(vec![certificate.der().clone()], &key)
}

/// X.509 version 1: no version, no extensions. No library makes these any more, so it is written in DER here.
fn version_one(name: &str, key: &KeyPair) -> Result<CertificateDer<'static>, CertificateError> {
    // ecdsa-with-SHA256
    let algorithm = der(0x30, &der(0x06, &[0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x02]));
    let common_name = der(0x30, &[der(0x06, &[0x55, 0x04, 0x03]), der(0x0c, name.as_bytes())].concat());
    let subject = der(0x30, &der(0x31, &common_name));
    let validity = der(0x30, &[der(0x17, b"190620000000Z"), der(0x17, b"490620000000Z")].concat());
    let serial = der(0x02, &[0x01]);
    let public_key = key.subject_public_key_info();
    let body =
        der(0x30, &[serial, algorithm.clone(), subject.clone(), validity, subject, public_key].concat());
    let signature = key.sign(&body)?;
    let signature = der(0x03, &[&[0], &signature[..]].concat());
    Ok(CertificateDer::from(der(0x30, &[body, algorithm, signature].concat())))
}

/// One DER element.
fn der(tag: u8, content: &[u8]) -> Vec<u8> {
    let length = content.len().to_be_bytes();
    let zeros = length.iter().take_while(|byte| **byte == 0).count().min(length.len() - 1);
    let length = &length[zeros..];
    let mut element = vec![tag];
    if content.len() > 127 {
        // At most eight bytes of length.
        element.push(0x80 | u8::try_from(length.len()).unwrap_or(8));
    }
    element.extend_from_slice(length);
    element.extend_from_slice(content);
    element
}

/// Takes any client certificate, or none if it is not mandatory.
#[derive(Debug)]
pub(crate) struct AnyClient {
    pub(crate) mandatory: bool,
}

fn algorithms() -> WebPkiSupportedAlgorithms {
    aws_lc_rs::default_provider().signature_verification_algorithms
}

impl ClientCertVerifier for AnyClient {
    fn client_auth_mandatory(&self) -> bool {
        self.mandatory
    }

    fn root_hint_subjects(&self) -> &[rustls::DistinguishedName] {
        &[]
    }

    fn verify_client_cert(
        &self,
        _: &CertificateDer<'_>,
        _: &[CertificateDer<'_>],
        _: UnixTime,
    ) -> Result<ClientCertVerified, Error> {
        Ok(ClientCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls12_signature(message, certificate, signed, &algorithms())
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls13_signature(message, certificate, signed, &algorithms())
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        algorithms().supported_schemes()
    }
}
