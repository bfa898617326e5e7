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
    text.push_str(&paragraph(language, random));
    // Each turn adds a paragraph at least, so the bound is never met.
    for _ in 0..200 {
        if bytes <= text.len() {
            break;
        }
        match random.below(9) {
            0 | 1 => heading(&mut text, language, random),
            2 => list(&mut text, language, random),
            3 => text.push_str(&format!("> {}\n\n", language.write("sentence", random))),
            4 if random.one_in(3) => drawing(&mut text, random),
            _ => {}
        }
        text.push_str(&paragraph(language, random));
    }
    text
}

fn heading(text: &mut String, language: &Language, random: &mut Random) {
    let marks = if random.one_in(4) { "###" } else { "##" };
    text.push_str(&format!("{marks} {}\n\n", capital(&language.write("heading", random))));
}

fn list(text: &mut String, language: &Language, random: &mut Random) {
    for _ in 0..3 + random.below(4) {
        text.push_str(&format!("* {}\n", language.write("heading", random)));
    }
    text.push('\n');
}

fn drawing(text: &mut String, random: &mut Random) {
    let (alt, lines) = random.pick(&DRAWINGS);
    text.push_str(&format!("```{alt}\n{lines}\n```\n\n"));
}

/// One line of two to five sentences, and a blank one.
fn paragraph(language: &Language, random: &mut Random) -> String {
    let count = 2 + random.below(4);
    let sentences: Vec<String> = (0..count).map(|_| capital(&language.write("sentence", random))).collect();
    format!("{}\n\n", sentences.join(language.between()))
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
