//! What is shut out: every rule, whatever visitors may see of it.

use shared::store::Store;
use shared::store::asked::exclusion::{self, Listed};

use super::board::{self, Block, Board, Mood, Row};
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
    pub rules: Vec<Listed>,
    /// How many there are in all.
    pub count: u64,
    /// Which part.
    pub number: PageNumber,
}

/// Reads a part.
///
/// # Errors
///
/// When the database is away, or the part is too far away.
pub async fn load(store: &Store, number: PageNumber) -> Result<Rules, Problem> {
    let part = parts::of(number)?;
    let (rules, count) = store.read(async |c| exclusion::list(c, part.offset, part.limit).await).await?;
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
    let row = |Listed { exclusion, since }: &Listed| {
        let reason = &exclusion.reason;
        let reason = if reason.is_empty() { "no reason given".to_owned() } else { reason.clone() };
        let seen = board::seen(exclusion.visibility);
        let since = format!("since {}", phrase::day(*since));
        let rule = exclusion.rule.to_string();
        // Where it can be given another reason, and shown more or less of.
        let told_otherwise = desk::consider(Deed::Exclude.word(), &rule);
        let row = Row::new(Mood::Plain, &rule).to(told_otherwise);
        row.with([since, reason, seen.to_owned()]).offering(Deed::Lift, rule)
    };
    let (previous, next) = parts::around(desk::RULES, *number, more);
    let board = Board::new("Rules", desk::RULES, Mood::Plain, verdict)
        .part("", vec![Block::Rows(rules.iter().map(row).collect())])
        .ask(Deed::Exclude)
        .ask(Deed::Lift)
        .ask(Deed::Purge);
    Board { previous, next, ..board }
}
