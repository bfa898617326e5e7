//! Bytes, media type and base URL to [`Parsed`].
//!
//! Pure, and knows of no fetch, so a page from an archive or from the store is parsed by the same road. The
//! bytes are strangers' bytes: whatever they are, the result is bounded clean text, in time that grows with
//! their length and no faster.
//!
//! [`decode`] makes text of bytes; [`gemtext`], [`markdown`], [`mod@feed`] or [`plain`] make an outline of text, with pictures
//! made of characters kept apart ([`art`]); from the outline come [`title`], [`links`], [`language`] and [`kind`], the hash
//! by which a text is known again, and the mark by which a change that matters is told from others ([`churn`]). Of an
//! image its size is read ([`image`]); of a `security.txt` whom it names ([`contact`]).

mod art;
mod churn;
pub mod contact;
mod decode;
mod feed;
mod gemtext;
mod image;
mod kind;
mod language;
pub mod likeness;
mod links;
mod markdown;
mod outline;
pub mod parsed;
mod plain;
mod title;

use shared::gemini::kind::Kind;
use shared::gemini::media_type::MediaType;
use shared::gemini::text::{OneLine, PageText};
use shared::gemini::url::GeminiUrl;

use decode::Decoded;
use feed::Feed;
use likeness::Likeness;
use outline::Outline;
pub use parsed::{Extent, Parsed, ParsedLink};

/// Goes up whenever pages are read in another way: then what is served as before is read again, too.
pub const WAY_OF_READING: u32 = 3;

/// Understands a page.
#[must_use]
pub fn parse(bytes: &[u8], extent: Extent, media_type: &MediaType, url: &GeminiUrl) -> Parsed {
    if !plain::is_textual(media_type) {
        return Parsed { dimensions: image::dimensions(bytes), ..file(media_type, url) };
    }
    let Some(Decoded { text, charset }) = decode::decode(bytes, media_type.charset()) else {
        return file(media_type, url);
    };
    let document = match extent {
        Extent::Whole => text.as_str(),
        Extent::Cut => whole_lines(&text),
    };
    let feed = feed(document, media_type);
    let outline = if let Some(feed) = &feed {
        feed::outline(feed)
    } else if media_type.is_gemtext() {
        gemtext::outline(document)
    } else if media_type.essence() == "text/markdown" {
        markdown::outline(document)
    } else if plain::has_tags(media_type, document) {
        plain::untagged(document)
    } else {
        plain::outline(document)
    };
    let links = links::collect(&outline.links, url);
    let kind = if feed.is_some() { Kind::Feed } else { kind::of(&outline, media_type, url) };
    let posts = match (&feed, kind) {
        (Some(feed), _) => feed::posts(&feed.entries, url),
        (None, Kind::Feed) => feed::posts(&feed::dated_entries(&outline.links), url),
        (None, _) => Vec::new(),
    };
    Parsed {
        title: title::of(&outline, url),
        kind,
        content: Some(outline.hash()),
        likeness: Likeness::of(&outline.prose),
        words: Some(churn::mark(&outline)),
        dimensions: None,
        posts,
        art: PageText::new(outline.art),
        language: language::of(&outline.prose, media_type),
        charset: Some(charset),
        headings: outline.headings.iter().map(|heading| OneLine::new(heading.text)).collect(),
        alt: outline.alt.iter().map(|alt| OneLine::new(alt)).collect(),
        links,
        source: PageText::new(document),
        text: PageText::new(outline.prose),
    }
}

/// What asks for a line of input: all that is known of it is its question.
#[must_use]
pub fn prompt(question: &OneLine, url: &GeminiUrl) -> Parsed {
    let title = if question.is_empty() { title::from_url(url) } else { question.clone() };
    Parsed { title, kind: Kind::Input, ..bare(url) }
}

/// The document as a feed, where it is one of those that are no gemtext.
fn feed(document: &str, media_type: &MediaType) -> Option<Feed> {
    if media_type.is_gemtext() || media_type.essence() == "text/html" {
        None
    } else if feed::is_feed(document) {
        Some(feed::read(document))
    } else if media_type.essence() == "text/plain" {
        feed::twtxt(document)
    } else {
        None
    }
}

/// What is no text: all that is known of it is its type and its name.
fn file(media_type: &MediaType, url: &GeminiUrl) -> Parsed {
    Parsed {
        language: media_type.languages().first().cloned(),
        kind: kind::of(&Outline::default(), media_type, url),
        ..bare(url)
    }
}

/// What has no text, before it is known what it is.
fn bare(url: &GeminiUrl) -> Parsed {
    Parsed {
        title: title::from_url(url),
        headings: Vec::new(),
        source: PageText::new(""),
        text: PageText::new(""),
        alt: Vec::new(),
        art: PageText::default(),
        words: None,
        dimensions: None,
        posts: Vec::new(),
        links: Vec::new(),
        language: None,
        charset: None,
        kind: Kind::File,
        content: None,
        likeness: None,
    }
}

/// The text up to its last line end: half a line may be half a URL.
fn whole_lines(text: &str) -> &str {
    match text.rfind('\n') {
        Some(end) => text.get(..=end).unwrap_or_default(),
        // One line that never ended: its words are good, and `=>` at its start would be a link cut short.
        None => text.strip_prefix("=>").map_or(text, |_| ""),
    }
}

#[cfg(test)]
mod tests;
