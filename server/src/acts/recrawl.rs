//! Visit pages again now: one page, a prefix, a capsule, a domain, or everything.
//!
//! Robots and pace hold all the same. Asked for a hundred times while it is not done, it is one job.

use shared::gemini::pattern::UrlPattern;
use shared::store::asked::{audit, job};
use shared::store::{Store, StoreError, bell};

use super::receipt::Receipt;
use crate::people::Admin;

/// Asks for a recrawl of all known pages that the pattern names.
///
/// # Errors
///
/// When the database is away.
pub async fn recrawl(admin: &Admin, store: &Store, pattern: &UrlPattern) -> Result<Receipt, StoreError> {
    store
        .write(async |c| {
            let target = pattern.to_string();
            let job = job::ask(c, job::JobKind::Recrawl, &target).await?;
            audit::record(c, &admin.to_string(), "recrawl", &target, "").await?;
            bell::ring(c, bell::Topic::Jobs).await?;
            Ok(Receipt { job })
        })
        .await
}
