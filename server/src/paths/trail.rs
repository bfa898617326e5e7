//! The way to a list of results: its limits, its corner, its manner.
//!
//! All of it stands in the path, for over Gemini the whole query is words: `/in/lang:de/v/search/2?stars` is
//! the second page of what is found for "stars" in German, with the reasons. So a list has an address that
//! stays, and a limit is added or taken away by a link.

use super::link::{Link, segment};
use crate::render::subscription::Format;
use crate::search::{Limit, PageNumber, Verbosity};

/// Bytes of the limits in a path at most; behind them the words have room.
const LIMITS: usize = 320;
/// Bytes of words in the path of a jump at most.
const JUMP: usize = 300;

/// The way to a list.
#[derive(Clone, Debug, PartialEq)]
pub struct Trail {
    /// What it is limited to.
    pub limits: Vec<Limit>,
    /// What is looked through.
    pub corner: Corner,
    /// Whether the reasons are shown; only where everything is looked through.
    pub verbosity: Verbosity,
}

/// What is looked through.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Corner {
    /// Everything.
    All,
    /// Pictures.
    Images,
    /// Documents, archives, films and all other files.
    Files,
    /// Sound.
    Audio,
    /// Pictures made of characters.
    AsciiArt,
}

/// A path's limits cannot be kept.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadLimit {
    /// It is no limit.
    #[error("{0} is no filter: /help lists those that there are")]
    Unknown(String),
    /// They leave no room for words.
    #[error("there are too many filters for one address")]
    TooMany,
}

impl Corner {
    /// Every corner.
    pub const EVERY: [Self; 5] = [Self::All, Self::Images, Self::Files, Self::Audio, Self::AsciiArt];

    /// The word in its path.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::All => "search",
            Self::Images => "images",
            Self::Files => "files",
            Self::Audio => "audio",
            Self::AsciiArt => "ascii-art",
        }
    }
}

impl Default for Trail {
    fn default() -> Self {
        Self { limits: Vec::new(), corner: Corner::All, verbosity: Verbosity::Plain }
    }
}

/// The limits at the beginning of a path, and what follows them. A limit is told from the rest by its colon, and goes on
/// to the next one or to what names a list: some clients write the slashes of a limit's value (`site:host/~ann`,
/// `type:image/png`) as slashes of the path.
///
/// # Errors
///
/// When one is no limit, or they are too many.
pub fn limits<'a>(segments: &'a [&'a str]) -> Result<(Vec<Limit>, &'a [&'a str]), BadLimit> {
    let ["in", rest @ ..] = segments else { return Ok((Vec::new(), segments)) };
    let mut rest = rest;
    let mut written: Vec<String> = Vec::new();
    while let [segment, behind @ ..] = rest {
        match written.last_mut() {
            _ if segment.contains(':') => written.push((*segment).to_owned()),
            Some(limit) if !names_a_list(segment) => {
                limit.push('/');
                limit.push_str(segment);
            }
            Some(_) | None => break,
        }
        rest = behind;
    }
    let parsed: Result<Vec<Limit>, BadLimit> =
        written.into_iter().map(|written| Limit::parse(&written).ok_or(BadLimit::Unknown(written))).collect();
    let parsed = parsed?;
    if LIMITS < in_path(&parsed).len() {
        return Err(BadLimit::TooMany);
    }
    Ok((parsed, rest))
}

/// Whether a segment is the first one of what may stand behind limits.
fn names_a_list(segment: &str) -> bool {
    let corner = segment.strip_suffix("_jump").unwrap_or(segment);
    matches!(segment, "v" | "lucky" | "random") || Corner::EVERY.iter().any(|every| every.as_str() == corner)
}

fn in_path(limits: &[Limit]) -> String {
    limits.iter().map(|limit| format!("/{}", segment(&limit.to_string(), LIMITS + 1))).collect()
}

impl Trail {
    /// The list within limits.
    #[must_use]
    pub fn within(limits: Vec<Limit>) -> Self {
        Self { limits, ..Self::default() }
    }

    /// The same limits in another corner. A corner has kinds of its own, so that those of this list stay behind.
    #[must_use]
    pub fn in_corner(&self, corner: Corner) -> Self {
        let is_kind = |limit: &&Limit| limit.to_string().starts_with("kind:");
        let limits = self.limits.iter().filter(|limit| !is_kind(limit)).cloned().collect();
        Self { corner, verbosity: Verbosity::Plain, limits }
    }

    /// With one limit more; none, where the path would have no room for it.
    #[must_use]
    pub fn with(&self, limit: &Limit) -> Option<Self> {
        let mut limits = self.limits.clone();
        if !limits.contains(limit) {
            limits.push(limit.clone());
        }
        (in_path(&limits).len() <= LIMITS).then(|| Self { limits, ..self.clone() })
    }

    /// Without one of its limits.
    #[must_use]
    pub fn without(&self, limit: &Limit) -> Self {
        let limits = self.limits.iter().filter(|kept| *kept != limit).cloned().collect();
        Self { limits, ..self.clone() }
    }

    /// Its path: over Gemini it asks for words, on the web it shows the form.
    #[must_use]
    pub fn path(&self) -> String {
        format!("{}/{}", self.beginning(), self.corner.as_str())
    }

    /// The link to a page of the list.
    #[must_use]
    pub fn list(&self, words: &str, page: PageNumber) -> Link {
        let path = match page {
            PageNumber::FIRST => self.path(),
            page => format!("{}/{}", self.path(), page.get()),
        };
        // A list without words is all that the limits leave: over Gemini only a further page can show it.
        if words.is_empty() { Link::to(&path) } else { Link::with_beginning(&path, words) }
    }

    /// The link that asks for a page's number.
    #[must_use]
    pub fn jump(&self, words: &str) -> String {
        format!("{}/{}_jump/{}", self.beginning(), self.corner.as_str(), segment(words, JUMP))
    }

    /// The link to the first hit.
    #[must_use]
    pub fn lucky(&self, words: &str) -> Link {
        Link::with_beginning(&format!("{}/lucky", Self::within(self.limits.clone()).beginning()), words)
    }

    /// The link to the list as a subscription.
    #[must_use]
    pub fn feed(&self, words: &str, format: Format) -> Link {
        let plain = Self { verbosity: Verbosity::Plain, ..self.clone() };
        let path = format!("{}/feed/{}", plain.path(), format.as_str());
        if words.is_empty() { Link::to(&path) } else { Link::with_beginning(&path, words) }
    }

    fn beginning(&self) -> String {
        let limits = match self.limits.as_slice() {
            [] => String::new(),
            limits => format!("/in{}", in_path(limits)),
        };
        match self.verbosity {
            Verbosity::Plain => limits,
            Verbosity::Explained => format!("{limits}/v"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn trail(texts: &[&str]) -> Trail {
        Trail::within(texts.iter().map(|text| Limit::parse(text).unwrap()).collect())
    }

    #[test]
    fn limits_stand_in_the_path_and_words_in_the_query() {
        let german = trail(&["lang:de", "site:a.example/~ann/"]);
        let second = PageNumber::new(2).unwrap();
        let link = german.list("rote Äpfel", second);
        assert_eq!(link.gemtext, "/in/lang:de/site:a.example%2F~ann%2F/search/2?rote%20%C3%84pfel");
        assert_eq!(link.html, "/in/lang:de/site:a.example%2F~ann%2F/search/2?q=rote%20%C3%84pfel");
        let explained = Trail { verbosity: Verbosity::Explained, ..trail(&["lang:de"]) };
        assert_eq!(explained.list("x", PageNumber::FIRST).gemtext, "/in/lang:de/v/search?x");
        assert_eq!(explained.jump("a b/c"), "/in/lang:de/v/search_jump/a%20b%2Fc");
        assert_eq!(explained.feed("x", Format::Atom).gemtext, "/in/lang:de/search/feed/atom?x");
        assert_eq!(explained.in_corner(Corner::Images).path(), "/in/lang:de/images");
        assert_eq!(trail(&["kind:feed", "lang:de"]).in_corner(Corner::Audio).path(), "/in/lang:de/audio");
        assert_eq!(Trail::default().list("x", PageNumber::FIRST).gemtext, "/search?x");
    }

    #[test]
    fn a_path_that_is_read_is_the_path_that_was_written() {
        let limits_of = |segments: &[&str]| limits(segments).map(|(limits, rest)| (limits.len(), rest.len()));
        assert_eq!(limits_of(&["search"]), Ok((0, 1)));
        assert_eq!(limits_of(&["in", "lang:de", "-kind:news", "search", "2"]), Ok((2, 2)));
        assert_eq!(limits_of(&["in", "search"]), Ok((0, 1)));
        let split = ["in", "site:a.example", "~ann", "type:image", "png", "v", "search_jump", "a", "b"];
        let (read, rest) = limits(&split).unwrap();
        assert_eq!(
            read,
            trail(&["site:a.example/~ann", "type:image/png"]).limits,
            "as one client writes them"
        );
        assert_eq!(rest, ["v", "search_jump", "a", "b"]);
        assert!(matches!(limits_of(&["in", "lang:klingonese", "search"]), Err(BadLimit::Unknown(_))));
        let many = ["site:a-capsule-with-a-long-name.example"; 12];
        let segments: Vec<&str> = ["in"].into_iter().chain(many).collect();
        assert_eq!(limits_of(&segments), Err(BadLimit::TooMany));
    }

    #[test]
    fn limits_come_and_go_one_by_one() {
        let german = Limit::parse("lang:de").unwrap();
        let both = trail(&["kind:gemlog"]).with(&german).unwrap();
        assert_eq!(both, trail(&["kind:gemlog", "lang:de"]));
        assert_eq!(both.with(&german).unwrap(), both);
        assert_eq!(both.without(&german), trail(&["kind:gemlog"]));
        let long = Limit::parse(&format!("inurl:{}", "x".repeat(LIMITS))).unwrap();
        assert_eq!(both.with(&long), None);
    }

    #[test]
    fn no_link_outgrows_a_request() {
        let words = "語 ".repeat(500);
        let limit = format!("inurl:{}", "y".repeat(LIMITS - 10));
        let wide = Trail { verbosity: Verbosity::Explained, ..trail(&[&limit]) };
        let page = PageNumber::new(u32::MAX).unwrap();
        let whole = "gemini://:65535".len() + 253;
        let links = [wide.list(&words, page), wide.feed(&words, Format::Gemfeed), wide.lucky(&words)];
        for link in links.iter().flat_map(|link| [link.gemtext.as_str(), link.html.as_str()]) {
            assert!(whole + link.len() <= 1_024, "{} bytes: {link}", link.len());
        }
        assert!(whole + wide.jump(&words).len() <= 1_024);
    }
}
