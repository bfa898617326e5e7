//! Queries that mean harm: nested five thousand deep, twenty thousand terms long, nothing but wildcards.
//!
//! A few hundred on a small index in every test; with `SEXTANT_TEST_QUERIES=100000` so many on an index of a
//! hundred thousand pages, and then times are judged: none over a second, 99 of 100 within 100 ms.

use std::time::Duration;

use server::search::results::Note;
use server::search::{HITS_PER_PAGE, PageNumber, SearchRequest};
use shared::index::document::Document;
use tokio::time::Instant;

use crate::library::{Library, page};

/// Queries, and pages of the index, without the variable.
const FEW: usize = 300;
const SMALL: usize = 1_500;
/// Pages of the index with it.
const LARGE: usize = 100_000;
/// A query never takes longer, in either size.
const LONGEST: Duration = Duration::from_secs(1);
/// Nearly all take less, in the large one.
const USUAL: Duration = Duration::from_millis(100);
/// Tests run unoptimised, on machines that do other things.
const SLACK: u32 = 5;

/// Numbers that are the same in each run.
struct Dice(u64);

impl Dice {
    fn below(&mut self, bound: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % bound
    }

    /// A word of the corpus, frequent ones more often.
    fn word(&mut self) -> String {
        let rank = self.below(4_000) * self.below(4_000) / 4_000;
        format!("w{rank}")
    }
}

fn corpus(pages: usize) -> impl Iterator<Item = Document> {
    (0..pages).map(|number| {
        let mut dice = Dice(number as u64);
        let body: Vec<String> = (0..60).map(|_| dice.word()).collect();
        let url = format!("h{}.example/{number}.gmi", number / 40);
        page(&url, &format!("{} {}", dice.word(), dice.word()), &format!("{} 猫が好き日本語", body.join(" ")))
    })
}

/// One query, of a sort that goes with its number.
fn hostile(number: usize) -> String {
    const SIGNS: [&str; 24] = [
        "(",
        ")",
        "\"",
        "-",
        "*",
        " OR ",
        " AND ",
        " NOT ",
        "site:",
        "intitle:",
        "size:>",
        "lang:",
        "猫",
        "ไทย",
        "\u{202e}",
        "e\u{301}\u{301}",
        "👩‍👩‍👧",
        "\u{0}",
        "ﷺ",
        "İ",
        " ",
        "~",
        "a*",
        "kind:",
    ];
    let mut dice = Dice(number as u64 + 1);
    let size = [3, 40, 600, 5_000][dice.below(4)];
    match number % 10 {
        0 => format!("{}{}{}", "(".repeat(size), dice.word(), ")".repeat(dice.below(size))),
        1 => (0..size * 4).map(|_| dice.word() + " ").collect(),
        2 => (0..size).map(|_| format!("{}* ", &dice.word()[..1 + dice.below(2)])).collect(),
        3 => (0..size).map(|_| dice.word() + " OR ").collect(),
        4 => (0..size).map(|_| SIGNS[dice.below(SIGNS.len())]).collect(),
        5 => (0..size.min(600)).filter_map(|_| char::from_u32(dice.below(0x11_0000) as u32)).collect(),
        6 => (0..size).map(|_| format!("\"{} {}\" ", dice.word(), dice.word())).collect(),
        7 => (0..size).map(|_| format!("-{} ", dice.word())).collect(),
        8 => "猫が好き日本語".repeat(size.div_ceil(7)),
        _ => (0..size).map(|_| format!("({} OR -({} ", dice.word(), dice.word())).collect(),
    }
}

#[tokio::test]
async fn no_hostile_query_breaks_anything_or_takes_long() {
    let asked = std::env::var("SEXTANT_TEST_QUERIES").ok().and_then(|number| number.parse().ok());
    let (queries, pages) = asked.map_or((FEW, SMALL), |queries: usize| (queries, LARGE));
    let library = Library::of(corpus(pages));
    let mut times = Vec::with_capacity(queries);
    for number in 0..queries {
        let text = hostile(number);
        let page = PageNumber::new(1 + (number % 3) as u32).unwrap();
        let request = SearchRequest { page, ..SearchRequest::new(text.clone()) };
        let began = Instant::now();
        let results = library.searcher.search(request).await;
        let taken = began.elapsed();
        let begins: String = text.chars().take(60).collect();
        let results = results.unwrap_or_else(|error| panic!("query {number} ({begins:?}): {error}"));
        assert!(results.hits.len() <= HITS_PER_PAGE);
        if text.chars().count() > 512 {
            assert!(
                results.notes.contains(&Note::Shortened),
                "query {number} ({begins:?}) was cut and nobody said so"
            );
        }
        let longest = if asked.is_some() { LONGEST } else { LONGEST * SLACK };
        assert!(taken <= longest, "query {number} ({begins:?}) took {taken:?}");
        times.push(taken);
    }
    times.sort();
    let usual = times[(times.len() - 1) * 99 / 100];
    println!("{queries} queries on {pages} pages: p99 {usual:?}, the slowest {:?}", times[times.len() - 1]);
    assert!(asked.is_none() || usual <= USUAL, "one of a hundred queries takes {usual:?} or more");
}
