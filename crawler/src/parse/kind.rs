//! What a page is, by simple rules: its type first, then what it looks like, then its place.
//!
//! Rules are cautious, those of [`mass`] most of all.

mod mass;

use shared::gemini::kind::Kind;
use shared::gemini::media_type::MediaType;
use shared::gemini::url::GeminiUrl;

use super::feed;
use super::outline::Outline;
use mass::Place;

/// What the page is.
pub(super) fn of(outline: &Outline<'_>, media_type: &MediaType, url: &GeminiUrl) -> Kind {
    by_type(media_type.essence()).unwrap_or_else(|| by_look(outline, url))
}

/// None: it is text, and must be looked at.
fn by_type(essence: &str) -> Option<Kind> {
    const FEEDS: [&str; 5] = [
        "application/atom+xml",
        "application/rss+xml",
        "text/atom+xml",
        "text/rss+xml",
        "application/feed+json",
    ];
    const ARCHIVES: [&str; 11] = [
        "application/zip",
        "application/gzip",
        "application/x-gzip",
        "application/x-tar",
        "application/x-bzip2",
        "application/x-xz",
        "application/zstd",
        "application/x-7z-compressed",
        "application/vnd.rar",
        "application/x-rar-compressed",
        "application/java-archive",
    ];
    const DOCUMENTS: [&str; 5] = [
        "application/pdf",
        "application/epub+zip",
        "application/postscript",
        "application/rtf",
        "application/msword",
    ];
    if FEEDS.contains(&essence) {
        return Some(Kind::Feed);
    }
    if ARCHIVES.contains(&essence) {
        return Some(Kind::Archive);
    }
    let office = ["application/vnd.oasis.opendocument", "application/vnd.openxmlformats"];
    if DOCUMENTS.contains(&essence) || office.iter().any(|family| essence.starts_with(family)) {
        return Some(Kind::Document);
    }
    match essence.split_once('/').map(|(family, _)| family) {
        Some("text") => None,
        Some("image") => Some(Kind::Image),
        Some("audio") => Some(Kind::Audio),
        Some("video") => Some(Kind::Video),
        Some(_) if essence == "application/xml" => None,
        Some(_) | None => Some(Kind::File),
    }
}

fn by_look(outline: &Outline<'_>, url: &GeminiUrl) -> Kind {
    if outline.prose.len() < outline.art.len() {
        return Kind::AsciiArt;
    }
    let place = if is_post(url) { Place::Gemlog } else { Place::Elsewhere };
    if let Some(mass) = mass::of(&outline.prose, url, place) {
        return mass;
    }
    let dated = outline.links.iter().filter(|link| feed::is_dated(link.label)).take(2).count();
    if dated == 2 {
        return Kind::Feed;
    }
    match place {
        Place::Gemlog => Kind::Gemlog,
        Place::Elsewhere => Kind::Page,
    }
}

/// A page below a gemlog's folder, or with a date in its name.
fn is_post(url: &GeminiUrl) -> bool {
    const FOLDERS: [&str; 7] = ["gemlog", "glog", "phlog", "blog", "log", "posts", "journal"];
    let mut segments = url.path().split('/').filter(|segment| !segment.is_empty());
    let name = segments.next_back().unwrap_or_default();
    let form = name.bytes().take(10).map(|byte| if byte.is_ascii_digit() { b'0' } else { byte });
    let dated = name.len() > 10 && form.eq(*b"0000-00-00");
    dated || (!url.path().ends_with('/') && segments.any(|folder| FOLDERS.contains(&folder)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::parse::gemtext;

    fn check(document: &str, media_type: &str, path: &str, expected: Kind) {
        let url = GeminiUrl::parse(&format!("gemini://example.org{path}")).unwrap();
        let found = of(&gemtext::outline(document), &MediaType::parse(media_type), &url);
        assert_eq!(found, expected, "{document:.30} {media_type} {path}");
    }

    #[test]
    fn a_file_is_what_its_type_says() {
        check("", "image/png", "/a", Kind::Image);
        check("", "audio/ogg", "/a", Kind::Audio);
        check("", "video/mp4", "/a", Kind::Video);
        check("", "application/zip", "/a", Kind::Archive);
        check("", "application/pdf", "/a", Kind::Document);
        check("", "application/vnd.oasis.opendocument.text", "/a", Kind::Document);
        check("", "application/atom+xml", "/a", Kind::Feed);
        check("", "application/octet-stream", "/log/a", Kind::File);
        check("", "no type", "/a", Kind::File);
    }

    #[test]
    fn a_text_is_what_it_looks_like() {
        let art = "```cat\n /\\_/\\ \n( o.o )\n > ^ < \n```";
        check(art, "text/gemini", "/cat", Kind::AsciiArt);
        check("=> a 2026-01-31 One\n=> b 2026-02-01 - Two", "text/gemini", "/", Kind::Feed);
        check("=> a 2026-01-31 One\n=> b About", "text/gemini", "/", Kind::Page);
        check(&"[12:34:56] <ann> hello\n".repeat(9), "text/plain", "/x", Kind::ChatLog);
        check("From: a\nSubject: b\nMessage-ID: <c>\n\nText", "text/plain", "/x", Kind::MailingList);
        check("Network Working Group\nRequest for Comments: 793\n", "text/plain", "/x", Kind::WebMirror);
        check("Words", "text/gemini", "/gemlog/first.gmi", Kind::Gemlog);
        check("Words", "text/gemini", "/2026-01-31-first.gmi", Kind::Gemlog);
        check("Words", "text/gemini", "/gemlog/", Kind::Page);
        check("Words", "text/gemini", "/about.gmi", Kind::Page);
    }
}
