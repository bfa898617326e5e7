//! The keys to the desk: a token for the web, client certificates for Gemini. Made here, on the machine itself.

use std::fs;
use std::io::Write as _;
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::PathBuf;

use anyhow::{Context as _, bail};
use server::people::keyring::{Keyring, fingerprint_of};

use crate::settings::Places;

/// What to do with keys.
#[derive(Debug, clap::Subcommand)]
pub(super) enum Key {
    /// Make the token that opens the web desk, and tell it once; the one before opens nothing any more
    Token,
    /// Make a client certificate with its key and pin it: whoever has it is admin over Gemini
    Certificate {
        /// Whose it is, for the audit log and the file's name
        name: String,
    },
    /// Pin a client certificate by its fingerprint: whoever has its key is admin over Gemini
    Pin {
        /// SHA-256 of the certificate, in hexadecimal
        fingerprint: String,
        /// Whose it is, for the audit log
        #[arg(default_value = "")]
        name: String,
    },
    /// Let a pinned certificate be one of many again
    Unpin {
        /// SHA-256 of the certificate, in hexadecimal
        fingerprint: String,
    },
    /// The pinned certificates
    Pins,
}

/// Does it; returns what to say.
pub(super) fn run(key: &Key, places: &Places) -> anyhow::Result<String> {
    let keys = Keyring::at(&places.server());
    Ok(match key {
        Key::Token => keys.new_token()?,
        Key::Certificate { name } => certificate(&keys, places, name)?,
        Key::Pin { fingerprint, name } => {
            let Some(fingerprint) = fingerprint_of(fingerprint) else {
                bail!("{fingerprint:?} is not a SHA-256 of 64 hexadecimal digits");
            };
            keys.pin(fingerprint, name)?;
            format!("sha256:{fingerprint} opens the desk over Gemini")
        }
        Key::Unpin { fingerprint } => {
            let Some(fingerprint) = fingerprint_of(fingerprint) else {
                bail!("{fingerprint:?} is not a SHA-256 of 64 hexadecimal digits");
            };
            if keys.unpin(fingerprint)? {
                format!("sha256:{fingerprint} opens nothing any more")
            } else {
                format!("sha256:{fingerprint} was not pinned")
            }
        }
        Key::Pins => {
            let pins = keys.pins()?;
            let lines: Vec<String> =
                pins.iter().map(|pin| format!("sha256:{} {}", pin.fingerprint, pin.name)).collect();
            if lines.is_empty() { "no certificate is pinned".to_owned() } else { lines.join("\n") }
        }
    })
}

fn certificate(keys: &Keyring, places: &Places, name: &str) -> anyhow::Result<String> {
    let is_plain = !name.is_empty()
        && name.len() <= 40
        && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte))
        && !name.starts_with('.');
    if !is_plain {
        bail!("a name has 1 to 40 letters, digits, dots, hyphens or underscores");
    }
    let made = server::gemini::certificate::for_a_client(name)?;
    let file: PathBuf = places.server().join("clients").join(format!("{name}.pem"));
    let folder = places.server().join("clients");
    fs::DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(&folder)
        .with_context(|| format!("{} cannot be made", folder.display()))?;
    let opened = fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(&file);
    let mut out = opened.with_context(|| format!("{} cannot be made", file.display()))?;
    out.write_all(made.pem.as_bytes())?;
    out.sync_all()?;
    keys.pin(made.fingerprint, name)?;
    Ok(format!(
        "{}\nsha256:{} is pinned: import that file into your client (certificate and key are both in it),\n\
         use it for gemini://HOST/admin, and keep no copy here that you do not need",
        file.display(),
        made.fingerprint
    ))
}
