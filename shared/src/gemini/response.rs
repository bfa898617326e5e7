//! The header line of a response, with the meaning that each status gives to its text.
//!
//! Read as leniently as the field needs it: a tab or several spaces after the status, no text where one
//! belongs, text in another charset. Not lenient where leniency would guess: the status is two digits.

use std::fmt;
use std::time::Duration;

use super::media_type::MediaType;
use super::status::{Status, StatusClass};
use super::text::OneLine;

/// Bytes of a header line at most, CRLF included: two digits, a space, 1,024 bytes and CRLF.
pub const MAX_HEADER_BYTES: usize = 1_029;

/// Whether input is to be hidden while it is typed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sensitivity {
    /// Status 10.
    Plain,
    /// Status 11.
    Secret,
}

/// How long a redirect holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Permanence {
    /// Status 30: for now.
    Temporary,
    /// Status 31: for good.
    Permanent,
}

/// A response's header.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ResponseHeader {
    /// 1x: a line of input is wanted.
    Input {
        /// Whether to hide it.
        sensitive: Sensitivity,
        /// What the server asks.
        prompt: OneLine,
    },
    /// 2x: a body of this type follows.
    Success(MediaType),
    /// 3x: it is elsewhere.
    Redirect {
        /// For how long.
        permanence: Permanence,
        /// A URL reference, relative to the URL that was requested; never empty.
        target: String,
    },
    /// 40 to 43, and undefined 4x.
    TemporaryFailure {
        /// The status.
        status: Status,
        /// What the server says about it.
        message: OneLine,
    },
    /// 44: too many requests.
    SlowDown {
        /// The number of seconds in the text, a bare number or in a sentence; none if there is none.
        wait: Option<Duration>,
        /// What the server says about it.
        message: OneLine,
    },
    /// 5x.
    PermanentFailure {
        /// The status.
        status: Status,
        /// What the server says about it.
        message: OneLine,
    },
    /// 6x.
    Certificate {
        /// The status.
        status: Status,
        /// What the server says about it.
        message: OneLine,
    },
}

/// Why a line is no header.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum HeaderError {
    /// It does not begin with two digits and a blank (or nothing).
    #[error("the response does not begin with a status of two digits")]
    NoStatus,
    /// Below 10 or above 69.
    #[error("the status {0} is not one of Gemini's")]
    UnknownStatus(u8),
    /// A redirect to nowhere.
    #[error("the redirect names no target")]
    NoTarget,
    /// Longer than [`MAX_HEADER_BYTES`].
    #[error("the header is longer than 1,029 bytes")]
    TooLong,
}

impl ResponseHeader {
    /// Reads a header line, without its line end.
    ///
    /// # Errors
    ///
    /// [`HeaderError`] names what is wrong with it.
    pub fn parse(line: &[u8]) -> Result<Self, HeaderError> {
        if MAX_HEADER_BYTES < line.len() {
            return Err(HeaderError::TooLong);
        }
        let [tens @ b'0'..=b'9', units @ b'0'..=b'9', rest @ ..] = line else {
            return Err(HeaderError::NoStatus);
        };
        if !matches!(rest, [] | [b' ' | b'\t' | b'\r' | b'\n', ..]) {
            return Err(HeaderError::NoStatus);
        }
        let code = (tens - b'0') * 10 + (units - b'0');
        let status = Status::from_code(code).ok_or(HeaderError::UnknownStatus(code))?;
        let meta = String::from_utf8_lossy(rest);
        let meta = meta.trim_matches([' ', '\t', '\r', '\n']);
        let message = OneLine::new(meta);
        Ok(match status.class() {
            StatusClass::Input => {
                let secret = status == Status::SensitiveInput;
                let sensitive = if secret { Sensitivity::Secret } else { Sensitivity::Plain };
                Self::Input { sensitive, prompt: message }
            }
            StatusClass::Success => Self::Success(MediaType::parse(meta)),
            StatusClass::Redirect => {
                if meta.is_empty() {
                    return Err(HeaderError::NoTarget);
                }
                let permanent = status == Status::RedirectPermanent;
                let permanence = if permanent { Permanence::Permanent } else { Permanence::Temporary };
                Self::Redirect { permanence, target: meta.to_owned() }
            }
            StatusClass::TemporaryFailure if status == Status::SlowDown => {
                Self::SlowDown { wait: seconds_in(&message), message }
            }
            StatusClass::TemporaryFailure => Self::TemporaryFailure { status, message },
            StatusClass::PermanentFailure => Self::PermanentFailure { status, message },
            StatusClass::Certificate => Self::Certificate { status, message },
        })
    }

    /// The status that it was read from, or is written with.
    #[must_use]
    pub const fn status(&self) -> Status {
        match self {
            Self::Input { sensitive: Sensitivity::Plain, .. } => Status::Input,
            Self::Input { sensitive: Sensitivity::Secret, .. } => Status::SensitiveInput,
            Self::Success(_) => Status::Success,
            Self::Redirect { permanence: Permanence::Temporary, .. } => Status::RedirectTemporary,
            Self::Redirect { permanence: Permanence::Permanent, .. } => Status::RedirectPermanent,
            Self::SlowDown { .. } => Status::SlowDown,
            Self::TemporaryFailure { status, .. }
            | Self::PermanentFailure { status, .. }
            | Self::Certificate { status, .. } => *status,
        }
    }
}

/// The first whole number of a text, as seconds; one too large for a number counts as the largest.
fn seconds_in(message: &str) -> Option<Duration> {
    let start = message.find(|character: char| character.is_ascii_digit())?;
    if message.get(..start).is_some_and(|before| before.ends_with('-')) {
        return None;
    }
    let digits: String = message.get(start..)?.chars().take_while(char::is_ascii_digit).collect();
    Some(Duration::from_secs(digits.parse().unwrap_or(u64::from(u32::MAX))))
}

/// The header line as a server sends it, without CRLF.
impl fmt::Display for ResponseHeader {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.status().code())?;
        match self {
            Self::Input { prompt, .. } => write!(f, " {prompt}"),
            Self::Success(media_type) => write!(f, " {media_type}"),
            Self::Redirect { target, .. } => write!(f, " {target}"),
            Self::SlowDown { wait: Some(wait), .. } => write!(f, " {}", wait.as_secs()),
            Self::SlowDown { wait: None, message }
            | Self::TemporaryFailure { message, .. }
            | Self::PermanentFailure { message, .. }
            | Self::Certificate { message, .. } => {
                if message.is_empty() {
                    Ok(())
                } else {
                    write!(f, " {message}")
                }
            }
        }
    }
}
