//! Who is in: sessions begun by typing the token, kept in memory, and ended by time, by leaving, by a restart, or by a
//! new token.
//!
//! The browser holds a cookie that no script reads and no other site sends along. Of what it holds only the hash is
//! kept here. Every form of a session carries its hand, made from the session with a salt that only this run of the
//! program has.

use std::collections::VecDeque;
use std::num::NonZeroU32;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use axum::http::HeaderMap;
use axum::http::header::COOKIE;
use governor::clock::{Clock as _, DefaultClock};
use governor::{DefaultDirectRateLimiter, Quota, RateLimiter};
use tokio::time::Instant;

use crate::people::keyring::TokenMark;

/// The cookie's name.
const NAME: &str = "sextant-desk";
/// A session ends after so long, whatever was done in it.
const LIFE: Duration = Duration::from_secs(12 * 3_600);
/// Sessions at once; a further one ends the oldest.
const MOST: usize = 32;
/// Tries in a minute, of all together: behind a tunnel everybody has the same address.
const FAILURES: NonZeroU32 = NonZeroU32::new(5).expect("not zero");

/// Who is in.
#[derive(Debug)]
pub(super) struct Sessions {
    salt: [u8; 32],
    inside: Mutex<VecDeque<Session>>,
    failures: DefaultDirectRateLimiter,
}

#[derive(Debug)]
struct Session {
    key: blake3::Hash,
    token: TokenMark,
    ends: Instant,
}

/// The proof that a request belongs to a session.
#[derive(Clone, Debug)]
pub(super) struct Inside {
    key: blake3::Hash,
    /// What every form of this session carries.
    pub(super) hand: String,
}

impl Sessions {
    pub(super) fn new() -> Self {
        Self {
            salt: rand::random(),
            inside: Mutex::default(),
            failures: RateLimiter::direct(Quota::per_minute(FAILURES)),
        }
    }

    /// Takes one of this minute's tries. An error is the time until the next.
    pub(super) fn may_try(&self) -> Result<(), Duration> {
        self.failures.check().map_err(|not_until| not_until.wait_time_from(DefaultClock::default().now()))
    }

    /// Begins a session with the token of the moment; returns the cookie's header.
    pub(super) fn begin(&self, token: TokenMark, road: Road) -> String {
        let secret = blake3::Hash::from_bytes(rand::random()).to_hex();
        let session = Session { key: blake3::hash(secret.as_bytes()), token, ends: Instant::now() + LIFE };
        let mut inside = self.inside.lock().unwrap_or_else(PoisonError::into_inner);
        while MOST <= inside.len() {
            inside.pop_front();
        }
        inside.push_back(session);
        let secure = match road {
            Road::Https => "; Secure",
            Road::Http => "",
        };
        format!("{NAME}={secret}; HttpOnly; SameSite=Strict; Path=/; Max-Age={}{secure}", LIFE.as_secs())
    }

    /// The session of a request; none where it has none, where its time is over, or where it was begun with a token
    /// that is not that of the moment.
    pub(super) fn of(&self, headers: &HeaderMap, token: Option<TokenMark>) -> Option<Inside> {
        let token = token?;
        let key = blake3::hash(cookie(headers)?.as_bytes());
        let now = Instant::now();
        let mut inside = self.inside.lock().unwrap_or_else(PoisonError::into_inner);
        inside.retain(|session| now < session.ends && session.token == token);
        // The comparison of hashes takes the same time wherever they differ.
        let found = inside.iter().find(|session| session.key == key)?;
        let hand = blake3::keyed_hash(&self.salt, found.key.as_bytes()).to_hex();
        Some(Inside { key, hand: hand.to_string() })
    }

    /// Ends a session; returns the header that takes the cookie away.
    pub(super) fn end(&self, inside: &Inside) -> String {
        let mut sessions = self.inside.lock().unwrap_or_else(PoisonError::into_inner);
        sessions.retain(|session| session.key != inside.key);
        format!("{NAME}=; HttpOnly; SameSite=Strict; Path=/; Max-Age=0")
    }
}

/// How the browser came, as far as it says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Road {
    /// In the clear: on this machine, or through a tunnel.
    Http,
    /// Through a proxy that speaks TLS.
    Https,
}

impl Inside {
    /// Whether this is the session's hand.
    pub(super) fn has_hand(&self, shown: &str) -> bool {
        // Hashes of both: neither the length nor the place of a difference is told by the time.
        blake3::hash(shown.as_bytes()) == blake3::hash(self.hand.as_bytes())
    }
}

fn cookie(headers: &HeaderMap) -> Option<&str> {
    let lines = headers.get_all(COOKIE).iter().filter_map(|line| line.to_str().ok());
    let mut pairs = lines.flat_map(|line| line.split(';')).filter_map(|pair| pair.trim().split_once('='));
    pairs.find(|(name, _)| *name == NAME).map(|(_, value)| value)
}
