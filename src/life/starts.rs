//! When components were started, a line each: whoever supervises them, this is where a process that falls again and
//! again is seen.

use std::fs::{self, OpenOptions};
use std::io::Write as _;
use std::path::Path;
use std::time::{SystemTime, UNIX_EPOCH};

use crate::settings::Places;

/// So many lines are read; the file is shortened to as many when it has twice that.
const LINES: usize = 100;

/// Notes that a component was started now. A note that cannot be written is no reason not to start.
pub(super) fn note(places: &Places, component: &str) {
    let path = places.starts();
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs();
    let written = OpenOptions::new().create(true).append(true).open(&path).and_then(|mut file| {
        // One write: several processes append.
        file.write_all(format!("{now} {component}\n").as_bytes())
    });
    if let Err(error) = written {
        tracing::debug!(%error, "the start was not noted");
    }
}

/// Every start that is still noted: its moment in seconds since 1970, and the component. Shortens the file where it has
/// grown; one process does this, the one that tells the admin.
pub(super) fn noted(path: &Path) -> Vec<(u64, String)> {
    let text = fs::read_to_string(path).unwrap_or_default();
    let lines: Vec<&str> = text.lines().collect();
    let kept = &lines[lines.len().saturating_sub(LINES)..];
    if 2 * LINES < lines.len() {
        // A start noted in between is lost: it was one of many.
        let _unshortened = fs::write(path, kept.join("\n") + "\n");
    }
    let read = |line: &&str| {
        let (moment, component) = line.split_once(' ')?;
        Some((moment.parse().ok()?, component.to_owned()))
    };
    kept.iter().filter_map(read).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn starts_are_noted_and_old_ones_forgotten() {
        let folder = tempfile::tempdir().expect("a folder");
        let places = Places::given(folder.path().to_owned());
        assert_eq!(noted(&places.starts()), []);
        for _ in 0..=2 * LINES {
            note(&places, "crawl");
        }
        fs::write(places.starts(), fs::read_to_string(places.starts()).expect("notes") + "broken\n")
            .expect("a file");
        let starts = noted(&places.starts());
        assert_eq!(starts.len(), LINES - 1);
        assert!(starts.iter().all(|(moment, component)| 1_000_000_000 < *moment && component == "crawl"));
        assert_eq!(fs::read_to_string(places.starts()).expect("notes").lines().count(), LINES);
    }
}
