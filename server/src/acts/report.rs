//! Complain about a page or a capsule: the admin reads it, and the receipt tells what became of it.

use shared::store::asked::report;
use shared::store::{Store, StoreError};

/// Characters of a reason at most.
pub const REASON: usize = 2_000;

/// Keeps a report; returns the token of its receipt.
///
/// # Errors
///
/// When the database is away.
pub async fn report(store: &Store, about: &str, reason: &str) -> Result<String, StoreError> {
    let reason: String = reason.chars().filter(|c| !c.is_control()).take(REASON).collect();
    let token = store.write(async |c| report::record(c, about, &reason).await).await?;
    Ok(token.simple().to_string())
}
