//! A corpus made from a seed: pages of about 3 kB whose words are as frequent as Zipf's law says, each linked
//! from three others by labels.
//!
//! Any page can be made by itself, from its number alone, so that the store is filled and a peer is fed with
//! the same pages and neither holds them all.

use chrono::{DateTime, TimeDelta, Utc};
use shared::gemini::kind::Kind;
use shared::gemini::text::{OneLine, PageText};
use shared::gemini::url::GeminiUrl;
use shared::index::document::Document;
use shared::store::id::{ChangeId, ContentHash, PageId};

/// Different words.
const VOCABULARY: u64 = 60_000;
/// Pages of one capsule.
const PAGES_A_CAPSULE: u64 = 50;
/// A page links to those so many numbers further on.
const STEPS: [u64; 3] = [1, 7, 31];
/// Words of a body, which make about 3 kB.
const WORDS: u64 = 430;

/// The corpus.
#[derive(Clone, Copy, Debug)]
pub struct Corpus {
    pages: u64,
}

/// A sequence of numbers that is the same for the same seed (splitmix64).
#[derive(Clone, Copy, Debug)]
pub struct Dice(u64);

impl Dice {
    /// Dice that fall as this seed says.
    #[must_use]
    pub const fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15))
    }

    /// The next number below `bound`.
    pub fn below(&mut self, bound: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        (mixed ^ (mixed >> 31)) % bound.max(1)
    }

    /// A word's rank, by Zipf's law: half as likely where the rank is twice as high.
    pub fn rank(&mut self) -> u64 {
        let unit = self.below(1 << 32) as f64 / (1_u64 << 32) as f64;
        let rank = (VOCABULARY as f64).powf(unit) - 1.0;
        (rank as u64).min(VOCABULARY - 1)
    }
}

/// The word of a rank: frequent words are short.
#[must_use]
pub fn word(rank: u64) -> String {
    const SYLLABLES: [&str; 32] = [
        "ka", "lo", "mi", "ner", "tos", "ra", "vel", "du", "shi", "pon", "ter", "gal", "fi", "bro", "sen",
        "ut", "an", "el", "or", "im", "da", "quo", "wes", "zy", "chi", "lan", "mar", "ost", "pla", "rig",
        "thu", "von",
    ];
    let mut left = rank + 1;
    let mut word = String::new();
    while 0 < left {
        word.push_str(SYLLABLES[(left % 32) as usize]);
        left /= 32;
    }
    word
}

impl Corpus {
    /// A corpus of so many pages.
    #[must_use]
    pub const fn new(pages: u64) -> Self {
        Self { pages }
    }

    /// How many pages it has.
    #[must_use]
    pub const fn pages(self) -> u64 {
        self.pages
    }

    /// A page's URL.
    ///
    /// # Panics
    ///
    /// Never: made URLs are well-formed.
    #[must_use]
    pub fn url(self, page: u64) -> GeminiUrl {
        let capsule = page / PAGES_A_CAPSULE;
        let text = format!("gemini://c{capsule}.{}.example/{}/{page}.gmi", word(capsule), word(page % 97));
        GeminiUrl::parse(&text).expect("a well-formed URL")
    }

    /// The pages that a page links to, with the labels.
    pub fn links(self, page: u64) -> impl Iterator<Item = (u64, OneLine)> {
        STEPS.into_iter().map(move |step| {
            let to = (page + step) % self.pages;
            (to, self.label(page, to))
        })
    }

    fn label(self, from: u64, to: u64) -> OneLine {
        let mut dice = Dice::new(from ^ (to << 20));
        OneLine::new(&format!("{} {}", word(dice.rank()), self.title(to)))
    }

    fn title(self, page: u64) -> String {
        let mut dice = Dice::new(page + 1);
        let words: Vec<String> = (0..3).map(|_| word(dice.rank())).collect();
        words.join(" ")
    }

    /// Its prose: sentences in paragraphs.
    fn body(self, page: u64) -> String {
        let mut dice = Dice::new(page.wrapping_mul(31) + 7);
        let mut body = String::with_capacity(3_200);
        for number in 1..=WORDS {
            body.push_str(&word(dice.rank()));
            body.push_str(match number {
                _ if number % 60 == 0 => ".\n\n",
                _ if number % 12 == 0 => ". ",
                _ => " ",
            });
        }
        body
    }

    /// A page as the index takes it, under the id and the change that the store gave it.
    #[must_use]
    pub fn document(self, page: u64, (id, change): (PageId, ChangeId)) -> Document {
        let url = self.url(page);
        let body = self.body(page);
        let hash = ContentHash(blake3::hash(body.as_bytes()).into());
        let anchors =
            STEPS.iter().map(|step| self.label((page + self.pages - step) % self.pages, page)).collect();
        Document {
            page: id,
            change,
            site: url.site(),
            url,
            title: OneLine::new(&self.title(page)),
            headings: vec![OneLine::new(&self.title(page))],
            size_bytes: Some(body.len() as u64),
            dimensions: None,
            body: PageText::new(body),
            own_labels: vec![],
            anchors,
            alt: vec![],
            art: PageText::default(),
            media_type: "text/gemini".to_owned(),
            kind: Kind::Page,
            language: None,
            charset: None,
            first_seen: moment(page),
            changed: moment(page),
            links: self.links(page).map(|(to, _label)| self.url(to)).collect(),
            content: Some(hash),
        }
    }
}

fn moment(page: u64) -> DateTime<Utc> {
    DateTime::UNIX_EPOCH + TimeDelta::days(18_000) + TimeDelta::minutes(page.cast_signed())
}
