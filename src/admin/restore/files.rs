//! The files of a backup, back at their places: each as a whole, and what another one was is kept beside it.

use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{self, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::{Component, Path};

use anyhow::{Context as _, bail};

use crate::admin::backup::{contents, opened::Opened};
use crate::settings::{Places, Settings};

/// Puts back certificate, key and what lay beside them; the configuration only beside the state, for it is the
/// admin's. Lines that tell of what is not as it was.
pub(super) fn put_back(backup: &Opened, settings: &Settings, places: &Places) -> anyhow::Result<Vec<String>> {
    let mut told = Vec::new();
    for name in backup.names(contents::STATE) {
        let relative = Path::new(&name);
        if !relative.components().all(|part| matches!(part, Component::Normal(_))) {
            bail!("the backup names a file outside of the state folder: {name:?}");
        }
        let Some(bytes) = backup.bytes(&format!("{}{name}", contents::STATE))? else { continue };
        let target = places.state().join(relative);
        let failed = || format!("{} cannot be written", target.display());
        if fs::read(&target).is_ok_and(|present| present == bytes) {
            continue;
        }
        if let Some(folder) = target.parent() {
            DirBuilder::new().recursive(true).mode(0o700).create(folder).with_context(failed)?;
        }
        if target.exists() {
            let mut kept = target.clone().into_os_string();
            kept.push(".before");
            fs::rename(&target, &kept).with_context(failed)?;
            told.push(format!("{} is kept as {}", target.display(), kept.display()));
        }
        write(&target, &bytes).with_context(failed)?;
    }
    if let Some(bytes) = backup.bytes(contents::CONFIGURATION)? {
        let present = settings.file.as_ref().and_then(|file| fs::read(file).ok());
        if present.is_none_or(|present| present != bytes) {
            let target = places.state().join("sextant.toml.restored");
            write(&target, &bytes).with_context(|| format!("{} cannot be written", target.display()))?;
            told.push(format!(
                "the configuration of the backup is another than the present one; it lies in {}",
                target.display()
            ));
        }
    }
    Ok(told)
}

/// Whole or not at all, for nobody else to read.
fn write(target: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut new = target.to_owned().into_os_string();
    new.push(".new");
    let mut file = OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&new)?;
    file.write_all(bytes)?;
    file.sync_all()?;
    fs::rename(&new, target)?;
    target.parent().map_or(Ok(()), |folder| File::open(folder)?.sync_all())
}
