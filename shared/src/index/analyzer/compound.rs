//! Words inside words: the parts of `camelCase`, `HTMLParser`, `windows95`.

use super::fold::plain;

/// The parts of a Latin word, plain, where it has at least two; parts of one letter are left out.
///
/// The whole stays the word; its parts are only more ways to find it.
#[must_use]
pub fn parts(written: &str) -> Vec<String> {
    // Most words change neither case nor kind after their first letter.
    let uniform = written.bytes().skip(1).all(|byte| byte.is_ascii_lowercase());
    if uniform {
        return Vec::new();
    }
    let chars: Vec<(usize, char)> = written.char_indices().collect();
    let mut cuts = vec![0];
    for at in 1..chars.len() {
        let (before, here) = (chars[at - 1].1, chars[at].1);
        let ahead = chars.get(at + 1).map(|next| next.1);
        let rises = before.is_lowercase() && here.is_uppercase();
        let falls = before.is_uppercase() && here.is_uppercase() && ahead.is_some_and(char::is_lowercase);
        let counts = before.is_alphabetic() != here.is_alphabetic()
            && (before.is_ascii_digit() || here.is_ascii_digit());
        if rises || falls || counts {
            cuts.push(chars[at].0);
        }
    }
    if cuts.len() < 2 {
        return Vec::new();
    }
    cuts.push(written.len());
    cuts.windows(2)
        .map(|cut| plain(&written[cut[0]..cut[1]]))
        .filter(|part| part.chars().nth(1).is_some())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn capitals_and_digits_part_words() {
        let check = |word: &str, expected: &[&str]| assert_eq!(parts(word), expected, "{word}");
        check("gemini", &[]);
        check("Gemini", &[]);
        check("GEMINI", &[]);
        check("camelCase", &["camel", "case"]);
        check("HTMLParser", &["html", "parser"]);
        check("iPhone", &["phone"]);
        check("windows95", &["windows", "95"]);
        check("python3", &["python"]);
        check("ÉtéÉtoile", &["été", "étoile"]);
    }
}
