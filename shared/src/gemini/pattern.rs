//! Patterns of URLs: one language for exclusions, recrawls and purges.
//!
//! `gemini://h/p` is one page, `gemini://h/p*` all that begins so, `h` or `h:port` a capsule, `*.domain` a
//! domain with all below it, `*` everything.

use std::fmt;
use std::str::FromStr;

use super::host::{CapsuleAddr, CapsuleAddrError, Host, HostError};
use super::url::{GeminiUrl, UrlError};

/// Which pages are meant.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum UrlPattern {
    /// One page.
    Page(GeminiUrl),
    /// All pages whose URLs begin so.
    Prefix(GeminiUrl),
    /// All pages of a capsule.
    Capsule(CapsuleAddr),
    /// All pages of a domain and of the domains below it, at any port.
    Domain(Host),
    /// All pages.
    Everything,
}

/// Why a text is no pattern.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PatternError {
    /// A URL that is none.
    #[error("{text:?} is not the URL of a page")]
    Url {
        /// What was read.
        text: String,
        /// The rule that is broken.
        #[source]
        source: UrlError,
    },
    /// A capsule that is none.
    #[error("{text:?} is not a URL, a host, *.domain or *")]
    Capsule {
        /// What was read.
        text: String,
        /// The rule that is broken.
        #[source]
        source: CapsuleAddrError,
    },
    /// A domain that is none.
    #[error("{text:?} does not name a domain")]
    Domain {
        /// What was read.
        text: String,
        /// The rule that is broken.
        #[source]
        source: HostError,
    },
}

impl UrlPattern {
    /// Whether a page is meant.
    #[must_use]
    pub fn matches(&self, url: &GeminiUrl) -> bool {
        match self {
            Self::Page(page) => page == url,
            Self::Prefix(prefix) => url.as_str().starts_with(prefix.as_str()),
            Self::Capsule(capsule) => url.capsule() == capsule,
            Self::Domain(domain) => {
                let host = url.host().as_str();
                host == domain.as_str()
                    || host.strip_suffix(domain.as_str()).is_some_and(|below| below.ends_with('.'))
            }
            Self::Everything => true,
        }
    }
}

impl FromStr for UrlPattern {
    type Err = PatternError;

    fn from_str(text: &str) -> Result<Self, PatternError> {
        let text = text.trim();
        if text == "*" {
            return Ok(Self::Everything);
        }
        if let Some(domain) = text.strip_prefix("*.") {
            let host = Host::parse(domain)
                .map_err(|source| PatternError::Domain { text: text.to_owned(), source })?;
            return Ok(Self::Domain(host));
        }
        if text.contains("://") {
            let (page, prefix) = match text.strip_suffix('*') {
                Some(prefix) => (prefix, true),
                None => (text, false),
            };
            let url = GeminiUrl::parse(page)
                .map_err(|source| PatternError::Url { text: text.to_owned(), source })?;
            return Ok(if prefix { Self::Prefix(url) } else { Self::Page(url) });
        }
        let capsule = text
            .trim_end_matches('/')
            .parse()
            .map_err(|source| PatternError::Capsule { text: text.to_owned(), source })?;
        Ok(Self::Capsule(capsule))
    }
}

impl fmt::Display for UrlPattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Page(url) => write!(f, "{url}"),
            Self::Prefix(url) => write!(f, "{url}*"),
            Self::Capsule(capsule) => write!(f, "{capsule}"),
            Self::Domain(domain) => write!(f, "*.{domain}"),
            Self::Everything => f.write_str("*"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pattern_means_what_it_says_and_prints_what_it_means() {
        for (pattern, meant, not_meant) in [
            ("gemini://h/a", "gemini://h/a", "gemini://h/a/b"),
            ("gemini://h/a*", "gemini://h/a/b", "gemini://h/b"),
            ("h", "gemini://h/x", "gemini://h:1966/x"),
            ("h:1966", "gemini://h:1966/x", "gemini://h/x"),
            ("*.b.example", "gemini://a.b.example:7000/", "gemini://ab.example/"),
            ("*.b.example", "gemini://b.example/", "gemini://xb.example/"),
        ] {
            let read: UrlPattern = pattern.parse().expect(pattern);
            assert_eq!(read.to_string(), pattern);
            assert!(read.matches(&GeminiUrl::parse(meant).expect(meant)), "{pattern} means {meant}");
            assert!(
                !read.matches(&GeminiUrl::parse(not_meant).expect(not_meant)),
                "{pattern} spares {not_meant}"
            );
        }
    }
}
