//! What is shut out: every rule, whatever visitors may see of it.

use shared::store::Store;
use shared::store::asked::exclusion::{self, Exclusion};

use super::board::{Block, Board, Mood, Row};
use super::deed::Deed;
use super::parts;
use crate::paths::desk;
use crate::render::phrase;
use crate::render::problem::Problem;
use crate::search::PageNumber;

/// A part of the list.
#[derive(Clone, Debug)]
pub struct Rules {
    /// The rules of the part, and one more where another part follows.
    pub rules: Vec<Exclusion>,
    /// How many there are in all.
    pub count: u64,
    /// Which part.
    pub number: PageNumber,
}

/// Reads a part. The crawl holds all rules in memory, so reading all of them for a part costs nothing to speak of.
///
/// # Errors
///
/// When the database is away, or the part is too far away.
pub async fn load(store: &Store, number: PageNumber) -> Result<Rules, Problem> {
    let part = parts::of(number)?;
    let all = store.read(async |c| exclusion::all(c).await).await?;
    let count = all.len() as u64;
    let (skip, take) = (usize::try_from(part.offset), usize::try_from(part.limit));
    let rules = all.into_iter().skip(skip.unwrap_or(usize::MAX)).take(take.unwrap_or_default()).collect();
    Ok(Rules { rules, count, number })
}

/// The board.
#[must_use]
pub fn shown(rules: &Rules) -> Board {
    let Rules { rules, count, number } = rules;
    let mut rules = rules.clone();
    let more = parts::cut(&mut rules);
    let verdict = match count {
        0 => "Nothing is shut out.".to_owned(),
        count => format!("{} in force.", phrase::count(*count, "rule is", "rules are")),
    };
    let row = |rule: &Exclusion| {
        let reason = if rule.reason.is_empty() { "no reason given".to_owned() } else { rule.reason.clone() };
        Row::new(Mood::Plain, rule.pattern.to_string()).with([format!("reason: {reason}")])
    };
    let (previous, next) = parts::around(desk::RULES, *number, more);
    let board = Board::new("Rules", desk::RULES, Mood::Plain, verdict)
        .part("", vec![Block::Rows(rules.iter().map(row).collect())])
        .ask(Deed::Purge);
    Board { previous, next, ..board }
}
