//! Many visits at once to hosts that do their worst.

use std::sync::Arc;
use std::time::Duration;

use crawler::fetch::Network;
use crawler::fetch::fetched::{Fetch, FetchError, Want};
use crawler::fetch::ledger::Ledger;
use shared::gemini::host::Host;
use shared::gemini::url::GeminiUrl;
use tokio::task::JoinSet;
use tokio::time::Instant;

use super::hostile::Hostile;
use super::readings::{self, Readings};
use crate::report::Report;

/// The ledger is compared with the system this often.
const LOOK_EVERY: usize = 50;
/// A difference counts when it stands in so many readings in a row.
const IN_A_ROW: usize = 3;

/// All that visits need.
pub(super) struct Storm {
    pub(super) network: Arc<Network>,
    pub(super) ledger: Ledger,
    pub(super) hostile: Hostile,
}

/// What was seen meanwhile.
#[derive(Debug, Default)]
pub(super) struct Raged {
    visits: usize,
    answered: usize,
    panics: usize,
    longest: Duration,
    sockets_most: usize,
    looks: usize,
    mismatches: usize,
    took: Duration,
}

impl Storm {
    /// Visits every host in turn, so many at once.
    pub(super) async fn rage(&self, visits: usize, at_once: usize) -> Raged {
        let began = Instant::now();
        let hosts = self.hostile.behaviours();
        let others = readings::descriptors().saturating_sub(self.ledger.count());
        let mut raged = Raged { visits, ..Raged::default() };
        let mut running = JoinSet::new();
        let (mut begun, mut ended) = (0, 0);
        while ended < visits {
            while begun < visits && running.len() < at_once {
                let host = hosts[begun % hosts.len()].to_owned();
                let network = Arc::clone(&self.network);
                running.spawn(async move {
                    let started = Instant::now();
                    let answered = visit(&network, &host).await.is_ok();
                    (answered, started.elapsed())
                });
                begun += 1;
            }
            raged.sockets_most = raged.sockets_most.max(self.ledger.count());
            match running.join_next().await {
                None => break,
                Some(Ok((answered, took))) => {
                    raged.answered += usize::from(answered);
                    raged.longest = raged.longest.max(took);
                }
                Some(Err(_panic)) => raged.panics += 1,
            }
            ended += 1;
            if ended % LOOK_EVERY == 0 {
                raged.looks += 1;
                raged.mismatches += usize::from((0..IN_A_ROW).all(|_look| !self.agrees(others)));
            }
        }
        raged.took = began.elapsed();
        raged
    }

    /// Whether the system holds as many sockets open as the ledger, beside what else is open.
    fn agrees(&self, others: usize) -> bool {
        self.ledger.still(|open| open.len() + others == readings::descriptors())
    }

    /// Waits until all is as it was, and says how long that took; no longer than `limit`.
    pub(super) async fn settle_to(&self, before: &Readings, limit: Duration) -> Duration {
        let began = Instant::now();
        while began.elapsed() < limit && !before.has_returned(&Readings::take(self)) {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        began.elapsed()
    }

    /// Waits until nothing is on its way any more, no longer than `limit`.
    pub(super) async fn settle(&self, limit: Duration) {
        let began = Instant::now();
        while began.elapsed() < limit && !Readings::take(self).is_quiet() {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }
}

/// One visit of a host.
pub(super) async fn visit(network: &Network, host: &str) -> Result<(), FetchError> {
    let host = Host::parse(host).expect("a host of the space");
    let url = GeminiUrl::parse(&format!("gemini://{host}/page")).expect("a URL");
    let addresses = network.resolve(&host).await?;
    let ip = *addresses.first().expect("a lookup gives at least one address");
    network.get(&url, ip, Want::Page).await.map(drop)
}

impl Raged {
    /// Adds what was seen, under names that say how many were at once.
    pub(super) fn tell(&self, report: &mut Report, at_once: usize, limit: Duration) {
        let seconds = self.took.as_secs_f64();
        report.measured(&format!("seconds_at_{at_once}"), seconds);
        report.measured(&format!("longest_visit_at_{at_once}_s"), self.longest.as_secs_f64());
        report.most("longest_visit_s", self.longest.as_secs_f64());
        report.most("sockets_open_max", self.sockets_most as f64);
        report.add("visits_ended_with_an_answer", self.answered as u64);
        report.add("ledger_readings", self.looks as u64);
        report.add("ledger_mismatches", self.mismatches as u64);
        report.add("panics", self.panics as u64);
        report.promise(
            self.longest <= limit,
            format!("a visit took {:?} with {at_once} at once, promised is {limit:?}", self.longest),
        );
        report.promise(
            self.mismatches == 0,
            format!("ledger and system differed {} times with {at_once} at once", self.mismatches),
        );
        report.promise(self.panics == 0, format!("{} visits panicked", self.panics));
        report.promise(
            0 < self.answered && self.answered < self.visits,
            format!("{} of {} visits were answered: this was no storm", self.answered, self.visits),
        );
    }
}
