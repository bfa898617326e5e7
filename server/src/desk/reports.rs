//! Complaints of visitors, those that nobody has judged first.

use shared::store::Store;
use shared::store::asked::report::{self, Listed, ReportState};

use super::board::{Block, Board, Mood, Row};
use super::deed::Deed;
use super::parts;
use crate::paths::desk;
use crate::render::phrase;
use crate::render::problem::Problem;
use crate::search::PageNumber;

/// A part of the list.
#[derive(Clone, Debug)]
pub struct Reports {
    /// The reports of the part, and one more where another part follows.
    pub reports: Vec<Listed>,
    /// How many nobody has judged.
    pub waiting: u64,
    /// Which part.
    pub number: PageNumber,
}

/// Reads a part.
///
/// # Errors
///
/// When the database is away, or the part is too far away.
pub async fn load(store: &Store, number: PageNumber) -> Result<Reports, Problem> {
    let part = parts::of(number)?;
    let read = store
        .read(async |c| Ok((report::list(c, part.offset, part.limit).await?, report::waiting(c).await?)));
    let (reports, waiting) = read.await?;
    Ok(Reports { reports, waiting, number })
}

/// The board.
#[must_use]
pub fn shown(reports: &Reports) -> Board {
    let Reports { reports, waiting, number } = reports;
    let mut reports = reports.clone();
    let more = parts::cut(&mut reports);
    let (mood, verdict) = match waiting {
        0 => (Mood::Well, "No report waits for you.".to_owned()),
        count => (
            Mood::Trouble,
            format!(
                "{} for your judgment.",
                phrase::count(*count, "report of a visitor waits", "reports of visitors wait")
            ),
        ),
    };
    let (previous, next) = parts::around(desk::REPORTS, *number, more);
    let board = Board::new("Reports", desk::REPORTS, mood, verdict)
        .part("", vec![Block::Rows(reports.iter().map(row).collect())]);
    Board { previous, next, ..board }
}

fn row(listed: &Listed) -> Row {
    let report = &listed.report;
    let (mood, state) = match report.state {
        ReportState::Open => (Mood::Trouble, "waits"),
        ReportState::Accepted => (Mood::Well, "followed"),
        ReportState::Declined => (Mood::Plain, "not followed"),
    };
    let row = Row::new(mood, &report.url).with([
        format!("report {}", listed.id),
        state.to_owned(),
        phrase::moment(report.reported_at),
        report.reason.clone(),
        report.answer.clone(),
    ]);
    match report.state {
        ReportState::Open => row
            .offering(Deed::TakeDown, listed.id.to_string())
            .offering(Deed::ShutOut, listed.id.to_string())
            .offering(Deed::Decline, listed.id.to_string()),
        ReportState::Accepted | ReportState::Declined => row,
    }
}
