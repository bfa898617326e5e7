//! What the admin asks for in a [`World`], and what the worker tells of itself there.

use std::time::Duration;

use shared::store::asked::job::{self, JobKind};
use shared::store::bell::{self, Topic};
use shared::store::crawl::worker;
use tokio::time::Instant;

use crate::crawling::World;

/// For what takes seconds.
pub(crate) const WAIT: Duration = Duration::from_secs(30);

#[allow(dead_code, reason = "each test uses its part of the support")]
impl World {
    /// Everything is visited anew.
    pub(crate) async fn recrawl(&self) {
        self.store()
            .write(async |c| {
                job::ask(c, JobKind::Recrawl, "*").await?;
                bell::ring(c, Topic::Jobs).await
            })
            .await
            .unwrap();
    }

    /// What the worker says that keeps it from crawling.
    pub(crate) async fn brake(&self) -> Option<String> {
        let workers = self.store().read(async |c| worker::all(c).await).await.unwrap();
        workers.into_iter().next()?.sign.brake
    }

    /// Waits until the worker tells of this brake.
    pub(crate) async fn until_told(&self, words: &str) {
        let end = Instant::now() + WAIT;
        while !self.brake().await.is_some_and(|brake| brake.contains(words)) {
            assert!(Instant::now() < end, "{words:?} is not told, but {:?}", self.brake().await);
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }
}
