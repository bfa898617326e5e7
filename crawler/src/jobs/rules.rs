//! Rules of the admin: pages that a new one means leave the search, pages that a lifted one kept out come back.
//!
//! Nobody waits for this: whoever visits, indexes or shows a page judges it by the rules themselves. It is for the
//! store to say the same, and for what was out to be numbered again. Rules on addresses and keys reach other capsules
//! when those move or change their certificate, so they are done again now and then.

use std::time::Duration;

use shared::process::progress::Part;
use shared::store::asked::exclusion;
use shared::store::feed::change::sealed;
use shared::store::id::PageId;
use shared::store::known::page::{self, Let};
use shared::store::rule::Rule;
use shared::store::{Store, StoreError};

/// Pages looked at in one transaction.
const SLICE: i64 = 1_000;
/// Rules on addresses and keys are done again after this time.
const EVERY: Duration = Duration::from_secs(600);
/// And after this one where it failed.
const AGAIN: Duration = Duration::from_secs(60);
/// Rules that are done again, and slices of one of them, at most; the rest has its turn later.
const MOST: usize = 10_000;

/// One slice of a new rule after `cursor`: the last page looked at, and how many left the search. None: it was the last.
///
/// # Errors
///
/// When the database is away.
pub async fn shut_out(
    store: &Store,
    rule: &Rule,
    cursor: PageId,
) -> Result<Option<(PageId, u64)>, StoreError> {
    let (slice, _highest) = sealed(store, async |tx| {
        let rules = exclusion::rules(tx).await?;
        page::shut_out(tx, rule, &rules, cursor, SLICE).await
    })
    .await?;
    Ok(slice)
}

/// One slice after `cursor` of what a lifted rule kept out: the last page looked at, and how many came back. None: it
/// was the last.
///
/// # Errors
///
/// When the database is away.
pub async fn let_in(
    store: &Store,
    which: Let<'_>,
    cursor: PageId,
) -> Result<Option<(PageId, u64)>, StoreError> {
    let (slice, _highest) = sealed(store, async |tx| {
        let rules = exclusion::rules(tx).await?;
        page::let_in(tx, which, &rules, cursor, SLICE).await
    })
    .await?;
    Ok(slice)
}

/// Does the rules on addresses and keys again; returns how long until the next time. Any number of workers may do it.
pub async fn run(at_work: (&Store, &Part)) -> Duration {
    match again(at_work).await {
        Ok(()) => EVERY,
        Err(error) => {
            tracing::warn!(
                error = &error as &dyn std::error::Error,
                "rules were not done again, trying again"
            );
            AGAIN
        }
    }
}

async fn again((store, part): (&Store, &Part)) -> Result<(), StoreError> {
    let rules = store.read(exclusion::on_capsules).await?;
    if rules.is_empty() {
        return Ok(());
    }
    for rule in rules.iter().take(MOST) {
        let mut cursor = PageId(0);
        for _ in 0..MOST {
            let Some((last, _)) = shut_out(store, rule, cursor).await? else { break };
            part.advanced();
            cursor = last;
        }
    }
    let mut cursor = PageId(0);
    for _ in 0..MOST {
        let Some((last, _)) = let_in(store, Let::All, cursor).await? else { break };
        part.advanced();
        cursor = last;
    }
    Ok(())
}
