//! Generations of the index, and which of them is served.
//!
//! An index is a folder `v<schema>-<stamp>` below the index folder, and is never rebuilt in place: a new one
//! grows beside it, and one rename of the file `CURRENT` makes the switch. `CURRENT` names two generations,
//! the one that is served and the one that is kept for a roll-back, so that both change in the same instant.
//! A damaged one is moved aside (`quarantine-...`) for the admin to look at.
//!
//! One indexer writes here (it holds its own lock); any number of readers look at `CURRENT`. A reader that
//! has a removed generation open keeps its files until it lets go of them.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use chrono::{DateTime, Utc};
use tantivy::Index;
use tantivy::directory::MmapDirectory;

use super::schema::{SCHEMA_VERSION, equip, schema};

const CURRENT: &str = "CURRENT";
const REBUILDING: &str = "REBUILDING";
const QUARANTINE: &str = "quarantine-";

/// Why the index folder could not be used.
#[derive(Debug, thiserror::Error)]
pub enum GenerationError {
    /// A file or folder could not be read or written.
    #[error("cannot {step} {path}")]
    Disk {
        /// What was tried.
        step: &'static str,
        /// On what.
        path: PathBuf,
        /// What the system said.
        #[source]
        source: io::Error,
    },
    /// `CURRENT` names something that is no generation.
    #[error("{CURRENT} names no generation of an index: {0:?}")]
    BadName(String),
    /// There is no earlier generation to go back to.
    #[error("no earlier generation is kept")]
    NothingKept,
    /// tantivy could not open or create the index.
    #[error("cannot open the index in {path}")]
    Index {
        /// The generation's folder.
        path: PathBuf,
        /// What tantivy said.
        #[source]
        source: tantivy::TantivyError,
    },
}

/// The folder that holds all generations.
#[derive(Clone, Debug)]
pub struct IndexFolder(PathBuf);

/// One index on disk.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Generation {
    name: String,
    path: PathBuf,
}

impl Generation {
    /// Its name, such as `v1-20261123T204500-0`.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Its folder.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The number of the schema it was made with.
    #[must_use]
    pub fn schema(&self) -> Option<u32> {
        schema_of(&self.name)
    }

    /// Bytes that its files take.
    ///
    /// # Errors
    ///
    /// When its folder cannot be read.
    pub fn size_bytes(&self) -> Result<u64, GenerationError> {
        let mut bytes = 0;
        for entry in fs::read_dir(&self.path).map_err(disk("list", &self.path))? {
            match entry.and_then(|entry| entry.metadata()) {
                Ok(file) => bytes += file.len(),
                // A merge has ended meanwhile.
                Err(gone) if gone.kind() == io::ErrorKind::NotFound => {}
                Err(source) => return Err(disk("list", &self.path)(source)),
            }
        }
        Ok(bytes)
    }

    /// Opens the index in it.
    ///
    /// # Errors
    ///
    /// When its files are missing or damaged.
    pub fn open(&self) -> Result<Index, GenerationError> {
        let index = Index::open_in_dir(&self.path).map_err(|source| self.error(source))?;
        equip(&index);
        Ok(index)
    }

    /// Makes an empty index in it.
    ///
    /// # Errors
    ///
    /// When its folder cannot be written, or holds an index already.
    pub fn create(&self) -> Result<Index, GenerationError> {
        let directory = MmapDirectory::open(&self.path).map_err(|source| self.error(source.into()))?;
        let index = Index::builder()
            .schema(schema())
            .open_or_create(directory)
            .map_err(|source| self.error(source))?;
        equip(&index);
        Ok(index)
    }

    fn error(&self, source: tantivy::TantivyError) -> GenerationError {
        GenerationError::Index { path: self.path.clone(), source }
    }
}

impl IndexFolder {
    /// The folder for a writer: made, if it is not there.
    ///
    /// # Errors
    ///
    /// When it cannot be made.
    pub fn create(path: &Path) -> Result<Self, GenerationError> {
        fs::create_dir_all(path).map_err(disk("make the folder", path))?;
        Ok(Self(path.to_owned()))
    }

    /// The folder for a reader: it need not exist yet.
    #[must_use]
    pub fn at(path: &Path) -> Self {
        Self(path.to_owned())
    }

    /// Where it is.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.0
    }

    /// The generation that is served, if any has been published.
    ///
    /// # Errors
    ///
    /// When `CURRENT` cannot be read, or names no generation.
    pub fn current(&self) -> Result<Option<Generation>, GenerationError> {
        Ok(self.names()?.0)
    }

    /// The generation that is kept for a roll-back.
    ///
    /// # Errors
    ///
    /// As [`IndexFolder::current`].
    pub fn kept(&self) -> Result<Option<Generation>, GenerationError> {
        Ok(self.names()?.1)
    }

    /// A new, empty folder for a generation, not served yet.
    ///
    /// # Errors
    ///
    /// When it cannot be made.
    pub fn begin(&self, now: DateTime<Utc>) -> Result<Generation, GenerationError> {
        let stamp = now.format("%Y%m%dT%H%M%S");
        let mut attempt = 0;
        loop {
            let generation = self.generation(format!("v{SCHEMA_VERSION}-{stamp}-{attempt}"));
            // Readers know a generation by its name: one that was just set aside is not to come again.
            if attempt < 1_000 && self.aside(&generation).exists() {
                attempt += 1;
                continue;
            }
            match fs::create_dir(&generation.path) {
                Ok(()) => return Ok(generation),
                Err(taken) if taken.kind() == io::ErrorKind::AlreadyExists && attempt < 1_000 => attempt += 1,
                Err(source) => return Err(disk("make the folder", &generation.path)(source)),
            }
        }
    }

    /// Serves this generation from now on; the one served before is kept for a roll-back.
    ///
    /// # Errors
    ///
    /// When `CURRENT` cannot be written; then nothing has changed.
    pub fn publish(&self, generation: &Generation) -> Result<(), GenerationError> {
        let before = match self.names() {
            Ok((Some(current), _)) if current != *generation => Some(current),
            Ok((_, kept)) => kept.filter(|kept| kept != generation),
            // Whatever a broken CURRENT named, nothing of it can be kept.
            Err(GenerationError::BadName(_)) => None,
            Err(error) => return Err(error),
        };
        self.write_names(generation, before.as_ref())
    }

    /// Serves the kept generation again, and keeps the one served now.
    ///
    /// # Errors
    ///
    /// When none is kept, or `CURRENT` cannot be written.
    pub fn roll_back(&self) -> Result<Generation, GenerationError> {
        let (current, kept) = self.names()?;
        let kept = kept.filter(|kept| kept.path.is_dir()).ok_or(GenerationError::NothingKept)?;
        self.write_names(&kept, current.as_ref())?;
        Ok(kept)
    }

    /// Gives up the roll-back for the room that the kept generation takes.
    ///
    /// # Errors
    ///
    /// When `CURRENT` cannot be written, or the generation not removed.
    pub fn drop_kept(&self) -> Result<(), GenerationError> {
        if let (Some(current), Some(kept)) = self.names()? {
            self.write_names(&current, None)?;
            fs::remove_dir_all(&kept.path).map_err(disk("remove", &kept.path))?;
        }
        Ok(())
    }

    /// Moves a damaged generation aside, where no one opens it again. Gives the folder's new place.
    ///
    /// # Errors
    ///
    /// When it cannot be moved.
    pub fn quarantine(&self, generation: &Generation) -> Result<PathBuf, GenerationError> {
        let aside = self.aside(generation);
        if aside.exists() {
            fs::remove_dir_all(&aside).map_err(disk("remove", &aside))?;
        }
        fs::rename(&generation.path, &aside).map_err(disk("move aside", &generation.path))?;
        self.sync()?;
        Ok(aside)
    }

    /// Removes generations that are neither served nor kept nor in `growing`, and all quarantined ones but
    /// the newest. Gives the names of what went.
    ///
    /// # Errors
    ///
    /// When the folder cannot be read, or a generation not removed.
    pub fn sweep(&self, growing: Option<&Generation>) -> Result<Vec<String>, GenerationError> {
        let (current, kept) = self.names()?;
        let needed: Vec<&str> =
            [current.as_ref(), kept.as_ref(), growing].into_iter().flatten().map(Generation::name).collect();
        let mut names = self.folders()?;
        names.sort_unstable();
        let newest_aside = names.iter().rfind(|name| name.starts_with(QUARANTINE)).cloned();
        names.retain(|name| {
            let ours = schema_of(name).is_some() || name.starts_with(QUARANTINE);
            ours && !needed.contains(&name.as_str()) && newest_aside.as_ref() != Some(name)
        });
        for name in &names {
            let path = self.0.join(name);
            fs::remove_dir_all(&path).map_err(disk("remove", &path))?;
        }
        Ok(names)
    }

    /// Says how far a rebuild has come, in percent, or that there is none.
    ///
    /// # Errors
    ///
    /// When the file cannot be written.
    pub fn set_rebuilding(&self, percent: Option<u8>) -> Result<(), GenerationError> {
        let path = self.0.join(REBUILDING);
        match percent {
            Some(percent) => self.replace(REBUILDING, &format!("{}\n", percent.min(100))),
            None => match fs::remove_file(&path) {
                Err(gone) if gone.kind() == io::ErrorKind::NotFound => Ok(()),
                done => done.map_err(disk("remove", &path)),
            },
        }
    }

    /// How far a rebuild has come, in percent; none if there is none.
    #[must_use]
    pub fn rebuilding(&self) -> Option<u8> {
        fs::read_to_string(self.0.join(REBUILDING)).ok()?.trim().parse().ok()
    }

    fn names(&self) -> Result<(Option<Generation>, Option<Generation>), GenerationError> {
        let path = self.0.join(CURRENT);
        let text = match fs::read_to_string(&path) {
            Ok(text) => text,
            Err(missing) if missing.kind() == io::ErrorKind::NotFound => return Ok((None, None)),
            Err(source) => return Err(disk("read", &path)(source)),
        };
        let mut names = text.lines().map(|name| match schema_of(name) {
            Some(_) => Ok(self.generation(name.to_owned())),
            None => Err(GenerationError::BadName(name.to_owned())),
        });
        Ok((names.next().transpose()?, names.next().transpose()?))
    }

    fn write_names(&self, current: &Generation, kept: Option<&Generation>) -> Result<(), GenerationError> {
        let mut text = format!("{}\n", current.name);
        if let Some(kept) = kept {
            text.push_str(&kept.name);
            text.push('\n');
        }
        self.replace(CURRENT, &text)
    }

    fn generation(&self, name: String) -> Generation {
        Generation { path: self.0.join(&name), name }
    }

    fn aside(&self, generation: &Generation) -> PathBuf {
        self.0.join(format!("{QUARANTINE}{}", generation.name))
    }

    fn folders(&self) -> Result<Vec<String>, GenerationError> {
        let entries = fs::read_dir(&self.0).map_err(disk("list", &self.0))?;
        let mut names = Vec::new();
        for entry in entries {
            let entry = entry.map_err(disk("list", &self.0))?;
            if entry.path().is_dir() {
                names.extend(entry.file_name().into_string());
            }
        }
        Ok(names)
    }

    fn replace(&self, name: &str, text: &str) -> Result<(), GenerationError> {
        let path = self.0.join(name);
        replace(&path, |file| file.write_all(text.as_bytes())).map_err(disk("write", &path))
    }

    fn sync(&self) -> Result<(), GenerationError> {
        File::open(&self.0).and_then(|folder| folder.sync_all()).map_err(disk("sync", &self.0))
    }
}

/// Replaces a file in one step that survives a power cut: written beside, synced, renamed, folder synced.
pub(super) fn replace(path: &Path, write: impl FnOnce(&mut File) -> io::Result<()>) -> io::Result<()> {
    let beside = path.with_extension("new");
    let mut file = File::create(&beside)?;
    write(&mut file)?;
    file.sync_all()?;
    fs::rename(&beside, path)?;
    match path.parent() {
        Some(folder) => File::open(folder)?.sync_all(),
        None => Ok(()),
    }
}

/// The schema's number in a generation's name; none for any other name.
fn schema_of(name: &str) -> Option<u32> {
    let (schema, stamp) = name.strip_prefix('v')?.split_once('-')?;
    let plain = stamp.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
    if plain && !stamp.is_empty() { schema.parse().ok() } else { None }
}

fn disk(step: &'static str, path: &Path) -> impl FnOnce(io::Error) -> GenerationError {
    let path = path.to_owned();
    move |source| GenerationError::Disk { step, path, source }
}

#[cfg(test)]
mod tests;
