//! What a component tells its supervisor: a line of JSON a second on standard output. It is at once its
//! pulse: the task that writes it runs on the component's own threads.

use std::os::fd::AsFd as _;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use shared::process::progress::{Doing, Figure, Progress};
use tokio::io::AsyncWriteExt as _;
use tokio::net::unix::pipe;
use tokio::time::{MissedTickBehavior, interval};

/// Between two reports.
const BEAT: Duration = Duration::from_secs(1);

/// A component at one moment.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Report {
    steps: u64,
    /// Why it does nothing, if it does nothing.
    pub(crate) idle: Option<String>,
    figures: Vec<u64>,
}

impl Report {
    fn of(progress: &Progress) -> Self {
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

/// Reports until the supervisor no longer listens.
pub(crate) async fn tell(progress: Progress) {
    let standard_output = std::io::stdout().as_fd().try_clone_to_owned();
    let mut out = match standard_output.and_then(pipe::Sender::from_owned_fd) {
        Ok(out) => out,
        Err(error) => {
            tracing::warn!(%error, "the supervisor cannot be told of progress");
            return;
        }
    };
    let mut beat = interval(BEAT);
    beat.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        beat.tick().await;
        let mut line = serde_json::to_string(&Report::of(&progress)).unwrap_or_default();
        line.push('\n');
        if out.write_all(line.as_bytes()).await.is_err() {
            return;
        }
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
