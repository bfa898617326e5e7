//! The interface for programs: the same answers as the screens, as JSON, over Gemini and the web alike.
//!
//! [`search`] finds, [`known`] tells of a page or a capsule, [`lists`] gives whole lists in the shapes that TLGS gave them, and the
//! [`openapi`] document describes all of it. Every answer may be read by any web page. What went wrong is JSON, too, with
//! the seconds to wait where waiting helps; over Gemini it is the header line, which says the same.

mod json;
pub mod known;
pub mod lists;
pub mod openapi;
pub mod opensearch;
pub mod search;

use serde::Serialize;

use self::json::written;
use crate::app::App;
use crate::ask::Ask;
use crate::paths::trail;
use crate::render::answer::{Answer, Data, Readers};
use crate::render::problem::{Problem, seconds};
use crate::search::PageNumber;

const JSON: &str = "application/json";

/// Answers a program; `path` is what follows `/api/v1/`.
pub async fn answer(app: &App, ask: &Ask, path: &[&str]) -> Answer {
    match asked(app, ask, path).await {
        Ok(bytes) => Answer::Data(Data { media_type: JSON, bytes, readers: Readers::Anybody, problem: None }),
        Err(problem) => refused(problem),
    }
}

/// What a program gets instead of an answer.
#[must_use]
pub fn refused(problem: Problem) -> Answer {
    let bytes = written(&Refusal::of(&problem)).unwrap_or_default();
    Answer::Data(Data { media_type: JSON, bytes, readers: Readers::Anybody, problem: Some(problem) })
}

async fn asked(app: &App, ask: &Ask, path: &[&str]) -> Result<Vec<u8>, Problem> {
    let (limits, rest) = trail::limits(path).map_err(|limit| Problem::NoSuch(limit.to_string()))?;
    match rest {
        ["search"] => written(&search::answer(app, ask, words(ask)?, limits, PageNumber::FIRST).await?),
        ["search", page] => {
            let page = page.parse().ok().and_then(PageNumber::new);
            let page = page.ok_or_else(|| Problem::Malformed("page is no number from 1 on".to_owned()))?;
            written(&search::answer(app, ask, words(ask)?, limits, page).await?)
        }
        _ if !limits.is_empty() => Err(Problem::NotFound),
        ["page"] => written(&known::page(app, named(ask)?).await?),
        ["capsule"] => written(&known::capsule(app, named(ask)?).await?),
        ["backlinks"] => written(&known::links(app, named(ask)?).await?),
        ["known_hosts"] => lists::known_hosts(app).await,
        ["known_feeds"] => lists::known_feeds(app, ask.words.as_deref()).await,
        ["known_security_txt"] => lists::known_security_txt(app).await,
        ["known_perma_redirects"] => lists::known_perma_redirects(app).await,
        ["openapi.json"] => Ok(openapi::document().to_owned()),
        _ => Err(Problem::NotFound),
    }
}

/// What is looked for.
fn words(ask: &Ask) -> Result<&str, Problem> {
    let missing = || Problem::Malformed("q is missing: the words to search for".to_owned());
    ask.words.as_deref().ok_or_else(missing)
}

/// What is asked about.
fn named(ask: &Ask) -> Result<&str, Problem> {
    let missing = || Problem::Malformed("url is missing: a page or a capsule".to_owned());
    ask.words.as_deref().ok_or_else(missing)
}

/// What went wrong.
#[derive(Debug, Serialize)]
struct Refusal {
    /// In one sentence.
    error: String,
    /// Seconds to wait before the same is asked again; none: waiting does not help.
    retry_after: Option<u64>,
}

impl Refusal {
    fn of(problem: &Problem) -> Self {
        Self { error: problem.to_string(), retry_after: problem.retry_after().map(seconds) }
    }
}
