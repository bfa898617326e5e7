//! Take pages out of store and search at once.

use shared::gemini::pattern::UrlPattern;
use shared::store::asked::exclusion::{self, Exclusion};
use shared::store::asked::{audit, job};
use shared::store::{Store, StoreError, bell};

use super::receipt::Receipt;
use crate::people::Admin;

/// Asks for the removal of all pages that the pattern names, and shuts them out, so that the next link does
/// not bring them back.
///
/// # Errors
///
/// When the database is away.
pub async fn purge(
    admin: &Admin,
    store: &Store,
    pattern: &UrlPattern,
    reason: &str,
) -> Result<Receipt, StoreError> {
    store
        .write(async |c| {
            let target = pattern.to_string();
            let job = job::ask(c, job::JobKind::Purge, &target).await?;
            exclusion::add(c, &Exclusion { pattern: pattern.clone(), reason: reason.to_owned() }).await?;
            audit::record(c, &admin.to_string(), "purge", &target, reason).await?;
            bell::ring(c, bell::Topic::Jobs).await?;
            Ok(Receipt { job })
        })
        .await
}
