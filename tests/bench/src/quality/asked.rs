//! Queries to the real search, a hundred results deep, and the run that they make.

use std::fmt::Write as _;
use std::path::Path;
use std::time::Duration;

use anyhow::Context as _;
use server::search::{PageNumber, SearchConfig, SearchRequest, Searcher};
use shared::gemini::url::GeminiUrl;

/// Results of a query that are looked at.
pub const DEPTH: usize = 100;

/// One result.
#[derive(Clone, Debug, PartialEq)]
pub struct Found {
    /// The document, as the judgments name it.
    pub document: String,
    /// Its score, never above the one before it.
    pub score: f32,
}

/// A search over an index folder; here nobody waits, so it takes the time that it takes.
#[must_use]
pub fn searcher(index_folder: &Path) -> Searcher {
    Searcher::open(index_folder, SearchConfig { budget: Duration::from_secs(60), ..SearchConfig::default() })
}

/// The first hundred results for a text, by the names that `name` gives to their URLs. Two URLs of one name
/// are one result.
///
/// # Errors
///
/// When the search fails.
pub async fn ask(
    searcher: &Searcher,
    text: &str,
    name: impl Fn(&GeminiUrl) -> String,
) -> anyhow::Result<Vec<Found>> {
    let mut found: Vec<Found> = Vec::new();
    let mut page = PageNumber::FIRST;
    loop {
        let request = SearchRequest { page, ..SearchRequest::new(text) };
        let results =
            searcher.search(request).await.with_context(|| format!("the search failed for: {text}"))?;
        for hit in results.hits {
            let document = name(&hit.url);
            // Of copies the one with most links is shown, in the place of the best one.
            let score = found.last().map_or(hit.score, |before| hit.score.min(before.score));
            if found.iter().all(|before| before.document != document) {
                found.push(Found { document, score });
            }
        }
        if page >= results.last_page || found.len() >= DEPTH {
            found.truncate(DEPTH);
            return Ok(found);
        }
        page = page.next();
    }
}

/// All results of all queries.
#[derive(Debug, Default)]
pub struct Run(String);

impl Run {
    /// Adds the results of a query, best first.
    pub fn add(&mut self, query: &str, found: &[Found]) {
        for Found { document, score } in found {
            // Writing to a string cannot fail.
            let _always_ok = writeln!(self.0, "{query}\t{document}\t{score:.6}");
        }
    }

    /// Writes it: a line each of query id, document id and score, separated by tabs.
    ///
    /// # Errors
    ///
    /// When the file cannot be written.
    pub fn write(&self, path: &Path) -> anyhow::Result<()> {
        std::fs::write(path, &self.0).with_context(|| format!("cannot write {}", path.display()))
    }
}
