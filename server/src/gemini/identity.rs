//! Who comes to the desk with a client certificate, and the hand that their screens carry.
//!
//! A pinned certificate whose key was proved makes an admin. What can be done on the screens shown to it carries its
//! hand: a text that only we can make, from the certificate and the half of the day. A link to a deed that somebody
//! else wrote has no such hand, so following it does nothing but show what it is about.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use shared::gemini::fingerprint::Fingerprint;
use x509_parser::prelude::{FromDer as _, X509Certificate};

use super::proof;
use crate::people::Admin;
use crate::people::keyring::Keyring;
use crate::render::problem::Problem;

/// A hand is made for so long, and good for one such span more.
const SPAN: Duration = Duration::from_secs(12 * 3_600);
/// Hexadecimal digits of a hand: 128 bits.
const DIGITS: usize = 32;

/// Makes hands.
#[derive(Clone, Debug)]
pub(super) struct Hands {
    secret: [u8; 32],
}

/// An admin at the desk.
#[derive(Debug)]
pub(super) struct AtDesk {
    /// Who.
    pub(super) admin: Admin,
    /// What their screens carry.
    pub(super) hand: String,
    before: String,
}

impl Hands {
    /// Hands of the server with this key: every server with the same certificate makes the same.
    pub(super) fn of(key: &PrivateKeyDer<'_>) -> Self {
        Self { secret: blake3::derive_key("sextant: hands of the admin's desk", key.secret_der()) }
    }

    fn made(&self, fingerprint: Fingerprint, span: u64) -> String {
        let mut maker = blake3::Hasher::new_keyed(&self.secret);
        maker.update(&fingerprint.0).update(&span.to_be_bytes());
        maker.finalize().to_hex().chars().take(DIGITS).collect()
    }

    /// The admin who shows this certificate, at this moment.
    ///
    /// # Errors
    ///
    /// The problem that says which certificate is wanted.
    pub(super) fn admin(
        &self,
        shown: Option<&CertificateDer<'_>>,
        keys: &Keyring,
        now: SystemTime,
    ) -> Result<AtDesk, Problem> {
        let certificate = shown.ok_or(Problem::CertificateWanted)?;
        let fingerprint = Fingerprint::of(certificate);
        let pins = keys.pins().map_err(|error| {
            tracing::error!(error = &error as &dyn std::error::Error, "the keys of the desk cannot be used");
            Problem::Broken
        })?;
        let pin = pins.iter().find(|pin| pin.fingerprint == fingerprint);
        let pin = pin.ok_or(Problem::CertificateUnknown { fingerprint })?;
        if !proof::is_proved(certificate) {
            let why = "the key of this certificate is of a kind that cannot be checked here";
            return Err(Problem::CertificateInvalid(why));
        }
        let since = now.duration_since(UNIX_EPOCH).unwrap_or_default();
        if !is_in_force(certificate, since) {
            let why = "this certificate is not in force any more, or not yet";
            return Err(Problem::CertificateInvalid(why));
        }
        let span = since.as_secs() / SPAN.as_secs();
        Ok(AtDesk {
            admin: Admin::pinned(pin),
            hand: self.made(fingerprint, span),
            before: self.made(fingerprint, span.saturating_sub(1)),
        })
    }
}

impl AtDesk {
    /// Whether a link carries the hand of this very certificate, and not too old a one.
    pub(super) fn has_hand(&self, shown: &str) -> bool {
        // Hashes of both: the time tells nothing of where they differ.
        let shown = blake3::hash(shown.as_bytes());
        [&self.hand, &self.before].into_iter().any(|hand| blake3::hash(hand.as_bytes()) == shown)
    }
}

fn is_in_force(certificate: &CertificateDer<'_>, since: Duration) -> bool {
    let Ok((_, read)) = X509Certificate::from_der(certificate) else { return false };
    let now = i64::try_from(since.as_secs()).unwrap_or(i64::MAX);
    (read.validity().not_before.timestamp()..=read.validity().not_after.timestamp()).contains(&now)
}
