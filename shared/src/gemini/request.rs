//! The request line, as a client writes it and as a server reads it.
//!
//! A server keeps host, path and query as they were sent: it must tell a wrong host from a malformed
//! request, and the query is the visitor's text, not key-value pairs.

use percent_encoding::percent_decode_str;

use super::host::{CapsuleAddrError, DEFAULT_PORT, Host};
use super::url::{GeminiUrl, MAX_URL_BYTES};

/// What a client asked of a server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Request {
    /// The scheme in lower case; a server serves only its own.
    pub scheme: String,
    /// The host.
    pub host: Host,
    /// The port, where one was named.
    pub port: Option<u16>,
    /// The path as it was sent, still encoded; `/` for an empty one.
    pub path: String,
    /// The query as it was sent, still encoded.
    pub query: Option<String>,
}

/// Why a request is malformed; each is answered with 59.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RequestError {
    /// Nothing before the line end.
    #[error("the request is empty")]
    Empty,
    /// More than 1,024 bytes.
    #[error("the request is longer than 1,024 bytes")]
    TooLong,
    /// Not UTF-8, a control character, a raw space or a byte order mark.
    #[error("the request holds bytes that may not stand in a URL")]
    BadBytes,
    /// No `scheme://`.
    #[error("the request is not an absolute URL")]
    NotAbsolute,
    /// `user@`.
    #[error("the request names a user before the host")]
    Userinfo,
    /// `#`.
    #[error("the request holds a fragment")]
    Fragment,
    /// The host or port is none.
    #[error("the request names no host")]
    Host(#[source] CapsuleAddrError),
}

/// Reads a request line, without its CRLF.
///
/// # Errors
///
/// [`RequestError`] names the rule that it breaks.
pub fn parse_request(line: &[u8]) -> Result<Request, RequestError> {
    if line.is_empty() {
        return Err(RequestError::Empty);
    }
    if MAX_URL_BYTES < line.len() {
        return Err(RequestError::TooLong);
    }
    let text = std::str::from_utf8(line).map_err(|_| RequestError::BadBytes)?;
    if text.contains(|c: char| c.is_control() || c == ' ' || c == '\u{feff}') {
        return Err(RequestError::BadBytes);
    }
    let (scheme, rest) = text.split_once("://").ok_or(RequestError::NotAbsolute)?;
    let named = scheme.bytes().next().is_some_and(|first| first.is_ascii_alphabetic())
        && scheme.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"+-.".contains(&byte));
    if !named {
        return Err(RequestError::NotAbsolute);
    }
    if rest.contains('#') {
        return Err(RequestError::Fragment);
    }
    let end = rest.find(['/', '?']).unwrap_or(rest.len());
    let (authority, target) = rest.split_at(end);
    if authority.contains('@') {
        return Err(RequestError::Userinfo);
    }
    let capsule: super::host::CapsuleAddr = authority.parse().map_err(RequestError::Host)?;
    let named_port =
        authority.rsplit_once(':').is_some_and(|(_, port)| !port.is_empty() && !port.contains(']'));
    let (path, query) = match target.split_once('?') {
        Some((path, query)) => (path, Some(query.to_owned())),
        None => (target, None),
    };
    Ok(Request {
        scheme: scheme.to_ascii_lowercase(),
        host: capsule.host().clone(),
        port: named_port.then_some(capsule.port()),
        path: if path.is_empty() { "/".to_owned() } else { path.to_owned() },
        query,
    })
}

impl Request {
    /// The port it is for: the named one, or Gemini's.
    #[must_use]
    pub fn effective_port(&self) -> u16 {
        self.port.unwrap_or(DEFAULT_PORT)
    }
}

/// What a client sends for a URL: the URL and CRLF.
#[must_use]
pub fn request_line(url: &GeminiUrl) -> Vec<u8> {
    let mut line = url.as_str().as_bytes().to_vec();
    line.extend_from_slice(b"\r\n");
    line
}

/// The text of a query: escapes decoded, what is no UTF-8 replaced (a client may have cut it in the middle
/// of a character). A plus is a plus.
#[must_use]
pub fn decode_query(query: &str) -> String {
    percent_decode_str(query).decode_utf8_lossy().into_owned()
}
