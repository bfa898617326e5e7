//! Capsules in trouble, those with most pages first, and what is paused.

use chrono::{DateTime, Utc};
use shared::gemini::pattern::UrlPattern;
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
    /// What is paused; listed on the first part alone.
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
        Ok(Capsules { ward: ailing::all(c, part).await?, paused: pause::all(c).await?, number })
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
            "{} in trouble. One that does not answer is tried again by itself, ever more rarely.",
            phrase::count(count, "capsule is", "capsules are")
        ),
    };
    let mood = if ward.count == 0 { Mood::Well } else { Mood::Plain };
    let (previous, next) = parts::around(desk::CAPSULES, *number, more);
    let rows = ill.iter().map(|capsule| row(capsule, paused, ward.now)).collect();
    let listed: &[Pause] = if *number == PageNumber::FIRST { paused } else { &[] };
    let board = Board::new("Capsules", desk::CAPSULES, mood, verdict)
        .part("Paused", vec![Block::Rows(listed.iter().map(paused_row).collect())])
        .part("In trouble, those with most pages first", vec![Block::Rows(rows)])
        .ask(Deed::Recrawl)
        .ask(Deed::Pause)
        .ask(Deed::Resume);
    Board { previous, next, ..board }
}

fn row(capsule: &Ailing, paused: &[Pause], now: DateTime<Utc>) -> Row {
    let name = capsule.addr.to_string();
    let failing = match capsule.failing_since {
        Some(since) => format!(
            "has not answered for {}, {} in a row",
            span((now - since).to_std().unwrap_or_default()),
            phrase::count(u64::from(capsule.failures), "failure", "failures")
        ),
        None => String::new(),
    };
    let rest = capsule.breaker_until.map(|until| format!("next try {}", ahead(now, until)));
    let slow = capsule.slow_gap.map(|gap| format!("asked for {} between two requests", span(gap)));
    let answered = capsule
        .answered_at
        .map_or_else(|| "has never answered".to_owned(), |at| format!("last answered {}", ago(now, at)));
    let pages = capsule.pages.filter(|pages| *pages > 0).map(|pages| phrase::count(pages, "page", "pages"));
    let mood = if capsule.failing_since.is_some() { Mood::Trouble } else { Mood::Plain };
    let row = Row::new(mood, &name)
        .with([
            pages.unwrap_or_default(),
            failing,
            rest.unwrap_or_default(),
            slow.unwrap_or_default(),
            answered,
        ])
        .offering(Deed::Recrawl, &name);
    pausable(row, &name, paused)
}

/// A row of something that can be paused: what is paused by itself can be resumed; what is paused with more says so.
#[must_use]
pub fn pausable(row: Row, name: &str, paused: &[Pause]) -> Row {
    let Ok(pattern) = name.parse::<UrlPattern>() else { return row };
    if paused.iter().any(|pause| pause.is_of(&pattern)) {
        return row.with(["paused".to_owned()]).offering(Deed::Resume, name);
    }
    match paused.iter().find(|pause| pause.covers(&pattern)) {
        Some(pause) => row.with([format!("paused with {}", pause.pattern)]),
        None => row.offering(Deed::Pause, name),
    }
}

/// Something that is paused.
#[must_use]
pub fn paused_row(pause: &Pause) -> Row {
    let since = format!("paused {} ago by {}", span(pause.age), pause.actor);
    Row::new(Mood::Plain, pause.pattern.to_string())
        .with([since, pause.reason.clone()])
        .offering(Deed::Resume, pause.pattern.to_string())
}
