//! Progress on a terminal: a line for each component, told anew every second.

use std::time::Duration;

use indicatif::{MultiProgress, ProgressBar, ProgressStyle};
use shared::process::progress::Figure;
use shared::process::told;
use tokio::sync::watch;
use tokio::time::{Instant, MissedTickBehavior, interval};
use tokio_util::sync::CancellationToken;

use super::child::Seen;
use super::report::Report;

/// Between two pictures.
const FRAME: Duration = Duration::from_millis(500);

/// The rate is measured over this time.
const WINDOW: Duration = Duration::from_secs(5);

/// Pages a second, over the last seconds.
struct Rate {
    since: Instant,
    pages: u64,
    shown: f64,
}

/// Shows the children until it is time to stop, then leaves an empty line behind.
pub(crate) async fn show(children: Vec<(&'static str, watch::Receiver<Seen>)>, stop: CancellationToken) {
    let picture = MultiProgress::new();
    let style = ProgressStyle::with_template("{spinner} {prefix:6} {msg}")
        .unwrap_or_else(|_| ProgressStyle::default_spinner());
    let lines: Vec<ProgressBar> = children
        .iter()
        .map(|(name, _)| picture.add(ProgressBar::new_spinner().with_style(style.clone()).with_prefix(*name)))
        .collect();
    let mut rate = Rate { since: Instant::now(), pages: 0, shown: 0.0 };
    let mut frame = interval(FRAME);
    frame.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            () = stop.cancelled() => break,
            _ = frame.tick() => {}
        }
        for ((name, seen), line) in children.iter().zip(&lines) {
            let Seen { report, restarts } = seen.borrow().clone();
            let mut message = match *name {
                "crawl" => rate.crawl(&report),
                "index" => {
                    format!("{} indexed", told::count(report.figure(Figure::Indexed), "page", "pages"))
                }
                _ => format!("{} to be found", told::count(report.figure(Figure::Indexed), "page", "pages")),
            };
            if let Some(reason) = &report.idle {
                message = format!("{message}; {reason}");
            }
            if restarts != 0 {
                message = format!("{message}; restarted {}", told::count(restarts.into(), "time", "times"));
            }
            line.set_message(message);
            line.tick();
        }
    }
    for line in &lines {
        line.finish_and_clear();
    }
}

impl Rate {
    fn crawl(&mut self, report: &Report) -> String {
        let pages = report.figure(Figure::Pages);
        if WINDOW <= self.since.elapsed() {
            self.shown = pages.saturating_sub(self.pages) as f64 / self.since.elapsed().as_secs_f64();
            (self.since, self.pages) = (Instant::now(), pages);
        }
        format!(
            "{}, {:.1} a second; {} in hand, {}, {} due",
            told::count(pages, "page", "pages"),
            self.shown,
            told::count(report.figure(Figure::InHand), "capsule", "capsules"),
            told::count(report.figure(Figure::OpenSockets), "open socket", "open sockets"),
            told::count(report.figure(Figure::Due), "capsule", "capsules"),
        )
    }
}
