//! Every path and every link of ours.
//!
//! Paths are the same in both tongues; the words stand in the query, which is all text over Gemini and `q=`
//! on the web. No link that is built here is longer than a Gemini request may be.

pub mod desk;
pub mod link;
pub mod trail;

use crate::ask::Tongue;
use crate::search::{PageNumber, Verbosity};

pub use link::Link;
use trail::Trail;

/// The front page.
pub const HOME: &str = "/";
/// Search; with a page's number behind it, a further page.
pub const SEARCH: &str = "/search";
/// Search with the reasons of the ranking.
pub const VERBOSE_SEARCH: &str = "/v/search";
/// The first hit at once.
pub const LUCKY: &str = "/lucky";
/// A page of anywhere.
pub const RANDOM: &str = "/random";
/// How a browser adds the search to its own.
pub const OPENSEARCH: &str = "/opensearch.xml";
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
/// The same as an Atom feed.
pub const BACKLINKS_ATOM: &str = "/backlinks/feed/atom";
/// The same as a gemfeed.
pub const BACKLINKS_GEMFEED: &str = "/backlinks/feed/gemfeed";
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
    format!("{REPORT}/{}", link::segment(about, usize::MAX))
}

/// The link to a page of results over everything.
#[must_use]
pub fn search(tongue: Tongue, words: &str, page: PageNumber, verbosity: Verbosity) -> String {
    let link = Trail { verbosity, ..Trail::default() }.list(words, page);
    match tongue {
        Tongue::Gemtext => link.gemtext,
        Tongue::Html => link.html,
    }
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
