//! Whom a `security.txt` names (RFC 9116): the values of its `Contact` lines and nothing else. It is never searched for
//! links.

use shared::gemini::text::OneLine;

/// Lines that are looked at.
const LINES: usize = 500;
/// Contacts that are kept, and how long one may be.
const CONTACTS: usize = 5;
const LONGEST: usize = 200;

/// Reads the file; nothing where it names nobody, or is something else altogether.
#[must_use]
pub fn contacts(bytes: &[u8]) -> Vec<OneLine> {
    let text = String::from_utf8_lossy(bytes);
    let contact = |line: &str| {
        let (field, value) = line.split_once(':')?;
        let value = OneLine::new(value);
        let is_one = field.trim().eq_ignore_ascii_case("contact") && !value.is_empty();
        (is_one && value.as_str().len() <= LONGEST).then_some(value)
    };
    text.lines().take(LINES).filter_map(contact).take(CONTACTS).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: &[&str]) {
        let found = contacts(text.as_bytes());
        assert_eq!(found.iter().map(OneLine::as_str).collect::<Vec<_>>(), expected);
    }

    #[test]
    fn whoever_is_named_is_kept() {
        check(
            "# Ours\r\nContact: mailto:ann@a.example\r\nEncryption: gemini://a.example/key\r\ncontact:gemini://a.example/me\r\n",
            &["mailto:ann@a.example", "gemini://a.example/me"],
        );
    }

    #[test]
    fn what_is_none_names_nobody() {
        check("# Not found\n=> / Home\n", &[]);
        check("Contact:\nExpires: 2030-01-01T00:00:00Z\n", &[]);
        check(&format!("Contact: {}\n", "x".repeat(300)), &[]);
        check(&"Contact: a\n".repeat(100), &["a"; 5]);
    }
}
