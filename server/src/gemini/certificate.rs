//! Our certificate: made once, kept for decades, for clients trust on first use.

use std::fs;
use std::io::{self, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use rcgen::{CertificateParams, KeyPair, date_time_ymd};
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use shared::gemini::fingerprint::Fingerprint;
use shared::gemini::host::Host;

/// The certificate with its key.
#[derive(Debug)]
pub struct Identity {
    /// The certificate, DER.
    pub certificate: CertificateDer<'static>,
    /// Its private key.
    pub key: PrivateKeyDer<'static>,
}

/// Why there is no certificate.
#[derive(Debug, thiserror::Error)]
pub enum CertificateError {
    /// A file cannot be read or written.
    #[error("{} cannot be read or written", path.display())]
    File {
        /// Which one.
        path: PathBuf,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// Others can read the key.
    #[error("the key {} can be read by others (mode {mode:o}): chmod 600 it", path.display())]
    KeyOpen {
        /// The key's file.
        path: PathBuf,
        /// Its mode.
        mode: u32,
    },
    /// A file holds no certificate, or no key.
    #[error("{} does not hold what it should: {said}", path.display())]
    Content {
        /// Which one.
        path: PathBuf,
        /// What its reader said.
        said: String,
    },
    /// A new one could not be made.
    #[error("a certificate could not be made")]
    Make(#[source] rcgen::Error),
}

/// Reads the certificate and key of the state folder, or makes them.
///
/// # Errors
///
/// When a file cannot be used; nothing is ever written over.
pub fn load_or_make(state: &Path, hosts: &[Host]) -> Result<Identity, CertificateError> {
    let (certificate, key) = (state.join("certificate.pem"), state.join("key.pem"));
    if !key.exists() && !certificate.exists() {
        let made = fs::DirBuilder::new().recursive(true).mode(0o700).create(state);
        made.map_err(|source| file(state, source))?;
        make(&certificate, &key, hosts)?;
    }
    let mode = fs::metadata(&key).map_err(|source| file(&key, source))?.permissions().mode() & 0o777;
    if mode & 0o077 != 0 {
        return Err(CertificateError::KeyOpen { path: key, mode });
    }
    let content = |path: &Path| {
        let path = path.to_owned();
        move |error: rustls::pki_types::pem::Error| CertificateError::Content {
            path,
            said: error.to_string(),
        }
    };
    Ok(Identity {
        certificate: CertificateDer::from_pem_file(&certificate).map_err(content(&certificate))?,
        key: PrivateKeyDer::from_pem_file(&key).map_err(content(&key))?,
    })
}

/// A certificate for somebody who comes to us, with its key.
#[derive(Debug)]
pub struct ForAClient {
    /// The certificate and its key, one after the other, as clients import them.
    pub pem: String,
    /// What the certificate is known by.
    pub fingerprint: Fingerprint,
}

/// Makes a certificate for somebody who comes to us; nothing is kept.
///
/// # Errors
///
/// When none can be made.
pub fn for_a_client(name: &str) -> Result<ForAClient, CertificateError> {
    let pair = KeyPair::generate().map_err(CertificateError::Make)?;
    let mut params = CertificateParams::default();
    params.distinguished_name = rcgen::DistinguishedName::new();
    params.distinguished_name.push(rcgen::DnType::CommonName, name);
    params.not_before = date_time_ymd(2020, 1, 1);
    params.not_after = date_time_ymd(2090, 1, 1);
    let signed = params.self_signed(&pair).map_err(CertificateError::Make)?;
    Ok(ForAClient { pem: signed.pem() + &pair.serialize_pem(), fingerprint: Fingerprint::of(signed.der()) })
}

/// When the certificate of the state folder runs out; none where there is none that can be read.
#[must_use]
pub fn expiry(state: &Path) -> Option<SystemTime> {
    let certificate = CertificateDer::from_pem_file(state.join("certificate.pem")).ok()?;
    let (_rest, read) = x509_parser::parse_x509_certificate(&certificate).ok()?;
    let seconds = u64::try_from(read.validity().not_after.timestamp()).unwrap_or_default();
    UNIX_EPOCH.checked_add(Duration::from_secs(seconds))
}

/// What tells the certificate of the state folder from any other; none where there is none that can be read.
#[must_use]
pub fn fingerprint(state: &Path) -> Option<Fingerprint> {
    let certificate = CertificateDer::from_pem_file(state.join("certificate.pem")).ok()?;
    Some(Fingerprint::of(&certificate))
}

fn make(certificate: &Path, key: &Path, hosts: &[Host]) -> Result<(), CertificateError> {
    let names: Vec<String> =
        hosts.iter().map(|host| host.as_str().trim_matches(['[', ']']).to_owned()).collect();
    let pair = KeyPair::generate().map_err(CertificateError::Make)?;
    let mut params = CertificateParams::new(names.clone()).map_err(CertificateError::Make)?;
    params.distinguished_name = rcgen::DistinguishedName::new();
    if let Some(name) = names.first() {
        params.distinguished_name.push(rcgen::DnType::CommonName, name.as_str());
    }
    // Clients that trust on first use are alarmed by every new certificate: this one outlives the machine.
    params.not_before = date_time_ymd(2020, 1, 1);
    params.not_after = date_time_ymd(2090, 1, 1);
    let signed = params.self_signed(&pair).map_err(CertificateError::Make)?;
    // The key first: a certificate without its key would be kept and never work.
    write(key, &pair.serialize_pem(), 0o600)?;
    write(certificate, &signed.pem(), 0o644)
}

fn write(path: &Path, text: &str, mode: u32) -> Result<(), CertificateError> {
    let opened = fs::OpenOptions::new().write(true).create_new(true).mode(mode).open(path);
    let mut out = opened.map_err(|source| file(path, source))?;
    out.write_all(text.as_bytes()).and_then(|()| out.sync_all()).map_err(|source| file(path, source))
}

fn file(path: &Path, source: io::Error) -> CertificateError {
    CertificateError::File { path: path.to_owned(), source }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_certificate_is_made_once_and_its_key_is_ours_alone() {
        let folder = tempfile::tempdir().unwrap();
        let state = folder.path().join("server");
        let hosts = [Host::parse("sextant.example").unwrap()];
        let first = load_or_make(&state, &hosts).unwrap();
        let again = load_or_make(&state, &hosts).unwrap();
        assert_eq!(first.certificate, again.certificate);
        let key = state.join("key.pem");
        assert_eq!(fs::metadata(&key).unwrap().permissions().mode() & 0o777, 0o600);
        fs::set_permissions(&key, fs::Permissions::from_mode(0o640)).unwrap();
        let open = load_or_make(&state, &hosts).unwrap_err();
        assert!(matches!(open, CertificateError::KeyOpen { mode: 0o640, .. }), "{open}");
    }
}
