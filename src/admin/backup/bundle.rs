//! A backup as one file: a tar, readable by its owner alone, that is whole or not there.
//!
//! It is written beside its name as `.NAME.part`, synced, and only then given its name. A dump's length is not
//! known before its end, so the header of each member is written once more when it is. The last member,
//! `manifest.json`, has the length and the digest of all others: a file without it is none of ours.

use std::collections::BTreeMap;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Seek as _, SeekFrom, Write};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use shared::store::asked::backup::BackupKind;
use shared::store::id::StoreIdentity;
use tar::Header;

/// The member that is written last.
pub(crate) const MANIFEST: &str = "manifest.json";

/// The way members are laid out; another number is another program's.
pub(crate) const FORMAT: u32 = 1;

/// A tar is made of blocks.
const BLOCK: u64 = 512;

/// What a backup says of itself.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Manifest {
    pub(crate) format: u32,
    /// The version of the program that made it.
    pub(crate) program: String,
    /// In UTC, as in its name.
    pub(crate) made_at: String,
    /// `small` or `whole`.
    pub(crate) kind: String,
    /// Which store it is of.
    pub(crate) store: StoreIdentity,
    /// The last migration of its tables.
    pub(crate) migration: i64,
    /// What the database took on its disk, in bytes.
    pub(crate) database_bytes: u64,
    /// Whether the copy it is of knew who it is: `server.host` and `admin.contact`.
    pub(crate) is_told: bool,
    /// All members but this one.
    pub(crate) members: BTreeMap<String, Member>,
}

/// One member, as it stands in the tar.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Member {
    pub(crate) bytes: u64,
    pub(crate) blake3: String,
}

/// How a member stands in the tar.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Packing {
    /// As it is: it is small, or compressed already.
    Plain,
    /// By zstd; its name says so.
    Zstd,
}

/// A backup that is being written. Dropped before its end, it leaves nothing.
#[derive(Debug)]
pub(crate) struct Bundle {
    target: PathBuf,
    part: PathBuf,
    file: File,
    members: BTreeMap<String, Member>,
    is_whole: bool,
}

/// A member that is being written.
pub(crate) struct Entry<'a> {
    bundle: &'a mut Bundle,
    name: String,
    header_at: u64,
    out: Out,
}

enum Out {
    Plain(Tally),
    Zstd(zstd::Encoder<'static, Tally>),
}

/// Counts and digests what goes into the file.
struct Tally {
    file: File,
    bytes: u64,
    hasher: blake3::Hasher,
}

impl Bundle {
    /// Begins the file that will be `target`; its folder is there.
    pub(crate) fn create(target: &Path) -> io::Result<Self> {
        let name = target.file_name().unwrap_or_default().to_string_lossy();
        let part = target.with_file_name(format!(".{name}.part"));
        match fs::remove_file(&part) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            Ok(()) | Err(_) => {}
        }
        let file = OpenOptions::new().read(true).write(true).create_new(true).mode(0o600).open(&part)?;
        Ok(Self { target: target.to_owned(), part, file, members: BTreeMap::new(), is_whole: false })
    }

    /// A member whose bytes are at hand.
    pub(crate) fn add(&mut self, name: &str, bytes: &[u8]) -> io::Result<()> {
        let mut entry = self.begin(name, Packing::Plain)?;
        entry.write_all(bytes)?;
        entry.end()
    }

    /// A member that comes in pieces.
    pub(crate) fn begin(&mut self, name: &str, packing: Packing) -> io::Result<Entry<'_>> {
        let name = match packing {
            Packing::Plain => name.to_owned(),
            Packing::Zstd => format!("{name}.zst"),
        };
        let header_at = self.file.stream_position()?;
        self.file.write_all(header(&name, 0)?.as_bytes())?;
        let tally = Tally { file: self.file.try_clone()?, bytes: 0, hasher: blake3::Hasher::new() };
        let out = match packing {
            Packing::Plain => Out::Plain(tally),
            Packing::Zstd => Out::Zstd(zstd::Encoder::new(tally, zstd::DEFAULT_COMPRESSION_LEVEL)?),
        };
        Ok(Entry { bundle: self, name, header_at, out })
    }

    /// Writes the manifest and gives the file its name; its size.
    pub(crate) fn finish(mut self, mut manifest: Manifest) -> io::Result<u64> {
        manifest.members = std::mem::take(&mut self.members);
        let text = serde_json::to_vec_pretty(&manifest).map_err(io::Error::other)?;
        self.add(MANIFEST, &text)?;
        self.file.write_all(&[0; 2 * BLOCK as usize])?;
        self.file.sync_all()?;
        let bytes = self.file.metadata()?.len();
        fs::rename(&self.part, &self.target)?;
        self.is_whole = true;
        let folder = self.target.parent().unwrap_or(Path::new("/"));
        File::open(folder)?.sync_all()?;
        Ok(bytes)
    }
}

impl Drop for Bundle {
    fn drop(&mut self) {
        if !self.is_whole {
            // What cannot be removed now, the next backup removes.
            let _left = fs::remove_file(&self.part);
        }
    }
}

impl Entry<'_> {
    /// The member is whole: its length goes into its header.
    pub(crate) fn end(self) -> io::Result<()> {
        let Self { bundle, name, header_at, out } = self;
        let tally = match out {
            Out::Plain(tally) => tally,
            Out::Zstd(encoder) => encoder.finish()?,
        };
        let rest = (BLOCK - tally.bytes % BLOCK) % BLOCK;
        bundle.file.write_all(&vec![0; usize::try_from(rest).unwrap_or_default()])?;
        bundle.file.seek(SeekFrom::Start(header_at))?;
        bundle.file.write_all(header(&name, tally.bytes)?.as_bytes())?;
        bundle.file.seek(SeekFrom::End(0))?;
        let member = Member { bytes: tally.bytes, blake3: tally.hasher.finalize().to_hex().to_string() };
        bundle.members.insert(name, member);
        Ok(())
    }
}

impl Write for Entry<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match &mut self.out {
            Out::Plain(tally) => tally.write(bytes),
            Out::Zstd(encoder) => encoder.write(bytes),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match &mut self.out {
            Out::Plain(tally) => tally.flush(),
            Out::Zstd(encoder) => encoder.flush(),
        }
    }
}

impl Write for Tally {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.file.write(bytes)?;
        self.bytes += written as u64;
        self.hasher.update(&bytes[..written]);
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

impl Manifest {
    /// The kind, where this program knows it.
    pub(crate) fn kind(&self) -> Option<BackupKind> {
        [BackupKind::Small, BackupKind::Whole].into_iter().find(|kind| kind.code() == self.kind)
    }
}

fn header(name: &str, bytes: u64) -> io::Result<Header> {
    let mut header = Header::new_gnu();
    header.set_path(name)?;
    header.set_size(bytes);
    header.set_mode(0o600);
    header.set_mtime(0);
    header.set_cksum();
    Ok(header)
}
