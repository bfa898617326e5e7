//! The front page: the search box, and how large and fresh the index is.

use chrono::{DateTime, Utc};

use crate::app::App;
use crate::render::answer::{Answer, Page};
use crate::render::problem::Problem;
use crate::render::view::view;

/// The front page.
#[derive(Debug)]
pub struct Home {
    /// Pages that can be found; none before the first index.
    pub pages: Option<String>,
    /// Sites they belong to.
    pub sites: String,
    /// The day of the newest change.
    pub newest: Option<String>,
    /// How far a rebuild has come, in percent.
    pub rebuilding: Option<u8>,
}

view!(Home, "home/page.gmi", "home/page.html");

/// Shows the front page.
///
/// # Errors
///
/// Never; every screen's answer has this form.
pub fn answer(app: &App) -> Result<Answer, Problem> {
    let facts = app.searcher.facts();
    let home = Home {
        pages: (facts.pages > 0).then(|| grouped(facts.pages)),
        sites: grouped(facts.sites),
        newest: facts.newest_change_at.map(|moment: DateTime<Utc>| moment.format("%Y-%m-%d").to_string()),
        rebuilding: facts.rebuilding,
    };
    Ok(Answer::Page(Page::welcome(home)))
}

/// A number with commas between its thousands.
#[must_use]
pub fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut out = String::with_capacity(digits.len() + digits.len() / 3);
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::grouped;

    #[test]
    fn thousands_are_grouped() {
        for (number, text) in [(0, "0"), (999, "999"), (1_000, "1,000"), (1_234_567, "1,234,567")] {
            assert_eq!(grouped(number), text);
        }
    }
}
