//! Plain text, and text with tags of which only the words are wanted. URLs in plain text are no links.

use shared::gemini::media_type::MediaType;

use super::art::{self, Block};
use super::outline::Outline;

/// Types besides `text/` that are text.
const TEXTUAL: [&str; 4] =
    ["application/atom+xml", "application/rss+xml", "application/xml", "application/feed+json"];

/// Whether the type promises text.
pub(super) fn is_textual(media_type: &MediaType) -> bool {
    media_type.is_text() || TEXTUAL.contains(&media_type.essence())
}

/// Whether the words stand between tags.
pub(super) fn has_tags(media_type: &MediaType, document: &str) -> bool {
    let start = document.trim_start();
    media_type.essence().ends_with("xml")
        || media_type.essence() == "text/html"
        || ["<?xml", "<!DOCTYPE html", "<html"].iter().any(|mark| start.starts_with(mark))
}

/// Plain text is prose as it stands, or one picture.
pub(super) fn outline(document: &str) -> Outline<'_> {
    let mut outline = Outline::default();
    let lines: Vec<&str> = document.lines().collect();
    if art::judge(&lines, None) == Block::Art {
        outline.art.push_str(document);
    } else {
        outline.prose.push_str(document);
    }
    outline
}

/// The words between tags.
pub(super) fn untagged(document: &str) -> Outline<'_> {
    let mut outline = Outline::default();
    let document = document.replace("<![CDATA[", " ").replace("]]>", " ");
    for piece in document.split('<') {
        // Before the first tag there is no tag to end.
        let words = piece.split_once('>').map_or("", |(_, words)| words);
        let words = unescape(words.trim());
        if !words.is_empty() {
            outline.say(&words);
        }
    }
    outline
}

pub(super) fn unescape(text: &str) -> String {
    const ENTITIES: [(&str, &str); 6] =
        [("&lt;", "<"), ("&gt;", ">"), ("&quot;", "\""), ("&apos;", "'"), ("&#39;", "'"), ("&amp;", "&")];
    if !text.contains('&') {
        return text.to_owned();
    }
    ENTITIES.iter().fold(text.to_owned(), |text, (entity, character)| text.replace(entity, character))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_in_plain_text_are_no_links() {
        let outline = outline("see gemini://example.org/\n=> /a not a link\n");
        assert!(outline.links.is_empty());
        assert!(outline.prose.contains("gemini://example.org/"));
    }

    #[test]
    fn of_tagged_text_the_words_remain() {
        let feed = "<?xml version='1.0'?><feed><title>My &amp; your log</title><summary><![CDATA[One two]]></summary></feed>";
        assert_eq!(untagged(feed).prose, "My & your log\nOne two\n");
        assert_eq!(untagged("no tag at all").prose, "");
        assert_eq!(untagged("<<<>").prose, "");
    }
}
