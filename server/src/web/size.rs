//! How large a request may be, whoever sends it: for what reading it in time does not bound.

use axum::body::{Body, to_bytes};
use axum::http::header::{CONTENT_LENGTH, TRANSFER_ENCODING};
use axum::http::{HeaderMap, StatusCode, Uri};
use axum::response::Response;

use super::respond;

/// Bytes of path and query at most.
const URI_BYTES: usize = 2_048;
/// Bytes of all headers at most.
const HEADER_BYTES: usize = 8_192;
/// Bytes of a form at most.
const FORM_BYTES: usize = 8_192;

/// What is too large in a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Excess {
    Address,
    Headers,
    Form,
    /// A body where none is taken in.
    Body,
}

impl Excess {
    pub(super) fn response(self) -> Response {
        let (status, sentence) = match self {
            Self::Address => (StatusCode::URI_TOO_LONG, "the address is longer than 2,048 bytes"),
            Self::Headers => (
                StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE,
                "the request's headers are longer than 8,192 bytes",
            ),
            Self::Form => (StatusCode::PAYLOAD_TOO_LARGE, "a form may have 8,192 bytes"),
            Self::Body => (StatusCode::PAYLOAD_TOO_LARGE, "nothing is taken in here"),
        };
        respond::plain(status, sentence)
    }
}

/// Whether a request may bring a form.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Taken {
    Form,
    Nothing,
}

/// The form of a request that is not too large; none where none is taken.
pub(super) async fn form(
    taken: Taken,
    uri: &Uri,
    headers: &HeaderMap,
    body: Body,
) -> Result<Option<String>, Excess> {
    if URI_BYTES < uri.path().len() + uri.query().map_or(0, str::len) {
        return Err(Excess::Address);
    }
    let header_bytes: usize = headers.iter().map(|(name, value)| name.as_str().len() + value.len()).sum();
    if HEADER_BYTES < header_bytes {
        return Err(Excess::Headers);
    }
    match taken {
        Taken::Form => {
            let bytes = to_bytes(body, FORM_BYTES).await.map_err(|_| Excess::Form)?;
            Ok(Some(String::from_utf8_lossy(&bytes).into_owned()))
        }
        Taken::Nothing => {
            let has_body = headers.get(CONTENT_LENGTH).is_some_and(|length| length != "0")
                || headers.contains_key(TRANSFER_ENCODING);
            if has_body { Err(Excess::Body) } else { Ok(None) }
        }
    }
}
