//! Have a follower's index built anew, compared with the store, or rolled back. The follower does it and answers
//! in the job's row; asked for again while it is not done, it is one job.

use shared::store::asked::audit;
use shared::store::asked::job::{self, JobKind};
use shared::store::feed::follower;
use shared::store::{Store, StoreError, bell};

use super::receipt::Receipt;
use crate::people::Admin;

/// Asks for a new index of this follower, built beside the one that serves. None: there is no such follower.
///
/// # Errors
///
/// When the database is away.
pub async fn rebuild(admin: &Admin, store: &Store, follower: &str) -> Result<Option<Receipt>, StoreError> {
    ask(admin, store, JobKind::Rebuild, follower).await
}

/// Asks for a comparison of this follower's index with the store. None: there is no such follower.
///
/// # Errors
///
/// When the database is away.
pub async fn verify(admin: &Admin, store: &Store, follower: &str) -> Result<Option<Receipt>, StoreError> {
    ask(admin, store, JobKind::Verify, follower).await
}

/// Asks for this follower's earlier index to serve again. None: there is no such follower.
///
/// # Errors
///
/// When the database is away.
pub async fn roll_back(admin: &Admin, store: &Store, follower: &str) -> Result<Option<Receipt>, StoreError> {
    ask(admin, store, JobKind::RollBack, follower).await
}

async fn ask(
    admin: &Admin,
    store: &Store,
    kind: JobKind,
    follower: &str,
) -> Result<Option<Receipt>, StoreError> {
    store
        .write(async |c| {
            if !follower::all(c).await?.iter().any(|known| known.name == follower) {
                return Ok(None);
            }
            let job = job::ask(c, kind, follower).await?;
            audit::record(c, &admin.to_string(), kind.code(), follower, "").await?;
            bell::ring(c, bell::Topic::Jobs).await?;
            Ok(Some(Receipt { job }))
        })
        .await
}
