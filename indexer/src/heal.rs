//! Before an index is opened: what a crash, a full disk or a bad one left behind is cleared away.
//!
//! tantivy leaves `.tmp*` files when it is killed, and nobody would ever delete them; its lock files look
//! stale and are not (the kernel holds the locks), so they are never touched. Every file of the current
//! generation carries a checksum: where one does not hold, the whole generation is set aside under another
//! name, for whoever wants to look, and a new one is built from the store. Generations that were never
//! finished, and those before the last, are deleted.

use std::error::Error;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use shared::index::generation::{Generation, GenerationError, IndexFolder};
use tantivy::TantivyError;

use crate::writer::WriterLock;

/// How tantivy's unfinished files begin.
const LITTER: &str = ".tmp";

/// The state of the index that serves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Condition {
    /// There is none.
    None,
    /// Every checksum holds.
    Sound,
    /// It was damaged, and has been set aside.
    SetAside,
}

/// Why the folder could not be put in order.
#[derive(Debug, thiserror::Error)]
pub(crate) enum HealError {
    #[error("the generations cannot be read or moved")]
    Generation(#[source] GenerationError),
    #[error("{} cannot be cleared of litter", folder.display())]
    Litter {
        folder: PathBuf,
        #[source]
        source: io::Error,
    },
    #[error("the index in {} cannot be examined", folder.display())]
    Examine {
        folder: PathBuf,
        #[source]
        source: TantivyError,
    },
}

/// Puts an index folder in order. Blocks: it reads every file of the index once.
pub(crate) fn at_start(_right: &WriterLock, folder: &IndexFolder) -> Result<Condition, HealError> {
    let condition = examine_current(folder)?;
    let swept = folder.sweep(None).map_err(HealError::Generation)?;
    if !swept.is_empty() {
        tracing::info!(generations = swept.join(" "), "indexes that nothing needs are deleted");
    }
    folder.set_rebuilding(None).map_err(HealError::Generation)?;
    Ok(condition)
}

/// Clears the current generation of litter, checks its checksums and sets it aside if one does not hold.
pub(crate) fn examine_current(folder: &IndexFolder) -> Result<Condition, HealError> {
    let current = match folder.current() {
        Ok(Some(current)) => current,
        Ok(None) => return Ok(Condition::None),
        // Nothing is lost with it: a new generation is built, and named over it.
        Err(error @ GenerationError::BadName(_)) => {
            tracing::error!(error = &error as &dyn Error, "the index folder is damaged");
            return Ok(Condition::SetAside);
        }
        Err(error) => return Err(HealError::Generation(error)),
    };
    if !current.path().is_dir() {
        return Ok(Condition::None);
    }
    clear(current.path())?;
    let Some(damage) = damage(&current)? else { return Ok(Condition::Sound) };
    let aside = folder.quarantine(&current).map_err(HealError::Generation)?;
    tracing::error!(
        generation = current.name(),
        aside = %aside.display(),
        damage,
        "the index is damaged; it is set aside and built anew"
    );
    Ok(Condition::SetAside)
}

/// What is wrong with the files of a generation.
fn damage(generation: &Generation) -> Result<Option<String>, HealError> {
    let damaged = match generation.open() {
        Ok(index) => index.validate_checksum(),
        Err(GenerationError::Index { source, .. }) => Err(source),
        Err(error) => return Err(HealError::Generation(error)),
    };
    match damaged {
        Ok(files) if files.is_empty() => Ok(None),
        Ok(files) => {
            let mut names: Vec<String> = files.iter().map(|file| file.display().to_string()).collect();
            names.sort();
            Ok(Some(format!("checksums do not hold: {}", names.join(", "))))
        }
        Err(error) if is_about_the_machine(&error) => {
            Err(HealError::Examine { folder: generation.path().to_owned(), source: error })
        }
        Err(error) => Ok(Some(error.to_string())),
    }
}

/// Whether an error says something about the machine now (too many files, no permission, no memory) and
/// nothing about what stands on the disk.
fn is_about_the_machine(error: &TantivyError) -> bool {
    match error {
        TantivyError::IoError(error) => !matches!(
            error.kind(),
            io::ErrorKind::NotFound | io::ErrorKind::UnexpectedEof | io::ErrorKind::InvalidData
        ),
        TantivyError::LockFailure(..) | TantivyError::SystemError(_) | TantivyError::ErrorInThread(_) => true,
        _ => false,
    }
}

/// Deletes tantivy's unfinished files.
fn clear(folder: &Path) -> Result<(), HealError> {
    let failed = |source| HealError::Litter { folder: folder.to_owned(), source };
    let entries = fs::read_dir(folder).map_err(failed)?;
    let mut cleared = 0;
    for entry in entries {
        let entry = entry.map_err(failed)?;
        let is_litter = entry.file_name().to_str().is_some_and(|name| name.starts_with(LITTER));
        if is_litter && entry.file_type().map_err(failed)?.is_file() {
            fs::remove_file(entry.path()).map_err(failed)?;
            cleared += 1;
        }
    }
    if 0 < cleared {
        tracing::info!(files = cleared, "unfinished files of a process that was killed are deleted");
    }
    Ok(())
}
