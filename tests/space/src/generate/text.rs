//! The text of a page: a title, paragraphs under headings, now and then a list, a quote or a drawing.

use super::language::{Language, capital};
use super::random::Random;

/// Small drawings with what they show.
const DRAWINGS: [(&str, &str); 4] = [
    (
        "a mountain at night",
        "      *        .\n   .      /\\      *\n     *   /  \\ /\\\n  ______/____V__\\____",
    ),
    ("a boat", "        |\\\n        | \\\n     ___|__\\___\n  ~~~\\________/~~~~"),
    (
        "a cat asleep",
        "   |\\      _,,,---,,_\n   /,`.-'`'    -.  ;-;;,_\n  |,4-  ) )-,_..;\\ (  `'-'\n '---''(_/--'  `-'\\_)",
    ),
    ("a lantern", "    _\n   ( )\n  .===.\n  | * |\n  '==='"),
];

/// The title of a page.
pub(crate) fn title(language: &Language, random: &mut Random) -> String {
    capital(&language.write("title", random))
}

/// Everything between the title and the links, about this many bytes of it.
pub(crate) fn body(language: &Language, random: &mut Random, bytes: usize) -> String {
    let mut text = String::with_capacity(bytes + 512);
    let mut sentences = Deck::new(language, "sentence");
    let mut headings = Deck::new(language, "heading");
    paragraph(&mut text, &mut sentences, random);
    // Each turn adds a paragraph at least, so the bound is never met.
    for _ in 0..200 {
        if bytes <= text.len() {
            break;
        }
        match random.below(9) {
            0 | 1 => {
                let marks = if random.one_in(4) { "###" } else { "##" };
                text.push_str(&format!("{marks} {}\n\n", headings.draw(random)));
            }
            2 => {
                let items: String =
                    (0..3 + random.below(4)).map(|_| format!("* {}\n", headings.draw(random))).collect();
                text.push_str(&format!("{items}\n"));
            }
            3 => text.push_str(&format!("> {}\n\n", sentences.draw(random))),
            4 if random.one_in(3) => {
                let (alt, lines) = random.pick(&DRAWINGS);
                text.push_str(&format!("```{alt}\n{lines}\n```\n\n"));
            }
            _ => {}
        }
        paragraph(&mut text, &mut sentences, random);
    }
    text
}

/// One line of two to five sentences, and a blank one.
fn paragraph(text: &mut String, sentences: &mut Deck<'_>, random: &mut Random) {
    let count = 2 + random.below(4);
    let drawn: Vec<String> = (0..count).map(|_| sentences.draw(random)).collect();
    text.push_str(&format!("{}\n\n", drawn.join(sentences.language.between())));
}

/// Patterns as a deck of cards: none comes twice before all have come.
struct Deck<'a> {
    language: &'a Language,
    what: &'static str,
    left: Vec<&'static str>,
}

impl<'a> Deck<'a> {
    fn new(language: &'a Language, what: &'static str) -> Self {
        Self { language, what, left: Vec::new() }
    }

    fn draw(&mut self, random: &mut Random) -> String {
        if self.left.is_empty() {
            self.left = self.language.shuffled(self.what, random);
        }
        capital(&self.language.fill(self.left.pop().unwrap_or_default(), random))
    }
}

/// The day with this number after 1970-01-01, in the form 2024-03-17.
pub(crate) fn date(day: u64) -> String {
    // Days are counted from 1 March of year 0, so that leap days come last.
    let day = day + 719_468;
    let (era, day) = (day / 146_097, day % 146_097);
    let year = (day - day / 1_460 + day / 36_524 - day / 146_096) / 365;
    let day = day - (365 * year + year / 4 - year / 100);
    let month = (5 * day + 2) / 153;
    let day = day - (153 * month + 2) / 5 + 1;
    let (month, next_year) = if month < 10 { (month + 3, 0) } else { (month - 9, 1) };
    format!("{:04}-{month:02}-{day:02}", era * 400 + year + next_year)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_are_those_of_the_calendar() {
        for (day, expected) in
            [(0, "1970-01-01"), (59, "1970-03-01"), (11_016, "2000-02-29"), (19_799, "2024-03-17")]
        {
            assert_eq!(date(day), expected);
        }
    }

    #[test]
    fn a_body_is_about_as_long_as_wanted() {
        for seed in 0..50 {
            let text = body(Language::english(), &mut Random::of(&[seed]), 2_000);
            assert!((2_000..4_000).contains(&text.len()), "{} bytes", text.len());
        }
    }
}
