//! What a page is called when it is shown: never nothing.

use shared::gemini::text::OneLine;
use shared::gemini::url::GeminiUrl;

use super::outline::Outline;

/// A line of text that stands in for a title is cut after so many characters.
const LENGTH: usize = 100;

/// The first heading of the first level, else the first of any level, else the first name of a picture, else the first
/// line with words, else the name in the URL (for which the indexer takes a label that leads to the page, if there is one).
pub(super) fn of(outline: &Outline<'_>, url: &GeminiUrl) -> OneLine {
    let named = |text: &&str| text.chars().any(char::is_alphanumeric);
    let mut headings = outline.headings.iter();
    let first = headings.clone().filter(|heading| heading.level == 1).map(|heading| heading.text).find(named);
    let title = first
        .or_else(|| headings.by_ref().map(|heading| heading.text).find(named))
        .map(OneLine::new)
        .or_else(|| outline.pictures.iter().copied().find(|alt| is_name(alt)).map(shortened))
        .or_else(|| outline.prose.lines().find(named).map(shortened))
        .or_else(|| outline.alt.iter().copied().find(named).map(shortened));
    title.filter(|title| !title.is_empty()).unwrap_or_else(|| from_url(url))
}

/// Whether a picture's alt text names it: most that say only that it is a picture do not.
fn is_name(alt: &str) -> bool {
    const GENERIC: [&str; 16] = [
        "a", "an", "the", "ascii", "art", "asciiart", "ansi", "banner", "logo", "header", "figlet", "title",
        "image", "picture", "drawing", "of",
    ];
    let mut words = alt.split(|character: char| !character.is_alphanumeric()).filter(|word| !word.is_empty());
    words.any(|word| !GENERIC.iter().any(|generic| word.eq_ignore_ascii_case(generic)))
}

/// The last part of the path that says something, or the host.
pub(super) fn from_url(url: &GeminiUrl) -> OneLine {
    url.name()
}

/// The line's beginning, ended at a word.
pub(super) fn shortened(line: &str) -> OneLine {
    let line = line.trim();
    let Some((end, _)) = line.char_indices().nth(LENGTH) else { return OneLine::new(line) };
    let beginning = line.get(..end).unwrap_or(line);
    let words = beginning.rsplit_once(char::is_whitespace).map_or(beginning, |(words, _)| words);
    OneLine::new(&format!("{words}…"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::parse::gemtext;

    fn check(document: &str, url: &str, expected: &str) {
        let url = GeminiUrl::parse(url).unwrap();
        assert_eq!(of(&gemtext::outline(document), &url).as_str(), expected);
    }

    #[test]
    fn the_title_is_the_best_name_that_there_is() {
        let url = "gemini://example.org/log/a%20post.gmi";
        check("## Sub\n# Title\n# Second", url, "Title");
        check("#\n# ---\n## Sub", url, "Sub");
        check("\n----\nFirst words.\nMore", url, "First words.");
        check("=> /x The label", url, "The label");
        check("```ascii art\n/\\_/\\ =^.^= ( o.o )\n```\nWords", url, "Words");
        check("```A cat\n/\\_/\\ =^.^= ( o.o )\n```\nWords", url, "A cat");
        check("```A cat\n/\\_/\\ =^.^= ( o.o )\n```", url, "A cat");
        check("", url, "a post.gmi");
        check("", "gemini://example.org/log/", "log");
        check("", "gemini://example.org/", "example.org");
        check("# Tab\tand \u{1b}[31mred\u{202e}", url, "Tab and red");
    }

    #[test]
    fn a_long_first_line_is_cut_at_a_word() {
        let line = "word ".repeat(100);
        let url = GeminiUrl::parse("gemini://example.org/").unwrap();
        let title = of(&gemtext::outline(&line), &url);
        assert!(title.ends_with("word…") && title.chars().count() <= LENGTH + 1, "{title}");
        let title = of(&gemtext::outline(&"字".repeat(500)), &url);
        assert_eq!(title.chars().count(), LENGTH + 1);
    }
}
