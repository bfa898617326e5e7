//! The keys to the admin's desk: the web desk's token, and the client certificates that are pinned.
//!
//! Two small files beside the server's own certificate, readable by nobody else. Of the token only the hash is
//! kept. They are read anew whenever somebody shows a key, so that a new token shuts the old one out at once,
//! without a restart, and the desk's door opens while the database is away.

use std::fs;
use std::io::{self, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};

use shared::gemini::fingerprint::Fingerprint;

/// The file of the token's hash.
const TOKEN: &str = "desk-token";
/// The file of pinned certificates.
const PINS: &str = "desk-certificates";
/// What stands before a fingerprint.
const PREFIX: &str = "sha256:";
/// Characters of a name at most.
const NAME: usize = 40;

/// Where the keys lie.
#[derive(Clone, Debug)]
pub struct Keyring {
    folder: PathBuf,
}

/// A certificate whose owner is admin.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pin {
    /// Its fingerprint.
    pub fingerprint: Fingerprint,
    /// Its owner, as the audit log names them.
    pub name: String,
}

/// Why the keys cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum KeyringError {
    /// A file cannot be read or written.
    #[error("{} cannot be read or written", path.display())]
    File {
        /// Which one.
        path: PathBuf,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// Others can read it.
    #[error("{} can be read by others (mode {mode:o}): chmod 600 it", path.display())]
    Open {
        /// The file.
        path: PathBuf,
        /// Its mode.
        mode: u32,
    },
    /// A line is no key.
    #[error("line {line} of {} is not a key", path.display())]
    Content {
        /// The file.
        path: PathBuf,
        /// Which line, from 1.
        line: usize,
    },
}

/// The hash that stands for the token of the moment: it changes with every new one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TokenMark(blake3::Hash);

impl Keyring {
    /// The keys in the folder of the server's certificate.
    #[must_use]
    pub fn at(folder: &Path) -> Self {
        Self { folder: folder.to_owned() }
    }

    /// Makes a token of 256 bits, which is told once; the one before opens nothing from now on.
    ///
    /// # Errors
    ///
    /// When its hash cannot be kept.
    pub fn new_token(&self) -> Result<String, KeyringError> {
        let token = blake3::Hash::from_bytes(rand::random()).to_hex().to_string();
        self.write(TOKEN, &format!("{}\n", blake3::hash(token.as_bytes())))?;
        Ok(token)
    }

    /// The mark of the token of the moment; none: there is no token.
    ///
    /// # Errors
    ///
    /// When its file cannot be used.
    pub fn token(&self) -> Result<Option<TokenMark>, KeyringError> {
        let Some(text) = self.read(TOKEN)? else { return Ok(None) };
        let hash = blake3::Hash::from_hex(text.trim());
        let mark = hash.map_err(|_| KeyringError::Content { path: self.folder.join(TOKEN), line: 1 })?;
        Ok(Some(TokenMark(mark)))
    }

    /// The mark of the token of the moment, if this is that token. The comparison takes the same time wherever they
    /// differ.
    ///
    /// # Errors
    ///
    /// When its file cannot be used.
    pub fn unlocked_by(&self, shown: &str) -> Result<Option<TokenMark>, KeyringError> {
        let shown = TokenMark(blake3::hash(shown.trim().as_bytes()));
        Ok(self.token()?.filter(|mark| *mark == shown))
    }

    /// All pinned certificates, in the order in which they were pinned.
    ///
    /// # Errors
    ///
    /// When their file cannot be used.
    pub fn pins(&self) -> Result<Vec<Pin>, KeyringError> {
        let text = self.read(PINS)?.unwrap_or_default();
        let lines = (1..).zip(text.lines()).filter(|(_, line)| !line.trim().is_empty());
        let read = lines.map(|(line, text)| {
            let (fingerprint, name) = text.trim().split_once(' ').unwrap_or((text.trim(), ""));
            let content = || KeyringError::Content { path: self.folder.join(PINS), line };
            Ok(Pin {
                fingerprint: fingerprint_of(fingerprint).ok_or_else(content)?,
                name: name.trim().to_owned(),
            })
        });
        read.collect()
    }

    /// Pins a certificate, or gives a pinned one another name.
    ///
    /// # Errors
    ///
    /// When the file cannot be used.
    pub fn pin(&self, fingerprint: Fingerprint, name: &str) -> Result<Pin, KeyringError> {
        let name: String = name.chars().filter(|c| !c.is_control()).take(NAME).collect();
        let pin = Pin { fingerprint, name: name.trim().to_owned() };
        let mut pins = self.pins()?;
        pins.retain(|other| other.fingerprint != fingerprint);
        pins.push(pin.clone());
        self.write_pins(&pins)?;
        Ok(pin)
    }

    /// Lets a certificate be one of many again. False: it was not pinned.
    ///
    /// # Errors
    ///
    /// When the file cannot be used.
    pub fn unpin(&self, fingerprint: Fingerprint) -> Result<bool, KeyringError> {
        let mut pins = self.pins()?;
        let before = pins.len();
        pins.retain(|pin| pin.fingerprint != fingerprint);
        if pins.len() < before {
            self.write_pins(&pins)?;
        }
        Ok(pins.len() < before)
    }

    fn write_pins(&self, pins: &[Pin]) -> Result<(), KeyringError> {
        let lines: String =
            pins.iter().map(|pin| format!("{PREFIX}{} {}\n", pin.fingerprint, pin.name)).collect();
        self.write(PINS, &lines)
    }

    fn read(&self, name: &str) -> Result<Option<String>, KeyringError> {
        let path = self.folder.join(name);
        let failed = |source| KeyringError::File { path: path.clone(), source };
        let mode = match fs::metadata(&path) {
            Ok(metadata) => metadata.permissions().mode() & 0o777,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(failed(error)),
        };
        if mode & 0o077 != 0 {
            return Err(KeyringError::Open { path, mode });
        }
        fs::read_to_string(&path).map(Some).map_err(failed)
    }

    /// Whole or not at all.
    fn write(&self, name: &str, text: &str) -> Result<(), KeyringError> {
        let (path, draft) = (self.folder.join(name), self.folder.join(format!("{name}.new")));
        let failed = |source| KeyringError::File { path: path.clone(), source };
        fs::DirBuilder::new().recursive(true).mode(0o700).create(&self.folder).map_err(failed)?;
        let opened = fs::OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&draft);
        let mut out = opened.map_err(failed)?;
        out.write_all(text.as_bytes()).and_then(|()| out.sync_all()).map_err(failed)?;
        fs::rename(&draft, &path).map_err(failed)
    }
}

/// A fingerprint as people copy it: with or without `sha256:`, colons between the bytes, capitals.
#[must_use]
pub fn fingerprint_of(text: &str) -> Option<Fingerprint> {
    let text = text.trim().to_ascii_lowercase();
    let digits = text.strip_prefix(PREFIX).unwrap_or(&text).replace(':', "");
    digits.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_new_token_shuts_the_old_one_out_and_none_is_kept() {
        let folder = tempfile::tempdir().unwrap();
        let keys = Keyring::at(&folder.path().join("server"));
        assert_eq!(keys.token().unwrap(), None);
        assert_eq!(keys.unlocked_by("").unwrap(), None, "nothing opens where there is no token");
        let first = keys.new_token().unwrap();
        let mark = keys.unlocked_by(&format!(" {first}\n")).unwrap();
        assert!(mark.is_some(), "as it was copied");
        let kept = fs::read_to_string(folder.path().join("server/desk-token")).unwrap();
        assert!(!kept.contains(&first), "only its hash is kept");
        let second = keys.new_token().unwrap();
        assert_eq!(keys.unlocked_by(&first).unwrap(), None);
        assert!(keys.unlocked_by(&second).unwrap().is_some());
        assert_ne!(keys.token().unwrap(), mark, "who came in by the old one is seen to have done so");
    }

    #[test]
    fn pins_are_kept_by_name_and_a_file_that_others_read_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let keys = Keyring::at(folder.path());
        let (one, other) = (Fingerprint::of(b"one"), Fingerprint::of(b"other"));
        keys.pin(one, "ann\n").unwrap();
        keys.pin(other, "").unwrap();
        keys.pin(one, "Ann of the laptop").unwrap();
        let names: Vec<String> = keys.pins().unwrap().into_iter().map(|pin| pin.name).collect();
        assert_eq!(names, ["", "Ann of the laptop"]);
        assert!(keys.unpin(other).unwrap() && !keys.unpin(other).unwrap());
        let colons: Vec<String> = one.0.iter().map(|byte| format!("{byte:02X}")).collect();
        assert_eq!(fingerprint_of(&format!("SHA256:{}", colons.join(":"))), Some(one));
        fs::set_permissions(folder.path().join(PINS), fs::Permissions::from_mode(0o644)).unwrap();
        assert!(matches!(keys.pins(), Err(KeyringError::Open { mode: 0o644, .. })));
    }
}
