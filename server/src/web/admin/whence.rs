//! Where a request of the desk comes from: whether a page of the desk itself sent it.
//!
//! A form that changes anything must come from the desk's own pages: browsers say so with `Sec-Fetch-Site` or
//! `Origin`, and a request with neither changes nothing. The host that a request names must be this machine, a bare
//! address, or one of our names, so that a stranger's name that leads here (DNS rebinding) gets nowhere.

use axum::http::HeaderMap;
use axum::http::header::{HOST, HeaderName, ORIGIN};
use shared::gemini::host::{CapsuleAddr, Host};

use super::session::Road;

const SITE: HeaderName = HeaderName::from_static("sec-fetch-site");

/// Whether the host that a request names is ours.
pub(super) fn is_for_us(headers: &HeaderMap, ours: &[Host]) -> bool {
    let Some(named) = headers.get(HOST).and_then(|host| host.to_str().ok()) else { return false };
    let Ok(named) = named.parse::<CapsuleAddr>() else { return false };
    let host = named.host();
    host.ip().is_some() || host.as_str() == "localhost" || ours.contains(host)
}

/// Whether a page of the desk sent a form.
pub(super) fn is_from_us(headers: &HeaderMap) -> bool {
    let said = |name: &HeaderName| headers.get(name).map(|value| value.to_str().unwrap_or_default());
    let host = said(&HOST).unwrap_or_default();
    let site = said(&SITE).map(|site| site == "same-origin");
    let origin = said(&ORIGIN).map(|origin| {
        let named = origin.strip_prefix("http://").or_else(|| origin.strip_prefix("https://"));
        !host.is_empty() && named.is_some_and(|named| named.eq_ignore_ascii_case(host))
    });
    match (site, origin) {
        (None, None) => false,
        (site, origin) => site.unwrap_or(true) && origin.unwrap_or(true),
    }
}

/// How the browser came: its origin says whether something that speaks TLS stands before us.
pub(super) fn road(headers: &HeaderMap) -> Road {
    let origin = headers.get(ORIGIN).and_then(|origin| origin.to_str().ok());
    if origin.is_some_and(|origin| origin.starts_with("https://")) { Road::Https } else { Road::Http }
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    fn headers(lines: &[(&HeaderName, &'static str)]) -> HeaderMap {
        lines.iter().map(|(name, value)| ((*name).clone(), HeaderValue::from_static(value))).collect()
    }

    #[test]
    fn only_the_desks_own_pages_may_send_a_form() {
        for (lines, is_ours) in [
            (&[(&HOST, "localhost:8065"), (&ORIGIN, "http://localhost:8065")][..], true),
            (&[(&HOST, "localhost:8065"), (&SITE, "same-origin")], true),
            (&[(&HOST, "desk.example"), (&ORIGIN, "https://desk.example"), (&SITE, "same-origin")], true),
            (&[(&HOST, "localhost:8065")], false),
            (&[(&HOST, "localhost:8065"), (&ORIGIN, "null")], false),
            (&[(&HOST, "localhost:8065"), (&ORIGIN, "http://localhost:8066")], false),
            (&[(&HOST, "localhost:8065"), (&ORIGIN, "http://evil.example")], false),
            (&[(&HOST, "localhost:8065"), (&SITE, "same-site")], false),
            (&[(&HOST, "localhost:8065"), (&SITE, "none")], false),
            (&[(&HOST, "localhost"), (&ORIGIN, "http://localhost"), (&SITE, "cross-site")], false),
            (&[(&ORIGIN, "http://")], false),
        ] {
            assert_eq!(is_from_us(&headers(lines)), is_ours, "{lines:?}");
        }
    }

    #[test]
    fn a_strangers_name_that_leads_here_gets_nowhere() {
        let ours = [Host::parse("search.example.org").unwrap()];
        for (host, is_ours) in [
            ("localhost:8065", true),
            ("127.0.0.1:8065", true),
            ("[::1]:8065", true),
            ("10.0.0.7", true),
            ("search.example.org", true),
            ("SEARCH.example.org:443", true),
            ("rebound.example:8065", false),
            ("localhost.evil.example", false),
            ("", false),
        ] {
            assert_eq!(is_for_us(&headers(&[(&HOST, host)]), &ours), is_ours, "{host}");
        }
    }
}
