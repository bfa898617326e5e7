//! The words of a request: what a form's query brings.

use shared::gemini::request::decode_query;

/// The words of a form's query: `q`, `query` or `url`; a plus is a space there. A query that is no
/// form is all words, as it is over Gemini: a link such as `/backlinks?gemini://example.org/` works at both doors.
pub(super) fn words_of(query: &str) -> Option<String> {
    let of_form = query.split('&').find_map(|pair| {
        let (name, value) = pair.split_once('=')?;
        matches!(name, "q" | "query" | "url").then(|| decode_query(&value.replace('+', " ")))
    });
    let is_bare = !query.contains('=') || query.starts_with("gemini:") || query.starts_with("gemini%3A");
    of_form.or_else(|| is_bare.then(|| decode_query(query)))
}

#[cfg(test)]
mod tests {
    use super::words_of;

    #[test]
    fn words_are_read_as_forms_write_them() {
        for (query, words) in [
            ("q=red+panda", Some("red panda")),
            ("query=a%26b", Some("a&b")),
            ("x=1&q=c%2B%2B", Some("c++")),
            ("red%20panda", Some("red panda")),
            ("gemini://example.org/?a=b", Some("gemini://example.org/?a=b")),
            ("utm=1", None),
            ("", Some("")),
        ] {
            assert_eq!(words_of(query).as_deref(), words, "{query}");
        }
    }
}
