//! Texts that no page holds any more: its page says something else now, or is gone. They are dropped capsule by capsule,
//! each time upkeep is done, and of what a purge names at once.

use shared::gemini::pattern::UrlPattern;
use shared::process::progress::Part;
use shared::store::feed::change::sealed;
use shared::store::id::CapsuleId;
use shared::store::known::{capsule, content, page};
use shared::store::{Store, StoreError};

/// Capsules, or texts, looked at at once.
const SLICE: i64 = 500;
/// Slices at one time; what is left is done the next time.
const SLICES: usize = 10_000;

/// Drops them in all capsules that a pattern can mean.
///
/// # Errors
///
/// When the database is away.
pub async fn of((store, part): (&Store, &Part), pattern: &UrlPattern) -> Result<(), StoreError> {
    let (mut last, mut dropped) = (CapsuleId(0), 0);
    for _ in 0..SLICES {
        let capsules = store.read(async |c| page::capsules_named(c, pattern, last, SLICE).await).await?;
        let Some(next) = capsules.last() else { break };
        last = *next;
        for capsule in capsules {
            dropped += of_capsule((store, part), capsule).await?;
        }
    }
    if dropped > 0 {
        tracing::info!(texts = dropped, "texts that no page holds any more were dropped");
    }
    Ok(())
}

async fn of_capsule((store, part): (&Store, &Part), capsule: CapsuleId) -> Result<u64, StoreError> {
    let mut dropped = 0;
    for _ in 0..SLICES {
        let unheld = match store.read(async |c| content::unheld(c, capsule, SLICE).await).await {
            Ok(unheld) => unheld,
            // One that is too large for this machine must not keep all after it from being looked at.
            Err(error @ StoreError::Deadline(_)) => {
                tracing::warn!(%capsule, error = &error as &dyn std::error::Error, "its texts were not looked through");
                break;
            }
            Err(error) => return Err(error),
        };
        part.advanced();
        let is_last = i64::try_from(unheld.len()).is_ok_and(|count| count < SLICE);
        if !unheld.is_empty() {
            let (count, _highest) = sealed(store, async |tx| {
                capsule::lock(tx, capsule).await?;
                content::drop_unheld(tx, &unheld).await
            })
            .await?;
            dropped += count;
        }
        if is_last {
            break;
        }
    }
    Ok(dropped)
}
