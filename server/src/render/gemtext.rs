//! A stored page as it is shown here: its lines kept, everything that could leave its line taken out, its links
//! resolved against where it came from.
//!
//! White space inside preformatted lines is kept, for it is the picture; so such lines bring their own escaping.

use askama::filters::Escaper as _;
use shared::gemini::gemtext::{Line, lines};
use shared::gemini::text::OneLine;
use shared::gemini::url::{GeminiUrl, LinkTarget};

/// Lines of a stored page that are shown; a longer one is cut, and it is said.
const LINES: usize = 20_000;
/// Characters of a preformatted line.
const WIDTH: usize = 2_000;

/// One line of a stored page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Shown {
    /// A line of text; may be empty.
    Text(String),
    /// A link that can be followed.
    Link {
        /// Where it leads, absolute.
        url: String,
        /// What it says.
        label: String,
        /// Whether it stays in Geminispace.
        scheme: Scheme,
    },
    /// A heading and its level, 1 to 3.
    Heading(u8, String),
    /// An item of a list.
    Item(String),
    /// A quote.
    Quote(String),
    /// A preformatted block.
    Block(Block),
}

/// Where a link leads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scheme {
    /// Within Geminispace.
    Gemini,
    /// Out of it.
    Foreign,
}

/// A preformatted block: its alt text and its lines, without control characters.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Block {
    /// The alt text; may be empty.
    pub alt: String,
    lines: Vec<String>,
}

impl Block {
    /// A block of these lines.
    #[must_use]
    pub fn new(alt: &str, text: &str) -> Self {
        Self { alt: alt.to_owned(), lines: text.lines().take(LINES).map(picture_line).collect() }
    }

    /// The same with the number of each line before it.
    #[must_use]
    pub fn numbered(alt: &str, text: &str) -> Self {
        let lines = (1..).zip(text.lines()).map(|(number, line)| format!("{number:>3}  {line}"));
        Self::new(alt, &lines.collect::<Vec<_>>().join("\n"))
    }

    /// For gemtext: no line can end the block.
    #[must_use]
    pub fn gemtext(&self) -> String {
        let lines: Vec<String> = self
            .lines
            .iter()
            .map(|line| if line.starts_with("```") { format!(" {line}") } else { line.clone() })
            .collect();
        lines.join("\n")
    }

    /// For HTML, escaped.
    #[must_use]
    pub fn html(&self) -> String {
        let mut out = String::new();
        for line in &self.lines {
            // Writing into a String does not fail; if it did, the line would be missing and nothing else.
            if askama::filters::Html.write_escaped_str(&mut out, line).is_ok() {
                out.push('\n');
            }
        }
        out
    }
}

/// The lines of a stored page of this type, and whether some were left out.
#[must_use]
pub fn shown(source: &str, media_type: &str, base: &GeminiUrl) -> (Vec<Shown>, bool) {
    let cut = source.lines().nth(LINES).is_some();
    if media_type != "text/gemini" {
        return (vec![Shown::Block(Block::new("The text as it was served", source))], cut);
    }
    let mut out = Vec::new();
    let mut open: Option<Block> = None;
    for line in lines(source).take(LINES) {
        match line {
            Line::PreformatToggle { alt } => match open.take() {
                Some(block) => out.push(Shown::Block(block)),
                None => {
                    let alt = clean(alt.unwrap_or("Preformatted text"));
                    open = Some(Block { alt, lines: Vec::new() });
                }
            },
            Line::Preformatted(line) => open.get_or_insert_default().lines.push(picture_line(line)),
            Line::Text(text) => out.push(Shown::Text(no_mark(clean(text)))),
            Line::Heading { level, text } => out.push(Shown::Heading(level, clean(text))),
            Line::ListItem(text) => out.push(Shown::Item(clean(text))),
            Line::Quote(text) => out.push(Shown::Quote(clean(text))),
            Line::Link { target, label } => out.push(link(base, target, label)),
        }
    }
    out.extend(open.map(Shown::Block));
    (out, cut)
}

fn link(base: &GeminiUrl, target: &str, label: Option<&str>) -> Shown {
    let label = clean(label.unwrap_or(target));
    match base.join(target) {
        Ok(LinkTarget::Gemini(url)) => Shown::Link { url: url.to_string(), label, scheme: Scheme::Gemini },
        // Only schemes that a reader expects become links; what is left is shown as text.
        Ok(LinkTarget::Foreign(url))
            if matches!(url.scheme(), "https" | "http" | "gopher" | "spartan" | "mailto")
                && !url.as_str().contains(char::is_whitespace) =>
        {
            Shown::Link { url: url.as_str().to_owned(), label, scheme: Scheme::Foreign }
        }
        Ok(LinkTarget::Foreign(_)) | Err(_) => Shown::Text(no_mark(format!("{label} ({})", clean(target)))),
    }
}

/// A text on one line that is only said, whatever it begins with.
#[must_use]
pub fn unmarked(text: &str) -> String {
    no_mark(OneLine::new(text).to_string())
}

/// A line of text that, cleaned, begins like a mark of gemtext is none: the parser has said so.
fn no_mark(text: String) -> String {
    let marks = ["=>", "#", "* ", ">", "```"];
    if marks.iter().any(|mark| text.starts_with(mark)) { format!(" {text}") } else { text }
}

/// One line of prose.
fn clean(text: &str) -> String {
    OneLine::new(text).to_string()
}

/// One line of a picture: white space kept, tabs as eight blanks, nothing that a terminal would act on.
fn picture_line(line: &str) -> String {
    let mut out = String::with_capacity(line.len());
    for character in line.chars().take(WIDTH) {
        match character {
            '\t' => out.push_str("        "),
            ' ' => out.push(' '),
            other if other.is_whitespace() => out.push(' '),
            other => {
                let mut bytes = [0; 4];
                if OneLine::new(other.encode_utf8(&mut bytes)).is_empty() {
                    continue;
                }
                out.push(other);
            }
        }
    }
    out.trim_end().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_keeps_its_lines_and_loses_what_could_leave_them() {
        let base = GeminiUrl::parse("gemini://example.org/log/today.gmi").unwrap();
        let source = "# Today\u{1b}[31m\n=> ../ Up\n=> javascript:alert(1) Click\n=> https://web.example/ Web\n```a cat\n /\\_/\\  \u{202e}x\n```\n* one\n> two\n\n\u{7}=> gemini://evil.example/ x";
        let (lines, cut) = shown(source, "text/gemini", &base);
        let block = Block { alt: "a cat".to_owned(), lines: vec![" /\\_/\\  x".to_owned()] };
        assert!(!cut);
        let link =
            |url: &str, label: &str, scheme| Shown::Link { url: url.into(), label: label.into(), scheme };
        assert_eq!(
            lines,
            [
                Shown::Heading(1, "Today".into()),
                link("gemini://example.org/", "Up", Scheme::Gemini),
                Shown::Text("Click (javascript:alert(1))".into()),
                link("https://web.example/", "Web", Scheme::Foreign),
                Shown::Block(block),
                Shown::Item("one".into()),
                Shown::Quote("two".into()),
                Shown::Text(String::new()),
                Shown::Text(" => gemini://evil.example/ x".into()),
            ]
        );
    }

    #[test]
    fn plain_text_is_one_block_that_nothing_in_it_can_end() {
        let base = GeminiUrl::parse("gemini://example.org/x.txt").unwrap();
        let (lines, _) = shown("a\n```\n=> gemini://evil.example/ b <b>", "text/plain", &base);
        let [Shown::Block(block)] = lines.as_slice() else { panic!("{lines:?}") };
        assert_eq!(block.gemtext(), "a\n ```\n=> gemini://evil.example/ b <b>");
        assert_eq!(block.html(), "a\n```\n=&#62; gemini://evil.example/ b &#60;b&#62;\n");
    }
}
