//! Every path and every link of ours.
//!
//! Paths are the same in both tongues; the words stand in the query, which is all text over Gemini and `q=`
//! on the web. No link that is built here is longer than a Gemini request may be.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use crate::ask::Tongue;
use crate::search::{PageNumber, Verbosity};

/// The front page.
pub const HOME: &str = "/";
/// Search; with a page's number behind it, a further page.
pub const SEARCH: &str = "/search";
/// Search with the reasons of the ranking.
pub const VERBOSE_SEARCH: &str = "/v/search";
/// What this is.
pub const ABOUT: &str = "/about";
/// How to search.
pub const HELP: &str = "/help";
/// What is kept of whom.
pub const PRIVACY: &str = "/privacy";
/// Who crawls, how, and how to stop it.
pub const CRAWLER: &str = "/crawler";
/// What we allow to crawlers of others.
pub const ROBOTS: &str = "/robots.txt";
/// The style of the web's pages.
pub const STYLE: &str = "/style.css";
/// The icon of the web's pages.
pub const ICON: &str = "/favicon.svg";
/// The graduated arc behind the front page.
pub const LIMB: &str = "/limb.svg";

/// All that is known of a page.
pub const PAGE: &str = "/page";
/// Its stored text.
pub const CACHED: &str = "/cached";
/// Who links to a page, a site or a capsule.
pub const BACKLINKS: &str = "/backlinks";
/// All that is known of a capsule.
pub const CAPSULE: &str = "/capsule";
/// Every request that was sent to it.
pub const REQUESTS: &str = "/capsule/requests";
/// Its robots.txt as we read it.
pub const ROBOTS_READ: &str = "/capsule/robots";
/// Its dead links.
pub const DEAD_LINKS: &str = "/capsule/dead-links";
/// Every capsule that has answered, by name.
pub const KNOWN_HOSTS: &str = "/known-hosts";
/// The same, those with most pages first.
pub const KNOWN_HOSTS_BY_PAGES: &str = "/known-hosts/by/pages";
/// The same, those found last first.
pub const KNOWN_HOSTS_BY_AGE: &str = "/known-hosts/by/age";
/// What was found last.
pub const NEW: &str = "/new";
/// Every feed.
pub const FEEDS: &str = "/feeds";
/// Figures and how they came about.
pub const STATISTICS: &str = "/statistics";
/// What is shut out, and why.
pub const EXCLUSIONS: &str = "/exclusions";
/// Hand a capsule or page in.
pub const ADD_SEED: &str = "/add-seed";
/// The same, as TLGS writes it and site generators ship it.
pub const ADD_SEED_OF_TLGS: &str = "/add_seed";
/// The receipt of what was handed in.
pub const SUBMISSION: &str = "/submission";
/// Complain about a page or a capsule.
pub const REPORT: &str = "/report";
/// What became of a complaint.
pub const REPORT_RECEIPT: &str = "/report-receipt";
/// How to make this the search of a client.
pub const DEFAULT_SEARCH: &str = "/default-search";
/// What has changed here.
pub const NEWS: &str = "/news";

/// The path at which the reason of a complaint is asked for: what it is about stands in it, in one segment.
#[must_use]
pub fn report_about(about: &str) -> String {
    format!("{REPORT}/{}", utf8_percent_encode(about, SEGMENT))
}

/// A link of ours in both tongues.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Link {
    /// For gemtext.
    pub gemtext: String,
    /// For HTML.
    pub html: String,
}

impl Link {
    /// A link whose words stand in the query; none where it would be longer than a Gemini request may be.
    #[must_use]
    pub fn with_words(path: &str, words: &str) -> Option<Self> {
        let encoded = utf8_percent_encode(words, QUERY).to_string();
        (encoded.len() <= WORDS)
            .then(|| Self { gemtext: format!("{path}?{encoded}"), html: format!("{path}?q={encoded}") })
    }

    /// A link without words.
    #[must_use]
    pub fn to(path: &str) -> Self {
        Self { gemtext: path.to_owned(), html: path.to_owned() }
    }
}

/// What need not be encoded in a query.
const QUERY: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~')
    .remove(b':')
    .remove(b'/')
    .remove(b'*');

/// What need not be encoded in one segment of a path.
const SEGMENT: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// Bytes of words in a link at most: with scheme, host, path and `?` it stays under 1,024 bytes.
const WORDS: usize = 700;

/// The link to a page of results.
#[must_use]
pub fn search(tongue: Tongue, words: &str, page: PageNumber, verbosity: Verbosity) -> String {
    let base = match verbosity {
        Verbosity::Plain => SEARCH,
        Verbosity::Explained => VERBOSE_SEARCH,
    };
    let page = if page == PageNumber::FIRST { String::new() } else { format!("/{}", page.get()) };
    let mark = match tongue {
        Tongue::Gemtext => "",
        Tongue::Html => "q=",
    };
    format!("{base}{page}?{mark}{}", encode(words))
}

/// Words for a query, cut between two characters where they are too long for any link.
fn encode(words: &str) -> String {
    let mut encoded = String::new();
    let mut one = [0; 4];
    for character in words.chars() {
        let next = utf8_percent_encode(character.encode_utf8(&mut one), QUERY).to_string();
        if WORDS < encoded.len() + next.len() {
            break;
        }
        encoded.push_str(&next);
    }
    encoded
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_carry_the_words_and_never_grow_too_long() {
        let link =
            |tongue, words, page| search(tongue, words, PageNumber::new(page).unwrap(), Verbosity::Plain);
        assert_eq!(link(Tongue::Gemtext, "red panda", 1), "/search?red%20panda");
        assert_eq!(link(Tongue::Html, "a&b \"c\"", 2), "/search/2?q=a%26b%20%22c%22");
        assert!(link(Tongue::Html, &"語".repeat(500), 99).len() < 800);
    }
}
