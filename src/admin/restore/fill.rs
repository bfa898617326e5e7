//! What makes a database that was read back the store again: this program's tables, the latest rules, a new
//! identity, and without what was removed.

use std::fs;

use anyhow::Context as _;
use shared::store::asked::audit;
use shared::store::cluster::dump;
use shared::store::feed::identity;
use shared::store::register::{self, Register};
use shared::store::saved::{PARTS, Return};
use shared::store::{Store, StoreOptions};

use crate::admin::backup::{contents, opened::Opened};
use crate::settings::Places;

/// Copies of the register of removals out of backups, while they are read.
const COPIES: &str = "removals.restored";

/// Does all of it. Nothing is served before its end; cut off anywhere, it is done again.
pub(super) async fn fill(
    options: StoreOptions,
    backup: &Opened,
    rules: &Opened,
    places: &Places,
) -> anyhow::Result<register::Restored> {
    let store = Store::open(options.clone()).await?;
    let mut coming = Return::begin(&options.connect).await?;
    for part in PARTS {
        if let Some(mut csv) = rules.read(&format!("{}{}.csv", contents::TABLE, part.name()))? {
            coming.read(part, &mut csv).await?;
        }
    }
    coming.commit().await?;
    store
        .write(async |c| {
            dump::compress_as_before(c).await?;
            identity::renew(c).await?;
            audit::record(c, "console", "restore", &backup.manifest().made_at, "").await
        })
        .await?;
    let copies = places.state().join(COPIES);
    let removed = async {
        let backups = registers(&[backup, rules], &copies)?;
        Ok::<_, anyhow::Error>(register::restored(&store, &places.register(), &backups).await?)
    };
    let removed = removed.await;
    // They are only copies.
    let _left = fs::remove_dir_all(&copies);
    store.close().await;
    removed
}

/// The registers that are in backups, each as a file.
fn registers(backups: &[&Opened], folder: &std::path::Path) -> anyhow::Result<Vec<Register>> {
    let failed = || format!("{} cannot be written", folder.display());
    fs::create_dir_all(folder).with_context(failed)?;
    let mut registers = Vec::new();
    for (number, backup) in backups.iter().enumerate() {
        if let Some(bytes) = backup.bytes(contents::REMOVALS)? {
            let copy = folder.join(number.to_string());
            fs::write(&copy, bytes).with_context(failed)?;
            registers.push(Register::at(copy));
        }
    }
    Ok(registers)
}
