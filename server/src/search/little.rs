//! Little words: what a question is made of besides what it is about.
//!
//! "How many islands are there in the lake": pages about lakes and islands say neither "how many" nor "there",
//! so these words are rare among pages and would count for much. In a longer query they count for little and
//! are never asked for; in a short one ("the who", "to be or not to be") they may be all that is meant, and
//! count in full. The lists are those of question and function words that textbooks begin with, by language.

use std::collections::HashSet;
use std::sync::LazyLock;

use shared::index::analyzer::place_term;
use shared::index::analyzer::words::words;

/// A query of so many words may be a question.
pub(crate) const QUESTION_WORDS: usize = 5;

/// What a little word counts against any other.
pub(crate) const LITTLE: f32 = 0.3;

const LISTS: &[&str] = &[
    // English
    "a an and any are as at be been by can could did do does for from had has have how if in into is it its many \
     much of on or our should some than that the their there these they this those to was we were what when where \
     which who whom whose why will with would you your i my me about",
    // German
    "am an auf aus bei bin das dass dem den der des die durch ein eine einem einen einer eines er es für gibt hat \
     hatte haben ich ihr im in ist kann man mit nach oder seine sich sie sind um und viel viele vom von vor wann war \
     waren warum was welche welchem welchen welcher welches wem wen wer werden wessen wie wieviel wir wird wo woher \
     wohin wurde wurden zu zum zur über",
    // Spanish
    "a al ante como con cual cuales cuando cuanta cuantas cuanto cuantos cuál cuáles cuándo cuánta cuántas cuánto \
     cuántos cómo de del donde dónde el ella en era es esta este está están fue fueron ha han hay la las le lo los \
     más me mi para pero por que qué quien quienes quién quiénes se ser sin sobre son su sus tiene un una unas uno \
     unos y",
    // Romanian
    "a ai al ale au care ce cine cu cum câte câtă cât câți de despre din este era erau fi fost în între îi îl la \
     mai o pe pentru prin sa să sau se sunt și un unde unei unui când căror cărei cărui lui lor ca că",
    // French
    "au aux avec ce cette ces combien comment dans de des du elle en est et il ils la le les leur lui mais ne où ou \
     par pas pour pourquoi qu quand que quel quelle quelles quels qui quoi sa se ses son sont sur un une y à été était",
    // Italian, Portuguese, Dutch
    "che chi come con cosa dei del della di dove e è il in la le lo nel per perché quale quali quando quanti quanto \
     sono un una ao aos as com da das do dos em foi na no nos o onde os ou para pela pelo por quais qual quantos \
     quem são um uma aan bij dat de deze die door een en er het hoe hoeveel is met naar of om op te van voor waar \
     waarom wanneer wat welk welke werd wie worden zijn",
    // Turkish
    "bir bu da daha de gibi hangi hangisi hangileri ile için kaç kadar kim kimdir kime kimin mi mı mu mü ne neden \
     nedir neler nelerdir nasıl nerede nereye nereden niçin o olan olarak olduğu oldu ve veya ya zaman",
    // Vietnamese
    "ai bao bị bởi các cái có của cho do được đã đâu gì hay hoặc khi không là làm lại mà mấy một này nào nhiêu những \
     như ở ra sao tại thế thì trong trên từ và vào về vì với",
    // Russian
    "а без бы был была были было в во где для до его ее её если за и из или их к как какая какие какими каким каких \
     какой каково какое какую когда ко который которая которые которое кто кого кому кем ли может на не него о об от \
     по почему при с сколько со стал такое то у чего чем чему что это этого этой",
    // Greek
    "από αυτό αν για γιατί δεν είναι ένα ένας έχει έχουν ήταν η θα και κατά με μετά μια να ο οι όταν πριν πόσα πόσες \
     πόσο πόσοι πόσους που πού πότε ποια ποιά ποιες ποιο ποιοι ποιον ποιος ποιός ποιους πως πώς σε στα στη στην στις \
     στο στον στους τα τη την της τι τις το τον του τους των ως",
    // Arabic
    "أن أو أي أية أين إلى التي الذي الذين بعد تم ذلك عن على عند في قبل كان كانت كل كم كيف لا لم لماذا ما ماذا متى مع \
     من منذ هذا هذه هل هو هي و وما ومن بين هناك التى الى",
    // Hindi
    "इस इसके उस उसके एक ऐसा और कब कहाँ कहां का कि कितना कितनी कितने किन किस किसका किसके किसकी किसने किसे किसी की के \
     को कौन कौनसा कौनसी क्या क्यों कैसे गई गए गया जब जो ता था थी थे द्वारा ने पर में यह ये लिए वह वे सा सी से है हैं हो \
     होता होती होते हुआ हुई हुए",
    // Chinese and Japanese: signs have no spaces, so these are cut like any run.
    "什么 甚麼 哪个 哪些 哪里 哪种 哪位 哪一 多少 多大 多久 怎么 怎样 如何 为什么 是谁 何时 几个 是否 何人 どこ いつ なに 何ですか どの だれ ですか ますか",
    // Thai
    "อะไร ใคร ที่ไหน เมื่อไหร่ เมื่อใด อย่างไร เท่าไหร่ เท่าใด กี่ ทำไม ไหน ใด คือ",
];

static WORDS: LazyLock<HashSet<String>> = LazyLock::new(|| {
    let all = LISTS.iter().flat_map(|list| words(list));
    all.map(|word| word.plain).collect()
});

/// Whether a plain word, as the analyzer cuts it, is one of them.
pub(crate) fn is_little(plain: &str) -> bool {
    WORDS.contains(plain) || (!plain.is_ascii() && WORDS.contains(&place_term(plain)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn question_words_are_little_in_any_script() {
        for word in
            ["how", "welche", "cuántos", "hangi", "nào", "сколько", "πόσο", "كم", "कितने", "什么", "ce"]
        {
            assert!(is_little(word), "{word}");
        }
        for word in ["island", "gemini", "see", "вода", "θάλασσα", "بحر", "पानी", "水果"]
        {
            assert!(!is_little(word), "{word}");
        }
    }
}
