//! The front page: the search box, and how large and fresh the index is.

use shared::gemini::host::CapsuleAddr;

use crate::app::App;
use crate::render::answer::{Answer, Page};
use crate::render::problem::Problem;
use crate::render::view::view;
use crate::search::IndexFacts;

/// The front page.
#[derive(Debug)]
pub struct Home {
    /// Pages that can be found; none before the first index.
    pub pages: Option<String>,
    /// What follows their number: "pages of 12 sites".
    pub of_sites: String,
    /// The day of the newest change.
    pub newest: Option<String>,
    /// How far a rebuild has come, in percent.
    pub rebuilding: Option<u8>,
    /// Whether it knows who runs it.
    pub stage: Stage,
    /// Where it is in Geminispace.
    pub capsule: String,
}

/// Whether this copy has been told who it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    /// It serves the public.
    Told,
    /// It runs on somebody's machine, to be tried.
    Trial,
}

view!(Home, "home/page.gmi", "home/page.html");

/// Shows the front page.
///
/// # Errors
///
/// Never; every screen's answer has this form.
pub fn answer(app: &App) -> Result<Answer, Problem> {
    let stage = if app.contact.is_some() { Stage::Told } else { Stage::Trial };
    Ok(Answer::Page(Page::welcome(Home::new(app.searcher.facts(), stage, &app.capsule))))
}

impl Home {
    /// The front page over an index.
    #[must_use]
    pub fn new(facts: IndexFacts, stage: Stage, capsule: &CapsuleAddr) -> Self {
        Self {
            pages: (facts.pages > 0).then(|| grouped(facts.pages)),
            of_sites: match (facts.pages, facts.sites) {
                (1, _) => "page".to_owned(),
                (_, 1) => "pages of one site".to_owned(),
                (_, sites) => format!("pages of {} sites", grouped(sites)),
            },
            newest: facts.newest_change_at.map(|moment| moment.format("%-d %B %Y").to_string()),
            rebuilding: facts.rebuilding,
            stage,
            capsule: capsule.to_string(),
        }
    }

    /// Whether to say that this is a trial.
    #[must_use]
    pub fn is_trial(&self) -> bool {
        self.stage == Stage::Trial
    }
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
