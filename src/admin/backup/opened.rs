//! A backup that is read again: looked through to its last byte before anything of it is believed.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, Read, Seek as _, SeekFrom};
use std::path::{Path, PathBuf};

use tar::Archive;

use super::bundle::{FORMAT, MANIFEST, Manifest, Member};

/// Members that are read into memory are no longer than this.
const LONGEST: u64 = 16 << 20;

/// A backup that is whole.
#[derive(Debug)]
pub(crate) struct Opened {
    file: File,
    manifest: Manifest,
    places: BTreeMap<String, Place>,
}

/// Where a member's bytes are.
#[derive(Clone, Copy, Debug)]
struct Place {
    at: u64,
    bytes: u64,
}

/// Why a file is no backup.
#[derive(Debug, thiserror::Error)]
pub(crate) enum OpenedError {
    /// It cannot be opened.
    #[error(
        "the backup {} cannot be read as the user that runs sextant; as root, hand it in with `sextant admin restore - < FILE`", .file.display()
    )]
    Open {
        /// The file.
        file: PathBuf,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// It cannot be read to its end.
    #[error("the backup cannot be read")]
    Read(#[source] io::Error),
    /// Something is missing or other than it was.
    #[error("this is no whole backup of sextant: {0}")]
    Broken(String),
}

impl Opened {
    /// Opens a file, or standard input as `-`, and looks it through.
    pub(crate) fn open(path: &Path) -> Result<Self, OpenedError> {
        let file = if path == Path::new("-") {
            use std::os::fd::AsFd as _;
            io::stdin().as_fd().try_clone_to_owned().map(File::from)
        } else {
            File::open(path)
        };
        Self::of(file.map_err(|source| OpenedError::Open { file: path.to_owned(), source })?)
    }

    fn of(mut file: File) -> Result<Self, OpenedError> {
        let mut found = BTreeMap::new();
        let mut places = BTreeMap::new();
        let mut manifest = Vec::new();
        let mut archive = Archive::new(file.try_clone().map_err(OpenedError::Read)?);
        let broken = |error: io::Error| match error.kind() {
            // What the reader of tars says of garbage and of a file that ends too soon.
            io::ErrorKind::Other | io::ErrorKind::UnexpectedEof | io::ErrorKind::InvalidData => {
                OpenedError::Broken(error.to_string())
            }
            _ => OpenedError::Read(error),
        };
        for entry in archive.entries_with_seek().map_err(broken)? {
            let mut entry = entry.map_err(broken)?;
            let name = entry.path().map_err(broken)?.to_string_lossy().into_owned();
            let place = Place { at: entry.raw_file_position(), bytes: entry.size() };
            let mut hasher = blake3::Hasher::new();
            if name == MANIFEST {
                (&mut entry).take(LONGEST).read_to_end(&mut manifest).map_err(broken)?;
                continue;
            }
            let read = io::copy(&mut entry, &mut hasher).map_err(broken)?;
            if read != place.bytes {
                return Err(OpenedError::Broken(format!("{name} is cut off")));
            }
            let blake3 = hasher.finalize().to_hex().to_string();
            found.insert(name.clone(), Member { bytes: place.bytes, blake3 });
            places.insert(name, place);
        }
        if manifest.is_empty() {
            return Err(OpenedError::Broken(format!("it has no {MANIFEST}")));
        }
        let manifest: Manifest =
            serde_json::from_slice(&manifest).map_err(|error| OpenedError::Broken(error.to_string()))?;
        if manifest.format != FORMAT {
            let what = format!("it is of format {}, and this program reads format {FORMAT}", manifest.format);
            return Err(OpenedError::Broken(what));
        }
        if let Some((name, _)) =
            manifest.members.iter().find(|(name, member)| found.get(*name) != Some(member))
        {
            return Err(OpenedError::Broken(format!("{name} is not what was written")));
        }
        file.rewind().map_err(OpenedError::Read)?;
        Ok(Self { file, manifest, places })
    }

    pub(crate) const fn manifest(&self) -> &Manifest {
        &self.manifest
    }

    /// The names of its members that begin so, without that beginning.
    pub(crate) fn names(&self, beginning: &str) -> Vec<String> {
        self.manifest
            .members
            .keys()
            .filter_map(|name| name.strip_prefix(beginning))
            .map(str::to_owned)
            .collect()
    }

    /// A member as it was before it was packed; none, where there is none of that name.
    pub(crate) fn read(&self, name: &str) -> io::Result<Option<Box<dyn Read + Send>>> {
        if let Some(plain) = self.place(name) {
            return Ok(Some(Box::new(self.at(plain)?)));
        }
        let Some(packed) = self.place(&format!("{name}.zst")) else { return Ok(None) };
        Ok(Some(Box::new(zstd::Decoder::new(self.at(packed)?)?)))
    }

    /// A small member in memory.
    pub(crate) fn bytes(&self, name: &str) -> io::Result<Option<Vec<u8>>> {
        let Some(member) = self.read(name)? else { return Ok(None) };
        let mut bytes = Vec::new();
        member.take(LONGEST).read_to_end(&mut bytes)?;
        Ok(Some(bytes))
    }

    fn place(&self, name: &str) -> Option<Place> {
        self.places.get(name).copied().filter(|_| self.manifest.members.contains_key(name))
    }

    /// All handles share one position: one member is read at a time.
    fn at(&self, place: Place) -> io::Result<io::Take<File>> {
        let mut file = self.file.try_clone()?;
        file.seek(SeekFrom::Start(place.at))?;
        Ok(file.take(place.bytes))
    }
}
