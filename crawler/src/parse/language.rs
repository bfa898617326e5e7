//! The language of a page: as detected where the text is long enough to tell, else as the server says.

use shared::gemini::media_type::{Language, MediaType};
use whatlang::Lang;

/// So much of the prose is looked at: more makes the guess no better, and it is most of what parsing costs.
const CHARACTERS: usize = 1_000;

/// Detects. Labels of capsules are often a default that nobody set, so a reliable guess comes first.
pub(super) fn of(prose: &str, media_type: &MediaType) -> Option<Language> {
    let end = prose.char_indices().nth(CHARACTERS).map_or(prose.len(), |(end, _)| end);
    let detected = whatlang::detect(prose.get(..end).unwrap_or(prose))
        .filter(whatlang::Info::is_reliable)
        .map(|info| Language::parse(tag(info.lang())));
    detected.or_else(|| media_type.languages().iter().find(|language| language.as_str() != "und").cloned())
}

/// The primary tag, of two letters where there is one.
fn tag(lang: Lang) -> &'static str {
    match lang {
        Lang::Epo => "eo",
        Lang::Eng => "en",
        Lang::Rus => "ru",
        Lang::Cmn => "zh",
        Lang::Spa => "es",
        Lang::Por => "pt",
        Lang::Ita => "it",
        Lang::Ben => "bn",
        Lang::Fra => "fr",
        Lang::Deu => "de",
        Lang::Ukr => "uk",
        Lang::Kat => "ka",
        Lang::Ara => "ar",
        Lang::Hin => "hi",
        Lang::Jpn => "ja",
        Lang::Heb => "he",
        Lang::Yid => "yi",
        Lang::Pol => "pl",
        Lang::Amh => "am",
        Lang::Jav => "jv",
        Lang::Kor => "ko",
        Lang::Nob => "nb",
        Lang::Dan => "da",
        Lang::Swe => "sv",
        Lang::Fin => "fi",
        Lang::Tur => "tr",
        Lang::Nld => "nl",
        Lang::Hun => "hu",
        Lang::Ces => "cs",
        Lang::Ell => "el",
        Lang::Bul => "bg",
        Lang::Bel => "be",
        Lang::Mar => "mr",
        Lang::Kan => "kn",
        Lang::Ron => "ro",
        Lang::Slv => "sl",
        Lang::Hrv => "hr",
        Lang::Srp => "sr",
        Lang::Mkd => "mk",
        Lang::Lit => "lt",
        Lang::Lav => "lv",
        Lang::Est => "et",
        Lang::Tam => "ta",
        Lang::Vie => "vi",
        Lang::Urd => "ur",
        Lang::Tha => "th",
        Lang::Guj => "gu",
        Lang::Uzb => "uz",
        Lang::Pan => "pa",
        Lang::Aze => "az",
        Lang::Ind => "id",
        Lang::Tel => "te",
        Lang::Pes => "fa",
        Lang::Mal => "ml",
        Lang::Ori => "or",
        Lang::Mya => "my",
        Lang::Nep => "ne",
        Lang::Sin => "si",
        Lang::Khm => "km",
        Lang::Tuk => "tk",
        Lang::Aka => "ak",
        Lang::Zul => "zu",
        Lang::Sna => "sn",
        Lang::Afr => "af",
        Lang::Lat => "la",
        Lang::Slk => "sk",
        Lang::Cat => "ca",
        Lang::Tgl => "tl",
        Lang::Hye => "hy",
        Lang::Cym => "cy",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(prose: &str, media_type: &str, expected: Option<&str>) {
        let found = of(prose, &MediaType::parse(media_type));
        assert_eq!(found.as_ref().map(Language::as_str), expected, "{prose:.40}");
    }

    #[test]
    fn a_text_long_enough_speaks_for_itself() {
        let german = "Der Sextant misst den Winkel zwischen einem Gestirn und dem Horizont, und daraus wird auf See \
                      der Standort des Schiffes berechnet, auch wenn alle anderen Geräte längst ausgefallen sind.";
        check(german, "text/gemini; lang=en", Some("de"));
        check(
            "これは日本語の文章です。今日は天気がとても良いので、散歩に行きました。",
            "text/gemini",
            Some("ja"),
        );
    }

    #[test]
    fn a_text_too_short_has_the_language_that_the_server_names() {
        check("ok", "text/gemini; lang=fi-FI", Some("fi"));
        check("", "text/gemini", None);
        check("12345 67890", "text/gemini; lang=\"?\"", None);
    }
}
