//! From a text to results, in a time budget.
//!
//! A text is scanned into a `query` (nothing a person types is an error), a thread of the `pool` runs it
//! against the newest state of the index, and what comes back shows all that a screen needs: no search asks
//! the database. The `engine` is the only part that knows which library stands behind it.
//!
//! Nothing here waits for an index: before the first one exists, a search says so, and the moment one is
//! published it is taken up.

mod effort;
mod engine;
pub mod limit;
mod little;
pub mod note;
mod pool;
mod query;
mod relax;
pub mod request;
pub mod results;
mod scan;
mod weights;

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use chrono::Utc;
use shared::gemini::url::GeminiUrl;
use shared::index::generation::IndexFolder;
use shared::process::figures;
use tokio::time::Instant;

pub use self::engine::EngineError;
use self::engine::reader::{Reader, Snapshot};
pub use self::limit::Limit;
use self::pool::{Pool, Unanswered};
pub use self::request::{Extras, HITS_PER_PAGE, PageNumber, SearchRequest, Verbosity};
pub use self::results::IndexFacts;
use self::results::{Results, Seen};

/// How searches are run.
#[derive(Clone, Copy, Debug)]
pub struct SearchConfig {
    /// Threads that search.
    pub threads: usize,
    /// Searches that may wait for a thread; more are turned away.
    pub queue: usize,
    /// How long a person waits at most.
    pub budget: Duration,
    /// How often to look for a newer index.
    pub poll: Duration,
}

impl Default for SearchConfig {
    fn default() -> Self {
        Self { threads: 2, queue: 64, budget: Duration::from_secs(1), poll: Duration::from_millis(500) }
    }
}

/// A machine that is busy with something else is often less so after that time.
const COME_AGAIN: Duration = Duration::from_secs(5);

/// Why there are no results.
#[derive(Debug, thiserror::Error)]
pub enum SearchError {
    /// All threads are busy and enough searches wait.
    #[error("too many searches at once")]
    Busy {
        /// When to try again.
        retry_after: Duration,
    },
    /// It came late, and not by its own fault: it waited for its turn, the processor or the disk.
    #[error("the machine was too busy for the search")]
    Late {
        /// When to try again.
        retry_after: Duration,
    },
    /// No index has been published yet.
    #[error("there is no index yet")]
    NoIndex,
    /// It is more work than its time is long.
    #[error("the search was too much work")]
    TooHard,
    /// The index could not be read.
    #[error("the index could not be searched")]
    Engine(#[source] EngineError),
}

/// Answers searches from the index in a folder. Cheap to clone; all clones share the threads.
#[derive(Clone)]
pub struct Searcher {
    reader: Arc<Reader>,
    pool: Arc<Pool>,
    budget: Duration,
}

impl Searcher {
    /// A searcher over the index folder; there need not be an index in it yet.
    ///
    /// # Panics
    ///
    /// When the system gives no thread at start-up.
    #[must_use]
    pub fn open(index_folder: &Path, config: SearchConfig) -> Self {
        let reader = Reader::start(index_folder, config.poll);
        Self { reader, pool: Arc::new(Pool::start(config.threads, config.queue)), budget: config.budget }
    }

    /// Searches, off the async threads.
    ///
    /// # Errors
    ///
    /// When there is no index, too much to do at once, or more work in it than time.
    pub async fn search(&self, request: SearchRequest) -> Result<Results, SearchError> {
        let started = Instant::now();
        let now = Utc::now();
        // Before anybody is turned away, nobody gets more than hits.
        let extras = if self.pool.is_crowded() { Extras::LeftOut } else { request.extras };
        let job = move |snapshot: &Snapshot| engine::search(snapshot, &request, extras, now);
        let found = self.run(job).await;
        let result = match &found {
            Ok(results) if results.hits.is_empty() => "nothing",
            Ok(_) => "found",
            Err(SearchError::Busy { .. }) => "busy",
            Err(SearchError::NoIndex) => "absent",
            Err(SearchError::Late { .. } | SearchError::TooHard) => "late",
            Err(SearchError::Engine(_)) => "failed",
        };
        figures::SEARCHES.add([result], 1);
        let mut results = found?;
        results.elapsed = started.elapsed();
        figures::SEARCH_TIME.took([], results.elapsed);
        Ok(results)
    }

    /// The newest pages that have all the words and keep the limits, by the day they were first seen; without
    /// words and limits, of all pages.
    ///
    /// # Errors
    ///
    /// When there is no index, too much to do at once, or more work in it than time.
    pub async fn newest(
        &self,
        text: &str,
        limits: Vec<Limit>,
        most: usize,
    ) -> Result<Vec<Seen>, SearchError> {
        let text = text.to_owned();
        self.run(move |snapshot| engine::newest(snapshot, &text, &limits, most)).await
    }

    /// The newest page of each of the sites that brought one last, the last one first.
    ///
    /// # Errors
    ///
    /// When there is no index, too much to do at once, or more work in it than time.
    pub async fn newest_of_sites(&self, most: usize) -> Result<Vec<Seen>, SearchError> {
        self.run(move |snapshot| engine::newest_of_sites(snapshot, most)).await
    }

    /// A page of anywhere within the limits; none, if there is none.
    ///
    /// # Errors
    ///
    /// When there is no index, too much to do at once, or more work in it than time.
    pub async fn random(&self, limits: Vec<Limit>) -> Result<Option<GeminiUrl>, SearchError> {
        self.run(move |snapshot| engine::random(snapshot, &limits)).await
    }

    /// Runs a job on the newest state of the index, off the async threads.
    async fn run<T: Send + 'static>(
        &self,
        job: impl FnOnce(&Snapshot) -> Result<T, EngineError> + Send + 'static,
    ) -> Result<T, SearchError> {
        let snapshot = self.reader.snapshot().ok_or(SearchError::NoIndex)?;
        match self.pool.answer(self.budget, move || job(&snapshot)).await {
            Ok(done) => done.map_err(SearchError::Engine),
            // Until then whatever waits now has its answer, or has given up.
            Err(Unanswered::Full) => Err(SearchError::Busy { retry_after: self.budget }),
            Err(Unanswered::Waited) => Err(SearchError::Late { retry_after: COME_AGAIN }),
            Err(Unanswered::Hard) => Err(SearchError::TooHard),
            Err(Unanswered::Panicked) => Err(SearchError::Engine(EngineError::Panicked)),
        }
    }

    /// Whether there is an index to search.
    #[must_use]
    pub fn is_open(&self) -> bool {
        self.reader.snapshot().is_some()
    }

    /// What the index holds; nothing, before there is one.
    #[must_use]
    pub fn facts(&self) -> IndexFacts {
        self.reader.facts()
    }

    /// The folder of the index.
    #[must_use]
    pub fn folder(&self) -> IndexFolder {
        self.reader.folder()
    }

    /// Looks for a newer index now, instead of at the next poll. Blocks while it reads.
    pub fn refresh(&self) {
        self.reader.refresh();
    }
}
