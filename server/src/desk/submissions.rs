//! What was handed in, by visitors and as seeds, and how far each of it has come.

use shared::store::asked::exclusion;
use shared::store::asked::submission::{self, HandedInBy, Submission};
use shared::store::known::profile;
use shared::store::{Store, StoreError};

use super::board::{Block, Board, Mood, Row};
use super::deed::Deed;
use super::parts;
use crate::paths::desk;
use crate::render::phrase;
use crate::render::problem::Problem;
use crate::screens::owner::receipt::{self, Known, Stage};
use crate::search::PageNumber;

/// A part of the list.
#[derive(Clone, Debug)]
pub struct Submissions {
    /// What was handed in, each with how far it is; and one more where another part follows.
    pub handed_in: Vec<(Submission, Stage)>,
    /// How much there is in all.
    pub count: u64,
    /// Which part.
    pub number: PageNumber,
}

/// Reads a part.
///
/// # Errors
///
/// When the database is away, or the part is too far away.
pub async fn load(store: &Store, number: PageNumber) -> Result<Submissions, Problem> {
    let part = parts::of(number)?;
    let read = async |c: &mut shared::store::pool::Connection| -> Result<Submissions, StoreError> {
        let (list, count) = submission::list(c, part.offset, part.limit).await?;
        let mut handed_in = Vec::new();
        for one in list {
            let known = Known {
                handed_in: Some(one.at),
                page: profile::of(c, &one.url).await?,
                exclusion: exclusion::against(c, &one.url).await?,
                forbidden: None,
            };
            handed_in.push((one, receipt::stage(&known)));
        }
        Ok(Submissions { handed_in, count, number })
    };
    Ok(store.read(read).await?)
}

/// The board.
#[must_use]
pub fn shown(submissions: &Submissions) -> Board {
    let Submissions { handed_in, count, number } = submissions;
    let mut handed_in = handed_in.clone();
    let more = parts::cut(&mut handed_in);
    let verdict = match count {
        0 => "Nothing was handed in yet.".to_owned(),
        count => format!("{} handed in, the latest first.", phrase::count(*count, "URL was", "URLs were")),
    };
    let (previous, next) = parts::around(desk::SUBMISSIONS, *number, more);
    let board = Board::new("Submissions", desk::SUBMISSIONS, Mood::Plain, verdict)
        .part("", vec![Block::Rows(handed_in.iter().map(row).collect())])
        .ask(Deed::Seed);
    Board { previous, next, ..board }
}

fn row((submission, stage): &(Submission, Stage)) -> Row {
    let (mood, told) = match stage {
        Stage::Unknown => (Mood::Plain, "not known any more".to_owned()),
        Stage::ShutOut => (Mood::Plain, "shut out".to_owned()),
        Stage::Queued => (Mood::Busy, "queued".to_owned()),
        Stage::Fetched => (Mood::Busy, "fetched, not yet in the index".to_owned()),
        Stage::Searchable => (Mood::Well, "can be found".to_owned()),
        Stage::Failed(outcome) => (Mood::Plain, phrase::outcome_in_short(*outcome).to_owned()),
        Stage::Gone => (Mood::Plain, "gone".to_owned()),
    };
    let by = match submission.by {
        HandedInBy::Admin => "a seed",
        HandedInBy::Visitor => "by a visitor",
    };
    Row::new(mood, submission.url.as_str())
        .with([told, by.to_owned(), phrase::moment(submission.at)])
        .offering(Deed::Recrawl, submission.url.as_str())
}
