//! `sextant admin backup`: what cannot be had again, in one file.
//!
//! The small one has certificate and key, configuration, rules and dates of first sight; it is also made once a day
//! by the running server, and the last fourteen are kept. The whole one has the database besides, by `pg_dump`. The
//! index is in neither: it is built anew from the database.

pub(super) mod bundle;
pub(super) mod contents;
pub(super) mod opened;

use std::ffi::OsStr;
use std::fs::{self, DirBuilder};
use std::io::{self, Write as _};
use std::os::unix::fs::DirBuilderExt as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::{Duration, SystemTime};

use anyhow::{Context as _, bail};
use chrono::{DateTime, Utc};
use shared::process::machine;
use shared::store::asked::backup::{self, Backup, BackupKind};
use shared::store::cluster::dump::Dumper;
use shared::store::{Store, StoreOptions};
use tokio::time::sleep;

use crate::life::{components, identity};
use crate::settings::{Places, Settings};
use bundle::Bundle;

/// Daily ones that are kept.
const KEPT: usize = 14;

/// Between two daily ones.
const DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// Between two looks whether it is time, and after a failure.
const LOOK_AGAIN: Duration = Duration::from_secs(60 * 60);

/// Free space beside what a whole backup may take at most.
const SPARE: u64 = 64 << 20;

/// Save what cannot be had again: certificate, configuration, rules, dates; with --full the database too
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// With the whole database
    #[arg(long)]
    full: bool,
    /// Where to; else backup.folder
    folder: Option<PathBuf>,
}

/// A backup that was made.
pub(crate) struct Made {
    pub(crate) file: PathBuf,
    pub(crate) bytes: u64,
}

/// Makes one, and tells where it is.
pub(crate) async fn run(
    settings: &Settings,
    places: &Places,
    arguments: &Arguments,
) -> anyhow::Result<ExitCode> {
    identity::follow_owner(places.state())?;
    let kind = if arguments.full { BackupKind::Whole } else { BackupKind::Small };
    let folder = arguments.folder.clone().unwrap_or_else(|| folder(settings, places));
    let options = components::store_options(settings, places).await?;
    let Made { file, bytes } = make(settings, places, kind, &folder, options).await?;
    writeln!(io::stdout(), "{} ({:.1} MiB)", file.display(), bytes as f64 / f64::from(1 << 20))?;
    Ok(ExitCode::SUCCESS)
}

/// Where backups go without being told.
pub(crate) fn folder(settings: &Settings, places: &Places) -> PathBuf {
    settings.backup_folder.clone().unwrap_or_else(|| places.state().join("backups"))
}

/// Makes a small backup once a day for as long as the process lives, and keeps the last fourteen.
pub(crate) async fn daily(settings: Settings, places: Places, options: StoreOptions) {
    let folder = folder(&settings, &places);
    loop {
        let due_in = all(&folder).last().and_then(|newest| age(newest)).map_or(Duration::ZERO, |age| {
            // A clock that was set back makes ages of nothing: one more does no harm.
            DAY.saturating_sub(age)
        });
        if due_in.is_zero() {
            match make(&settings, &places, BackupKind::Small, &folder, options.clone()).await {
                Ok(made) => {
                    tracing::info!(file = %made.file.display(), bytes = made.bytes, "the daily backup is made");
                    thin_out(&folder);
                }
                Err(error) => {
                    tracing::warn!(error = %crate::life::ending::chain(&error), "no backup could be made; again in an hour");
                    sleep(LOOK_AGAIN).await;
                }
            }
            continue;
        }
        sleep(due_in.min(LOOK_AGAIN)).await;
    }
}

/// Writes one file: whole, or not at all.
async fn make(
    settings: &Settings,
    places: &Places,
    kind: BackupKind,
    folder: &Path,
    options: StoreOptions,
) -> anyhow::Result<Made> {
    let cannot = || format!("no backup can be made in {}", folder.display());
    DirBuilder::new().recursive(true).mode(0o700).create(folder).with_context(cannot)?;
    sweep(folder);
    let now = DateTime::<Utc>::from(SystemTime::now());
    let made_at = now.format("%Y-%m-%dT%H%M%S%.3fZ").to_string();
    let mut snapshot = contents::begin(&options).await?;
    let about = snapshot.about().await?;
    if kind == BackupKind::Whole {
        has_room(folder, about.bytes)?;
    }
    let name = match kind {
        BackupKind::Small => format!("sextant-{made_at}.tar"),
        BackupKind::Whole => format!("sextant-{made_at}-whole.tar"),
    };
    let target = folder.join(name);
    let mut bundle = Bundle::create(&target).with_context(cannot)?;
    contents::files(&mut bundle, settings, places)?;
    contents::tables(&mut bundle, &mut snapshot).await?;
    snapshot.end().await;
    if kind == BackupKind::Whole {
        let dumper = match &settings.database_url {
            Some(url) => Dumper::outside(url, settings.database_programs.as_deref()).await?,
            None => Dumper::private(&places.postgres(), settings.database_programs.as_deref()).await?,
        };
        let mut entry = bundle.begin(contents::DUMP, bundle::Packing::Plain)?;
        dumper.dump(&mut entry).await?;
        entry.end()?;
    }
    let manifest = contents::manifest(settings, kind, made_at, &about);
    let bytes = tokio::task::spawn_blocking(move || bundle.finish(manifest)).await?.with_context(cannot)?;
    let made = Made { file: target, bytes };
    note(settings, options, kind, &made).await;
    Ok(made)
}

/// A dump is compressed; it is never larger than the tables are.
fn has_room(folder: &Path, database_bytes: u64) -> anyhow::Result<()> {
    let needed = database_bytes + SPARE;
    let Some(room) = machine::room(folder).filter(|room| room.free_bytes < needed) else { return Ok(()) };
    bail!(
        "a whole backup may take {} MiB, and {} has {} MiB free: name another folder with `sextant admin backup --full FOLDER`",
        needed >> 20,
        folder.display(),
        room.free_bytes >> 20
    );
}

/// Notes it where every desk can see it. A database that takes no writing has no such note: the file counts.
async fn note(settings: &Settings, options: StoreOptions, kind: BackupKind, made: &Made) {
    let options = match settings.primary_url.as_deref().map(StoreOptions::from_url) {
        Some(Ok(primary)) => primary,
        _ => options,
    };
    let machine = fs::read_to_string("/proc/sys/kernel/hostname").unwrap_or_default().trim().to_owned();
    let noted = Backup { kind, machine, file: made.file.display().to_string(), bytes: made.bytes };
    let store = Store::lazy(StoreOptions { connections: 1, ..options });
    if let Err(error) = store.write(async |c| backup::record(c, &noted).await).await {
        tracing::debug!(error = &error as &dyn std::error::Error, "the backup is not noted in the database");
    }
    store.close().await;
}

/// The small backups in a folder, the oldest first: their names begin with their moment.
pub(crate) fn all(folder: &Path) -> Vec<PathBuf> {
    let is_small = |name: &OsStr| {
        let name = name.to_string_lossy();
        let moment = name.strip_prefix("sextant-").and_then(|rest| rest.strip_suffix("Z.tar"));
        moment.is_some_and(|moment| moment.starts_with(|first: char| first.is_ascii_digit()))
    };
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    let mut all: Vec<PathBuf> =
        entries.filter(|entry| is_small(&entry.file_name())).map(|entry| entry.path()).collect();
    all.sort();
    all
}

/// How old a file is, by its own time.
fn age(file: &Path) -> Option<Duration> {
    fs::metadata(file).and_then(|about| about.modified()).ok()?.elapsed().ok()
}

fn thin_out(folder: &Path) {
    let all = all(folder);
    for file in all.iter().take(all.len().saturating_sub(KEPT)) {
        if let Err(error) = fs::remove_file(file) {
            tracing::warn!(%error, file = %file.display(), "an old backup cannot be removed");
        }
    }
}

/// Removes what a killed backup has left: nobody else writes here longer than a day.
fn sweep(folder: &Path) {
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let name = entry.file_name().to_string_lossy().into_owned();
        let is_part = name.starts_with(".sextant-") && name.ends_with(".part");
        if is_part && age(&entry.path()).is_some_and(|age| DAY < age) {
            // The next one tries again.
            let _left = fs::remove_file(entry.path());
        }
    }
}

#[cfg(test)]
mod tests;
