//! Jobs: what was asked for and who does it, how far it is, and what it came to.

use shared::store::Store;
use shared::store::asked::job::{self, Ended, JobState, Run};

use super::board::{Block, Board, Mood, Row};
use super::deed::Deed;
use super::parts;
use crate::paths::desk;
use crate::render::phrase::{self, grouped, span};
use crate::render::problem::Problem;
use crate::search::PageNumber;

/// A part of the list.
#[derive(Clone, Debug)]
pub struct Runs {
    /// The jobs of the part, those that are open first, and one more where another part follows.
    pub runs: Vec<Run>,
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
pub async fn load(store: &Store, number: PageNumber) -> Result<Runs, Problem> {
    let part = parts::of(number)?;
    let (runs, count) = store.read(async |c| job::runs(c, part.offset, part.limit).await).await?;
    Ok(Runs { runs, count, number })
}

/// The board; `job` is the one that was just asked for.
#[must_use]
pub fn shown(runs: &Runs, job: Option<i64>) -> Board {
    let Runs { runs, count, number } = runs;
    let mut runs = runs.clone();
    let more = parts::cut(&mut runs);
    let asked = job.and_then(|id| runs.iter().find(|run| run.job.id.0 == id));
    let open = runs.iter().filter(|run| !matches!(run.state, JobState::Over(_))).count() as u64;
    let (mood, verdict) = match (asked, open) {
        (Some(run), _) => {
            (mood(run.state), format!("Job {} was asked for: {}.", run.job.id, told(run.state)))
        }
        (None, 0) => (Mood::Well, "Nothing is under way.".to_owned()),
        (None, open) => (Mood::Busy, format!("{} under way.", phrase::count(open, "job is", "jobs are"))),
    };
    let (previous, next) = parts::around(desk::RUNS, *number, more);
    let board = Board::new("Runs", desk::RUNS, mood, verdict)
        .part(
            format!("{} in all, the open ones first", phrase::count(*count, "job", "jobs")),
            vec![Block::Rows(runs.iter().map(row).collect())],
        )
        .ask(Deed::Recrawl);
    Board { previous, next, ..board }
}

fn row(run: &Run) -> Row {
    let Run { job, state, age, ended_ago, done, total, note } = run;
    let ended = ended_ago.map(|ago| format!("ended {} ago", span(ago)));
    // What it came to says how many; not every job counts pages.
    let counted = match (&ended, done) {
        (Some(_), _) | (None, 0) => String::new(),
        (None, done) => pages(*done, *total),
    };
    Row::new(mood(*state), format!("{} {}", job.kind.code(), job.target)).with([
        format!("job {}", job.id),
        told(*state).to_owned(),
        counted,
        format!("asked for {} ago", span(*age)),
        ended.unwrap_or_default(),
        note.clone(),
    ])
}

/// How far a job is, where it counts pages.
#[must_use]
pub fn pages(done: u64, total: Option<u64>) -> String {
    match total {
        Some(total) => format!("{} of {}", grouped(done), phrase::count(total, "page", "pages")),
        None => phrase::count(done, "page", "pages"),
    }
}

const fn mood(state: JobState) -> Mood {
    match state {
        JobState::Waiting => Mood::Plain,
        JobState::Running => Mood::Busy,
        JobState::Over(Ended::Done) => Mood::Well,
        JobState::Over(Ended::Failed) => Mood::Trouble,
    }
}

const fn told(state: JobState) -> &'static str {
    match state {
        JobState::Waiting => "waiting for its turn",
        JobState::Running => "under way",
        JobState::Over(Ended::Done) => "done",
        JobState::Over(Ended::Failed) => "failed",
    }
}
