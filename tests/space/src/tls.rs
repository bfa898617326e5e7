//! Certificates and server configurations.
//!
//! Thousands of names must start fast, so a name's certificate is made when its first `ClientHello` comes, and
//! kept. Names that no one serves get the certificate of `localhost`.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use rustls::ServerConfig;
use rustls::crypto::aws_lc_rs;
use rustls::server::{ClientHello, ResolvesServerCert, WantsServerCert};
use rustls::sign::CertifiedKey;

use crate::certificate::{CertificateError, ordinary};
use crate::odd::{self, Oddity};

/// The most names whose certificates are kept.
const MAX_NAMES: usize = 200_000;

/// The TLS side of a space: one configuration for the well-behaved, and the certificates by name.
#[derive(Debug)]
pub(crate) struct Tls {
    config: Arc<ServerConfig>,
    certificates: Arc<Certificates>,
}

impl Tls {
    pub(crate) fn new() -> Result<Self, CertificateError> {
        let certificates = Arc::new(Certificates { made: Mutex::default() });
        let resolver: Arc<dyn ResolvesServerCert> = Arc::<Certificates>::clone(&certificates);
        let config = Arc::new(finish(builder()?.with_no_client_auth().with_cert_resolver(resolver)));
        Ok(Self { config, certificates })
    }

    /// The configuration of well-behaved hosts.
    pub(crate) fn config(&self) -> Arc<ServerConfig> {
        Arc::clone(&self.config)
    }

    /// The certificate of a name, made now if it was not asked for before.
    pub(crate) fn certificate(&self, name: &str) -> Result<Arc<CertifiedKey>, CertificateError> {
        self.certificates.of(name)
    }

    /// The odd certificate of a name.
    pub(crate) fn odd(&self, name: &str, oddity: Oddity) -> Result<Arc<CertifiedKey>, CertificateError> {
        let make = || odd::certificate(name, oddity);
        if oddity.stays() {
            self.certificates.kept(&format!("{oddity:?} {name}"), make)
        } else {
            Ok(Arc::new(make()?))
        }
    }
}

type Builder = rustls::ConfigBuilder<ServerConfig, rustls::WantsVerifier>;

/// TLS 1.2 and 1.3 with aws-lc-rs.
pub(crate) fn builder() -> Result<Builder, CertificateError> {
    let provider = Arc::new(aws_lc_rs::default_provider());
    Ok(ServerConfig::builder_with_provider(provider).with_safe_default_protocol_versions()?)
}

/// A configuration that shows one certificate to everyone.
pub(crate) fn with_certificate(
    builder: rustls::ConfigBuilder<ServerConfig, WantsServerCert>,
    certificate: Arc<CertifiedKey>,
) -> Arc<ServerConfig> {
    Arc::new(finish(builder.with_cert_resolver(Arc::new(One(certificate)))))
}

fn finish(mut config: ServerConfig) -> ServerConfig {
    // Nobody resumes here; tickets would only be written into connections that are about to close.
    config.send_tls13_tickets = 0;
    config
}

#[derive(Debug)]
struct Certificates {
    made: Mutex<HashMap<String, Arc<CertifiedKey>>>,
}

impl Certificates {
    fn of(&self, name: &str) -> Result<Arc<CertifiedKey>, CertificateError> {
        self.kept(name, || ordinary(name))
    }

    fn kept(
        &self,
        name: &str,
        make: impl FnOnce() -> Result<CertifiedKey, CertificateError>,
    ) -> Result<Arc<CertifiedKey>, CertificateError> {
        let mut made = self.made.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(certificate) = made.get(name) {
            return Ok(Arc::clone(certificate));
        }
        let certificate = Arc::new(make()?);
        if made.len() < MAX_NAMES {
            made.insert(name.to_owned(), Arc::clone(&certificate));
        }
        Ok(certificate)
    }
}

impl ResolvesServerCert for Certificates {
    fn resolve(&self, hello: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        let name = hello.server_name().unwrap_or("localhost").to_ascii_lowercase();
        self.of(&name).or_else(|_| self.of("localhost")).ok()
    }
}

#[derive(Debug)]
struct One(Arc<CertifiedKey>);

impl ResolvesServerCert for One {
    fn resolve(&self, _: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        Some(Arc::clone(&self.0))
    }
}
