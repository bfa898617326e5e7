//! `sextant crawl`: the crawler alone, under a supervisor of ours or of somebody else's.

use std::process::ExitCode;
use std::time::Duration;

use anyhow::Context as _;
use crawler::Crawler;
use crawler::fetch::ledger::{Ledger, OpenSocket};
use shared::process::figures;
use shared::process::progress::Progress;
use shared::store::Store;

use crate::admin::read_seeds;
use crate::life::{Life, components, health, identity};
use crate::settings::Settings;

/// So many sockets are named where something hangs.
const OLDEST: usize = 10;

/// Crawls until told to stop.
pub(crate) async fn run(settings: &Settings) -> anyhow::Result<ExitCode> {
    let places = settings.places();
    identity::leave_root(places.state())?;
    let mut life = Life::begin("crawl", settings, &places)?;
    // The start ends here, and with it the part that is watched for it.
    let store = components::store(settings, &places, &life.start()).await?;
    if let Some(store) = store {
        let _as_many_as_may_be = shared::process::machine::raised_descriptors();
        let counted = store.clone();
        let mut config = settings.crawler(&places);
        if let Some(file) = &settings.seeds {
            config.seeds.extend(read_seeds(file).context("crawl.seeds")?);
        }
        let crawler = Crawler::new(config, store).telling(life.progress());
        let ledger = crawler.ledger();
        let (progress, open) = (life.progress(), crawler.ledger());
        life.health().sampling(move || sample(&progress, &open, &counted));
        life.watch(Box::new(move || oldest(&ledger)))?;
        let stop = life.stop();
        life.until(crawler.run(stop)).await?;
    }
    Ok(ExitCode::SUCCESS)
}

fn sample(progress: &Progress, ledger: &Ledger, store: &Store) {
    health::crawl(progress);
    health::connections(store.connections());
    // Where the list is in use at this moment, the figures keep what they were.
    if let Some(open) = ledger.glance() {
        figures::SOCKETS.set([], open.len() as f64);
        let oldest = open.first().map_or(Duration::ZERO, |socket| socket.since.elapsed());
        figures::OLDEST_SOCKET.set([], oldest.as_secs_f64());
    }
}

/// The sockets that have been open for longest. A ledger that is in use at this moment for too long is itself a sign.
fn oldest(ledger: &Ledger) -> Vec<String> {
    let Some(open) = ledger.glance() else { return vec!["the list of open sockets is locked".to_owned()] };
    let line = |socket: &OpenSocket| {
        let seconds = socket.since.elapsed().as_secs();
        format!(
            "{} at {}, fd {}, {:?} for {seconds} s",
            socket.capsule, socket.address, socket.fd, socket.stage
        )
    };
    let oldest = open.iter().take(OLDEST).map(line);
    std::iter::once(format!("{} open sockets", open.len())).chain(oldest).collect()
}
