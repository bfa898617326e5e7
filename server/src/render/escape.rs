//! What lets nothing of a page out of its place.
//!
//! Every value that goes into a gemtext template is put on one line, without control characters, escape
//! sequences and marks of direction; the templates give each a beginning that no data can change. HTML is
//! escaped by the template engine, after the same cleaning.

use std::fmt::{self, Write};

use shared::gemini::text::OneLine;

/// The escaper of `.gmi` templates.
#[derive(Clone, Copy, Debug, Default)]
pub struct GemtextLine;

impl askama::filters::Escaper for GemtextLine {
    fn write_escaped_str<W: Write>(&self, mut dest: W, text: &str) -> fmt::Result {
        let lead = text.starts_with(char::is_whitespace);
        let tail = text.ends_with(char::is_whitespace);
        let line = OneLine::new(text);
        match (line.is_empty(), lead, tail) {
            (true, ..) => dest.write_str(if lead { " " } else { "" }),
            (false, lead, tail) => {
                dest.write_str(if lead { " " } else { "" })?;
                dest.write_str(&line)?;
                dest.write_str(if tail { " " } else { "" })
            }
        }
    }
}
