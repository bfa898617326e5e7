//! Media types as capsules send them: read leniently, for the worst that is lost is a parameter.

use std::fmt;

/// A language by its primary tag in lower case (`de` of `de-AT`).
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Language(String);

impl Language {
    /// The primary tag; what is no tag at all is `und`.
    #[must_use]
    pub fn parse(tag: &str) -> Self {
        let primary = tag.trim().split(['-', '_']).next().unwrap_or_default().to_ascii_lowercase();
        let valid =
            (2..=8).contains(&primary.len()) && primary.bytes().all(|byte| byte.is_ascii_alphabetic());
        Self(if valid { primary } else { "und".to_owned() })
    }

    /// The tag.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Language {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A charset by its label in lower case; whether anybody knows it is the decoder's business.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Charset(String);

impl Charset {
    /// The label, bounded and without what no label holds.
    #[must_use]
    pub fn parse(label: &str) -> Self {
        let known = |character: &char| character.is_ascii_alphanumeric() || "-_.:+".contains(*character);
        Self(label.trim().chars().filter(known).take(40).collect::<String>().to_ascii_lowercase())
    }

    /// The label.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Charset {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A media type with the two parameters that mean something here.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MediaType {
    essence: String,
    charset: Option<Charset>,
    languages: Vec<Language>,
}

/// Languages that are read at most; the rest of a long list is noise.
const LANGUAGES: usize = 16;
/// Bytes of an essence at most.
const ESSENCE: usize = 100;

impl MediaType {
    /// Reads a media type. An empty one is `text/gemini` (the rule of the specification before 2022, which most
    /// servers were written to); one without a slash, or with control characters, is `application/octet-stream`.
    #[must_use]
    pub fn parse(text: &str) -> Self {
        let (essence, parameters) = text.split_once(';').unwrap_or((text, ""));
        let essence = essence.trim().to_ascii_lowercase();
        let essence = if essence.is_empty() {
            "text/gemini".to_owned()
        } else if is_essence(&essence) {
            essence
        } else {
            "application/octet-stream".to_owned()
        };
        let mut read = Self { essence, charset: None, languages: Vec::new() };
        for (name, value) in Parameters(parameters) {
            if name.eq_ignore_ascii_case("charset") && read.charset.is_none() && !value.trim().is_empty() {
                read.charset = Some(Charset::parse(value));
            } else if name.eq_ignore_ascii_case("lang") && read.languages.is_empty() {
                let tags = value.split(',').filter(|tag| !tag.trim().is_empty());
                read.languages = tags.take(LANGUAGES).map(Language::parse).collect();
            }
        }
        read
    }

    /// `type/subtype` in lower case.
    #[must_use]
    pub fn essence(&self) -> &str {
        &self.essence
    }

    /// Whether it is some kind of text.
    #[must_use]
    pub fn is_text(&self) -> bool {
        self.essence.starts_with("text/")
    }

    /// Whether it is gemtext.
    #[must_use]
    pub fn is_gemtext(&self) -> bool {
        self.essence == "text/gemini"
    }

    /// The charset, where one is named.
    #[must_use]
    pub const fn charset(&self) -> Option<&Charset> {
        self.charset.as_ref()
    }

    /// The languages, where any is named.
    #[must_use]
    pub fn languages(&self) -> &[Language] {
        &self.languages
    }
}

fn is_essence(text: &str) -> bool {
    let token = |part: &str| {
        !part.is_empty()
            && part.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"!#$&-^_.+".contains(&byte))
    };
    text.len() <= ESSENCE && text.split_once('/').is_some_and(|(kind, subtype)| token(kind) && token(subtype))
}

/// Name and value of each parameter; a quoted value without its quotes.
struct Parameters<'a>(&'a str);

impl<'a> Iterator for Parameters<'a> {
    type Item = (&'a str, &'a str);

    fn next(&mut self) -> Option<Self::Item> {
        let rest = self.0.trim_start_matches([';', ' ', '\t']);
        if rest.is_empty() {
            return None;
        }
        let name_end = rest.find(['=', ';']).unwrap_or(rest.len());
        let (name, after) = rest.split_at(name_end);
        let Some(value) = after.strip_prefix('=') else {
            self.0 = after;
            return Some((name.trim(), ""));
        };
        let value = value.trim_start();
        let (value, after) = match value.strip_prefix('"') {
            Some(quoted) => quoted.split_once('"').unwrap_or((quoted, "")),
            None => value.split_at(value.find(';').unwrap_or(value.len())),
        };
        self.0 = after;
        Some((name.trim(), value.trim()))
    }
}

impl fmt::Display for MediaType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.essence)?;
        if let Some(charset) = &self.charset {
            write!(f, "; charset={charset}")?;
        }
        if let [language] = self.languages.as_slice() {
            write!(f, "; lang={language}")?;
        } else if !self.languages.is_empty() {
            let tags: Vec<&str> = self.languages.iter().map(Language::as_str).collect();
            write!(f, "; lang=\"{}\"", tags.join(","))?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn media_types_are_read_leniently() {
        for (text, read) in [
            ("", "text/gemini"),
            ("text/gemini", "text/gemini"),
            ("TEXT/Gemini; Charset=UTF-8", "text/gemini; charset=utf-8"),
            ("text/gemini;lang=de-AT", "text/gemini; lang=de"),
            ("text/gemini; lang=\"de,en\"; charset=\"utf-8\"", "text/gemini; charset=utf-8; lang=\"de,en\""),
            ("text/gemini;;charset=", "text/gemini"),
            ("text/gemini; charset=\"", "text/gemini"),
            ("text/plain; charset=utf-8; size=12", "text/plain; charset=utf-8"),
            ("nonsense", "application/octet-stream"),
            ("image/png", "image/png"),
            ("text/<b>", "application/octet-stream"),
        ] {
            assert_eq!(MediaType::parse(text).to_string(), read, "{text:?}");
        }
    }
}
