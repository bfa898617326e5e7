//! The headers of every answer: no script, no frame, no third party, nothing told onwards.

use axum::http::HeaderValue;
use axum::http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, HeaderName, REFERRER_POLICY, X_CONTENT_TYPE_OPTIONS,
    X_FRAME_OPTIONS,
};
use axum::response::Response;

const EVERYWHERE: [(HeaderName, &str); 6] = [
    (
        CONTENT_SECURITY_POLICY,
        "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
    ),
    (X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (X_FRAME_OPTIONS, "DENY"),
    // The query is in the address: it is told to nobody.
    (REFERRER_POLICY, "no-referrer"),
    (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
    (
        HeaderName::from_static("permissions-policy"),
        "camera=(), geolocation=(), microphone=(), interest-cohort=()",
    ),
];

/// Which web indexes may list the page; set by what makes the answer, refused where nothing did.
pub(super) const ROBOTS_TAG: HeaderName = HeaderName::from_static("x-robots-tag");

/// On the desk a script of ours may put in what changes, and forms say where they come from: without that nobody could
/// tell the desk's own from a stranger's.
const AT_THE_DESK: [(HeaderName, &str); 2] = [
    (
        CONTENT_SECURITY_POLICY,
        "default-src 'none'; style-src 'self'; img-src 'self'; script-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
    ),
    (REFERRER_POLICY, "same-origin"),
];

/// The same for an answer of the desk, of which nothing is kept unless it says so itself.
pub(super) async fn on_every_answer_of_the_desk(response: Response) -> Response {
    let mut response = on_every_answer(response).await;
    let headers = response.headers_mut();
    for (name, value) in AT_THE_DESK {
        headers.insert(name, HeaderValue::from_static(value));
    }
    headers.entry(CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
    response
}

/// Puts the headers on an answer, whatever it is.
pub(super) async fn on_every_answer(mut response: Response) -> Response {
    let headers = response.headers_mut();
    for (name, value) in EVERYWHERE {
        headers.insert(name, HeaderValue::from_static(value));
    }
    headers.entry(ROBOTS_TAG).or_insert(HeaderValue::from_static("noindex, nofollow"));
    response
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::render::problem::Problem;
    use crate::web::respond::respond;

    #[tokio::test]
    async fn a_fault_of_ours_is_answered_as_safely_as_anything_else() {
        let response = on_every_answer(respond("/search", Err(Problem::Broken))).await;
        assert_eq!(response.status(), 500);
        for (name, value) in EVERYWHERE {
            assert_eq!(response.headers().get(&name).unwrap(), value, "{name}");
        }
        assert_eq!(response.headers().get(ROBOTS_TAG).unwrap(), "noindex, nofollow");
        assert_eq!(response.headers().get(CACHE_CONTROL).unwrap(), "no-store");
    }
}
