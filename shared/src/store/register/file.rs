//! The register of removals as a file: one line an entry, only ever added to.
//!
//! Several processes of a machine write to it, each under the file's lock. A line that a crash cut short is passed over
//! by every reader, and the next entry begins on a line of its own.

use std::collections::HashSet;
use std::fs::{File, OpenOptions};
use std::io::{self, Read as _, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;

use chrono::{DateTime, SecondsFormat, Utc};
use serde::{Deserialize, Serialize};

use super::super::known::removal::Entry;

/// An entry as it stands in the file.
#[derive(Serialize, Deserialize)]
struct Line {
    pattern: String,
    removed_at: String,
    origin: String,
}

/// The entries of a file; none where there is no file.
pub(super) fn read(path: &Path) -> io::Result<Vec<Entry>> {
    match std::fs::read(path) {
        Ok(bytes) => Ok(parse(path, &bytes)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Vec::new()),
        Err(error) => Err(error),
    }
}

/// Adds those entries that the file does not have, and returns how many once they are on the disk. Blocks.
pub(super) fn add(path: &Path, entries: &[Entry]) -> io::Result<usize> {
    let is_new = !path.exists();
    let mut file = OpenOptions::new().read(true).append(true).create(true).mode(0o600).open(path)?;
    file.lock()?;
    let mut bytes = Vec::new();
    file.read_to_end(&mut bytes)?;
    let mut there: HashSet<Entry> = parse(path, &bytes).into_iter().collect();
    let mut text = String::new();
    if bytes.last().is_some_and(|last| *last != b'\n') {
        text.push('\n');
    }
    let mut added = 0;
    for entry in entries {
        if there.insert(entry.clone()) {
            text.push_str(&line(entry)?);
            text.push('\n');
            added += 1;
        }
    }
    if added > 0 {
        file.write_all(text.as_bytes())?;
    }
    // What another process wrote is on the disk too once this returns.
    file.sync_all()?;
    if is_new && let Some(folder) = path.parent() {
        File::open(folder)?.sync_all()?;
    }
    Ok(added)
}

fn line(entry: &Entry) -> io::Result<String> {
    let line = Line {
        pattern: entry.target(),
        removed_at: entry.moment().to_rfc3339_opts(SecondsFormat::Micros, true),
        origin: entry.word().to_owned(),
    };
    Ok(serde_json::to_string(&line)?)
}

fn parse(path: &Path, bytes: &[u8]) -> Vec<Entry> {
    let mut entries = Vec::new();
    for (number, text) in (1..).zip(bytes.split(|byte| *byte == b'\n')) {
        if text.is_empty() {
            continue;
        }
        match entry(text) {
            Some(entry) => entries.push(entry),
            None => tracing::warn!(
                file = %path.display(),
                line = number,
                "a line of the register of removals is no entry: cut short by a crash, or another version's"
            ),
        }
    }
    entries
}

fn entry(text: &[u8]) -> Option<Entry> {
    let line: Line = serde_json::from_slice(text).ok()?;
    let moment = DateTime::parse_from_rfc3339(&line.removed_at).ok()?.with_timezone(&Utc);
    Entry::read(&line.pattern, moment, &line.origin).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry_of(target: &str, word: &str) -> Entry {
        let moment = DateTime::from_timestamp(1_800_000_000, 123_456_789).expect("a moment");
        Entry::read(target, moment, word).expect("an entry")
    }

    #[test]
    fn entries_are_added_once_and_a_torn_line_costs_no_other() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("removals.jsonl");
        assert_eq!(read(&path).expect("no file is an empty register"), []);
        let (one, two) =
            (entry_of("a.example", "takedown"), entry_of(&format!("content:{}", "ab".repeat(32)), "lifted"));
        assert_eq!(add(&path, &[one.clone(), one.clone()]).expect("written"), 1);
        let whole = std::fs::read(&path).expect("a file");
        let torn = [whole.as_slice(), &whole[..whole.len() / 2]].concat();
        std::fs::write(&path, torn).expect("a crash in the middle of a line");
        assert_eq!(read(&path).expect("a register"), std::slice::from_ref(&one));
        assert_eq!(add(&path, &[one.clone(), two.clone()]).expect("written"), 1);
        assert_eq!(read(&path).expect("a register"), [one, two]);
    }
}
