//! Leave something alone for a while: everything, a domain, a capsule or a site. It stays due, and goes on when it is
//! resumed. Both take effect within seconds in every worker, and doing either twice is doing it once.

use shared::gemini::pattern::UrlPattern;
use shared::store::asked::{audit, pause};
use shared::store::known::capsule;
use shared::store::{Store, StoreError, bell};

use crate::people::Admin;

/// What came of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Paused {
    /// It is so from now on.
    Now,
    /// It was so before.
    Already,
    /// The pattern names single pages, which cannot be paused.
    TooSmall,
}

/// Pauses what the pattern names.
///
/// # Errors
///
/// When the database is away.
pub async fn pause(
    admin: &Admin,
    store: &Store,
    pattern: &UrlPattern,
    reason: &str,
) -> Result<Paused, StoreError> {
    if !pause::is_possible(pattern) {
        return Ok(Paused::TooSmall);
    }
    store
        .write(async |c| {
            let actor = admin.to_string();
            let is_new = pause::add(c, pattern, reason, &actor).await?;
            audit::record(c, &actor, "pause", &pattern.to_string(), reason).await?;
            bell::ring(c, bell::Topic::Crawl).await?;
            Ok(if is_new { Paused::Now } else { Paused::Already })
        })
        .await
}

/// Ends the pause of exactly this pattern: `*` leaves a capsule paused that was paused by itself.
///
/// # Errors
///
/// When the database is away.
pub async fn resume(admin: &Admin, store: &Store, pattern: &UrlPattern) -> Result<Paused, StoreError> {
    if !pause::is_possible(pattern) {
        return Ok(Paused::TooSmall);
    }
    store
        .write(async |c| {
            if let UrlPattern::Prefix(url) | UrlPattern::Page(url) = pattern {
                // Its capsule may have been told to wait until its other sites have something due.
                capsule::wake_at(c, url.capsule()).await?;
            }
            let was_paused = pause::remove(c, pattern).await?;
            if was_paused {
                audit::record(c, &admin.to_string(), "resume", &pattern.to_string(), "").await?;
            }
            bell::ring(c, bell::Topic::Crawl).await?;
            Ok(if was_paused { Paused::Now } else { Paused::Already })
        })
        .await
}
