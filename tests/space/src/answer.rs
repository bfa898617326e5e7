//! A well-formed answer: the header line and, after a 2x, the body.

use std::sync::Arc;

/// A response as a well-behaved server sends it: one header line, the body, `close_notify`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    header: String,
    body: Arc<[u8]>,
}

impl Answer {
    /// `20 text/gemini` with this text.
    pub fn gemtext(text: impl Into<String>) -> Self {
        Self::file("text/gemini", text.into().into_bytes())
    }

    /// `20` with a media type and any bytes.
    pub fn file(media_type: &str, bytes: impl Into<Vec<u8>>) -> Self {
        Self { header: format!("20 {media_type}"), body: bytes.into().into() }
    }

    /// A header line alone, written as it goes over the wire without its CR LF: `51 not found`.
    pub fn status(header: impl Into<String>) -> Self {
        Self { header: header.into(), body: Arc::from([]) }
    }

    /// `51 not found`.
    pub fn not_found() -> Self {
        Self::status("51 not found")
    }

    /// `59` and why.
    pub fn bad_request(why: &str) -> Self {
        Self::status(format!("59 {why}"))
    }

    /// The header line without its CR LF.
    pub fn header(&self) -> &str {
        &self.header
    }

    /// The first two digits of the header line as a number, where they are digits.
    pub fn code(&self) -> Option<u8> {
        self.header.get(..2)?.parse().ok()
    }

    /// The body, empty after anything but a 2x.
    pub fn body(&self) -> &[u8] {
        &self.body
    }

    /// The body as text, invalid UTF-8 replaced.
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    /// The bytes on the wire.
    pub(crate) fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(self.header.len() + 2 + self.body.len());
        bytes.extend_from_slice(self.header.as_bytes());
        bytes.extend_from_slice(b"\r\n");
        bytes.extend_from_slice(&self.body);
        bytes
    }
}
