//! What time asks for: partitions for the requests of the coming month, and the end of old ones.

use std::time::Duration;

use shared::store::Store;
use shared::store::crawl::request;

/// So long the requests we sent are kept.
const KEPT_FOR: Duration = Duration::from_secs(90 * 24 * 3600);
/// How often it is done, and how soon again after it failed.
const EVERY: Duration = Duration::from_secs(6 * 3600);
const AGAIN: Duration = Duration::from_secs(60);

/// Does it; returns how long until the next time. Any number of workers may do it.
pub async fn run(store: &Store) -> Duration {
    match store.write(async |c| request::upkeep(c, KEPT_FOR).await).await {
        Ok(()) => EVERY,
        Err(error) => {
            tracing::warn!(error = &error as &dyn std::error::Error, "upkeep failed, trying again");
            AGAIN
        }
    }
}
