//! Take pages out of store and search at once, for good.

use shared::gemini::pattern::UrlPattern;
use shared::store::asked::exclusion::{self, Exclusion, Visibility};
use shared::store::asked::job::{Asked, JobKind};
use shared::store::asked::{audit, job};
use shared::store::known::page;
use shared::store::known::removal::{self, Entry, Origin, Removal};
use shared::store::pool::Connection;
use shared::store::register::{Register, RegisterError};
use shared::store::rule::Rule;
use shared::store::{Store, StoreError, bell};

use super::receipt::Receipt;
use crate::people::Admin;

/// Asks for the removal of all pages that the pattern names, and shuts them out, so that the next link does
/// not bring them back. When it returns, the removal stands in this machine's register too, so that no restore of the
/// database undoes it.
///
/// # Errors
///
/// When the database is away; or when the register's file cannot be written: then the pages are removed all the same,
/// and asking again writes it.
pub async fn purge(
    admin: &Admin,
    store: &Store,
    register: &Register,
    pattern: &UrlPattern,
    reason: &str,
) -> Result<Receipt, RegisterError> {
    let (receipt, removal) = store
        .write(async |c| {
            let rule = Rule::Urls(pattern.clone());
            // What visitors were not to see of the rule, a purge does not tell them.
            let there = exclusion::of(c, &rule).await?;
            let visibility = there.map_or_else(Visibility::default, |listed| listed.exclusion.visibility);
            let exclusion = Exclusion { rule, reason: reason.to_owned(), visibility };
            let (job, removal) = registered(c, pattern, &exclusion).await?;
            audit::record(c, &admin.to_string(), "purge", &pattern.to_string(), reason).await?;
            Ok((Receipt { job }, removal))
        })
        .await?;
    register.add(vec![Entry::Removal(removal)]).await?;
    Ok(receipt)
}

/// Registers a removal with the job that does it and the rule that keeps the pages out.
pub(super) async fn registered(
    c: &mut Connection,
    pattern: &UrlPattern,
    exclusion: &Exclusion,
) -> Result<(Asked, Removal), StoreError> {
    // In the lock order: capsules, job, rule, register.
    page::lock_named(c, pattern).await?;
    let job = job::ask(c, JobKind::Purge, &pattern.to_string()).await?;
    exclusion::add(c, exclusion).await?;
    let removal = removal::record(c, pattern, Origin::Takedown).await?;
    bell::ring(c, bell::Topic::Jobs).await?;
    bell::ring(c, bell::Topic::Feed).await?;
    Ok((job, removal))
}
