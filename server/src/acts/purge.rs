//! Take pages out of store and search at once, for good.

use shared::gemini::pattern::UrlPattern;
use shared::store::asked::exclusion::{self, Exclusion};
use shared::store::asked::{audit, job};
use shared::store::known::removal::{self, Origin};
use shared::store::register::{Register, RegisterError};
use shared::store::{Store, bell};

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
            let target = pattern.to_string();
            let removal = removal::record(c, pattern, Origin::Takedown).await?;
            let job = job::ask(c, job::JobKind::Purge, &target).await?;
            exclusion::add(c, &Exclusion { pattern: pattern.clone(), reason: reason.to_owned() }).await?;
            audit::record(c, &admin.to_string(), "purge", &target, reason).await?;
            bell::ring(c, bell::Topic::Jobs).await?;
            Ok((Receipt { job }, removal))
        })
        .await?;
    register.add(vec![removal]).await?;
    Ok(receipt)
}
