//! Before an index is opened: what a crash, a full disk or a bad one left behind is cleared away.
//!
//! tantivy leaves `.tmp*` files when it is killed, and nobody would ever delete them. A power cut can take
//! back the last commit and leave its files, which the same commit made again would stumble over. So what
//! the commit that stands does not name is deleted before anything is opened. tantivy's lock files look
//! stale and are not (the kernel holds the locks): they are never touched. Generations that were never
//! finished, and those before the last, are deleted.
//!
//! Every file of the current generation carries a checksum: where one does not hold, the whole generation
//! is set aside under another name, for whoever wants to look, and a new one is built from the store. This
//! is looked at when an indexer starts, once a day, and when a writer fails again and again; the writer may
//! be at work meanwhile, so a file that is missing counts only if the index still names it.

use std::collections::HashSet;
use std::error::Error;
use std::ffi::{OsStr, OsString};
use std::fs;
use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::PathBuf;

use shared::index::generation::{Generation, GenerationError, IndexFolder};
use shared::process::figures;
use tantivy::TantivyError;
use tantivy::directory::error::OpenReadError;
use tantivy::index::{SegmentComponent, SegmentMeta};

use crate::writer::WriterLock;

/// How tantivy's unfinished files begin.
const LITTER: &str = ".tmp";
/// What names all others.
const META: &str = "meta.json";

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
    if let Ok(Some(current)) = folder.current()
        && current.path().is_dir()
    {
        clear(&current)?;
    }
    let condition = examine(folder)?;
    let swept = match folder.sweep(None) {
        // A CURRENT that names nothing will be written anew; until then nothing is known to be needless.
        Err(GenerationError::BadName(_)) => Vec::new(),
        swept => swept.map_err(HealError::Generation)?,
    };
    if !swept.is_empty() {
        tracing::info!(generations = swept.join(" "), "indexes that nothing needs are deleted");
    }
    folder.set_rebuilding(None).map_err(HealError::Generation)?;
    Ok(condition)
}

/// Checks the checksums of the current generation, and sets it aside if one does not hold. Blocks.
pub(crate) fn examine(folder: &IndexFolder) -> Result<Condition, HealError> {
    let current = match folder.current() {
        Ok(Some(current)) if current.path().is_dir() => current,
        Ok(_) => return Ok(Condition::None),
        // Nothing is lost with it: a new generation is built, and named over it.
        Err(error @ GenerationError::BadName(_)) => {
            tracing::error!(error = &error as &dyn Error, "the index folder is damaged");
            return Ok(Condition::SetAside);
        }
        Err(error) => return Err(HealError::Generation(error)),
    };
    // What tantivy reads from a damaged file may panic before any checksum is compared.
    let damage = catch_unwind(AssertUnwindSafe(|| damage(&current)))
        .unwrap_or_else(|_panic| Ok(Some("reading it panicked".to_owned())))?;
    let Some(damage) = damage else { return Ok(Condition::Sound) };
    let aside = folder.quarantine(&current).map_err(HealError::Generation)?;
    figures::QUARANTINED.add([], 1);
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
    let failed = |source| HealError::Examine { folder: generation.path().to_owned(), source };
    let opened = match generation.open() {
        Ok(index) => index.load_metas().map(|metas| (index, metas)),
        Err(GenerationError::Index { source, .. }) => Err(source),
        Err(error) => return Err(HealError::Generation(error)),
    };
    let (index, metas) = match opened {
        Ok(opened) => opened,
        Err(error) if is_about_the_machine(&error) => return Err(failed(error)),
        Err(error) => return Ok(Some(error.to_string())),
    };
    for segment in &metas.segments {
        for file in files(segment) {
            let name = || file.display().to_string();
            match index.directory().validate_checksum(&file) {
                Ok(true) => {}
                Ok(false) => return Ok(Some(format!("the checksum of {} does not hold", name()))),
                Err(OpenReadError::FileDoesNotExist(_)) => {
                    let now = index.load_metas().map_err(failed)?.segments;
                    if now.iter().any(|segment| files(segment).contains(&file)) {
                        return Ok(Some(format!("{} is missing", name())));
                    }
                }
                Err(OpenReadError::IoError { io_error, .. }) if !says_damage(&io_error) => {
                    return Err(failed(TantivyError::IoError(io_error)));
                }
                Err(error) => return Ok(Some(format!("{} cannot be read: {error}", name()))),
            }
        }
    }
    Ok(None)
}

/// The files of a segment, as its last commit names them.
fn files(segment: &SegmentMeta) -> Vec<PathBuf> {
    let deletes = segment.has_deletes().then_some(SegmentComponent::Delete);
    [
        SegmentComponent::Postings,
        SegmentComponent::Positions,
        SegmentComponent::Terms,
        SegmentComponent::Store,
        SegmentComponent::FastFields,
        SegmentComponent::FieldNorms,
    ]
    .into_iter()
    .chain(deletes)
    .map(|component| segment.relative_path(component))
    .collect()
}

/// Whether an error says something about the machine now (too many files, no permission, no memory) and
/// nothing about what stands on the disk.
fn is_about_the_machine(error: &TantivyError) -> bool {
    match error {
        TantivyError::IoError(error) => !says_damage(error),
        TantivyError::LockFailure(..) | TantivyError::SystemError(_) | TantivyError::ErrorInThread(_) => true,
        _ => false,
    }
}

fn says_damage(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::NotFound
            | io::ErrorKind::UnexpectedEof
            | io::ErrorKind::InvalidData
            | io::ErrorKind::Other
    )
}

/// Deletes what the last commit does not name: unfinished files, and those of a commit that was lost. Nobody
/// writes meanwhile, and a reader opens only what a commit names.
fn clear(generation: &Generation) -> Result<(), HealError> {
    let folder = generation.path();
    let failed = |source| HealError::Litter { folder: folder.to_owned(), source };
    let needed: Option<HashSet<OsString>> = catch_unwind(AssertUnwindSafe(|| {
        let segments = generation.open().ok()?.load_metas().ok()?.segments;
        Some(segments.iter().flat_map(files).map(PathBuf::into_os_string).collect())
    }))
    .unwrap_or(None);
    let is_litter = |name: &OsStr| match name.to_str() {
        Some(name) if name.starts_with(LITTER) => true,
        Some(name) if name.starts_with('.') || name == META => false,
        _ => needed.as_ref().is_some_and(|needed| !needed.contains(name)),
    };
    let mut cleared = 0;
    for entry in fs::read_dir(folder).map_err(failed)? {
        let entry = entry.map_err(failed)?;
        if !is_litter(&entry.file_name()) {
            continue;
        }
        let is_file = entry.file_type().map(|kind| kind.is_file());
        match is_file
            .and_then(|is_file| if is_file { fs::remove_file(entry.path()).map(|()| 1) } else { Ok(0) })
        {
            Ok(removed) => cleared += removed,
            // A reader's own unfinished file, which it has put in its place meanwhile.
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => return Err(failed(error)),
        }
    }
    if 0 < cleared {
        tracing::info!(files = cleared, "files that no commit names are deleted");
    }
    Ok(())
}
