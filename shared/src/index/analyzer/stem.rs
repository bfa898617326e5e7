//! Languages and their stems.
//!
//! A stem carries its language (`en:hous`, `de:haus`): what French cuts `dies` to is an Italian word, and
//! must not find Italian pages. A query therefore asks for the stems of every language that the index
//! holds, and each page answers in its own.

use std::borrow::Cow;
use std::cell::RefCell;

use frostem::{Algorithm, Stemmer};

use super::words::Script;

/// A language that has a stemmer.
#[derive(Debug, PartialEq, Eq)]
pub struct Tongue {
    /// Its ISO 639-1 code, which its stems begin with.
    pub code: &'static str,
    /// The script that it is written in.
    pub script: Script,
    algorithm: Algorithm,
}

impl Tongue {
    /// Whether its stems begin as their words do. Dutch takes the `ge` of participles off, Indonesian `ber` and `me`,
    /// Irish what the word before does to the first letter.
    #[must_use]
    pub fn keeps_first_letters(&self) -> bool {
        !matches!(self.code, "nl" | "id" | "ga")
    }

    const fn new(code: &'static str, script: Script, algorithm: Algorithm) -> Self {
        Self { code, script, algorithm }
    }

    /// Appends the stem of a plain word. Most words of a text were met a moment ago, and a stemmer takes
    /// several times as long as looking that up.
    pub fn push_stem(&'static self, plain: &str, line: &mut String) {
        LATELY.with_borrow_mut(|lately| line.push_str(lately.stem(self, plain)));
    }

    /// The stem of a plain word.
    #[must_use]
    pub fn stem<'a>(&self, plain: &'a str) -> Cow<'a, str> {
        // Romanian was long written with the cedilla of the Turkish letters; its stemmer knows the comma.
        if self.code == "ro" && plain.contains(['ş', 'ţ']) {
            let comma = plain.replace('ş', "ș").replace('ţ', "ț");
            return Cow::Owned(Stemmer::new(self.algorithm).stem(&comma).into_owned());
        }
        // A stemmer is its algorithm's name; making one costs nothing.
        Stemmer::new(self.algorithm).stem(plain)
    }
}

thread_local! {
    /// This thread's.
    static LATELY: RefCell<Lately> = RefCell::new(Lately::default());
}

/// Words stemmed lately: each has one place, which the next one of that place takes over.
#[derive(Default)]
struct Lately(Vec<Option<Stemmed>>);

struct Stemmed {
    tongue: &'static Tongue,
    plain: String,
    stem: String,
}

impl Lately {
    /// Places, a power of two; about a hundred bytes each.
    const PLACES: usize = 4_096;

    fn stem(&mut self, tongue: &'static Tongue, plain: &str) -> &str {
        if self.0.is_empty() {
            self.0.resize_with(Self::PLACES, || None);
        }
        // FNV-1a: words are short.
        let hash = plain.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
            (hash ^ u64::from(byte)).wrapping_mul(0x100_0000_01b3)
        });
        let place = &mut self.0[(hash ^ (hash >> 32)) as usize % Self::PLACES];
        let is_it = |known: &Stemmed| std::ptr::eq(known.tongue, tongue) && known.plain == plain;
        let known = place.take().filter(is_it).unwrap_or_else(|| Stemmed {
            tongue,
            plain: plain.to_owned(),
            stem: tongue.stem(plain).into_owned(),
        });
        &place.insert(known).stem
    }
}

/// All languages with a stemmer.
static TONGUES: [Tongue; 34] = [
    Tongue::new("en", Script::Latin, Algorithm::English),
    Tongue::new("de", Script::Latin, Algorithm::German),
    Tongue::new("fr", Script::Latin, Algorithm::French),
    Tongue::new("es", Script::Latin, Algorithm::Spanish),
    Tongue::new("ru", Script::Cyrillic, Algorithm::Russian),
    Tongue::new("it", Script::Latin, Algorithm::Italian),
    Tongue::new("pt", Script::Latin, Algorithm::Portuguese),
    Tongue::new("nl", Script::Latin, Algorithm::Dutch),
    Tongue::new("sv", Script::Latin, Algorithm::Swedish),
    Tongue::new("no", Script::Latin, Algorithm::Norwegian),
    Tongue::new("da", Script::Latin, Algorithm::Danish),
    Tongue::new("fi", Script::Latin, Algorithm::Finnish),
    Tongue::new("hu", Script::Latin, Algorithm::Hungarian),
    Tongue::new("ro", Script::Latin, Algorithm::Romanian),
    Tongue::new("tr", Script::Latin, Algorithm::Turkish),
    Tongue::new("pl", Script::Latin, Algorithm::Polish),
    Tongue::new("cs", Script::Latin, Algorithm::Czech),
    Tongue::new("ca", Script::Latin, Algorithm::Catalan),
    Tongue::new("eo", Script::Latin, Algorithm::Esperanto),
    Tongue::new("id", Script::Latin, Algorithm::Indonesian),
    Tongue::new("et", Script::Latin, Algorithm::Estonian),
    Tongue::new("lt", Script::Latin, Algorithm::Lithuanian),
    Tongue::new("ga", Script::Latin, Algorithm::Irish),
    Tongue::new("eu", Script::Latin, Algorithm::Basque),
    // The algorithm reads both alphabets of the language, and both ways of saying its e.
    Tongue::new("hr", Script::Latin, Algorithm::Serbian),
    Tongue::new("el", Script::Greek, Algorithm::Greek),
    Tongue::new("sr", Script::Cyrillic, Algorithm::Serbian),
    Tongue::new("ar", Script::Arabic, Algorithm::Arabic),
    Tongue::new("fa", Script::Arabic, Algorithm::Persian),
    Tongue::new("hi", Script::Devanagari, Algorithm::Hindi),
    Tongue::new("ne", Script::Devanagari, Algorithm::Nepali),
    Tongue::new("ta", Script::Tamil, Algorithm::Tamil),
    Tongue::new("hy", Script::Armenian, Algorithm::Armenian),
    Tongue::new("yi", Script::Hebrew, Algorithm::Yiddish),
];

/// The language of a code, if it has a stemmer.
#[must_use]
pub fn tongue(code: &str) -> Option<&'static Tongue> {
    let code = match code {
        "nb" | "nn" => "no",
        other => other,
    };
    TONGUES.iter().find(|tongue| tongue.code == code)
}

/// The language that a script speaks where nothing is known of the text: by far the most frequent one.
#[must_use]
pub fn usual(script: Script) -> Option<&'static Tongue> {
    match script {
        Script::Latin => tongue("en"),
        Script::Greek => tongue("el"),
        Script::Cyrillic => tongue("ru"),
        Script::Arabic => tongue("ar"),
        Script::Devanagari => tongue("hi"),
        Script::Tamil => tongue("ta"),
        Script::Armenian => tongue("hy"),
        // Most of it is Hebrew, which has no stemmer.
        Script::Hebrew | Script::Unspaced | Script::Other => None,
    }
}

/// The script that a language is written in.
#[must_use]
pub fn script_of(code: &str) -> Script {
    match code {
        "ru" | "uk" | "be" | "bg" | "mk" | "sr" | "kk" | "ky" | "mn" | "tg" => Script::Cyrillic,
        "ar" | "fa" | "ur" | "ps" | "ckb" | "ug" | "sd" => Script::Arabic,
        "el" => Script::Greek,
        "hi" | "mr" | "ne" => Script::Devanagari,
        "ta" => Script::Tamil,
        "hy" => Script::Armenian,
        "he" | "yi" => Script::Hebrew,
        "ja" | "zh" | "ko" | "th" | "lo" | "km" | "my" => Script::Unspaced,
        "bn" | "pa" | "gu" | "or" | "te" | "kn" | "ml" | "si" | "ka" | "am" | "ti" | "bo" => Script::Other,
        _ => Script::Latin,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn inflected_words_meet_in_their_stem() {
        let check = |code: &str, left: &str, right: &str| {
            let tongue = tongue(code).unwrap();
            assert_eq!(tongue.stem(left), tongue.stem(right), "{code}: {left} and {right}");
        };
        check("en", "connections", "connected");
        check("de", "häuser", "häusern");
        check("fr", "continuellement", "continuelle");
        check("es", "caminando", "caminar");
        check("ru", "столами", "стол");
        check("el", "καλημερεσ", "καλημερα");
        check("tr", "kitaplar", "kitap");
        check("pl", "książki", "książka");
        check("cs", "knihy", "kniha");
        check("ca", "cantava", "cantar");
        check("eo", "hundoj", "hundo");
        check("id", "membaca", "dibaca");
        check("et", "raamatud", "raamat");
        check("lt", "knygos", "knygų");
        check("ga", "bhfear", "fear");
        check("eu", "mendiak", "mendiek");
        check("hr", "gradova", "gradovi");
        check("sr", "кућама", "кућа");
        check("fa", "درختان", "درخت");
        check("hi", "लड़कों", "लड़के");
        check("ne", "मानिसहरु", "मानिस");
        check("hy", "գրքեր", "գրքերում");
        check("yi", "זינגען", "זינגט");
        check("ar", "المكتبة", "مكتبة");
        assert_eq!(tongue("nb"), tongue("no"));
        let mut line = String::new();
        for (code, word) in
            [("en", "connected"), ("en", "connections"), ("de", "connections"), ("en", "connected")]
        {
            tongue(code).unwrap().push_stem(word, &mut line);
            line.push(' ');
        }
        assert_eq!(line, "connect connect connection connect ", "of each language its own");
        assert_eq!(tongue("ja"), None);
    }

    #[test]
    fn stems_begin_as_their_words_do_where_that_is_said() {
        const SYLLABLES: [&str; 16] =
            ["ge", "be", "un", "dy", "ly", "ing", "en", "a", "ta", "s", "er", "yi", "ka", "ik", "ver", "t"];
        let words = || {
            SYLLABLES.iter().flat_map(|first| {
                SYLLABLES.iter().flat_map(move |second| {
                    SYLLABLES.iter().map(move |third| format!("{first}{second}{third}"))
                })
            })
        };
        for tongue in
            TONGUES.iter().filter(|tongue| tongue.script == Script::Latin && tongue.keeps_first_letters())
        {
            for word in words() {
                let stem = tongue.stem(&word);
                assert_eq!(stem.bytes().next(), word.bytes().next(), "{}: {word}, {stem}", tongue.code);
            }
        }
    }
}
