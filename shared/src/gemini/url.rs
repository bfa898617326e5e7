//! Gemini URLs: one type, one canonical form.
//!
//! The `url` crate does not do this for `gemini:`, which is no special scheme to it: it keeps the case of
//! the host, `:1965`, an empty path, and silently deletes tabs. So the canonical form is made here, by the
//! rules of RFC 3986 and of the protocol: scheme and host in lower case, IDNA, the default port dropped,
//! dot segments resolved, an empty path `/`, escapes of unreserved characters decoded and all others in
//! upper case, everything outside ASCII (and raw spaces) encoded, no fragment, no userinfo, no control
//! characters, at most 1,024 bytes. Parsing what it prints changes nothing.

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::host::{CapsuleAddr, Host};
use super::site::Site;
use super::text::OneLine;

/// Bytes of a URL at most (protocol specification, "Requests").
pub const MAX_URL_BYTES: usize = 1_024;

/// A canonical Gemini URL. Cheap to clone.
#[derive(Clone, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct GeminiUrl {
    text: Arc<str>,
    capsule: CapsuleAddr,
    /// Where the path begins in `text`.
    path: u16,
}

/// Why a text is no Gemini URL.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum UrlError {
    /// Longer than 1,024 bytes in canonical form.
    #[error("the URL is longer than 1,024 bytes")]
    TooLong,
    /// A control character, raw.
    #[error("the URL holds a control character")]
    ControlCharacter,
    /// It does not begin with `gemini://`.
    #[error("the URL does not begin with gemini://")]
    NotGemini,
    /// `user@` before the host.
    #[error("the URL names a user before the host")]
    Userinfo,
    /// The host or the port is none.
    #[error("the URL names no capsule")]
    Capsule(#[source] super::host::CapsuleAddrError),
}

/// Where a link leads.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LinkTarget {
    /// To a page of Geminispace.
    Gemini(GeminiUrl),
    /// Out of it.
    Foreign(ForeignUrl),
}

/// A URL of another scheme: recorded and shown, never requested.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ForeignUrl {
    text: String,
    scheme: usize,
}

impl ForeignUrl {
    /// The scheme in lower case, without the colon.
    #[must_use]
    pub fn scheme(&self) -> &str {
        self.text.get(..self.scheme).unwrap_or_default()
    }

    /// The whole URL, on one line.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }
}

impl GeminiUrl {
    /// Reads an absolute URL in any spelling.
    ///
    /// # Errors
    ///
    /// [`UrlError`] names the rule that it breaks.
    pub fn parse(text: &str) -> Result<Self, UrlError> {
        let text = text.trim_matches(' ');
        refuse_controls(text)?;
        match split_scheme(text) {
            Some((scheme, rest)) if scheme.eq_ignore_ascii_case("gemini") => {
                let hierarchy = rest.strip_prefix("//").ok_or(UrlError::NotGemini)?;
                Self::from_authority(hierarchy)
            }
            Some(_) | None => Err(UrlError::NotGemini),
        }
    }

    /// `host:port/path?query`, after `//`.
    fn from_authority(hierarchy: &str) -> Result<Self, UrlError> {
        let end = hierarchy.find(['/', '?', '#']).unwrap_or(hierarchy.len());
        let (authority, rest) = hierarchy.split_at(end);
        if authority.contains('@') {
            return Err(UrlError::Userinfo);
        }
        let capsule = authority.parse().map_err(UrlError::Capsule)?;
        Self::assemble(capsule, rest)
    }

    /// A path with query, raw, on a capsule.
    fn assemble(capsule: CapsuleAddr, rest: &str) -> Result<Self, UrlError> {
        let rest = rest.split('#').next().unwrap_or_default();
        let (path, query) = match rest.split_once('?') {
            Some((path, query)) => (path, Some(query)),
            None => (rest, None),
        };
        // Far longer than any URL can become shorter by decoding: no need to look closer.
        if 3 * MAX_URL_BYTES < rest.len() {
            return Err(UrlError::TooLong);
        }
        let mut text = format!("gemini://{capsule}");
        let start = text.len();
        text.push_str(&resolve_dots(&normalise(path)));
        if let Some(query) = query {
            text.push('?');
            text.push_str(&normalise(query));
        }
        if MAX_URL_BYTES < text.len() {
            return Err(UrlError::TooLong);
        }
        let path = u16::try_from(start).map_err(|_| UrlError::TooLong)?;
        Ok(Self { text: text.into(), capsule, path })
    }

    /// The front page of a capsule.
    #[must_use]
    pub fn root(capsule: &CapsuleAddr) -> Self {
        Self::on(capsule, "/")
    }

    /// The robots.txt of a capsule.
    #[must_use]
    pub fn robots(capsule: &CapsuleAddr) -> Self {
        Self::on(capsule, "/robots.txt")
    }

    /// A short canonical path on a capsule; a host is far below the limit of a URL's length.
    fn on(capsule: &CapsuleAddr, path: &str) -> Self {
        let prefix = format!("gemini://{capsule}");
        let start = u16::try_from(prefix.len()).unwrap_or(u16::MAX);
        Self { text: format!("{prefix}{path}").into(), capsule: capsule.clone(), path: start }
    }

    /// Resolves a reference found on this page (RFC 3986 section 5).
    ///
    /// # Errors
    ///
    /// [`UrlError`] when it leads to no URL.
    pub fn join(&self, reference: &str) -> Result<LinkTarget, UrlError> {
        let reference = reference.trim_matches(' ');
        refuse_controls(reference)?;
        if let Some((scheme, rest)) = split_scheme(reference) {
            if scheme.eq_ignore_ascii_case("gemini") {
                let hierarchy = rest.strip_prefix("//").ok_or(UrlError::NotGemini)?;
                return Self::from_authority(hierarchy).map(LinkTarget::Gemini);
            }
            if MAX_URL_BYTES < reference.len() {
                return Err(UrlError::TooLong);
            }
            let text = format!("{}:{rest}", scheme.to_ascii_lowercase());
            return Ok(LinkTarget::Foreign(ForeignUrl { scheme: scheme.len(), text }));
        }
        if let Some(hierarchy) = reference.strip_prefix("//") {
            return Self::from_authority(hierarchy).map(LinkTarget::Gemini);
        }
        let reference = reference.split('#').next().unwrap_or_default();
        let target = if reference.is_empty() {
            return Ok(LinkTarget::Gemini(self.clone()));
        } else if reference.starts_with('/') {
            reference.to_owned()
        } else if reference.starts_with('?') {
            format!("{}{reference}", self.path())
        } else {
            let folder = self.path().rfind('/').map_or(0, |slash| slash + 1);
            format!("{}{reference}", self.path().get(..folder).unwrap_or("/"))
        };
        Self::assemble(self.capsule.clone(), &target).map(LinkTarget::Gemini)
    }

    /// The whole URL.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Its capsule.
    #[must_use]
    pub const fn capsule(&self) -> &CapsuleAddr {
        &self.capsule
    }

    /// Its host.
    #[must_use]
    pub const fn host(&self) -> &Host {
        self.capsule.host()
    }

    /// Path and query: what a capsule knows it by, and what robots.txt rules are matched against.
    #[must_use]
    pub fn path_and_query(&self) -> &str {
        self.text.get(usize::from(self.path)..).unwrap_or("/")
    }

    /// Its path, which begins with `/`.
    #[must_use]
    pub fn path(&self) -> &str {
        self.path_and_query().split('?').next().unwrap_or("/")
    }

    /// Its query, still encoded; an empty one is there too.
    #[must_use]
    pub fn query(&self) -> Option<&str> {
        self.path_and_query().split_once('?').map(|(_, query)| query)
    }

    /// The site it belongs to.
    #[must_use]
    pub fn site(&self) -> Site {
        Site::at(self.capsule.clone(), self.path())
    }

    /// What it calls what it leads to: the last part of its path that says something, or its host. The name of what
    /// has no other.
    #[must_use]
    pub fn name(&self) -> OneLine {
        let last = self.path().rsplit('/').find(|segment| !segment.is_empty()).unwrap_or_default();
        let name = OneLine::new(&percent_encoding::percent_decode_str(last).decode_utf8_lossy());
        if name.is_empty() { OneLine::new(self.host().as_str()) } else { name }
    }
}

fn refuse_controls(text: &str) -> Result<(), UrlError> {
    if text.contains(char::is_control) { Err(UrlError::ControlCharacter) } else { Ok(()) }
}

/// `scheme` and what follows its colon.
fn split_scheme(text: &str) -> Option<(&str, &str)> {
    let (scheme, rest) = text.split_once(':')?;
    let mut bytes = scheme.bytes();
    let valid = bytes.next().is_some_and(|first| first.is_ascii_alphabetic())
        && bytes.all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'-' | b'.'));
    valid.then_some((scheme, rest))
}

/// Escapes in their one form: unreserved characters bare, others in upper case, all that may not stand in a
/// URL encoded. A `%` that begins no escape is encoded itself.
pub(super) fn normalise(part: &str) -> String {
    let bytes = part.as_bytes();
    let mut out = String::with_capacity(part.len());
    let mut place = 0;
    while let Some(&byte) = bytes.get(place) {
        let escaped = match bytes.get(place + 1..place + 3) {
            Some(&[high, low]) if byte == b'%' => hex(high).zip(hex(low)).map(|(high, low)| high << 4 | low),
            _ => None,
        };
        if let Some(value) = escaped {
            if is_unreserved(value) {
                out.push(char::from(value));
            } else {
                escape(&mut out, value);
            }
            place += 3;
            continue;
        }
        if is_unreserved(byte) || b"!$&'()*+,;=:@/?".contains(&byte) {
            out.push(char::from(byte));
        } else {
            escape(&mut out, byte);
        }
        place += 1;
    }
    out
}

fn hex(digit: u8) -> Option<u8> {
    char::from(digit).to_digit(16).and_then(|value| u8::try_from(value).ok())
}

fn escape(out: &mut String, byte: u8) {
    const DIGITS: [char; 16] =
        ['0', '1', '2', '3', '4', '5', '6', '7', '8', '9', 'A', 'B', 'C', 'D', 'E', 'F'];
    out.push('%');
    out.extend(DIGITS.get(usize::from(byte >> 4)));
    out.extend(DIGITS.get(usize::from(byte & 15)));
}

const fn is_unreserved(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~')
}

/// Removes dot segments (RFC 3986 section 5.2.4); the result begins with `/`.
fn resolve_dots(path: &str) -> String {
    let mut kept: Vec<&str> = Vec::new();
    let segments = path.strip_prefix('/').unwrap_or(path).split('/');
    let mut folder = false;
    for segment in segments {
        folder = matches!(segment, "." | "..");
        match segment {
            "." => {}
            ".." => {
                kept.pop();
            }
            other => kept.push(other),
        }
    }
    let mut out = String::with_capacity(path.len() + 1);
    for segment in &kept {
        out.push('/');
        out.push_str(segment);
    }
    if folder || kept.is_empty() {
        out.push('/');
    }
    out
}

impl fmt::Display for GeminiUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl fmt::Debug for GeminiUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "GeminiUrl({})", self.text)
    }
}

impl PartialEq for GeminiUrl {
    fn eq(&self, other: &Self) -> bool {
        self.text == other.text
    }
}

impl Eq for GeminiUrl {}

impl PartialOrd for GeminiUrl {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for GeminiUrl {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.text.cmp(&other.text)
    }
}

impl std::hash::Hash for GeminiUrl {
    fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
        self.text.hash(state);
    }
}

impl FromStr for GeminiUrl {
    type Err = UrlError;

    fn from_str(text: &str) -> Result<Self, UrlError> {
        Self::parse(text)
    }
}

impl TryFrom<String> for GeminiUrl {
    type Error = UrlError;

    fn try_from(text: String) -> Result<Self, UrlError> {
        Self::parse(&text)
    }
}

impl From<GeminiUrl> for String {
    fn from(url: GeminiUrl) -> Self {
        url.text.as_ref().to_owned()
    }
}
