//! Bytes to text, whatever the label says.
//!
//! A byte order mark wins over the label, the label over the default, which is UTF-8. Labels lie: text that
//! is labelled otherwise and is UTF-8 beyond ASCII is read as UTF-8, for that comes of no accident, and text that is no UTF-8 for the most part is read as
//! Windows-1252. Bad sequences are replaced, and what is mostly bad is no text at all.

use encoding_rs::{Encoding, UTF_8, UTF_16BE, UTF_16LE, WINDOWS_1252};
use shared::gemini::media_type::Charset;

/// Text, and the charset it was decoded from.
#[derive(Debug)]
pub(super) struct Decoded {
    pub(super) text: String,
    pub(super) charset: Charset,
}

/// Decodes; none when it is no text.
pub(super) fn decode(bytes: &[u8], label: Option<&Charset>) -> Option<Decoded> {
    let (encoding, start) = Encoding::for_bom(bytes).unwrap_or_else(|| (labelled(bytes, label), 0));
    let body = bytes.get(start..).unwrap_or_default();
    let (mut text, mut used) = (encoding.decode_without_bom_handling(body).0, encoding);
    if encoding == UTF_8 && is_something_else(&text) {
        (text, used) = (WINDOWS_1252.decode_without_bom_handling(body).0, WINDOWS_1252);
    }
    if !is_legible(&text) {
        return None;
    }
    Some(Decoded { text: text.into_owned(), charset: Charset::parse(used.name()) })
}

fn labelled(bytes: &[u8], label: Option<&Charset>) -> &'static Encoding {
    let encoding = label.and_then(|label| Encoding::for_label(label.as_str().as_bytes())).unwrap_or(UTF_8);
    let wide = encoding == UTF_16LE || encoding == UTF_16BE;
    // Text in UTF-16 is full of zero bytes, or no UTF-8. Another text that is UTF-8 and more than ASCII was meant so.
    let is_lie = if wide { !bytes.contains(&0) } else { !bytes.is_ascii() };
    if encoding != UTF_8 && is_lie && std::str::from_utf8(bytes).is_ok() { UTF_8 } else { encoding }
}

/// Whether more of what is not ASCII failed to decode than not.
fn is_something_else(text: &str) -> bool {
    let (mut bad, mut good) = (0_usize, 0_usize);
    for character in text.chars().filter(|character| !character.is_ascii()) {
        if character == char::REPLACEMENT_CHARACTER { bad += 1 } else { good += 1 }
    }
    // One bad sequence at the very end is a character that was cut.
    let cut = usize::from(text.ends_with(char::REPLACEMENT_CHARACTER));
    good < bad.saturating_sub(cut)
}

/// A body labelled text that is full of control characters or of replacements is a file with a wrong label.
fn is_legible(text: &str) -> bool {
    let (mut all, mut bad) = (0_usize, 0_usize);
    for character in text.chars().take(SAMPLE) {
        all += 1;
        let control =
            character.is_control() && !matches!(character, '\t' | '\n' | '\r' | '\x0c' | '\x1b' | '\x08');
        bad += usize::from(control || character == char::REPLACEMENT_CHARACTER);
    }
    // Five in a hundred; a few stray ones are forgiven in a short text.
    bad * 20 <= all || bad <= 4 && bad * 4 <= all
}

/// Characters that are looked at for it.
const SAMPLE: usize = 64 * 1024;

#[cfg(test)]
mod tests {
    use super::*;

    fn check(bytes: &[u8], label: &str, expected: &str, charset: &str) {
        let label = (!label.is_empty()).then(|| Charset::parse(label));
        let decoded = decode(bytes, label.as_ref()).unwrap();
        assert_eq!((decoded.text.as_str(), decoded.charset.as_str()), (expected, charset));
    }

    #[test]
    fn text_is_decoded_by_mark_label_and_sense() {
        check("grüße".as_bytes(), "", "grüße", "utf-8");
        check("grüße".as_bytes(), "UTF-8", "grüße", "utf-8");
        check(b"gr\xfc\xdfe", "iso-8859-1", "grüße", "windows-1252");
        check(b"gr\xfc\xdfe", "", "grüße", "windows-1252");
        check(b"gr\xfc\xdfe", "utf-8", "grüße", "windows-1252");
        check(b"\xef\xbb\xbfabc", "iso-8859-1", "abc", "utf-8");
        check(b"\xff\xfea\0b\0", "", "ab", "utf-16le");
        check(b"a\0b\0", "utf-16le", "ab", "utf-16le");
        check(b"plain words", "utf-16le", "plain words", "utf-8");
        check("grüße".as_bytes(), "iso-8859-1", "grüße", "utf-8");
        check("grüße".as_bytes(), "us-ascii", "grüße", "utf-8");
        check("Привет".as_bytes(), "koi8-r", "Привет", "utf-8");
        check(b"\xf0\xd2\xc9\xd7\xc5\xd4", "koi8-r", "Привет", "koi8-r");
        check(b"\xcf\xf0\xe8\xe2\xe5\xf2", "windows-1251", "Привет", "windows-1251");
        check(b"\x93\xfa\x96\x7b", "Shift_JIS", "日本", "shift_jis");
        check(b"abc", "no-such-charset", "abc", "utf-8");
        check(b"", "", "", "utf-8");
    }

    #[test]
    fn a_character_cut_at_the_end_does_not_change_the_charset() {
        check(b"only ascii and then \xe6\x97", "", "only ascii and then \u{fffd}", "utf-8");
    }

    #[test]
    fn a_file_with_a_wrong_label_is_no_text() {
        let png = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\x04\0\0\0\x03\0\x08\x02\0\0\0\x9d\xb7\x81\xec";
        assert!(decode(png, None).is_none());
        let zeros = [0_u8; 1000];
        assert!(decode(&zeros, Some(&Charset::parse("utf-8"))).is_none());
    }
}
