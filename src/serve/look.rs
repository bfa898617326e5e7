//! Once a minute this server looks at how it all gets on, as the desk shows it: the gauges are kept for its drawings,
//! and while something needs the admin, the peace that the desk tells of does not begin.

use std::path::Path;
use std::time::Duration;

use server::desk::overview;
use shared::process::disk::Reserve;
use shared::process::machine;
use shared::store::asked::calm;
use shared::store::known::sample::{self, Disk};
use shared::store::{Store, StoreError};
use tokio::time::sleep;

use crate::life::health;

/// Between two looks.
const EVERY: Duration = Duration::from_secs(60);
/// Samples are kept so long.
const KEPT_FOR: Duration = Duration::from_secs(60 * 86_400);

/// Looks until the process ends.
pub(super) async fn keep(store: Store, state_folder: &Path, reserve: Reserve) {
    // What could not be read or written was no peace either.
    let mut is_missed = false;
    loop {
        match look(&store, (state_folder, reserve), is_missed).await {
            Ok(()) => is_missed = false,
            Err(error) => {
                is_missed = true;
                tracing::debug!(error = &error as &dyn std::error::Error, "how it gets on could not be seen");
            }
        }
        sleep(EVERY).await;
    }
}

async fn look(
    store: &Store,
    (state_folder, reserve): (&Path, Reserve),
    is_missed: bool,
) -> Result<(), StoreError> {
    let disk = machine::room(state_folder).map(|room| Disk {
        used_bytes: room.total_bytes.saturating_sub(room.free_bytes),
        total_bytes: room.total_bytes,
    });
    store
        .write(async |c| {
            sample::take(c, disk).await?;
            sample::forget(c, KEPT_FOR).await
        })
        .await?;
    let overview = overview::load(store, state_folder, reserve).await?;
    health::desk(overview.open_reports, overview.daily_backup().map(|last| last.age));
    if is_missed || !overview.trouble().is_empty() {
        store.write(async |c| calm::disturb(c).await).await?;
    }
    Ok(())
}
