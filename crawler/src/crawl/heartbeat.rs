//! The worker's sign of life: its open sockets, written to the store for any desk to list, and the figures
//! that the crawl shows while it runs. It is also the one who sees that the store's clock jumps.

use std::time::{Duration, SystemTime};

use shared::process::disk::Step;
use shared::process::machine::{Clocks, Jump};
use shared::process::progress::{Figure, Part, Progress};
use shared::store::Store;
use shared::store::bell::{self, Topic};
use shared::store::crawl::worker::{self, OpenConnection, Sign};
use shared::store::crawl::{clock, turn};
use shared::store::feed::change::sealed;
use shared::store::id::WorkerId;
use shared::store::outcome::Stage;
use tokio::sync::watch;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use super::brakes::Brake;
use super::disk::Told;
use crate::fetch::ledger::Ledger;

/// How often.
const EVERY: Duration = Duration::from_secs(5);

/// What is told, to whom, and where it comes from.
#[derive(Debug)]
pub struct Tell {
    /// The figures of the crawl.
    pub progress: Progress,
    /// What keeps it from crawling.
    pub brake: watch::Receiver<Option<Brake>>,
    /// How scarce room on the disk is.
    pub disk: Told,
    /// Counts the jumps ahead of the store's clock.
    pub jumps: watch::Sender<u64>,
}

/// Beats until asked to stop, and once more at the end, when no socket is left.
pub async fn run(
    store: Store,
    worker: WorkerId,
    ledger: Ledger,
    Tell { progress, brake, disk, jumps }: Tell,
    stop: CancellationToken,
) {
    let part = progress.part("heartbeat");
    let mut pages = progress.get(Figure::Pages);
    let mut clocks = None;
    loop {
        let is_last = stop.is_cancelled();
        let open = connections(&ledger);
        progress.set(Figure::OpenSockets, open.len() as u64);
        let turns = if is_last { 0 } else { progress.get(Figure::InHand) };
        let pages_now = progress.get(Figure::Pages);
        let visited = (pages != pages_now).then_some(Duration::ZERO);
        let notice = disk.borrow().filter(|told| matches!(told.step, Step::Tight | Step::Scarce));
        let sign = Sign {
            open,
            turns,
            brake: brake.borrow().map(|brake| brake.to_string()),
            notice: notice.map(|scarcity| scarcity.to_string()),
            visited,
        };
        let beat = store.write(async |c| {
            worker::beat(c, worker, &sign).await?;
            Ok((turn::backlog(c).await?, clock::tick(c).await?))
        });
        let beaten = beat.await;
        part.advanced();
        match beaten {
            Ok((backlog, tick)) => {
                pages = pages_now;
                progress.set(Figure::Due, backlog.due_capsules);
                let now = SystemTime::from(tick.now);
                let since = clocks.get_or_insert_with(|| Clocks::new(now, Instant::now()));
                if let Some(Jump::Ahead(by)) = since.compare(now, Instant::now()) {
                    tracing::warn!(seconds = by.as_secs(), "the clock of the database jumped ahead");
                    jumps.send_modify(|jumps| *jumps += 1);
                }
                if let Some(by) = tick.behind {
                    bring_back(&store, by, &part).await;
                }
            }
            Err(error) => {
                tracing::debug!(error = &error as &dyn std::error::Error, "no sign of life could be given");
            }
        }
        if is_last {
            return;
        }
        tokio::select! {
            () = stop.cancelled() => {}
            () = part.idle_during("between two beats", tokio::time::sleep(EVERY)) => {}
        }
    }
}

/// The store's clock was set back: what the wrong clock put into the future is brought back by as much, or the crawl
/// would stand still until then.
async fn bring_back(store: &Store, by: Duration, part: &Part) {
    tracing::warn!(
        seconds = by.as_secs(),
        "the clock of the database was set back; what is due is brought back"
    );
    loop {
        match sealed(store, clock::bring_back).await {
            Ok((true, _)) => part.advanced(),
            Ok((false, _)) => break,
            // The next beat goes on where this one ended.
            Err(error) => {
                tracing::warn!(error = &error as &dyn std::error::Error, "not all was brought back yet");
                return;
            }
        }
    }
    if let Err(error) = store.write(async |c| bell::ring(c, Topic::Crawl).await).await {
        tracing::debug!(error = &error as &dyn std::error::Error, "the crawl looks by itself");
    }
}

fn connections(ledger: &Ledger) -> Vec<OpenConnection> {
    let open = ledger.open().into_iter().map(|socket| OpenConnection {
        host: socket.capsule.to_string(),
        stage: stage(socket.stage).to_owned(),
        age_ms: u64::try_from(socket.since.elapsed().as_millis()).unwrap_or(u64::MAX),
        fd: socket.fd,
    });
    open.collect()
}

const fn stage(stage: Stage) -> &'static str {
    match stage {
        Stage::Dns => "dns",
        Stage::Connect => "connect",
        Stage::Tls => "tls",
        Stage::Request => "request",
        Stage::Header => "header",
        Stage::Body => "body",
    }
}
