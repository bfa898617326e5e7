//! The real data that tests use where it is there: `SEXTANT_SHARED_DATA`, or `../shared` beside this folder.

use std::path::{Path, PathBuf};
use std::process::Command;

use shared::gemini::url::GeminiUrl;
use tempfile::TempDir;

/// The folder of the data; none, with a word, where it is absent.
pub(crate) fn folder() -> Option<PathBuf> {
    let folder = std::env::var_os("SEXTANT_SHARED_DATA")
        .map_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared"), PathBuf::from);
    if folder.join("capsules").is_dir() {
        return Some(folder);
    }
    eprintln!("skipped: there is no data in {} (set SEXTANT_SHARED_DATA)", folder.display());
    None
}

/// The real capsules, unpacked as `<host>/<path>`.
pub(crate) fn capsules() -> Option<TempDir> {
    let archive = folder()?.join("capsules/capsules.tar.gz");
    let unpacked = tempfile::tempdir().expect("a temporary folder");
    let tar = Command::new("tar").arg("-xzf").arg(&archive).arg("-C").arg(unpacked.path()).status();
    assert!(tar.expect("tar runs").success(), "{} can be unpacked", archive.display());
    Some(unpacked)
}

/// What a static server answers.
pub(crate) enum Served {
    Gemtext(String),
    Moved(String),
    Other,
    Missing,
}

/// The answer to a URL, by the rules of the capsules' README.
pub(crate) fn served(folder: &Path, url: &GeminiUrl) -> Served {
    let path: Vec<String> =
        url.path().split('/').skip(1).map(shared::gemini::request::decode_query).collect();
    if path.iter().any(|segment| segment == ".." || segment.contains('/')) {
        return Served::Missing;
    }
    let file = path.iter().fold(folder.join(url.host().as_str()), |file, segment| file.join(segment));
    if url.path().ends_with('/') {
        let index = ["index.gmi", "index.gemini"]
            .map(|name| file.join(name))
            .into_iter()
            .find(|index| index.is_file());
        return index.map_or(Served::Missing, read);
    }
    if file.is_dir() {
        return Served::Moved(format!("{}/", url.path()));
    }
    if file.is_file() {
        return if is_gemtext(&file) { read(file) } else { Served::Other };
    }
    let with_ending = PathBuf::from(format!("{}.gmi", file.display()));
    if with_ending.is_file() { read(with_ending) } else { Served::Missing }
}

fn is_gemtext(file: &Path) -> bool {
    file.extension().is_some_and(|ending| ending == "gmi" || ending == "gemini")
}

fn read(file: PathBuf) -> Served {
    Served::Gemtext(String::from_utf8_lossy(&std::fs::read(file).expect("a page")).into_owned())
}
