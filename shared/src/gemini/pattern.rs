//! Patterns of URLs: one language for exclusions, recrawls and purges.
//!
//! `gemini://h/p` is one page, `gemini://h/p*` all that begins so, `h` or `h:port` a capsule, `*.domain` a
//! domain with all below it, `*` everything. Where `*` stands elsewhere in a URL it means any characters:
//! `gemini://h/*/private/*`, on every host `gemini://*/cgi-bin/*`, on those of a domain `gemini://*.d/cgi-bin/*`. The one
//! page whose own address has a star is written `=gemini://h/a*b`.

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
    /// All pages whose URLs look so.
    Like(Wildcard),
    /// All pages of a capsule.
    Capsule(CapsuleAddr),
    /// All pages of a domain and of the domains below it, at any port.
    Domain(Host),
    /// All pages.
    Everything,
}

/// A URL in which stars stand for any characters.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Wildcard {
    place: Place,
    /// The whole path with its query, stars and all.
    path: String,
}

/// Where the pages of a [`Wildcard`] are.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Place {
    /// Anywhere.
    Everywhere,
    /// In a domain and the domains below it, at any port.
    Domain(Host),
    /// In one capsule.
    Capsule(CapsuleAddr),
}

impl Wildcard {
    /// Where its pages are.
    #[must_use]
    pub const fn place(&self) -> &Place {
        &self.place
    }

    fn parse(text: &str) -> Result<Self, PatternError> {
        let rest = text.strip_prefix("gemini://").unwrap_or(text);
        let (host, path) = rest.split_at(rest.find(['/', '?']).unwrap_or(rest.len()));
        let place = if host == "*" {
            Place::Everywhere
        } else if let Some(domain) = host.strip_prefix("*.") {
            let domain = Host::parse(domain)
                .map_err(|source| PatternError::Domain { text: text.to_owned(), source })?;
            Place::Domain(domain)
        } else {
            let capsule =
                host.parse().map_err(|source| PatternError::Capsule { text: text.to_owned(), source })?;
            Place::Capsule(capsule)
        };
        // The path of a URL is canonical, whatever its host.
        let url = GeminiUrl::parse(&format!("gemini://h{path}"))
            .map_err(|source| PatternError::Url { text: text.to_owned(), source })?;
        Ok(Self { place, path: url.path_and_query().to_owned() })
    }

    fn matches(&self, url: &GeminiUrl) -> bool {
        let is_there = match &self.place {
            Place::Everywhere => true,
            Place::Domain(domain) => is_below(url.host(), domain),
            Place::Capsule(capsule) => url.capsule() == capsule,
        };
        is_there && looks_like(self.path.as_bytes(), url.path_and_query().as_bytes())
    }
}

impl fmt::Display for Wildcard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.place {
            Place::Everywhere => write!(f, "gemini://*{}", self.path),
            Place::Domain(domain) => write!(f, "gemini://*.{domain}{}", self.path),
            Place::Capsule(capsule) => write!(f, "gemini://{capsule}{}", self.path),
        }
    }
}

/// Whether a host is a domain or lies below it.
#[must_use]
pub fn is_below(host: &Host, domain: &Host) -> bool {
    let (host, domain) = (host.as_str(), domain.as_str());
    host == domain || host.strip_suffix(domain).is_some_and(|below| below.ends_with('.'))
}

/// Whether the whole text is as the pattern says, in which each star stands for any bytes. After the last star that
/// fits, the one before it need not be moved again, so this takes at most as many steps as both lengths multiplied.
fn looks_like(pattern: &[u8], text: &[u8]) -> bool {
    let (mut place, mut read) = (0, 0);
    let mut star = None;
    while read < text.len() {
        if pattern.get(place) == Some(&b'*') {
            star = Some((place, read));
            place += 1;
        } else if pattern.get(place) == text.get(read) {
            place += 1;
            read += 1;
        } else if let Some((at, begun)) = star {
            star = Some((at, begun + 1));
            (place, read) = (at + 1, begun + 1);
        } else {
            return false;
        }
    }
    pattern.get(place..).is_some_and(|rest| rest.iter().all(|byte| *byte == b'*'))
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
            Self::Like(wildcard) => wildcard.matches(url),
            Self::Domain(domain) => is_below(url.host(), domain),
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
        let page = |text: &str| {
            GeminiUrl::parse(text).map_err(|source| PatternError::Url { text: text.to_owned(), source })
        };
        if let Some(exactly) = text.strip_prefix('=') {
            return Ok(Self::Page(page(exactly)?));
        }
        if text.contains("://") {
            let stars = text.matches('*').count();
            if stars > usize::from(text.ends_with('*')) || text.starts_with("gemini://*") {
                return Ok(Self::Like(Wildcard::parse(text)?));
            }
            return Ok(match text.strip_suffix('*') {
                Some(prefix) => Self::Prefix(page(prefix)?),
                None => Self::Page(page(text)?),
            });
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
            Self::Page(url) if url.as_str().contains('*') => write!(f, "={url}"),
            Self::Page(url) => write!(f, "{url}"),
            Self::Like(wildcard) => wildcard.fmt(f),
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
            ("gemini://h/*/private/*", "gemini://h/a/b/private/c?d", "gemini://h/private/c"),
            ("gemini://h/*.gmi", "gemini://h/a.gmi.gmi", "gemini://h/a.gmi?x"),
            ("gemini://h:1966/a*b*c", "gemini://h:1966/axbxbxc", "gemini://h:1966/axbx"),
            (
                "gemini://*/cgi-bin/*",
                "gemini://any.example:7000/cgi-bin/x",
                "gemini://any.example/x/cgi-bin/x",
            ),
            ("gemini://*.b.example/x", "gemini://a.b.example/x", "gemini://ab.example/x"),
            ("=gemini://h/a*b", "gemini://h/a*b", "gemini://h/axb"),
        ] {
            let read: UrlPattern = pattern.parse().expect(pattern);
            assert_eq!(read.to_string(), pattern);
            assert_eq!(read.to_string().parse(), Ok(read.clone()), "{pattern} is read as it is written");
            assert!(read.matches(&GeminiUrl::parse(meant).expect(meant)), "{pattern} means {meant}");
            assert!(
                !read.matches(&GeminiUrl::parse(not_meant).expect(not_meant)),
                "{pattern} spares {not_meant}"
            );
        }
    }
}
