//! What lets nothing of a page out of its place.
//!
//! Every value that goes into a template is put on one line, without control characters, escape sequences
//! and marks of direction. In gemtext that is all: the templates give each line a beginning that no data can
//! change. In HTML the engine's own escaping follows, so that no data can begin a tag or end an attribute.

use std::fmt::{self, Write};

use askama::filters::{Escaper, Html};
use shared::gemini::text::OneLine;

/// The escaper of `.gmi` templates.
#[derive(Clone, Copy, Debug, Default)]
pub struct GemtextLine;

/// The escaper of `.html` templates.
#[derive(Clone, Copy, Debug, Default)]
pub struct HtmlLine;

impl Escaper for GemtextLine {
    fn write_escaped_str<W: Write>(&self, mut dest: W, text: &str) -> fmt::Result {
        clean(text).into_iter().try_for_each(|piece| dest.write_str(&piece))
    }
}

impl Escaper for HtmlLine {
    fn write_escaped_str<W: Write>(&self, mut dest: W, text: &str) -> fmt::Result {
        clean(text).into_iter().try_for_each(|piece| Html.write_escaped_str(&mut dest, &piece))
    }
}

/// One line, with a space before and behind it where there was one: pieces of a sentence stay apart.
fn clean(text: &str) -> [OneOrSpace; 3] {
    let space = |there: bool| if there { OneOrSpace::Space } else { OneOrSpace::Nothing };
    let line = OneLine::new(text);
    let before = space(text.starts_with(char::is_whitespace));
    if line.is_empty() {
        return [before, OneOrSpace::Nothing, OneOrSpace::Nothing];
    }
    [before, OneOrSpace::One(line), space(text.ends_with(char::is_whitespace))]
}

enum OneOrSpace {
    Nothing,
    Space,
    One(OneLine),
}

impl std::ops::Deref for OneOrSpace {
    type Target = str;

    fn deref(&self) -> &str {
        match self {
            Self::Nothing => "",
            Self::Space => " ",
            Self::One(line) => line,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_leaves_its_line_or_its_tag() {
        for (wild, gemtext, html) in [
            ("plain", "plain", "plain"),
            (" a piece ", " a piece ", " a piece "),
            ("a\n=> gemini://x b", "a => gemini://x b", "a =&#62; gemini://x b"),
            ("\u{1b}]0;owned\u{7}title", "title", "title"),
            ("ab\u{202e}cd", "ab cd", "ab cd"),
            ("\" onload='x' <b>&", "\" onload='x' <b>&", "&#34; onload=&#39;x&#39; &#60;b&#62;&#38;"),
            ("\u{0}\t", "", ""),
            ("\n", " ", " "),
        ] {
            let (mut line, mut tag) = (String::new(), String::new());
            GemtextLine.write_escaped_str(&mut line, wild).unwrap();
            HtmlLine.write_escaped_str(&mut tag, wild).unwrap();
            assert_eq!((line.as_str(), tag.as_str()), (gemtext, html), "{wild:?}");
        }
    }
}
