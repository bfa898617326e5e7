//! What a form of the desk brings.

use shared::gemini::request::decode_query;

/// The fields of a form, read once.
#[derive(Debug)]
pub(super) struct Form(Vec<(String, String)>);

impl Form {
    /// Reads `name=value&...` as browsers write it; a plus is a space there.
    pub(super) fn read(text: &str) -> Self {
        let field = |pair: &str| {
            let (name, value) = pair.split_once('=')?;
            Some((decode_query(name), decode_query(&value.replace('+', " "))))
        };
        Self(text.split('&').filter_map(field).collect())
    }

    /// A field; empty where there is none.
    pub(super) fn field(&self, name: &str) -> &str {
        self.given(name).unwrap_or_default()
    }

    /// A field; none where the form does not have it.
    pub(super) fn given(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(own, _)| own == name).map(|(_, value)| value.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_are_read_as_browsers_write_them() {
        let form = Form::read("target=gemini%3A%2F%2Fa.example%2F%2A&note=a+b%2Bc&&x");
        assert_eq!(form.field("target"), "gemini://a.example/*");
        assert_eq!((form.field("note"), form.field("x"), form.field("hand")), ("a b+c", "", ""));
        assert_eq!((form.given("note"), form.given("x")), (Some("a b+c"), None));
    }
}
