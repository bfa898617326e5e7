//! What time asks for: partitions for the requests of the coming month and the end of old ones, the usual interval of
//! each site, pages of capsules that have been dead for long, which leave the search, and texts that no page holds any
//! more, since the page says something else now, or is gone.

use std::time::Duration;

use shared::gemini::pattern::UrlPattern;
use shared::process::disk::Step;
use shared::process::progress::Part;
use shared::store::asked::job;
use shared::store::crawl::request;
use shared::store::feed::change::sealed;
use shared::store::feed::follower;
use shared::store::id::CapsuleId;
use shared::store::known::{certificate, newcomer, page, site};
use shared::store::{Store, StoreError};

use super::texts;

/// So long the requests we sent are kept after the end of their month: in all three to four months, as visitors are
/// told.
const KEPT_FOR: Duration = Duration::from_secs(90 * 24 * 3600);
/// A capsule that has not answered for so long leaves the results; its archive stays.
const DEAD_FOR: Duration = Duration::from_secs(46 * 24 * 3600);
/// Hosts that are remembered although they are not taken up yet, and how many of them are forgotten in one transaction.
const WAITING: i64 = 200_000;
const WAITING_SLICE: i64 = 50_000;
/// A job that has ended is told of for so long.
const JOBS_FOR: Duration = Duration::from_secs(90 * 24 * 3600);
/// Certificates of a capsule that are kept.
const CERTIFICATES: i64 = 100;
/// An index that has told nothing of itself for so long is no more.
const FOLLOWERS_FOR: Duration = Duration::from_secs(30 * 24 * 3600);
/// How often it is done, and how soon again after it failed.
const EVERY: Duration = Duration::from_secs(6 * 3600);
const AGAIN: Duration = Duration::from_secs(60);
/// Pages, or capsules, looked at in one transaction.
const SLICE: i64 = 500;
/// Pages that must be known before a site has a usual interval.
const PAGES: i64 = 10;
/// Slices at one time; what is left is done the next time.
const SLICES: usize = 10_000;

/// Does it; returns how long until the next time. Any number of workers may do it.
pub async fn run(at_work: (&Store, &Part), step: Step) -> Duration {
    match all(at_work, kept_for(step)).await {
        Ok(()) => EVERY,
        Err(error) => {
            tracing::warn!(error = &error as &dyn std::error::Error, "upkeep failed, trying again");
            AGAIN
        }
    }
}

/// How long requests are kept; where room is tight, only those of this month.
const fn kept_for(step: Step) -> Duration {
    match step {
        Step::Enough => KEPT_FOR,
        Step::Tight | Step::Scarce | Step::Full => Duration::ZERO,
    }
}

async fn all((store, part): (&Store, &Part), kept_for: Duration) -> Result<(), StoreError> {
    store.write(async |c| request::upkeep(c, kept_for).await).await?;
    for _ in 0..SLICES {
        let forgotten = store.write(async |c| newcomer::forget(c, WAITING, WAITING_SLICE).await).await?;
        part.advanced();
        if forgotten == 0 {
            break;
        }
    }
    store.write(async |c| job::forget(c, JOBS_FOR).await).await?;
    store.write(async |c| certificate::forget(c, CERTIFICATES).await).await?;
    store.write(async |c| follower::forget(c, FOLLOWERS_FOR).await).await?;
    part.advanced();
    let mut last = CapsuleId(0);
    for _ in 0..SLICES {
        let learnt = store.write(async |c| site::learn_intervals(c, last, SLICE, PAGES).await).await?;
        let Some(next) = learnt else { break };
        part.advanced();
        last = next;
    }
    for _ in 0..SLICES {
        let (pages, _highest) =
            sealed(store, async |tx| page::withdraw_dead(tx, DEAD_FOR, SLICE).await).await?;
        if pages == 0 {
            break;
        }
        part.advanced();
        tracing::info!(pages, "pages of dead capsules left the search");
    }
    texts::of((store, part), &UrlPattern::Everything).await
}
