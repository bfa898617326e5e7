//! A restore that was cut off leaves a note in the state folder, and nothing starts there before it was done to
//! its end: half of it could show what was removed.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

/// Says that a restore has begun here and has not ended.
#[derive(Debug, thiserror::Error)]
#[error(
    "a restore was interrupted here: do it again to its end (`sextant admin restore FILE`), or, to go on with what is there, remove {}", .note.display()
)]
pub(crate) struct Unfinished {
    note: PathBuf,
}

/// Notes that one has begun to change what is there.
pub(crate) fn begin(state: &Path) -> io::Result<()> {
    File::create(note(state))?.sync_all()?;
    File::open(state)?.sync_all()
}

/// Notes that it is done.
pub(crate) fn end(state: &Path) -> io::Result<()> {
    fs::remove_file(note(state))?;
    File::open(state)?.sync_all()
}

/// Fails where one has not ended.
pub(crate) fn none(state: &Path) -> Result<(), Unfinished> {
    let note = note(state);
    if note.exists() { Err(Unfinished { note }) } else { Ok(()) }
}

fn note(state: &Path) -> PathBuf {
    state.join("restore.unfinished")
}
