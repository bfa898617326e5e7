//! The worker's sign of life: its open sockets, written to the store for any desk to list, and the figures
//! that the crawl shows while it runs.

use std::time::Duration;

use shared::process::progress::{Figure, Progress};
use shared::store::Store;
use shared::store::crawl::turn;
use shared::store::crawl::worker::{self, OpenConnection};
use shared::store::id::WorkerId;
use shared::store::outcome::Stage;
use tokio_util::sync::CancellationToken;

use crate::fetch::ledger::Ledger;

/// How often.
const EVERY: Duration = Duration::from_secs(5);

/// Beats until asked to stop, and once more at the end, when no socket is left.
pub async fn run(
    store: Store,
    worker: WorkerId,
    ledger: Ledger,
    progress: Progress,
    stop: CancellationToken,
) {
    loop {
        let is_last = stop.is_cancelled();
        let open = connections(&ledger);
        progress.set(Figure::OpenSockets, open.len() as u64);
        let beat = store.write(async |c| {
            worker::beat(c, worker, &open).await?;
            turn::backlog(c).await
        });
        match beat.await {
            Ok(backlog) => progress.set(Figure::Due, backlog.due_capsules),
            Err(error) => {
                tracing::debug!(error = &error as &dyn std::error::Error, "no sign of life could be given");
            }
        }
        if is_last {
            return;
        }
        tokio::select! {
            () = stop.cancelled() => {}
            () = tokio::time::sleep(EVERY) => {}
        }
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
