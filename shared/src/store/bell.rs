//! Listen and notify: shortens a wait, never carries meaning.
//!
//! A ring that is lost (a reconnect, a restart) costs a poll's delay and nothing else, so every wait has
//! an end of its own.

use super::pool::{Store, StoreError};
use std::time::Duration;

use sqlx::PgConnection;
use sqlx::postgres::PgListener;

/// What may have happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Topic {
    /// The feed has new numbers.
    Feed,
    /// A capsule may be due.
    Crawl,
    /// A job was asked for.
    Jobs,
}

impl Topic {
    const fn channel(self) -> &'static str {
        match self {
            Self::Feed => "sextant_feed",
            Self::Crawl => "sextant_crawl",
            Self::Jobs => "sextant_jobs",
        }
    }
}

/// Rings when the transaction commits.
///
/// # Errors
///
/// When the database is away.
pub async fn ring(c: &mut PgConnection, topic: Topic) -> Result<(), StoreError> {
    sqlx::query!("select pg_notify($1, '')", topic.channel()).execute(c).await?;
    Ok(())
}

/// A waiting ear for one topic.
#[derive(Debug)]
pub struct Bell {
    store: Store,
    topic: Topic,
    listener: Option<PgListener>,
}

impl Bell {
    /// Makes an ear; it connects when it first waits.
    #[must_use]
    pub const fn new(store: Store, topic: Topic) -> Self {
        Self { store, topic, listener: None }
    }

    /// Waits for a ring, at most `longest`. While the database is away it waits the whole time.
    pub async fn wait(&mut self, longest: Duration) {
        let end = tokio::time::Instant::now() + longest;
        // Whether it rang, the time ran out or the connection broke: the caller looks for itself.
        match tokio::time::timeout_at(end, self.heard()).await {
            Ok(Ok(())) => {}
            Ok(Err(error)) => {
                tracing::debug!(error = &error as &dyn std::error::Error, "the bell is silent for now");
                self.listener = None;
                tokio::time::sleep_until(end).await;
            }
            Err(_elapsed) => {}
        }
    }

    async fn heard(&mut self) -> Result<(), StoreError> {
        if self.listener.is_none() {
            let mut listener = PgListener::connect_with(self.store.pool()).await?;
            listener.listen(self.topic.channel()).await?;
            self.listener = Some(listener);
        }
        if let Some(listener) = &mut self.listener {
            listener.recv().await?;
        }
        Ok(())
    }
}
