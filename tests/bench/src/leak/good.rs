//! A good capsule is answered in its normal time while sixty-four hostile ones hang.

use std::sync::Arc;
use std::time::Duration;

use anyhow::ensure;
use tokio::task::JoinSet;
use tokio::time::Instant;

use super::storm::{Storm, visit};
use crate::report::{Report, median};

/// Visits to the good capsule of which the median is taken.
const VISITS: usize = 41;
/// Hanging ones beside them.
const HANGING: usize = 64;
/// A host that accepts and never says a byte.
const SILENT: &str = "connect-silent.hostile.example";
/// What counts as the normal time: so many times the time alone, and a moment of a noisy machine.
const TIMES: f64 = 5.0;
const MOMENT: Duration = Duration::from_millis(250);

/// Measures the good capsule alone and beside hanging ones.
pub(super) async fn beside_hanging(storm: &Storm, report: &mut Report) -> anyhow::Result<()> {
    let alone = median_time(storm, None).await?;
    let mut hanging = JoinSet::new();
    let beside = median_time(storm, Some(&mut hanging)).await?;
    hanging.shutdown().await;
    report.measured("good_alone_ms", alone * 1_000.0);
    report.measured("good_beside_64_hanging_ms", beside * 1_000.0);
    report.promise(
        beside <= alone * TIMES + MOMENT.as_secs_f64(),
        format!("a good capsule takes {beside:.3} s beside hanging ones, alone {alone:.3} s"),
    );
    Ok(())
}

async fn median_time(storm: &Storm, mut hanging: Option<&mut JoinSet<()>>) -> anyhow::Result<f64> {
    let mut times = Vec::with_capacity(VISITS);
    for _visit in 0..VISITS {
        if let Some(hanging) = &mut hanging {
            while hanging.try_join_next().is_some() {}
            while hanging.len() < HANGING {
                let network = Arc::clone(&storm.network);
                hanging.spawn(async move { drop(visit(&network, SILENT).await) });
            }
            while storm.ledger.count() < HANGING / 2 {
                tokio::task::yield_now().await;
            }
        }
        let began = Instant::now();
        let answered = visit(&storm.network, storm.hostile.good()).await;
        ensure!(answered.is_ok(), "the good capsule was not answered: {answered:?}");
        times.push(began.elapsed().as_secs_f64());
    }
    Ok(median(&mut times))
}
