//! A picture made of characters, whose every space counts, made safe for both tongues.
//!
//! In gemtext it stands between two lines of backticks, so no line of it may begin like these; in HTML it is
//! escaped like any text. Controls, escape sequences and marks of direction are left out of it.

use std::fmt::Write as _;

/// Lines of a picture at most.
const LINES: usize = 24;
/// Characters of a line at most.
const COLUMNS: usize = 100;

/// A picture made of characters.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Picture {
    gemtext: String,
    html: String,
}

impl Picture {
    /// The beginning of a picture; none, if there is nothing to see in it.
    #[must_use]
    pub fn of(text: &str) -> Option<Self> {
        let lines = text.lines().map(clean).skip_while(|line| line.trim().is_empty()).take(LINES);
        let mut lines: Vec<String> = lines.collect();
        while lines.last().is_some_and(|line| line.trim().is_empty()) {
            lines.pop();
        }
        if lines.is_empty() {
            return None;
        }
        let (mut gemtext, mut html) = (String::new(), String::new());
        for line in &lines {
            let guard = if line.starts_with("```") { " " } else { "" };
            // Writing into a string cannot fail.
            let _written = writeln!(gemtext, "{guard}{line}");
            html.push_str(&line.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;"));
            html.push('\n');
        }
        Some(Self { gemtext, html })
    }

    /// Its lines for gemtext, each with its line end: safe between two lines of backticks, and only there.
    #[must_use]
    pub fn gemtext(&self) -> &str {
        &self.gemtext
    }

    /// Its lines for HTML, escaped: safe as the content of an element.
    #[must_use]
    pub fn html(&self) -> &str {
        &self.html
    }
}

/// A line without what is no character of a picture; a tab is a place to stand, too.
fn clean(line: &str) -> String {
    let spaced = line.replace('\t', "    ");
    let kept = spaced.chars().filter(|character| {
        !character.is_control()
            && !matches!(character, '\u{2028}' | '\u{2029}' | '\u{200e}' | '\u{200f}' | '\u{61c}' | '\u{feff}'
                | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
    });
    let mut line: String = kept.take(COLUMNS).collect();
    line.truncate(line.trim_end().len());
    line
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_picture_keeps_its_spaces_and_leaves_its_place_in_no_tongue() {
        let cat =
            Picture::of("\n  /\\_/\\\r\n ( o.o )\t<\n```\n=> gemini://evil.example/ \u{1b}[31mx\u{202e}\n\n")
                .unwrap();
        assert_eq!(cat.gemtext(), "  /\\_/\\\n ( o.o )    <\n ```\n=> gemini://evil.example/ [31mx\n");
        assert_eq!(cat.html(), "  /\\_/\\\n ( o.o )    &lt;\n```\n=&gt; gemini://evil.example/ [31mx\n");
        assert_eq!(Picture::of("\n \n\u{7}\n"), None);
        assert_eq!(Picture::of(&"x".repeat(500)).unwrap().gemtext().len(), COLUMNS + 1);
    }
}
