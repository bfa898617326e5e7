//! Languages by code, by their English name and by the name their speakers use.

/// Names of languages.
const NAMES: [(&str, &[&str]); 44] = [
    ("ar", &["arabic", "العربية"]),
    ("bg", &["bulgarian", "български"]),
    ("bn", &["bengali", "বাংলা"]),
    ("ca", &["catalan", "català", "catala"]),
    ("cs", &["czech", "čeština", "cestina"]),
    ("da", &["danish", "dansk"]),
    ("de", &["german", "deutsch"]),
    ("el", &["greek", "ελληνικά"]),
    ("en", &["english"]),
    ("eo", &["esperanto"]),
    ("es", &["spanish", "español", "espanol", "castellano"]),
    ("et", &["estonian", "eesti"]),
    ("eu", &["basque", "euskara"]),
    ("fa", &["persian", "farsi", "فارسی"]),
    ("fi", &["finnish", "suomi"]),
    ("fr", &["french", "français", "francais"]),
    ("he", &["hebrew", "עברית"]),
    ("hi", &["hindi", "हिन्दी", "हिंदी"]),
    ("hr", &["croatian", "hrvatski"]),
    ("hu", &["hungarian", "magyar"]),
    ("id", &["indonesian", "indonesia"]),
    ("it", &["italian", "italiano"]),
    ("ja", &["japanese", "日本語"]),
    ("ko", &["korean", "한국어"]),
    ("la", &["latin", "latina"]),
    ("lt", &["lithuanian", "lietuvių"]),
    ("lv", &["latvian", "latviešu"]),
    ("nl", &["dutch", "nederlands"]),
    ("no", &["norwegian", "norsk"]),
    ("pl", &["polish", "polski"]),
    ("pt", &["portuguese", "português", "portugues"]),
    ("ro", &["romanian", "română", "romana"]),
    ("ru", &["russian", "русский"]),
    ("sk", &["slovak", "slovenčina"]),
    ("sl", &["slovenian", "slovenščina"]),
    ("sr", &["serbian", "српски", "srpski"]),
    ("sv", &["swedish", "svenska"]),
    ("ta", &["tamil", "தமிழ்"]),
    ("te", &["telugu", "తెలుగు"]),
    ("th", &["thai", "ไทย"]),
    ("tr", &["turkish", "türkçe", "turkce"]),
    ("uk", &["ukrainian", "українська"]),
    ("vi", &["vietnamese", "tiếng"]),
    ("zh", &["chinese", "中文", "汉语", "漢語"]),
];

/// The code of a language, from a code (`de`, `de-AT`) or a name.
pub(super) fn code(value: &str) -> Option<String> {
    let value = value.to_lowercase();
    if let Some((code, _)) = NAMES.iter().find(|(_, names)| names.contains(&value.as_str())) {
        return Some((*code).to_owned());
    }
    let primary = value.split(['-', '_']).next().unwrap_or_default();
    let fits = (2..=3).contains(&primary.len()) && primary.bytes().all(|byte| byte.is_ascii_lowercase());
    fits.then(|| primary.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_and_names_are_understood() {
        let check = |value: &str, expected: Option<&str>| assert_eq!(code(value).as_deref(), expected);
        check("de", Some("de"));
        check("de-AT", Some("de"));
        check("German", Some("de"));
        check("Deutsch", Some("de"));
        check("日本語", Some("ja"));
        check("klingonese", None);
        check("", None);
    }
}
