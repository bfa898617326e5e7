//! `sextant admin restore`: a backup becomes the store again.
//!
//! Nothing may run meanwhile, and nothing is changed before the backup has been read to its last byte. A whole one
//! is read into a new database beside the present one, brought to this program's version, given a new identity (so
//! that every index is built anew while the old one serves), and everything that was removed since is removed from
//! it; only then it takes the place of the present one, in one step, which is kept. A small one comes into the
//! database that is there, or into a new one.
//!
//! Rules and dates of a newer small backup stand over those of the backup itself: what was ruled since is not lost.

mod files;
mod fill;

use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context as _, bail};
use shared::process::machine as disk;
use shared::process::told;
use shared::store::asked::backup::BackupKind;
use shared::store::cluster::dump::{Dumper, Target};
use shared::store::cluster::{Cluster, ClusterOptions, swap};
use shared::store::register::Restored;
use shared::store::{Store, StoreOptions, pool};

use super::backup::{all, contents, folder, opened::Opened};
use crate::life::identity;
use crate::life::lock::Lock;
use crate::life::unfinished;
use crate::machine;
use crate::settings::{Places, Settings};

/// Beside the tables, Postgres writes a log of changes.
pub(super) const LOG_OF_CHANGES: u64 = 600 << 20;

/// Bring a backup back, while nothing runs; the database before it is kept
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// The backup; - reads standard input, which must be a file
    file: PathBuf,
    /// Only print the configuration that is in it
    #[arg(long)]
    show_configuration: bool,
    /// Without the rules and dates of newer small backups in backup.folder
    #[arg(long)]
    alone: bool,
}

/// Restores, and tells what became of it.
pub(crate) async fn run(
    settings: &Settings,
    places: &Places,
    arguments: &Arguments,
) -> anyhow::Result<ExitCode> {
    if arguments.show_configuration {
        return show_configuration(&Opened::open(&arguments.file)?);
    }
    identity::leave_root(places.state())?;
    let backup = Opened::open(&arguments.file)?;
    let manifest = backup.manifest();
    let Some(kind) = manifest.kind() else {
        bail!("this program knows no backup of the kind {:?}", manifest.kind)
    };
    if manifest.is_told && !settings.is_told() {
        bail!(
            "this backup is of a copy that knows who it is, and server.host and admin.contact are not set here: write its configuration first, with `sextant admin restore --show-configuration FILE > /etc/sextant/sextant.toml`"
        );
    }
    std::fs::create_dir_all(places.state())
        .with_context(|| format!("the state folder {} cannot be made", places.state().display()))?;
    let _locks = alone(places)?;
    let newer = if arguments.alone { None } else { newer(&folder(settings, places), &manifest.made_at) };
    let rules = newer.as_ref().map_or(&backup, |(_, newer)| newer);

    if kind == BackupKind::Small || settings.database_url.is_some() {
        begin(places)?;
    }
    let mut told = vec![format!("the {} backup of {} is restored", manifest.kind, manifest.made_at)];
    match (&settings.database_url, kind) {
        (Some(url), _) => told.push(removed(outside(settings, url, &backup, kind, rules, places).await?)),
        (None, BackupKind::Whole) => {
            let (again, kept) = whole(settings, places, &backup, rules).await?;
            told.push(removed(again));
            told.extend(kept.map(|kept| {
                format!("the database before is kept in {}: remove it when all is well", kept.display())
            }));
        }
        (None, BackupKind::Small) => {
            let cluster = Cluster::open(&cluster_options(settings, places.postgres())).await?;
            let filled = fill::fill(StoreOptions::new(cluster.options()), &backup, rules, places).await;
            cluster.stop().await?;
            told.push(removed(filled?));
        }
    }
    if let Some((file, _)) = &newer {
        told.push(format!("rules and dates are those of the newer {}", file.display()));
    }
    told.extend(files::put_back(&backup, settings, places)?);
    unfinished::end(places.state()).context("the state folder cannot be written")?;
    told.push(
        "every index is built anew by itself; until then the old one answers. Start sextant now.".to_owned(),
    );
    writeln!(io::stdout(), "{}", told.join("\n"))?;
    Ok(ExitCode::SUCCESS)
}

/// Nobody else works on this state folder, and nobody begins to.
pub(super) fn alone(places: &Places) -> anyhow::Result<Vec<Lock>> {
    ["up", "postgres", "crawl", "index", "serve"]
        .map(|name| Lock::take(&places.lock(name)))
        .into_iter()
        .collect::<Result<_, _>>()
        .context("sextant must not run meanwhile: stop it first")
}

/// The newest small backup that was made after this moment, if it is whole.
fn newer(folder: &Path, made_at: &str) -> Option<(PathBuf, Opened)> {
    all(folder).into_iter().rev().find_map(|file| {
        let opened = Opened::open(&file).ok()?;
        (made_at < opened.manifest().made_at.as_str()).then_some((file, opened))
    })
}

pub(super) fn cluster_options(settings: &Settings, folder: PathBuf) -> ClusterOptions {
    ClusterOptions {
        programs: settings.database_programs.clone(),
        memory_bytes: machine::memory_bytes(),
        ..ClusterOptions::new(folder)
    }
}

fn begin(places: &Places) -> anyhow::Result<()> {
    unfinished::begin(places.state()).context("the state folder cannot be written")
}

/// Into a new cluster that takes the place of the present one; where that is kept.
async fn whole(
    settings: &Settings,
    places: &Places,
    backup: &Opened,
    rules: &Opened,
) -> anyhow::Result<(Restored, Option<PathBuf>)> {
    let live = places.postgres();
    let staging = live.with_file_name("postgres.restored");
    swap::remove(&staging).await?;
    has_room(places.state(), backup.manifest().database_bytes)?;
    let cluster = Cluster::open(&cluster_options(settings, staging.clone())).await?;
    let filled = async {
        let dumper = Dumper::private(&staging, settings.database_programs.as_deref()).await?;
        read(backup, &dumper, Target::Empty).await?;
        fill::fill(StoreOptions::new(cluster.options()), backup, rules, places).await
    };
    let filled = filled.await;
    cluster.stop().await?;
    let again = match filled {
        Ok(again) => again,
        Err(error) => {
            swap::remove(&staging).await?;
            return Err(error);
        }
    };
    swap::end_survivor(&live).await?;
    // Until now nothing has changed. From here on it goes to the end: a new database needs its certificate, too.
    begin(places)?;
    Ok((again, swap::put_in_place(&staging, &live, "before")?))
}

/// Into somebody else's database, whose tables are replaced all at once.
async fn outside(
    settings: &Settings,
    url: &str,
    backup: &Opened,
    kind: BackupKind,
    rules: &Opened,
    places: &Places,
) -> anyhow::Result<Restored> {
    let options = StoreOptions::from_url(url).context("database.url")?;
    let store = Store::connect(StoreOptions { connections: 1, ..options.clone() }).await?;
    let others = store.read(async |c| pool::others(c).await).await?;
    store.close().await;
    if 0 < others {
        let (one, many) = ("other session of sextant uses", "other sessions of sextant use");
        let others = told::count(others.unsigned_abs(), one, many);
        bail!("{others} this database: stop sextant on all machines first");
    }
    if kind == BackupKind::Whole {
        let dumper = Dumper::outside(url, settings.database_programs.as_deref()).await?;
        read(backup, &dumper, Target::Replaced).await?;
    }
    fill::fill(options, backup, rules, places).await
}

async fn read(backup: &Opened, dumper: &Dumper, target: Target) -> anyhow::Result<()> {
    let mut dump = backup.read(contents::DUMP)?.context("the backup has no database in it")?;
    Ok(dumper.restore(&mut dump, target).await?)
}

fn has_room(folder: &Path, database_bytes: u64) -> anyhow::Result<()> {
    let needed = database_bytes + LOG_OF_CHANGES;
    let Some(room) = disk::room(folder).filter(|room| room.free_bytes < needed) else { return Ok(()) };
    bail!(
        "the restored database needs {} MiB beside the present one, and {} has {} MiB free: make room, then try again",
        needed >> 20,
        folder.display(),
        room.free_bytes >> 20
    );
}

fn removed(again: Restored) -> String {
    let Restored { entries, pages } = again;
    format!(
        "{} removed again that had been removed before, by {} that it did not know of",
        told::count(pages, "page is", "pages are"),
        told::count(entries, "removal", "removals")
    )
}

fn show_configuration(backup: &Opened) -> anyhow::Result<ExitCode> {
    let Some(text) = backup.bytes(contents::CONFIGURATION)? else {
        bail!("the backup has no configuration in it");
    };
    io::stdout().write_all(&text)?;
    Ok(ExitCode::SUCCESS)
}
