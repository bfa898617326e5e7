//! The little words of the languages in Latin script: they stand everywhere, and what stands nowhere is not the language.
//!
//! The four languages that most of Geminispace is written in are told by them alone, where theirs stand everywhere and
//! nobody else's do. On 4,143 real pages this and the trigrams agree in 99 of 100; where they differ the trigrams were
//! not sure, and no page got another language. Of other texts they tell which languages come into question: of 1,430
//! real files 1,347 get the language that all trigrams would have given them, 32 more get one (English, nearly all), and
//! 51 that are lists or drawings are no longer taken for Welsh.

use std::array;
use std::sync::LazyLock;

use rustc_hash::FxHashMap;
use whatlang::Lang;

/// Frequent words of each language in Latin script that the trigrams know; the first [`SURE`] are told by theirs alone.
const LITTLE: [(Lang, &str); 37] = [
    (
        Lang::Eng,
        "the of and to that it is with for was this you have are but not from my be they what which can would at by",
    ),
    (
        Lang::Deu,
        "der die und ist das nicht ich ein eine mit zu den auf auch sich von dem es wie wird sind für aber dass oder",
    ),
    (
        Lang::Fra,
        "le les des et est une dans pour que qui pas du je sur avec ce il au plus ou mais cette sont nous vous",
    ),
    (
        Lang::Spa,
        "el los las que y en una por con para se del lo como más pero su al es esta este muy sin hay yo",
    ),
    (Lang::Por, "de que não uma com para os as dos da do em por mais mas foi são ao seu isso"),
    (Lang::Ita, "di che non il la per una sono con del della più anche gli dei nel come questo ma da"),
    (Lang::Ron, "și în de la cu pe nu care este un din mai să sunt ce pentru fost dar că"),
    (Lang::Cat, "de que el la els les per amb una és no del al dels més com aquest també però"),
    (Lang::Nld, "de het een van en is dat niet op te met voor zijn ik maar ook aan er om als"),
    (Lang::Afr, "die en van het nie is in dat om te vir met wat ek op was aan sy"),
    (Lang::Swe, "och att det som en är på för med av inte jag den till har om ett men var"),
    (Lang::Dan, "og at det er en til på for med af ikke jeg den de har som der et men var"),
    (Lang::Nob, "og det er å som på en til for med av ikke jeg at har den om men var"),
    (Lang::Fin, "ja on ei se että oli hän mutta myös kun niin tai joka ovat olen minä mitä kuin sen nyt"),
    (Lang::Est, "ja on ei see et ta oli kui ka ma mis oma siis aga või need mida ning seda"),
    (Lang::Hun, "a az és hogy nem is egy van ez de meg volt csak már még mint vagy ha el ki"),
    (Lang::Pol, "i w nie na się z to że jest do jak ale co po od za dla są przez tak"),
    (Lang::Ces, "a v na se je že to s z do jsem ale jak by pro jako si tak po byl"),
    (Lang::Slk, "a v na sa je že to s z do som ale ako by pre si tak aj po bol"),
    (Lang::Hrv, "i je u se na da za su od s ne to kao što ali koji sam bi iz"),
    (Lang::Slv, "in je v se na da za so pa ki z ne to kot sem bi tudi ali po iz"),
    (Lang::Lit, "ir yra kad su į iš ar bet tai kaip buvo jis ne per po nuo apie taip jų"),
    (Lang::Lav, "un ir ka no ar par uz kas tas bet es tā kā vai nav lai pie arī bija"),
    (Lang::Tur, "ve bir bu için da de ile çok ne daha gibi olarak ama var en kadar sonra ben"),
    (Lang::Aze, "və bir bu ilə üçün də da ki olan çox daha sonra ən var mən kimi"),
    (Lang::Uzb, "va bu bilan uchun bir ham edi deb lekin ushbu kerak yoki keyin"),
    (Lang::Tuk, "we bu bir bilen üçin hem de da ol bolan diýip ýa has men soň"),
    (Lang::Ind, "yang dan di ini itu dengan untuk dari pada tidak dalam ke akan saya adalah juga ada atau"),
    (Lang::Jav, "lan ing sing iku kang karo saka ana wong uga kanthi marang dadi ora iki"),
    (Lang::Tgl, "ang ng sa na mga at ay ko si ako ni ito hindi siya kung para niya"),
    (Lang::Vie, "và của là không có trong được cho một người với các này những đã tôi khi để đến"),
    (Lang::Epo, "la kaj de en estas al ne mi kiu por ke ĝi estis kun li sed oni tio pri el"),
    (Lang::Lat, "et in est non ad ut cum quod qui sed si ex ab esse quae per hoc sunt atque"),
    (Lang::Cym, "yn y i a o ar ac yr mae ei wedi ond fod hyn oedd gan bod eu am"),
    (Lang::Aka, "no na sɛ ne wɔ a yɛ mu so nyinaa ɛno me wo bi"),
    (Lang::Zul, "ukuthi futhi kanye noma uma kodwa lapho ngoba kuthi njengoba abantu ukuba yena"),
    (Lang::Sna, "kuti uye kana asi iye zvino vanhu pane kune sezvo ndiko vakati ndi ava"),
];

/// Languages told by their little words alone.
const SURE: usize = 4;
/// A text in one of them must hold so many of its little words,
const LEAST: usize = 6;
/// one in so many of all its words must be one of them,
const ONE_IN: usize = 8;
/// and no other of them may have more than one to so many.
const AHEAD: usize = 4;
/// A text of so many words holds little words of its language,
const LONG: usize = 40;
/// several of them, for one again and again may be a name, or a syllable of no language,
const SEVERAL: usize = 2;
/// and another one in so many of all its words.
const SELDOM: usize = 50;

/// A word of at most eight bytes.
type Word = [u8; 8];

/// A little word.
#[derive(Clone, Copy, Debug)]
struct Little {
    /// Its place among all of them.
    place: usize,
    /// The languages it belongs to, a bit each.
    languages: u64,
}

/// All little words.
static WORDS: LazyLock<FxHashMap<Word, Little>> = LazyLock::new(|| {
    let mut words: FxHashMap<Word, Little> = FxHashMap::default();
    for (number, (_, little)) in LITTLE.iter().enumerate() {
        for word in little.split(' ').filter_map(|word| short(word.as_bytes())) {
            let place = words.len();
            words.entry(word).or_insert(Little { place, languages: 0 }).languages |= 1_u64 << number;
        }
    }
    words
});

/// Words of a text.
#[derive(Debug)]
pub(super) struct Counted {
    all: usize,
    /// Little words of each language of [`LITTLE`],
    little: [usize; LITTLE.len()],
    /// and how many different ones.
    different: [usize; LITTLE.len()],
}

/// The word in lower case (of ASCII), if it is short enough.
fn short(word: &[u8]) -> Option<Word> {
    let mut lower = Word::default();
    lower.get_mut(..word.len())?.copy_from_slice(word);
    lower.make_ascii_lowercase();
    Some(lower)
}

impl Counted {
    /// Counts them.
    pub(super) fn of(text: &str) -> Self {
        let (mut all, mut little, mut different) = (0, [0; LITTLE.len()], [0; LITTLE.len()]);
        let mut seen = vec![false; WORDS.len()];
        let is_letter = |byte: &u8| byte.is_ascii_alphabetic() || !byte.is_ascii();
        for word in text.as_bytes().split(|byte| !is_letter(byte)).filter(|word| !word.is_empty()) {
            all += 1;
            let Some(Little { place, mut languages }) =
                short(word).and_then(|word| WORDS.get(&word).copied())
            else {
                continue;
            };
            let is_new = seen.get_mut(place).is_some_and(|seen| !std::mem::replace(seen, true));
            while languages != 0 {
                let number = languages.trailing_zeros() as usize;
                if let Some(count) = little.get_mut(number) {
                    *count += 1;
                }
                if is_new && let Some(count) = different.get_mut(number) {
                    *count += 1;
                }
                languages &= languages - 1;
            }
        }
        Self { all, little, different }
    }

    /// The language whose little words stand everywhere in the text, if it is one of those that can be told so.
    pub(super) fn tells(&self) -> Option<Lang> {
        let mut sure: [(usize, Lang); SURE] =
            array::from_fn(|number| (self.little[number], LITTLE[number].0));
        sure.sort_unstable_by_key(|(count, _)| std::cmp::Reverse(*count));
        let [(most, lang), (next, _), ..] = sure;
        (LEAST <= most && self.all <= most * ONE_IN && next * AHEAD <= most).then_some(lang)
    }

    /// The languages of Latin script that come into question, perhaps not one; none: the text is too short to tell. Where
    /// any does, those that most of Geminispace is written in do too, so that a text in no language at all is not taken
    /// for the only one left.
    pub(super) fn candidates(&self) -> Option<Vec<Lang>> {
        if self.all < LONG {
            return None;
        }
        let has = |different: &usize| SEVERAL <= *different && self.all <= different * SELDOM;
        if !self.different.iter().any(has) {
            return Some(Vec::new());
        }
        let all = self.different.iter().zip(LITTLE).enumerate();
        let one = |(number, (different, (lang, _)))| (number < SURE || has(different)).then_some(lang);
        Some(all.filter_map(one).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_little_word_is_short_enough() {
        for (lang, little) in LITTLE {
            for word in little.split(' ') {
                assert!(
                    short(word.as_bytes()).is_some_and(|word| WORDS.contains_key(&word)),
                    "{lang}: {word}"
                );
            }
        }
    }
}
