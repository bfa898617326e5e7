//! What is asked: words as frequent as in the pages, phrases that stand in some page, and words within limits.

use chrono::{DateTime, Utc};
use shared::index::document::Document;
use shared::store::id::{ChangeId, PageId};

use crate::corpus::{Corpus, Dice, word};

/// A question in the language of the search box, and the same for the plain library.
#[derive(Clone, Debug)]
pub(super) struct Question {
    pub(super) text: String,
    pub(super) plain: Asked,
}

/// What the plain library is asked.
#[derive(Clone, Debug)]
pub(super) enum Asked {
    /// All of these words.
    Words(Vec<String>),
    /// These words in this order.
    Phrase(Vec<String>),
    /// This word on a capsule.
    OnCapsule(String, String),
    /// This word on pages that changed since.
    Since(String, DateTime<Utc>),
}

/// The questions, the same for the same corpus: of ten, six are one to four words, two phrases, two have limits.
pub(super) fn questions(corpus: Corpus, count: usize) -> Vec<Question> {
    let mut dice = Dice::new(4_711);
    (0..count)
        .map(|number| match number % 10 {
            0..6 => words(&mut dice, number % 4 + 1),
            6 | 7 => phrase(&page(corpus, &mut dice), &mut dice),
            8 => on_capsule(&page(corpus, &mut dice), word(dice.rank())),
            _ => since(&page(corpus, &mut dice), word(dice.rank())),
        })
        .collect()
}

fn page(corpus: Corpus, dice: &mut Dice) -> Document {
    corpus.document(dice.below(corpus.pages()), (PageId(1), ChangeId(1)))
}

fn words(dice: &mut Dice, count: usize) -> Question {
    let words: Vec<String> = (0..count).map(|_| word(dice.rank())).collect();
    Question { text: words.join(" "), plain: Asked::Words(words) }
}

fn phrase(page: &Document, dice: &mut Dice) -> Question {
    let words: Vec<&str> = page.body.split_ascii_whitespace().collect();
    let at = dice.below(words.len() as u64 - 3) as usize;
    let count = 2 + dice.below(2) as usize;
    let words: Vec<String> =
        words[at..at + count].iter().map(|word| word.trim_end_matches('.').to_owned()).collect();
    Question { text: format!("\"{}\"", words.join(" ")), plain: Asked::Phrase(words) }
}

fn on_capsule(page: &Document, word: String) -> Question {
    let host = page.url.host().to_string();
    Question { text: format!("{word} site:{host}"), plain: Asked::OnCapsule(word, host) }
}

fn since(page: &Document, word: String) -> Question {
    let day = page.changed.format("%Y-%m-%d");
    let moment = page.changed.date_naive().and_time(chrono::NaiveTime::MIN).and_utc();
    Question { text: format!("{word} after:{day}"), plain: Asked::Since(word, moment) }
}
