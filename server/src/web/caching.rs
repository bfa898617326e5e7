//! What a browser may keep, and how it asks whether that is still so.
//!
//! Every whole answer has a strong tag made from its bytes. A browser that holds those bytes is told so, and
//! does not get them again.

use axum::body::{Body, Bytes};
use axum::http::header::{CACHE_CONTROL, CONTENT_LENGTH, CONTENT_TYPE, ETAG, IF_NONE_MATCH};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::Response;

use crate::paths;

/// Hexadecimal digits of a tag: 128 bits never meet by chance.
const TAG: usize = 32;

/// How long a browser may show an answer without asking again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Keep {
    /// A file of ours: an hour, and for anybody.
    AnHour,
    /// A screen: a minute, for the one who asked.
    AMinute,
    /// A receipt, which says how far something has come: as long as the tag is the same.
    WhileUnchanged,
    /// A refusal: not at all.
    Never,
}

impl Keep {
    /// For a screen at this path.
    pub(super) fn screen(path: &str) -> Self {
        match path {
            paths::SUBMISSION | paths::REPORT_RECEIPT => Self::WhileUnchanged,
            _ => Self::AMinute,
        }
    }

    /// As the header says it.
    const fn header(self) -> HeaderValue {
        HeaderValue::from_static(match self {
            Self::AnHour => "public, max-age=3600",
            Self::AMinute => "private, max-age=60",
            Self::WhileUnchanged => "private, no-cache",
            Self::Never => "no-store",
        })
    }
}

/// Says how long an answer may be kept.
pub(super) fn keep(response: &mut Response, keep: Keep) {
    response.headers_mut().insert(CACHE_CONTROL, keep.header());
}

/// A whole answer with its tag.
pub(super) fn tagged(bytes: impl Into<Bytes>) -> Response {
    let bytes = bytes.into();
    let hash = blake3::hash(&bytes).to_hex();
    let tag = HeaderValue::from_str(&format!("\"{}\"", hash.get(..TAG).unwrap_or(&hash)));
    let mut response = Response::new(Body::from(bytes));
    if let Ok(tag) = tag {
        response.headers_mut().insert(ETAG, tag);
    }
    response
}

/// The answer, or, for a browser that holds its bytes, the word that they are still the same.
pub(super) fn unless_held(asked: &HeaderMap, mut response: Response) -> Response {
    let is_held = response.status() == StatusCode::OK
        && response.headers().get(ETAG).is_some_and(|tag| {
            let lines = asked.get_all(IF_NONE_MATCH).iter().filter_map(|line| line.to_str().ok());
            // Held is held: a browser may have weakened the tag.
            let mut held =
                lines.flat_map(|line| line.split(',')).map(|tag| tag.trim().trim_start_matches("W/"));
            held.any(|held| held == "*" || held.as_bytes() == tag.as_bytes())
        });
    if !is_held {
        return response;
    }
    *response.status_mut() = StatusCode::NOT_MODIFIED;
    *response.body_mut() = Body::empty();
    response.headers_mut().remove(CONTENT_TYPE);
    response.headers_mut().remove(CONTENT_LENGTH);
    response
}
