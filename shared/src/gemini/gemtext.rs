//! The lines of a gemtext document (gemtext specification).
//!
//! A line's first three characters decide what it is; one bit of state tells whether the document is inside
//! a preformatted block. A mark counts only at the line's very beginning.

/// A line of gemtext.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Line<'a> {
    /// Anything else; may be empty.
    Text(&'a str),
    /// `=> target label`.
    Link {
        /// The URL reference; never empty.
        target: &'a str,
        /// What stands after it.
        label: Option<&'a str>,
    },
    /// `#`, `##` or `###`.
    Heading {
        /// 1 to 3.
        level: u8,
        /// Its text.
        text: &'a str,
    },
    /// `* `.
    ListItem(&'a str),
    /// `>`.
    Quote(&'a str),
    /// Three backticks: a block begins (perhaps with an alt text) or ends (then without).
    PreformatToggle {
        /// The alt text of a block that begins.
        alt: Option<&'a str>,
    },
    /// A line of a preformatted block, as it stands.
    Preformatted(&'a str),
}

/// The lines of a document, ended by LF or CRLF. The last line may lack its end.
pub fn lines(document: &str) -> impl Iterator<Item = Line<'_>> {
    let mut preformatted = false;
    document.lines().map(move |line| {
        if let Some(rest) = line.strip_prefix("```") {
            preformatted = !preformatted;
            let alt = rest.trim();
            return Line::PreformatToggle { alt: (preformatted && !alt.is_empty()).then_some(alt) };
        }
        if preformatted { Line::Preformatted(line) } else { one(line) }
    })
}

fn one(line: &str) -> Line<'_> {
    if let Some(rest) = line.strip_prefix("=>") {
        let rest = rest.trim_matches([' ', '\t']);
        if rest.is_empty() {
            return Line::Text(line);
        }
        let (target, label) = match rest.split_once([' ', '\t']) {
            Some((target, label)) => (target, Some(label.trim_matches([' ', '\t']))),
            None => (rest, None),
        };
        return Line::Link { target, label: label.filter(|label| !label.is_empty()) };
    }
    for (mark, level) in [("###", 3), ("##", 2), ("#", 1)] {
        if let Some(text) = line.strip_prefix(mark) {
            return Line::Heading { level, text: text.trim() };
        }
    }
    if let Some(text) = line.strip_prefix("* ") {
        return Line::ListItem(text.trim());
    }
    match line.strip_prefix('>') {
        Some(text) => Line::Quote(text.trim()),
        None => Line::Text(line),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_line_is_what_its_first_characters_say() {
        for (line, expected) in [
            ("", Line::Text("")),
            (" => x", Line::Text(" => x")),
            ("=> ", Line::Text("=> ")),
            ("=>x", Line::Link { target: "x", label: None }),
            ("=>\tx \t a label ", Line::Link { target: "x", label: Some("a label") }),
            ("#a", Line::Heading { level: 1, text: "a" }),
            ("### c", Line::Heading { level: 3, text: "c" }),
            ("#### d", Line::Heading { level: 3, text: "# d" }),
            ("*x", Line::Text("*x")),
            ("* x", Line::ListItem("x")),
            (">x", Line::Quote("x")),
        ] {
            assert_eq!(lines(line).next().unwrap_or(Line::Text("")), expected, "{line:?}");
        }
    }

    #[test]
    fn nothing_but_a_toggle_counts_in_a_block() {
        let read: Vec<_> = lines("```art\n=> x\n# y\n```ignored\r\n=> z\r\n").collect();
        assert_eq!(
            read,
            [
                Line::PreformatToggle { alt: Some("art") },
                Line::Preformatted("=> x"),
                Line::Preformatted("# y"),
                Line::PreformatToggle { alt: None },
                Line::Link { target: "z", label: None },
            ]
        );
    }
}
