//! What is in a backup: the files that lie nowhere else, and parts of the tables.

use std::fs;
use std::path::Path;

use anyhow::Context as _;
use shared::store::StoreOptions;
use shared::store::asked::backup::BackupKind;
use shared::store::register;
use shared::store::saved::{About, PARTS, SavedError, Snapshot};

use super::bundle::{Bundle, FORMAT, Manifest, Packing};
use crate::settings::{Places, Settings};

/// The member that is the database.
pub(crate) const DUMP: &str = "store.dump";

/// The member that is the configuration.
pub(crate) const CONFIGURATION: &str = "sextant.toml";

/// Before the names of files of the state folder.
pub(crate) const STATE: &str = "state/";

/// Before the names of tables' parts.
pub(crate) const TABLE: &str = "table/";

/// The member that is the register of removals.
pub(crate) const REMOVALS: &str = register::FILE_NAME;

/// Folders of the state whose files are kept: the certificate with its key, and what the admin's desk knows.
const FOLDERS: [&str; 2] = ["server", "admin"];

/// A key or certificate is short; whatever is longer is none of these.
const LONGEST: u64 = 64 << 20;

/// Begins to look at the store.
pub(super) async fn begin(options: &StoreOptions) -> Result<Snapshot, SavedError> {
    Snapshot::begin(&options.connect).await
}

/// Certificate and key, what lies beside them, the register of removals, and the configuration.
pub(super) fn files(bundle: &mut Bundle, settings: &Settings, places: &Places) -> anyhow::Result<()> {
    for folder in FOLDERS {
        for entry in fs::read_dir(places.state().join(folder)).into_iter().flatten().flatten() {
            let name = entry.file_name().to_string_lossy().into_owned();
            if entry.metadata().is_ok_and(|about| about.is_file() && about.len() <= LONGEST) {
                add(bundle, &format!("{STATE}{folder}/{name}"), &entry.path())?;
            }
        }
    }
    let removals = places.register();
    if removals.path().exists() {
        add(bundle, REMOVALS, removals.path())?;
    }
    if let Some(file) = &settings.file {
        add(bundle, CONFIGURATION, file)?;
    }
    Ok(())
}

fn add(bundle: &mut Bundle, name: &str, path: &Path) -> anyhow::Result<()> {
    let bytes = fs::read(path).with_context(|| format!("{} cannot be read", path.display()))?;
    Ok(bundle.add(name, &bytes)?)
}

/// The parts of the tables, each as it was at one moment.
pub(super) async fn tables(bundle: &mut Bundle, snapshot: &mut Snapshot) -> anyhow::Result<()> {
    for part in PARTS {
        if !snapshot.has(part).await? {
            continue;
        }
        let mut entry = bundle.begin(&format!("{TABLE}{}.csv", part.name()), Packing::Zstd)?;
        snapshot.write(part, &mut entry).await?;
        entry.end()?;
    }
    Ok(())
}

/// What the backup says of itself; its members come when it is written.
pub(super) fn manifest(settings: &Settings, kind: BackupKind, made_at: String, about: &About) -> Manifest {
    Manifest {
        format: FORMAT,
        program: env!("CARGO_PKG_VERSION").to_owned(),
        made_at,
        kind: kind.code().to_owned(),
        store: about.identity,
        migration: about.migration,
        database_bytes: about.bytes,
        is_told: settings.is_told(),
        members: Default::default(),
    }
}
