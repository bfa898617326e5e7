//! Who did what, the latest first.

use shared::store::Store;
use shared::store::asked::audit::{self, Entry};

use super::board::{Block, Board, Mood, Row};
use super::parts;
use crate::paths::desk;
use crate::render::phrase;
use crate::render::problem::Problem;
use crate::search::PageNumber;

/// A part of the list.
#[derive(Clone, Debug)]
pub struct Audit {
    /// The acts of the part, and one more where another part follows.
    pub entries: Vec<Entry>,
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
pub async fn load(store: &Store, number: PageNumber) -> Result<Audit, Problem> {
    let part = parts::of(number)?;
    let (entries, count) = store.read(async |c| audit::list(c, part.offset, part.limit).await).await?;
    Ok(Audit { entries, count, number })
}

/// The board.
#[must_use]
pub fn shown(audit: &Audit) -> Board {
    let Audit { entries, count, number } = audit;
    let mut entries = entries.clone();
    let more = parts::cut(&mut entries);
    let verdict = match count {
        0 => "Nobody has done anything yet.".to_owned(),
        count => format!("{} written down, the latest first.", phrase::count(*count, "act is", "acts are")),
    };
    let row = |entry: &Entry| {
        Row::new(Mood::Plain, format!("{} {}", entry.act, entry.target)).with([
            phrase::moment(entry.at),
            entry.actor.clone(),
            entry.note.clone(),
        ])
    };
    let (previous, next) = parts::around(desk::AUDIT, *number, more);
    let board = Board::new("Audit", desk::AUDIT, Mood::Plain, verdict)
        .part("", vec![Block::Rows(entries.iter().map(row).collect())]);
    Board { previous, next, ..board }
}
