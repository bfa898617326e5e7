//! What was found last, for the front page: looked up now and then, and kept in between, so that the page that
//! everybody opens costs next to nothing.

use std::time::Duration;

use tokio::sync::Mutex;
use tokio::time::Instant;

use crate::search::Searcher;
use crate::search::results::Seen;

/// How long it is kept.
const FRESH: Duration = Duration::from_secs(20);
/// Pages looked at: enough for some of different capsules, where one has brought many at once.
const LOOKED_AT: usize = 60;

/// The newest pages, the last one first. They are looked up once, however many ask at the same time.
#[derive(Debug, Default)]
pub struct Latest(Mutex<Option<(Instant, Vec<Seen>)>>);

impl Latest {
    /// The newest pages; none where the index cannot be asked now.
    pub async fn or_looked_up(&self, searcher: &Searcher) -> Vec<Seen> {
        let mut kept = self.0.lock().await;
        if let Some((looked_up, seen)) = kept.as_ref()
            && looked_up.elapsed() < FRESH
        {
            return seen.clone();
        }
        match searcher.newest("", Vec::new(), LOOKED_AT).await {
            Ok(seen) => {
                *kept = Some((Instant::now(), seen.clone()));
                seen
            }
            // What was new a while ago is better than nothing.
            Err(_) => kept.as_ref().map(|(_, seen)| seen.clone()).unwrap_or_default(),
        }
    }
}
