//! What was found last, for the front page: looked up now and then, and kept in between, so that the page that
//! everybody opens costs next to nothing.

use std::time::Duration;

use tokio::sync::Mutex;
use tokio::time::Instant;

use crate::search::Searcher;
use crate::search::results::Seen;

/// How long it is kept.
const FRESH: Duration = Duration::from_secs(20);
/// Sites whose newest page is looked at: enough for some of different capsules.
const LOOKED_AT: usize = 20;

/// The newest page of each site, the last one first. They are looked up once, however many ask at the same time.
#[derive(Debug, Default)]
pub struct Latest(Mutex<Option<(Instant, Vec<Seen>)>>);

impl Latest {
    /// The newest pages, one of each site; none where the index cannot be asked now.
    pub async fn or_looked_up(&self, searcher: &Searcher) -> Vec<Seen> {
        let mut kept = self.0.lock().await;
        if let Some((looked_up, seen)) = kept.as_ref()
            && looked_up.elapsed() < FRESH
        {
            return seen.clone();
        }
        match searcher.newest_of_sites(LOOKED_AT).await {
            Ok(seen) => {
                *kept = Some((Instant::now(), seen.clone()));
                seen
            }
            // What was new a while ago is better than nothing.
            Err(_) => kept.as_ref().map(|(_, seen)| seen.clone()).unwrap_or_default(),
        }
    }
}
