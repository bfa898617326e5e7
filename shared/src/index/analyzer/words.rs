//! Where words begin and end, in any script.
//!
//! A word is a run of letters, digits and their marks: a vowel sign or a virama never splits one. Scripts
//! that write no spaces (Han, kana, Hangul with its particles, Thai, Lao, Khmer, Burmese) have no words to
//! be seen, so their runs become overlapping pairs of graphemes; the last grapheme of a run also stands
//! alone, so that every grapheme begins some term and a question of one sign can be answered by prefix.
//! Pages and queries are cut by this one rule, or they would not meet.

use unicode_segmentation::UnicodeSegmentation;

use super::compound;
use super::fold::{is_silent, is_word_char, plain};

/// The scripts that the analyzer treats in ways of their own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Script {
    /// Latin letters.
    Latin,
    /// Greek letters.
    Greek,
    /// Cyrillic letters.
    Cyrillic,
    /// Arabic letters.
    Arabic,
    /// The letters of Hindi, Marathi and Nepali.
    Devanagari,
    /// Tamil letters.
    Tamil,
    /// Armenian letters.
    Armenian,
    /// Hebrew letters.
    Hebrew,
    /// A script written without spaces; cut into pairs.
    Unspaced,
    /// Any other script, and numbers.
    Other,
}

impl Script {
    /// All of them.
    pub const ALL: [Self; 10] = [
        Self::Latin,
        Self::Greek,
        Self::Cyrillic,
        Self::Arabic,
        Self::Devanagari,
        Self::Tamil,
        Self::Armenian,
        Self::Hebrew,
        Self::Unspaced,
        Self::Other,
    ];
}

/// How a word came to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    /// A word between spaces.
    Whole,
    /// Two neighbouring graphemes of an unspaced run.
    Pair,
    /// The last grapheme of an unspaced run of several.
    Tail,
    /// An unspaced run of a single grapheme.
    Single,
}

/// A word with its place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Word {
    /// Its plain form (see [`plain`]).
    pub plain: String,
    /// The first byte of it in the text.
    pub start: usize,
    /// The byte after it.
    pub end: usize,
    /// Its number in the text, for phrases.
    pub position: u32,
    /// Its script.
    pub script: Script,
    /// How it came to be.
    pub shape: Shape,
    /// The words inside it: `GeminiSpace` is also `gemini` and `space`.
    pub parts: Vec<String>,
    /// The word that it makes with those behind it: `e` in `e-mail` also begins `email`.
    pub joined: Option<Joined>,
}

/// A word written with hyphens, without them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Joined {
    /// The plain form without hyphens.
    pub plain: String,
    /// How many words it stands for, the first one included.
    pub words: usize,
}

/// All words of a text, in order.
#[must_use]
pub fn words(text: &str) -> Vec<Word> {
    let mut found = Vec::with_capacity(text.len() / 6);
    let mut position = 0;
    let mut rest = 0;
    while let Some(start) = text[rest..].find(is_word_char).map(|ahead| rest + ahead) {
        let first = text[start..].chars().next().unwrap_or(' ');
        let end = if let Some(family) = unspaced(first) {
            let end = run_end(text, start, |c| unspaced(c) == Some(family) || is_mark_of_run(c));
            push_pairs(text, start, end, &mut position, &mut found);
            end
        } else {
            let end = run_end(text, start, |c| is_word_char(c) && unspaced(c).is_none());
            let end = end + language_name(&text[start..end], &text[end..]);
            push_whole(text, start, end, &mut position, &mut found);
            end
        };
        rest = end;
    }
    join_hyphens(text, &mut found);
    found
}

/// The end of the run that begins at `start`; silent characters do not end it.
fn run_end(text: &str, start: usize, belongs: impl Fn(char) -> bool) -> usize {
    let mut end = start;
    for (at, c) in text[start..].char_indices() {
        if belongs(c) {
            end = start + at + c.len_utf8();
        } else if !is_silent(c) {
            break;
        }
    }
    end
}

fn push_whole(text: &str, start: usize, end: usize, position: &mut u32, found: &mut Vec<Word>) {
    let written = &text[start..end];
    // `Drew's` is about Drew.
    let possessive = matches!(written, "s" | "S")
        && text[..start].ends_with(['\'', '’'])
        && found.last().is_some_and(|before| start - before.end <= '’'.len_utf8());
    let mut word = plain(written);
    if written.ends_with(['+', '#']) {
        word = written.to_ascii_lowercase();
    }
    if possessive || word.is_empty() {
        return;
    }
    let script = script(&word);
    let parts = if script == Script::Latin { compound::parts(written) } else { Vec::new() };
    found.push(Word {
        plain: word,
        start,
        end,
        position: *position,
        script,
        shape: Shape::Whole,
        parts,
        joined: None,
    });
    *position += 1;
}

fn push_pairs(text: &str, start: usize, end: usize, position: &mut u32, found: &mut Vec<Word>) {
    let mut graphemes = text[start..end].grapheme_indices(true).peekable();
    let mut first = true;
    while let Some((at, grapheme)) = graphemes.next() {
        let (shape, pair_end) = match graphemes.peek() {
            Some((next, behind)) => (Shape::Pair, start + next + behind.len()),
            None if first => (Shape::Single, start + at + grapheme.len()),
            None => (Shape::Tail, start + at + grapheme.len()),
        };
        first = false;
        let begin = start + at;
        let plain = plain(&text[begin..pair_end]);
        if !plain.is_empty() {
            found.push(Word {
                plain,
                start: begin,
                end: pair_end,
                position: *position,
                script: Script::Unspaced,
                shape,
                parts: Vec::new(),
                joined: None,
            });
        }
        *position += 1;
    }
}

/// Gives the first word of `e-mail` or `on-line` the form without hyphens; three words at most.
fn join_hyphens(text: &str, found: &mut [Word]) {
    let hyphened = |left: &Word, right: &Word| {
        left.shape == Shape::Whole
            && right.shape == Shape::Whole
            && matches!(&text[left.end..right.start], "-" | "‐" | "‑")
    };
    let mut at = 0;
    while at < found.len() {
        let mut last = at;
        while last + 1 < found.len() && hyphened(&found[last], &found[last + 1]) {
            last += 1;
        }
        let words = last - at + 1;
        let lettered = |word: &Word| word.plain.chars().any(char::is_alphabetic);
        if (2..=3).contains(&words) && found[at..=last].iter().all(lettered) {
            let plain = found[at..=last].iter().map(|word| word.plain.as_str()).collect();
            found[at].joined = Some(Joined { plain, words });
        }
        at = last + 1;
    }
}

/// Bytes of `++` or `#` that belong to the name before them: C++, C#, F#.
fn language_name(word: &str, behind: &str) -> usize {
    let one_letter = word.len() == 1 && word.starts_with(|c: char| c.is_ascii_alphabetic());
    let sign = if !one_letter {
        return 0;
    } else if behind.starts_with("++") {
        2
    } else if behind.starts_with('#') {
        1
    } else {
        return 0;
    };
    if behind[sign..].starts_with(|c: char| is_word_char(c) || matches!(c, '+' | '#')) { 0 } else { sign }
}

/// Families of unspaced scripts; a run ends where its family does.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Family {
    HanKana,
    Hangul,
    Thai,
    Lao,
    Khmer,
    Burmese,
}

const fn unspaced(c: char) -> Option<Family> {
    match c {
        '\u{30a0}' | '\u{30fb}' | '\u{e3f}' | '\u{e4f}' | '\u{e5a}' | '\u{e5b}' => None,
        '\u{3005}'
        | '\u{3007}'
        | '\u{3041}'..='\u{30ff}'
        | '\u{3100}'..='\u{312f}'
        | '\u{31f0}'..='\u{31ff}'
        | '\u{3400}'..='\u{4dbf}'
        | '\u{4e00}'..='\u{9fff}'
        | '\u{f900}'..='\u{faff}'
        | '\u{ff66}'..='\u{ff9f}'
        | '\u{20000}'..='\u{3ffff}' => Some(Family::HanKana),
        '\u{1100}'..='\u{11ff}'
        | '\u{3131}'..='\u{318e}'
        | '\u{a960}'..='\u{a97c}'
        | '\u{ac00}'..='\u{d7fb}'
        | '\u{ffa0}'..='\u{ffdc}' => Some(Family::Hangul),
        '\u{e01}'..='\u{e5b}' => Some(Family::Thai),
        '\u{e81}'..='\u{edf}' => Some(Family::Lao),
        '\u{1780}'..='\u{17d3}' | '\u{17e0}'..='\u{17e9}' => Some(Family::Khmer),
        '\u{1000}'..='\u{1049}'
        | '\u{1050}'..='\u{109f}'
        | '\u{a9e0}'..='\u{a9fe}'
        | '\u{aa60}'..='\u{aa7f}' => Some(Family::Burmese),
        _ => None,
    }
}

/// Voicing marks of kana that are written apart.
const fn is_mark_of_run(c: char) -> bool {
    matches!(c, '\u{3099}' | '\u{309a}')
}

/// The script of a word, by its first letter that tells.
fn script(word: &str) -> Script {
    for c in word.chars() {
        match c {
            'a'..='z' | '\u{c0}'..='\u{24f}' | '\u{1e00}'..='\u{1eff}' => return Script::Latin,
            '\u{370}'..='\u{3ff}' | '\u{1f00}'..='\u{1fff}' => return Script::Greek,
            '\u{400}'..='\u{52f}' => return Script::Cyrillic,
            '\u{600}'..='\u{6ff}' | '\u{750}'..='\u{77f}' => return Script::Arabic,
            '\u{900}'..='\u{97f}' => return Script::Devanagari,
            '\u{b80}'..='\u{bff}' => return Script::Tamil,
            '\u{530}'..='\u{58f}' => return Script::Armenian,
            '\u{5d0}'..='\u{5f4}' => return Script::Hebrew,
            _ => {}
        }
    }
    Script::Other
}

#[cfg(test)]
mod tests;
