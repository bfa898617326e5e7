//! What a rule of the admin names, and all rules as one thing that judges pages.
//!
//! A rule names pages by their URLs, by the address or the key of their capsules, or by what they say. Each has one
//! spelling: a pattern, `address:192.0.2.0/24`, `key:sha256:...` or `content:...`.

use std::collections::HashSet;
use std::fmt;
use std::net::IpAddr;
use std::str::FromStr;

use ipnet::IpNet;

use super::id::ContentHash;
use crate::gemini::fingerprint::Fingerprint;
use crate::gemini::host::CapsuleAddr;
use crate::gemini::pattern::{PatternError, UrlPattern};
use crate::gemini::url::GeminiUrl;

/// Which pages a rule means.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Rule {
    /// Those with such URLs.
    Urls(UrlPattern),
    /// Those of capsules at such addresses.
    Addresses(AddressRange),
    /// Those of capsules that show this certificate.
    Key(Fingerprint),
    /// Those that say just this, wherever they are.
    Content(ContentHash),
}

/// Addresses that belong together: one of them, or a network.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct AddressRange(IpNet);

/// A text that is neither an address nor a network.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is neither an address nor a network such as 192.0.2.0/24")]
pub struct NoAddressRange(pub String);

impl AddressRange {
    /// Whether an address is one of them.
    #[must_use]
    pub fn contains(&self, address: IpAddr) -> bool {
        self.0.contains(&address.to_canonical())
    }
}

impl FromStr for AddressRange {
    type Err = NoAddressRange;

    fn from_str(text: &str) -> Result<Self, NoAddressRange> {
        let one = text.parse::<IpAddr>().map(|address| IpNet::from(address.to_canonical()));
        one.or_else(|_| text.parse::<IpNet>().map(|network| network.trunc()))
            .map(Self)
            .map_err(|_| NoAddressRange(text.to_owned()))
    }
}

impl fmt::Display for AddressRange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

const ADDRESS: &str = "address:";
const KEY: &str = "key:sha256:";
const CONTENT: &str = "content:";

impl FromStr for Rule {
    type Err = PatternError;

    /// What has no such prefix, or nothing fitting behind it, is read as a pattern: a host may be called `key`.
    fn from_str(text: &str) -> Result<Self, PatternError> {
        let text = text.trim();
        if let Some(range) = text.strip_prefix(ADDRESS).and_then(|range| range.parse().ok()) {
            return Ok(Self::Addresses(range));
        }
        if let Some(key) = text.strip_prefix(KEY).and_then(|key| key.parse().ok()) {
            return Ok(Self::Key(key));
        }
        if let Some(hash) = text.strip_prefix(CONTENT).and_then(|hash| hash.parse().ok()) {
            return Ok(Self::Content(hash));
        }
        text.parse().map(Self::Urls)
    }
}

impl fmt::Display for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Urls(pattern) => pattern.fmt(f),
            Self::Addresses(range) => write!(f, "{ADDRESS}{range}"),
            Self::Key(key) => write!(f, "{KEY}{key}"),
            Self::Content(hash) => write!(f, "{CONTENT}{hash}"),
        }
    }
}

/// All rules at one moment. Rules that name a page or a capsule are looked up, not compared one after another.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Rules {
    pages: HashSet<GeminiUrl>,
    capsules: HashSet<CapsuleAddr>,
    patterns: HashSet<UrlPattern>,
    ranges: HashSet<AddressRange>,
    keys: HashSet<Fingerprint>,
    contents: HashSet<ContentHash>,
    /// Capsules that were last found at an address that is shut out, and those that last showed such a key.
    by_address: HashSet<CapsuleAddr>,
    by_key: HashSet<CapsuleAddr>,
}

impl FromIterator<Rule> for Rules {
    fn from_iter<T: IntoIterator<Item = Rule>>(all: T) -> Self {
        let mut rules = Self::default();
        for rule in all {
            match rule {
                Rule::Urls(UrlPattern::Page(url)) => drop(rules.pages.insert(url)),
                Rule::Urls(UrlPattern::Capsule(capsule)) => drop(rules.capsules.insert(capsule)),
                Rule::Urls(
                    pattern @ (UrlPattern::Prefix(_)
                    | UrlPattern::Like(_)
                    | UrlPattern::Domain(_)
                    | UrlPattern::Everything),
                ) => drop(rules.patterns.insert(pattern)),
                Rule::Addresses(range) => drop(rules.ranges.insert(range)),
                Rule::Key(key) => drop(rules.keys.insert(key)),
                Rule::Content(hash) => drop(rules.contents.insert(hash)),
            }
        }
        rules
    }
}

impl Rules {
    /// The same, with the capsules that rules on addresses and keys reach as far as is known.
    #[must_use]
    pub fn reaching(
        self,
        by_address: impl IntoIterator<Item = CapsuleAddr>,
        by_key: impl IntoIterator<Item = CapsuleAddr>,
    ) -> Self {
        Self { by_address: by_address.into_iter().collect(), by_key: by_key.into_iter().collect(), ..self }
    }

    /// Whether a page that says this is shut out, as far as is known of its capsule.
    #[must_use]
    pub fn shut_out(&self, url: &GeminiUrl, content: Option<ContentHash>) -> bool {
        self.by_address.contains(url.capsule()) || self.shut_out_wherever_it_is(url, content)
    }

    /// The same for whoever finds out by himself at which address a capsule is now, and asks
    /// [`Self::shuts_out_address`].
    #[must_use]
    pub fn shut_out_wherever_it_is(&self, url: &GeminiUrl, content: Option<ContentHash>) -> bool {
        self.pages.contains(url)
            || self.capsules.contains(url.capsule())
            || self.by_key.contains(url.capsule())
            || content.is_some_and(|hash| self.contents.contains(&hash))
            || self.patterns.iter().any(|pattern| pattern.matches(url))
    }

    /// Whether whatever is at this address is shut out.
    #[must_use]
    pub fn shuts_out_address(&self, address: IpAddr) -> bool {
        self.ranges.iter().any(|range| range.contains(address))
    }

    /// Whether whoever shows this certificate is shut out.
    #[must_use]
    pub fn shuts_out_key(&self, key: &Fingerprint) -> bool {
        self.keys.contains(key)
    }

    /// What pages say that are shut out for it.
    #[must_use]
    pub const fn contents(&self) -> &HashSet<ContentHash> {
        &self.contents
    }

    /// Whether there are rules that reach other capsules when those move or change their certificate.
    #[must_use]
    pub fn depend_on_capsules(&self) -> bool {
        !self.ranges.is_empty() || !self.keys.is_empty()
    }

    /// Whether nothing is shut out.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// What these shut out and `before` did not.
    #[must_use]
    pub fn beyond(&self, before: &Self) -> Self {
        fn new<T: Clone + Eq + std::hash::Hash>(now: &HashSet<T>, before: &HashSet<T>) -> HashSet<T> {
            now.difference(before).cloned().collect()
        }
        Self {
            pages: new(&self.pages, &before.pages),
            capsules: new(&self.capsules, &before.capsules),
            patterns: new(&self.patterns, &before.patterns),
            ranges: HashSet::new(),
            keys: HashSet::new(),
            contents: new(&self.contents, &before.contents),
            by_address: new(&self.by_address, &before.by_address),
            by_key: new(&self.by_key, &before.by_key),
        }
    }

    /// The same with pages that were removed for good: for an index that may have been made before.
    #[must_use]
    pub fn with_patterns(mut self, patterns: impl IntoIterator<Item = UrlPattern>) -> Self {
        let more: Self = patterns.into_iter().map(Rule::Urls).collect();
        self.pages.extend(more.pages);
        self.capsules.extend(more.capsules);
        self.patterns.extend(more.patterns);
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_of_rule_is_read_as_it_is_written() {
        let hash = "ab".repeat(32);
        for text in [
            "a.example",
            "*.a.example",
            "gemini://a.example/x*",
            "address:192.0.2.0/24",
            "address:2001:db8::/32",
            &format!("key:sha256:{hash}"),
            &format!("content:{hash}"),
            "key:1965",
        ] {
            let rule: Rule = text.parse().expect(text);
            assert_eq!(rule.to_string().parse(), Ok(rule.clone()), "{text}");
        }
        assert!(
            matches!("key:1965".parse(), Ok(Rule::Urls(UrlPattern::Capsule(_)))),
            "a host with this name"
        );
        assert_eq!(
            "192.0.2.7/24".parse::<AddressRange>().map(|range| range.to_string()),
            Ok("192.0.2.0/24".into())
        );
        assert!("192.0.2.0/40".parse::<AddressRange>().is_err());
    }

    #[test]
    fn rules_judge_by_url_capsule_address_key_and_content() {
        let read = |text: &str| text.parse::<Rule>().expect(text);
        let url = |text: &str| GeminiUrl::parse(text).expect(text);
        let hash = ContentHash([7; 32]);
        let rules = [
            read("a.example"),
            read("gemini://b.example/x*"),
            read("gemini://c.example/"),
            read("address:192.0.2.0/24"),
            Rule::Key(Fingerprint([1; 32])),
            Rule::Content(hash),
        ];
        let rules = Rules::from_iter(rules)
            .reaching(["d.example".parse().expect("a capsule")], ["e.example".parse().expect("a capsule")]);
        for (text, is_out) in [
            ("gemini://a.example/any", true),
            ("gemini://b.example/xy", true),
            ("gemini://b.example/y", false),
            ("gemini://c.example/", true),
            ("gemini://c.example/y", false),
            ("gemini://d.example/", true),
            ("gemini://e.example/", true),
            ("gemini://f.example/", false),
        ] {
            assert_eq!(rules.shut_out(&url(text), None), is_out, "{text}");
        }
        assert!(!rules.shut_out_wherever_it_is(&url("gemini://d.example/"), None), "it may have moved");
        assert!(rules.shut_out(&url("gemini://f.example/"), Some(hash)));
        assert!(rules.shuts_out_address("::ffff:192.0.2.9".parse().expect("an address")));
        assert!(!rules.shuts_out_address("192.0.3.9".parse().expect("an address")));
        assert!(rules.shuts_out_key(&Fingerprint([1; 32])) && !rules.shuts_out_key(&Fingerprint([2; 32])));
        let before = Rules::from_iter([read("a.example")]);
        assert!(!rules.beyond(&before).shut_out(&url("gemini://a.example/"), None));
        assert!(rules.beyond(&before).shut_out(&url("gemini://c.example/"), None));
        assert!(rules.beyond(&rules).is_empty());
    }
}
