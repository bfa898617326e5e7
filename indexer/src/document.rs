//! An entry of the feed as a document of the index.
//!
//! What has no better name than the end of its URL (images, archives) takes the label that leads to it most often
//! and says something.

use shared::gemini::text::OneLine;
use shared::index::document::Document;
use shared::store::feed::entry::EntryPage;
use shared::store::id::{ChangeId, PageId};

/// The document of a page as the feed gave it.
pub(crate) fn of(page: PageId, change: ChangeId, content: EntryPage) -> Document {
    let EntryPage {
        url,
        kind,
        media_type,
        language,
        charset,
        size_bytes,
        dimensions,
        title,
        headings,
        body,
        alt,
        own_labels,
        art,
        labels,
        links,
        first_seen,
        changed,
        content,
    } = content;
    let title = if title == url.name() { labels.iter().find_map(name).unwrap_or(title) } else { title };
    Document {
        page,
        change,
        site: url.site(),
        url,
        title,
        headings,
        body,
        own_labels,
        anchors: labels,
        alt,
        art,
        media_type,
        kind,
        language,
        charset,
        size_bytes,
        dimensions,
        first_seen,
        changed,
        links,
        content,
    }
}

/// A label as a name, if it is one: `2026-01-31 My cat (23 kB)` is, `here` and a URL are not.
fn name(label: &OneLine) -> Option<OneLine> {
    const POINTING: [&str; 20] = [
        "here", "link", "download", "image", "picture", "photo", "file", "this", "click", "view", "next",
        "previous", "prev", "back", "more", "the", "a", "png", "jpg", "audio",
    ];
    let form = label.bytes().take(10).map(|byte| if byte.is_ascii_digit() { b'0' } else { byte });
    let label = if form.eq(*b"0000-00-00") { label.get(10..).unwrap_or_default() } else { label };
    let label = label.trim_matches(|character: char| {
        character.is_whitespace() || matches!(character, '-' | '–' | '—' | ':' | '·' | '|' | '[' | ']')
    });
    let mut words =
        label.split(|character: char| !character.is_alphanumeric()).filter(|word| !word.is_empty());
    let says_something = words.any(|word| {
        word.chars().any(char::is_alphabetic)
            && !POINTING.iter().any(|pointing| word.eq_ignore_ascii_case(pointing))
    });
    (says_something && !label.contains("://")).then(|| OneLine::new(label))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_label_that_says_something_is_a_name() {
        for (label, expected) in [
            ("A cat on a wall", Some("A cat on a wall")),
            ("2026-01-31 - My cat (23 kB)", Some("My cat (23 kB)")),
            ("[ Karte ]", Some("Karte")),
            ("日本の地図", Some("日本の地図")),
            ("here", None),
            ("Download the file", None),
            ("2026-01-31", None),
            ("gemini://a.example/cat.png", None),
            ("12", None),
            ("", None),
        ] {
            let found = name(&OneLine::new(label));
            assert_eq!(found.as_ref().map(OneLine::as_str), expected, "{label:?}");
        }
    }
}
