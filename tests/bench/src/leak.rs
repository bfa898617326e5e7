//! `deploy/bench leak`: the promise that the project exists for.
//!
//! Ten thousand visits by the crawler's real network to every hostile server that the simulated space can
//! play (which lives in a process of its own), half of them 64 at once and half 512, with limits twenty times
//! faster than in earnest. Afterwards descriptors, sockets, tasks and permits must be exactly what they were,
//! within five seconds; all the while the ledger must say what the system says. A process that holds one
//! thing too many for each visit would show it ten thousandfold.
//!
//! A proof that cannot fail proves nothing: built with the feature `leak-canary`, in which a detached timer
//! owns each stream, this bench must exit with 1.

mod good;
mod hostile;
mod readings;
mod storm;

use std::time::Duration;

use crawler::fetch::Network;
use crawler::fetch::ledger::Ledger;
use crawler::fetch::limits::Limits;
use crawler::fetch::refused::Rules;
use nix::sys::resource::{Resource, getrlimit, setrlimit};
use tokio_util::sync::CancellationToken;

use crate::report::Report;
use hostile::Hostile;
use readings::Readings;
use storm::Storm;

pub use hostile::{Serve, serve};

/// By how much every limit is divided.
const FASTER: u32 = 20;
/// Visits at once, in the two halves.
const AT_ONCE: [usize; 2] = [64, 512];
/// Everything must be back within this time.
const SETTLED_WITHIN: Duration = Duration::from_secs(5);
/// No visit may be so much longer than its limit.
const SLACK: Duration = Duration::from_secs(1);
/// The process may have grown by this much.
const GROWTH_MIB: f64 = 32.0;
/// Numbers of the catalogue that must be played.
const BEHAVIOURS: usize = 45;

/// How the bench is run.
#[derive(Debug, clap::Args)]
pub struct Options {
    /// Visits in all
    #[arg(long, default_value_t = 10_000)]
    visits: usize,
}

/// Runs the bench.
///
/// # Errors
///
/// When it could not be carried out.
pub async fn run(options: &Options) -> anyhow::Result<Report> {
    let (_soft, hard) = getrlimit(Resource::RLIMIT_NOFILE)?;
    setrlimit(Resource::RLIMIT_NOFILE, hard, hard)?;
    let hostile = Hostile::start()?;
    let limits = Limits::default().faster(FASTER);
    let ledger = Ledger::new();
    let stop = CancellationToken::new();
    let network = Network::new(
        limits.clone(),
        hostile.routes(),
        Rules::for_this_machine(&[]),
        ledger.clone(),
        stop.clone(),
    );
    let storm = Storm { network: network.into(), ledger, hostile };
    let mut report = Report::default();

    // Once through all of them: what is made once and kept is made now, and so not taken for growth.
    storm.rage(storm.hostile.behaviours().len(), AT_ONCE[1]).await;
    storm.settle(SETTLED_WITHIN).await;
    let before = Readings::take(&storm);
    for (half, at_once) in AT_ONCE.into_iter().enumerate() {
        let visits = (options.visits + half) / 2;
        let raged = storm.rage(visits, at_once).await;
        raged.tell(&mut report, at_once, limits.visit + SLACK);
    }
    let settled = storm.settle_to(&before, SETTLED_WITHIN).await;
    let after = Readings::take(&storm);
    good::beside_hanging(&storm, &mut report).await?;

    report.figure("visits", options.visits);
    report.figure("behaviours", storm.hostile.numbers());
    report.figure("hosts", storm.hostile.behaviours().len());
    report.measured("visit_limit_s", limits.visit.as_secs_f64());
    report.measured("settled_s", settled.as_secs_f64());
    report.promise(
        BEHAVIOURS <= storm.hostile.numbers(),
        format!(
            "{} behaviours of the catalogue are played, promised are {BEHAVIOURS}",
            storm.hostile.numbers()
        ),
    );
    before.compare(&after, &mut report, GROWTH_MIB);
    Ok(report)
}
