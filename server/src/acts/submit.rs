//! Hand a URL in: one that nobody knows is planted, a known one is visited now.
//!
//! Anybody may, within the allowance of a visitor. Robots, pace and the daily caps hold all the same; and a page
//! that was visited or handed in a short while ago is not hurried again: its receipt is shown instead.

use std::collections::BTreeSet;
use std::time::Duration;

use shared::gemini::pattern::UrlPattern;
use shared::gemini::reach::{self, Unreachable};
use shared::gemini::url::GeminiUrl;
use shared::store::asked::{exclusion, submission};
use shared::store::feed::change;
use shared::store::id::PageId;
use shared::store::known::page::{self, Standing};
use shared::store::known::profile;
use shared::store::{Store, StoreError, bell};

use super::seed::plant;

/// A page is hurried once in so long.
pub const ONCE_IN: Duration = Duration::from_secs(600);

/// What became of a wish.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Submitted {
    /// No capsule can be there; nothing was done.
    Barred(Unreachable),
    /// A receipt begins: it is due at once.
    Queued,
    /// It was visited or handed in within [`ONCE_IN`]; nothing was done.
    Lately,
    /// A rule of ours shuts it out; nothing was done.
    ShutOut,
}

/// Hands a URL in.
///
/// # Errors
///
/// When the database is away.
pub async fn submit(store: &Store, url: &GeminiUrl) -> Result<Submitted, StoreError> {
    let (submitted, _highest) = change::sealed(store, async |tx| {
        if exclusion::against(tx, url).await?.is_some() {
            return Ok(Submitted::ShutOut);
        }
        let known = profile::of(tx, url).await?;
        if let Some(known) = &known {
            let handed_in = submission::latest(tx, url).await?;
            // What is gone may have come back since its last visit, however short a while that is.
            let is_gone = known.standing == Standing::Gone;
            let visited = known.last_visit.map(|(at, _)| at).filter(|_| !is_gone);
            let latest = handed_in.max(visited);
            if latest.is_some_and(|at| profile::ago(known.now, at) < ONCE_IN) {
                return Ok(Submitted::Lately);
            }
            page::revive(tx, known.capsule, known.page).await?;
            page::make_due(tx, &UrlPattern::Page(url.clone()), PageId(0), 1).await?;
        } else {
            // A capsule that is known is visited wherever it is: its space may have routes of its own.
            if profile::capsule_at(tx, url.capsule()).await?.is_none()
                && let Err(unreachable) = reach::permit(url.host(), url.capsule().port())
            {
                return Ok(Submitted::Barred(unreachable));
            }
            plant(tx, &BTreeSet::from([url.clone()])).await?;
        }
        submission::record_by_visitor(tx, url).await?;
        bell::ring(tx, bell::Topic::Crawl).await?;
        Ok(Submitted::Queued)
    })
    .await?;
    Ok(submitted)
}
