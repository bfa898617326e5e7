//! Capsules in trouble, those with most pages first, and what is paused.

use chrono::{DateTime, Utc};
use shared::store::asked::pause::{self, Pause};
use shared::store::known::ailing::{self, Ailing, Ward};
use shared::store::{Store, StoreError};

use super::board::{Block, Board, Mood, Row};
use super::deed::Deed;
use super::parts;
use crate::paths::desk;
use crate::render::phrase::{self, ago, ahead, span};
use crate::render::problem::Problem;
use crate::search::PageNumber;

/// What the board is made of.
#[derive(Clone, Debug)]
pub struct Capsules {
    /// A part of those in trouble, and one more where another part follows.
    pub ward: Ward,
    /// What is paused; on the first part alone.
    pub paused: Vec<Pause>,
    /// Which part.
    pub number: PageNumber,
}

/// Reads a part.
///
/// # Errors
///
/// When the database is away, or the part is too far away.
pub async fn load(store: &Store, number: PageNumber) -> Result<Capsules, Problem> {
    let part = parts::of(number)?;
    let read = async |c: &mut shared::store::pool::Connection| -> Result<Capsules, StoreError> {
        let paused = if number == PageNumber::FIRST { pause::all(c).await? } else { Vec::new() };
        Ok(Capsules { ward: ailing::all(c, part).await?, paused, number })
    };
    Ok(store.read(read).await?)
}

/// The board.
#[must_use]
pub fn shown(capsules: &Capsules) -> Board {
    let Capsules { ward, paused, number } = capsules;
    let mut ill = ward.capsules.clone();
    let more = parts::cut(&mut ill);
    let verdict = match ward.count {
        0 => "Every capsule that is visited answers.".to_owned(),
        count => format!(
            "{} in trouble. Whoever does not answer is tried again by itself, ever more rarely.",
            phrase::count(count, "capsule is", "capsules are")
        ),
    };
    let mood = if ward.count == 0 { Mood::Well } else { Mood::Plain };
    let (previous, next) = parts::around(desk::CAPSULES, *number, more);
    let rows = ill.iter().map(|capsule| row(capsule, ward.now)).collect();
    let board = Board::new("Capsules", desk::CAPSULES, mood, verdict)
        .part("Paused", vec![Block::Rows(paused.iter().map(paused_row).collect())])
        .part("In trouble, those with most pages first", vec![Block::Rows(rows)])
        .ask(Deed::Recrawl)
        .ask(Deed::Pause)
        .ask(Deed::Resume);
    Board { previous, next, ..board }
}

fn row(capsule: &Ailing, now: DateTime<Utc>) -> Row {
    let name = capsule.addr.to_string();
    let failing = match capsule.failing_since {
        Some(since) => format!(
            "has not answered for {}, {} in a row",
            span((now - since).to_std().unwrap_or_default()),
            phrase::count(u64::from(capsule.failures), "failure", "failures")
        ),
        None => String::new(),
    };
    let rest = capsule.breaker_until.map(|until| format!("tried again {}", ahead(now, until)));
    let slow = capsule.slow_gap.map(|gap| format!("asked for {} between two requests", span(gap)));
    let answered = capsule
        .answered_at
        .map_or_else(|| "has never answered".to_owned(), |at| format!("answered {}", ago(now, at)));
    let pages = capsule.pages.filter(|pages| *pages > 0).map(|pages| phrase::count(pages, "page", "pages"));
    let mood = if capsule.failing_since.is_some() { Mood::Trouble } else { Mood::Plain };
    Row::new(mood, &name)
        .with([
            pages.unwrap_or_default(),
            failing,
            rest.unwrap_or_default(),
            slow.unwrap_or_default(),
            answered,
        ])
        .offering(Deed::Recrawl, &name)
        .offering(Deed::Pause, &name)
}

/// Something that is paused.
#[must_use]
pub fn paused_row(pause: &Pause) -> Row {
    let since = format!("paused {} ago by {}", span(pause.age), pause.actor);
    Row::new(Mood::Plain, pause.pattern.to_string())
        .with([since, pause.reason.clone()])
        .offering(Deed::Resume, pause.pattern.to_string())
}
