//! One spelling for one word: compatibility forms, case, and (as a second chance) accents.

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::{decompose_canonical, is_combining_mark};

/// Longest word that is kept, in characters; the rest of a longer one (a key, a blob) is cut off.
const LONGEST: usize = 64;

/// Characters that stand inside a word without being heard: soft hyphen, joiners, the Arabic stretch.
pub(super) const fn is_silent(c: char) -> bool {
    matches!(c, '\u{ad}' | '\u{200c}' | '\u{200d}' | '\u{2060}' | '\u{640}' | '\u{feff}')
        || matches!(c, '\u{fe00}'..='\u{fe0f}')
}

/// A letter, a digit or a mark on one.
pub(super) fn is_word_char(c: char) -> bool {
    c.is_alphanumeric() || is_combining_mark(c)
}

/// The plain form of a word: NFKC, lower case, silent characters gone.
///
/// Full-width and half-width forms, ligatures and composed letters meet here. `ß` becomes `ss` and the
/// final sigma an ordinary one, as Unicode's case folding has it.
#[must_use]
pub fn plain(word: &str) -> String {
    if word.is_ascii() {
        let end = word.len().min(LONGEST);
        return word[..end].to_ascii_lowercase();
    }
    let lower: String = word.nfkc().collect::<String>().to_lowercase();
    let mut plain = String::with_capacity(lower.len());
    let mut before = '\0';
    for c in lower.nfkc().filter(|&c| is_word_char(c) && !is_silent(c)).take(LONGEST) {
        match c {
            'ß' => plain.push_str("ss"),
            'ς' => plain.push('σ'),
            // The dot that lower-casing a Turkish capital leaves behind.
            '\u{307}' if before == 'i' => {}
            other => plain.push(other),
        }
        before = c;
    }
    plain
}

/// The form without accents, if it differs: `café` to `cafe`, `ёж` to `еж`, `Łódź` to `lodz`.
///
/// Only marks that a person may leave out when typing are taken off; the vowels of Devanagari, Thai or
/// Tamil are marks too, but without them a word is another word.
#[must_use]
pub fn fold(plain: &str) -> Option<String> {
    if plain.is_ascii() {
        return None;
    }
    let mut folded = String::with_capacity(plain.len());
    for c in plain.chars() {
        match c {
            'ø' => folded.push('o'),
            'ł' => folded.push('l'),
            'đ' | 'ð' => folded.push('d'),
            'þ' => folded.push_str("th"),
            'æ' => folded.push_str("ae"),
            'œ' => folded.push_str("oe"),
            'ı' => folded.push('i'),
            'ħ' => folded.push('h'),
            'ŧ' => folded.push('t'),
            // The nasal sign of Hindi, written as a dot by most.
            'ँ' => folded.push('ं'),
            // Hangul decomposes into letters, not into a letter and an accent.
            '\u{ac00}'..='\u{d7a3}' => folded.push(c),
            _ => decompose_canonical(c, |part| {
                if !is_accent(part) {
                    folded.push(part);
                }
            }),
        }
    }
    (folded != plain && !folded.is_empty()).then_some(folded)
}

/// Accents of Latin, Greek and Cyrillic, vowel points of Arabic and Hebrew, the dot of Hindi's foreign sounds.
const fn is_accent(c: char) -> bool {
    matches!(c, '\u{300}'..='\u{36f}' | '\u{591}'..='\u{5c7}' | '\u{64b}'..='\u{65f}' | '\u{670}' | '\u{93c}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spellings_of_a_word_meet_in_its_plain_form() {
        let check = |word: &str, expected: &str| assert_eq!(plain(word), expected, "{word}");
        check("Gemini", "gemini");
        check("ＧＥＭＩＮＩ", "gemini");
        check("Straße", "strasse");
        check("ΟΔΟΣ", "οδοσ");
        check("İstanbul", "istanbul");
        check("e\u{301}te\u{301}", "été");
        check("ﬁle", "file");
        check("नमस्ते", "नमस्ते");
        check("soft\u{ad}hyphen", "softhyphen");
        check(&"x".repeat(500), &"x".repeat(64));
    }

    #[test]
    fn accents_fall_but_vowels_stay() {
        let check =
            |word: &str, expected: Option<&str>| assert_eq!(fold(word).as_deref(), expected, "{word}");
        check("cafe", None);
        check("café", Some("cafe"));
        check("łódź", Some("lodz"));
        check("smørrebrød", Some("smorrebrod"));
        check("ёж", Some("еж"));
        check("τουσ", None);
        check("ὁδόσ", Some("οδοσ"));
        check("हिन्दी", None);
        check("फ़िल्म", Some("फिल्म"));
        check("कहाँ", Some("कहां"));
        check("أحمد", Some("احمد"));
        check("ภาษาไทย", None);
        check("가나", None);
        check("مُحَمَّد", Some("محمد"));
    }
}
