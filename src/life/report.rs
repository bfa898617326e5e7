//! What a component tells its supervisor: a line of JSON a second on standard output, written by its watchdog, whose
//! beat it is at once.

use serde::{Deserialize, Serialize};
use shared::process::progress::{Doing, Figure, Progress};

/// A component at one moment.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Report {
    steps: u64,
    /// Why it does nothing, if it does nothing.
    pub(crate) idle: Option<String>,
    figures: Vec<u64>,
}

impl Report {
    /// How it stands now.
    pub(crate) fn of(progress: &Progress) -> Self {
        let idle = match progress.doing() {
            Doing::Working => None,
            Doing::Idle(reason) => Some(reason.to_owned()),
        };
        Self {
            steps: progress.steps(),
            idle,
            figures: Figure::ALL.map(|figure| progress.get(figure)).to_vec(),
        }
    }

    /// One of its figures.
    pub(crate) fn figure(&self, figure: Figure) -> u64 {
        let place = Figure::ALL.iter().position(|&other| other == figure);
        place.and_then(|place| self.figures.get(place).copied()).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_report_carries_figures_and_idleness() {
        let progress = Progress::default();
        progress.add(Figure::Indexed, 7);
        progress.idle("nothing is due");
        let line = serde_json::to_string(&Report::of(&progress)).expect("JSON");
        let read: Report = serde_json::from_str(&line).expect("a report");
        assert_eq!((read.figure(Figure::Indexed), read.figure(Figure::Pages)), (7, 0));
        assert_eq!(read.idle.as_deref(), Some("nothing is due"));
    }
}
