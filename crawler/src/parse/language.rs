//! The language of a page: as detected where the text is long enough to tell, else as the server says.
//!
//! The [`little`] words are counted first: seven of ten pages are told by them, in a tenth of the time of the trigrams. Of
//! all others the trigrams are asked, but only about languages whose little words stand in the text: to compare it with
//! all that use its script is most of what reading a page costs.

mod little;

use little::Counted;
use shared::gemini::media_type::{Language, MediaType};
use whatlang::{Detector, Lang, Script};

/// So much of the prose is looked at: more makes the guess no better, and it is most of what parsing costs.
const CHARACTERS: usize = 1_000;

/// Detects. Labels of capsules are often a default that nobody set, so a reliable guess comes first.
pub(super) fn of(prose: &str, media_type: &MediaType) -> Option<Language> {
    let end = prose.char_indices().nth(CHARACTERS).map_or(prose.len(), |(end, _)| end);
    let beginning = prose.get(..end).unwrap_or(prose);
    let counted = Counted::of(beginning);
    let told = counted.tells().or_else(|| by_trigrams(beginning, &counted));
    let detected = told.map(|lang| Language::parse(tag(lang)));
    detected.or_else(|| media_type.languages().iter().find(|language| language.as_str() != "und").cloned())
}

fn by_trigrams(text: &str, counted: &Counted) -> Option<Lang> {
    let among = counted.candidates().filter(|_| whatlang::detect_script(text) == Some(Script::Latin));
    if among.as_ref().is_some_and(Vec::is_empty) {
        return None;
    }
    let detector = among.map_or_else(Detector::new, Detector::with_allowlist);
    detector.detect(text).filter(whatlang::Info::is_reliable).map(|info| info.lang())
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
    fn little_words_tell_what_the_trigrams_tell() {
        for (text, expected) in [
            (
                "It was the best of times, it was the worst of times, it was the age of wisdom, it was the age of \
                 foolishness, and that is all that you have to know of it.",
                Some("en"),
            ),
            (
                "Je me suis couché de bonne heure, et le soir je pensais que les livres sont plus longs que des nuits \
                 dans une maison qui dort avec nous.",
                Some("fr"),
            ),
            (
                "En un lugar de la Mancha, de cuyo nombre no quiero acordarme, vivía un hidalgo de los de lanza y \
                 adarga, con una olla y las noches en que se le secó el cerebro por los libros.",
                Some("es"),
            ),
            ("O sextante mede o ângulo entre um astro e o horizonte, e com isso se calcula a posição.", None),
            ("The end", None),
            ("kalo miner tosra veldu shipon tergal fibro senut anel orim daquo weszy", None),
        ] {
            assert_eq!(Counted::of(text).tells().map(tag), expected, "{text:.30}");
        }
    }

    #[test]
    fn a_text_too_short_has_the_language_that_the_server_names() {
        check("ok", "text/gemini; lang=fi-FI", Some("fi"));
        check("", "text/gemini", None);
        check("12345 67890", "text/gemini; lang=\"?\"", None);
    }

    #[test]
    fn trigrams_are_asked_only_about_languages_whose_little_words_are_there() {
        let names = "kalo miner tosra veldu shipon tergal fibro senut anel orim daquo weszy ".repeat(5);
        check(&names, "text/gemini", None);
        for (text, expected) in [
            (
                "O sextante mede o ângulo entre um astro e o horizonte, e com isso se calcula a posição do navio, \
                 mesmo que todos os outros instrumentos não funcionem mais há muito tempo e ninguém saiba para onde \
                 o vento o levou durante a noite.",
                "pt",
            ),
            (
                "Sekstant mierzy kąt między gwiazdą a horyzontem i na tej podstawie oblicza się na morzu pozycję \
                 statku, nawet jeśli wszystkie inne przyrządy od dawna nie działają, a nikt nie wie, dokąd w nocy \
                 zaniósł go wiatr, który wieje od wielu dni i nie chce ustać.",
                "pl",
            ),
            (
                "Sextanten mäter vinkeln mellan en himlakropp och horisonten, och av den räknar man till sjöss ut var \
                 skeppet är, också när alla andra instrument har slutat att fungera för länge sedan och ingen vet vart \
                 vinden förde det under natten.",
                "sv",
            ),
        ] {
            assert!(Counted::of(text).candidates().is_none_or(|among| among.len() < 20));
            check(text, "text/gemini", Some(expected));
        }
    }
}
