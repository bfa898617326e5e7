//! Sentences in eight languages, from patterns and lists of phrases that fit each other.
//!
//! Common words come from the lists; names and rare words are put together from syllables by Zipf's law, so that
//! the vocabulary grows with the text without end, as it does in nature.

use std::collections::HashMap;
use std::sync::LazyLock;

use super::random::Random;

/// How many names and rare words a language has; most are met once at the most.
const RARE_WORDS: u64 = 400_000;

static LANGUAGES: LazyLock<Vec<Language>> = LazyLock::new(|| {
    [
        include_str!("words/en.txt"),
        include_str!("words/de.txt"),
        include_str!("words/fr.txt"),
        include_str!("words/es.txt"),
        include_str!("words/ru.txt"),
        include_str!("words/el.txt"),
        include_str!("words/ja.txt"),
        include_str!("words/ar.txt"),
    ]
    .into_iter()
    .map(Language::read)
    .collect()
});

/// A language's phrases, by what they are: `thing`, `does`, `place`, `when`, `sentence`, `title`, `heading` ...
#[derive(Debug)]
pub(crate) struct Language {
    code: &'static str,
    spaced: bool,
    phrases: HashMap<&'static str, Vec<&'static str>>,
}

/// The fixed words of a page, in the order of the lists.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Word {
    Pages,
    Neighbours,
    More,
    Elsewhere,
    About,
    Guestbook,
    GuestbookPrompt,
    Back,
    Diary,
    Related,
    Older,
}

impl Language {
    /// The language of a host: every second one writes English.
    pub(crate) fn of(random: &mut Random) -> &'static Self {
        let other = random.below(2 * LANGUAGES.len() as u64);
        let index = usize::try_from(other).unwrap_or(0);
        LANGUAGES.get(index).unwrap_or(&LANGUAGES[0])
    }

    /// English, which the first host writes.
    pub(crate) fn english() -> &'static Self {
        &LANGUAGES[0]
    }

    fn read(text: &'static str) -> Self {
        let lists = text.lines().filter_map(|line| line.split_once(": "));
        let phrases: HashMap<_, Vec<_>> =
            lists.map(|(what, phrases)| (what, phrases.split('|').collect())).collect();
        let one = |what| phrases.get(what).and_then(|list: &Vec<&'static str>| list.first().copied());
        Self { code: one("code").unwrap_or("en"), spaced: one("space") == Some("yes"), phrases }
    }

    /// The language's code, `de`.
    pub(crate) fn code(&self) -> &'static str {
        self.code
    }

    /// A fixed word.
    pub(crate) fn word(&self, word: Word) -> &'static str {
        self.list("words").get(word as usize).copied().unwrap_or("...")
    }

    /// What stands between two sentences.
    pub(crate) fn between(&self) -> &'static str {
        if self.spaced { " " } else { "" }
    }

    /// A title, heading or welcome, with its slots filled.
    pub(crate) fn write(&self, what: &str, random: &mut Random) -> String {
        self.fill(self.phrase(what, random), random)
    }

    /// All patterns of a kind in some order.
    pub(crate) fn shuffled(&self, what: &str, random: &mut Random) -> Vec<&'static str> {
        let mut patterns = self.list(what).to_vec();
        for end in (1..patterns.len()).rev() {
            let other = usize::try_from(random.below(end as u64 + 1)).unwrap_or(0);
            patterns.swap(end, other);
        }
        patterns
    }

    /// A pattern with its slots filled.
    pub(crate) fn fill(&self, pattern: &str, random: &mut Random) -> String {
        let mut text = String::with_capacity(96);
        let mut rest = pattern;
        while let Some((before, after)) = rest.split_once('{') {
            text.push_str(before);
            let Some((slot, after)) = after.split_once('}') else { break };
            text.push_str(&self.slot(slot, random));
            rest = after;
        }
        text.push_str(rest);
        text
    }

    fn slot(&self, slot: &str, random: &mut Random) -> String {
        match slot {
            "Name" => capital(&self.rare(random)),
            "rare" => self.rare(random),
            "year" => (1_985 + random.below(40)).to_string(),
            "number" => (2 + random.zipf(200)).to_string(),
            slot => {
                let phrase = self.phrase(&slot.to_lowercase(), random);
                if slot.starts_with(char::is_uppercase) { capital(phrase) } else { phrase.to_owned() }
            }
        }
    }

    /// A word that is seldom seen: the rank decides its syllables.
    fn rare(&self, random: &mut Random) -> String {
        let syllables = self.list("syllables");
        let base = syllables.len().max(1) as u64;
        // Frequent ranks get short words, as in nature.
        let mut rank = random.zipf(RARE_WORDS) + base;
        let mut word = String::new();
        while 0 < rank {
            let syllable = usize::try_from(rank % base).unwrap_or(0);
            word.push_str(syllables.get(syllable).copied().unwrap_or("a"));
            rank /= base;
        }
        word
    }

    fn phrase(&self, what: &str, random: &mut Random) -> &'static str {
        match self.list(what) {
            [] => "",
            list => random.pick::<&'static str>(list),
        }
    }

    fn list(&self, what: &str) -> &[&'static str] {
        self.phrases.get(what).map_or(&[], Vec::as_slice)
    }
}

/// The first letter as a capital, where the script has them.
pub(crate) fn capital(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_language_has_every_list_and_no_pattern_names_another() {
        let slots = ["thing", "does", "place", "when", "name", "rare", "year", "number"];
        assert_eq!(LANGUAGES.len(), 8);
        for language in LANGUAGES.iter() {
            for what in
                ["thing", "does", "place", "when", "sentence", "title", "heading", "welcome", "syllables"]
            {
                assert!(!language.list(what).is_empty(), "{} has no {what}", language.code);
            }
            assert_eq!(language.list("words").len(), Word::Older as usize + 1, "{}", language.code);
            for pattern in
                ["sentence", "title", "heading", "welcome"].iter().flat_map(|what| language.list(what))
            {
                for slot in pattern.split('{').skip(1).filter_map(|rest| rest.split('}').next()) {
                    assert!(slots.contains(&slot.to_lowercase().as_str()), "{}: {pattern}", language.code);
                }
            }
        }
    }

    #[test]
    fn the_vocabulary_grows_with_the_text() {
        let mut random = Random::of(&[1]);
        let mut words = std::collections::HashSet::new();
        let mut sizes = Vec::new();
        for round in 1..=4_000 {
            let sentence = Language::english().write("sentence", &mut random);
            words.extend(sentence.split_whitespace().map(str::to_owned));
            if round % 1_000 == 0 {
                sizes.push(words.len());
            }
        }
        assert!(sizes[3] > sizes[0] * 3 / 2, "{sizes:?}");
        assert!(sizes[3] < sizes[0] * 4, "and ever more slowly: {sizes:?}");
    }
}
