//! What was asked about: a page, a site or a capsule, in any spelling that people use.
//!
//! `Example.ORG`, `example.org/x`, `//example.org:1965`, `GEMINI://example.org/x#top` and a web address of the
//! same host all name what they seem to name.

use shared::gemini::host::CapsuleAddr;
use shared::gemini::url::{GeminiUrl, UrlError};

/// The page that a text names; one without a scheme is taken for a gemini URL.
///
/// # Errors
///
/// The rule of URLs that the text breaks.
pub fn page(text: &str) -> Result<GeminiUrl, UrlError> {
    let text = text.trim();
    let rest = text.strip_prefix("//").or_else(|| (!text.contains("://")).then_some(text));
    match rest {
        Some(rest) => GeminiUrl::parse(&format!("gemini://{rest}")),
        None => GeminiUrl::parse(text),
    }
}

/// The capsule that a text names, whatever stands before and behind its host.
///
/// # Errors
///
/// The rule of URLs that the text breaks.
pub fn capsule(text: &str) -> Result<CapsuleAddr, UrlError> {
    let text = text.trim();
    let (scheme, rest) = text.split_once("://").unwrap_or(("gemini", text));
    let rest = rest.trim_start_matches('/');
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    // A port of another protocol says nothing about the capsule.
    let authority = match authority.rsplit_once(':') {
        Some((host, port)) if !scheme.eq_ignore_ascii_case("gemini") && !port.contains(']') => host,
        Some(_) | None => authority,
    };
    GeminiUrl::parse(&format!("gemini://{authority}/")).map(|url| url.capsule().clone())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_spelling_of_a_capsule_is_that_capsule() {
        for text in [
            "example.org",
            "EXAMPLE.org.",
            " example.org/ ",
            "example.org:1965",
            "//example.org",
            "gemini://example.org",
            "GEMINI://Example.org:1965/~ann/page.gmi?x#y",
            "https://example.org:8443/x",
            "example.org/~ann/",
        ] {
            assert_eq!(capsule(text).unwrap().to_string(), "example.org", "{text}");
        }
        assert_eq!(capsule("bücher.example:1966").unwrap().to_string(), "xn--bcher-kva.example:1966");
        for text in ["", "gemini://", "exa mple", "user@example.org", "example.org:0"] {
            assert!(capsule(text).is_err(), "{text:?}");
        }
    }

    #[test]
    fn a_page_needs_no_scheme() {
        for (text, url) in [
            ("example.org", "gemini://example.org/"),
            ("example.org/a b?c#d", "gemini://example.org/a%20b?c"),
            ("//example.org/x", "gemini://example.org/x"),
            ("gemini://EXAMPLE.org", "gemini://example.org/"),
            ("example.org/?u=http://x.example/", "gemini://example.org/?u=http://x.example/"),
        ] {
            let read = page(text).map(|url| url.to_string());
            if text.contains("?u=") {
                // A text that holds a scheme further on cannot be told from another scheme: it is refused, not misread.
                assert_eq!(read, Err(UrlError::NotGemini), "{text}");
            } else {
                assert_eq!(read.as_deref(), Ok(url), "{text}");
            }
        }
        assert_eq!(page("https://example.org/"), Err(UrlError::NotGemini));
    }
}
