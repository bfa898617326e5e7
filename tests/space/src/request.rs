//! The request line: read under one limit, judged by the protocol's rules.
//!
//! This reader shares nothing with the crawler's: what the crawler sends is judged by a second pair of eyes.

use std::time::Duration;

use tokio::io::{AsyncRead, AsyncReadExt};
use tokio::time::timeout;

/// The longest URL of a request in bytes.
const MAX_URL: usize = 1024;
/// How long a client may take to send its line.
const LINE_LIMIT: Duration = Duration::from_secs(10);

/// A request that keeps all rules.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Asked {
    pub(crate) scheme: String,
    /// Lower-case, without a trailing dot.
    pub(crate) host: String,
    pub(crate) port: Option<u16>,
    /// As sent, not percent-decoded, `/` when it was empty.
    pub(crate) path: String,
    pub(crate) query: Option<String>,
}

impl Asked {
    /// Path and query as sent.
    pub(crate) fn path_and_query(&self) -> String {
        match &self.query {
            Some(query) => format!("{}?{query}", self.path),
            None => self.path.clone(),
        }
    }
}

/// What arrived instead of, or as, a line.
#[derive(Debug)]
pub(crate) enum Arrived {
    /// A line, without its CR LF.
    Line(Vec<u8>),
    /// Bytes that are no line: too many, or ended by a bare LF. They get a 59.
    NoLine(Vec<u8>, &'static str),
    /// The client left or was too slow.
    Nothing,
}

/// Reads up to CR LF, whatever the record boundaries.
pub(crate) async fn read_line(stream: &mut (impl AsyncRead + Unpin)) -> Arrived {
    timeout(LINE_LIMIT, read_to_line_end(stream)).await.unwrap_or(Arrived::Nothing)
}

async fn read_to_line_end(stream: &mut (impl AsyncRead + Unpin)) -> Arrived {
    let mut line = Vec::with_capacity(128);
    let mut piece = [0_u8; MAX_URL + 2];
    while line.len() < MAX_URL + 2 {
        let room = MAX_URL + 2 - line.len();
        match stream.read(&mut piece[..room]).await {
            Ok(0) | Err(_) => return Arrived::Nothing,
            Ok(count) => line.extend_from_slice(&piece[..count]),
        }
        if let Some(end) = line.iter().position(|byte| *byte == b'\n') {
            if end == 0 || line[end - 1] != b'\r' {
                line.truncate(end);
                return Arrived::NoLine(line, "the line must end in CR LF");
            }
            if end + 1 < line.len() {
                return Arrived::NoLine(line, "nothing may follow the line");
            }
            line.truncate(end - 1);
            return Arrived::Line(line);
        }
    }
    Arrived::NoLine(line, "a URL has at most 1024 bytes")
}

/// Judges a line by the rules; the error is the reason for a 59.
pub(crate) fn parse(line: &[u8]) -> Result<Asked, &'static str> {
    let line = str::from_utf8(line).map_err(|_| "a URL is UTF-8")?;
    if line.chars().any(|c| c.is_control() || c == ' ' || c == '\u{feff}') {
        return Err("a URL has no blanks and no control characters");
    }
    if line.contains('#') {
        return Err("a fragment is not sent");
    }
    let (scheme, rest) = line.split_once(':').ok_or("a URL begins with its scheme")?;
    let letter = scheme.starts_with(|c: char| c.is_ascii_alphabetic());
    if !letter || !scheme.chars().all(|c| c.is_ascii_alphanumeric() || "+-.".contains(c)) {
        return Err("a URL begins with its scheme");
    }
    let rest = rest.strip_prefix("//").ok_or("a URL names its host")?;
    let end = rest.find(['/', '?']).unwrap_or(rest.len());
    let (authority, rest) = rest.split_at(end);
    if authority.contains('@') {
        return Err("userinfo is not allowed");
    }
    let (host, port) = split_port(authority)?;
    if host.is_empty() {
        return Err("a URL names its host");
    }
    let (path, query) = match rest.split_once('?') {
        Some((path, query)) => (path, Some(query.to_owned())),
        None => (rest, None),
    };
    let path = if path.is_empty() { "/" } else { path };
    Ok(Asked {
        scheme: scheme.to_ascii_lowercase(),
        host: host.trim_end_matches('.').to_ascii_lowercase(),
        port,
        path: path.to_owned(),
        query,
    })
}

fn split_port(authority: &str) -> Result<(&str, Option<u16>), &'static str> {
    let bracket = authority.rfind(']').unwrap_or(0);
    let Some(colon) = authority[bracket..].rfind(':').map(|at| at + bracket) else {
        return Ok((authority, None));
    };
    let (host, port) = (&authority[..colon], &authority[colon + 1..]);
    if port.is_empty() {
        return Ok((host, None));
    }
    let port = port.parse().map_err(|_| "a port is a number up to 65535")?;
    Ok((host, Some(port)))
}

/// Percent-decodes one component; `None` where an escape is broken.
pub(crate) fn percent_decode(component: &str) -> Option<Vec<u8>> {
    let bytes = component.as_bytes();
    let mut decoded = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while let Some(byte) = bytes.get(at) {
        if *byte == b'%' {
            let digits = component.get(at + 1..at + 3)?;
            if !digits.bytes().all(|digit| digit.is_ascii_hexdigit()) {
                return None;
            }
            decoded.push(u8::from_str_radix(digits, 16).ok()?);
            at += 3;
        } else {
            decoded.push(*byte);
            at += 1;
        }
    }
    Some(decoded)
}

#[cfg(test)]
mod tests {
    use super::*;

    type Parts<'a> = (&'a str, Option<u16>, &'a str, Option<&'a str>);

    fn check(line: &str, expected: Result<Parts<'_>, &str>) {
        let asked = parse(line.as_bytes());
        let seen = match &asked {
            Ok(asked) => Ok((&*asked.host, asked.port, &*asked.path, asked.query.as_deref())),
            Err(why) => Err(*why),
        };
        assert_eq!(seen, expected, "{line}");
    }

    #[test]
    fn a_request_line_is_judged_by_the_protocols_rules() {
        check("gemini://a.example/", Ok(("a.example", None, "/", None)));
        check("gemini://A.Example.", Ok(("a.example", None, "/", None)));
        check("gemini://a.example:1965/x?q", Ok(("a.example", Some(1965), "/x", Some("q"))));
        check("gemini://a.example?q", Ok(("a.example", None, "/", Some("q"))));
        check("gemini://[::1]:1966/", Ok(("[::1]", Some(1966), "/", None)));
        check("gemini://a.example/#top", Err("a fragment is not sent"));
        check("gemini://me@a.example/", Err("userinfo is not allowed"));
        check("/x", Err("a URL begins with its scheme"));
        check("", Err("a URL begins with its scheme"));
        check("gemini:/x", Err("a URL names its host"));
        check("gemini:///x", Err("a URL names its host"));
        check("gemini://a.example:99999/", Err("a port is a number up to 65535"));
        check("gemini://a.example/a b", Err("a URL has no blanks and no control characters"));
        check("\u{feff}gemini://a.example/", Err("a URL has no blanks and no control characters"));
    }

    #[test]
    fn broken_escapes_are_seen() {
        assert_eq!(percent_decode("a%20b").as_deref(), Some(&b"a b"[..]));
        assert_eq!(percent_decode("a%2"), None);
        assert_eq!(percent_decode("a%+1"), None);
        assert_eq!(percent_decode("%é"), None);
    }
}
