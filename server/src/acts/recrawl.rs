//! Visit pages again now: one page, a prefix, a capsule, a domain, or everything.
//!
//! Robots and pace hold all the same. Asked for a hundred times while it is not done, it is one job. A page that
//! nobody knows yet is planted first.

use std::collections::BTreeSet;

use shared::gemini::pattern::UrlPattern;
use shared::store::asked::{audit, job};
use shared::store::feed::change;
use shared::store::{Store, StoreError, bell};

use super::receipt::Receipt;
use super::seed::plant;
use crate::people::Admin;

/// Asks for a recrawl of all known pages that the pattern names; one page that is not known becomes so.
///
/// # Errors
///
/// When the database is away.
pub async fn recrawl(admin: &Admin, store: &Store, pattern: &UrlPattern) -> Result<Receipt, StoreError> {
    let (receipt, _highest) = change::sealed(store, async |tx| {
        match pattern {
            UrlPattern::Page(url) => drop(plant(tx, &BTreeSet::from([url.clone()])).await?),
            UrlPattern::Prefix(_)
            | UrlPattern::Like(_)
            | UrlPattern::Capsule(_)
            | UrlPattern::Domain(_)
            | UrlPattern::Everything => {}
        }
        let target = pattern.to_string();
        let job = job::ask(tx, job::JobKind::Recrawl, &target).await?;
        audit::record(tx, &admin.to_string(), "recrawl", &target, "").await?;
        bell::ring(tx, bell::Topic::Jobs).await?;
        Ok(Receipt { job })
    })
    .await?;
    Ok(receipt)
}
