//! Where the collections are, and how they are read.

use std::path::{Path, PathBuf};
use std::process::Command;

/// The folder of a collection; none, with a word about it, where it is not on this machine.
pub(crate) fn folder(name: &str) -> Option<PathBuf> {
    let beside = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared");
    let shared = std::env::var_os("SEXTANT_SHARED_DATA").map_or(beside, PathBuf::from);
    let folder = shared.join(name);
    if folder.is_dir() {
        return Some(folder);
    }
    println!("skipped: no {}; SEXTANT_SHARED_DATA names the folder with the collections", folder.display());
    None
}

/// A packed file, unpacked.
pub(crate) fn unpacked(path: &Path) -> String {
    let output = Command::new("gzip").arg("-dc").arg(path).output().expect("gzip is on every machine");
    assert!(output.status.success(), "cannot unpack {}", path.display());
    String::from_utf8(output.stdout).expect("the collections are UTF-8")
}

/// The lines of a table, by column.
pub(crate) fn table(path: &Path) -> Vec<Vec<String>> {
    let text = std::fs::read_to_string(path).expect("the table can be read");
    text.lines().map(|line| line.split('\t').map(str::to_owned).collect()).collect()
}
