//! A folder of capsules, `<host>/<path>`, served as a static server does.
//!
//! `/x/` is the folder's `index.gmi` or `index.gemini`; `/x` is the file `x`, else for a folder with an index a
//! redirect to `/x/`, else `x.gmi`, else for any folder the redirect. Paths are decoded and checked one component at a time, and what a symbolic link leads out
//! of the capsule is not served.

use std::io;
use std::path::{Path, PathBuf};

use crate::answer::Answer;
use crate::request::percent_decode;

/// The largest file that is served.
const MAX_FILE: u64 = 64 * 1024 * 1024;
/// What a folder URL shows.
const INDEXES: [&str; 2] = ["index.gmi", "index.gemini"];

/// The capsules of a folder: each subfolder with its host name, sorted.
pub(crate) fn capsules(folder: &Path) -> io::Result<Vec<(String, PathBuf)>> {
    let mut capsules = Vec::new();
    for entry in std::fs::read_dir(folder)? {
        let path = entry?.path();
        let Some(name) = path.file_name().and_then(|name| name.to_str()) else { continue };
        if path.is_dir() && is_host_name(name) {
            capsules.push((name.to_ascii_lowercase(), path.canonicalize()?));
        }
    }
    capsules.sort();
    Ok(capsules)
}

fn is_host_name(name: &str) -> bool {
    let good = |c: char| c.is_ascii_alphanumeric() || "-._".contains(c);
    !name.starts_with('.') && !name.is_empty() && name.len() <= 253 && name.chars().all(good)
}

/// Answers a path of one capsule; `root` is canonical.
pub(crate) async fn answer(root: &Path, path: &str) -> Answer {
    let (root, path) = (root.to_owned(), path.to_owned());
    // Files are read on the blocking pool, awaited here: the request ends with its reading.
    let answer = tokio::task::spawn_blocking(move || read(&root, &path)).await;
    answer.unwrap_or_else(|_| Answer::status("40 the file could not be read"))
}

fn read(root: &Path, path: &str) -> Answer {
    let mut place = root.to_owned();
    let components: Vec<&str> = path.trim_start_matches('/').split('/').collect();
    let (last, folders) = components.split_last().unwrap_or((&"", &[]));
    for component in folders {
        match name(component) {
            Ok(name) => place.push(name),
            Err(answer) => return answer,
        }
    }
    if path.starts_with("//") {
        return Answer::not_found();
    }
    if last.is_empty() {
        return index(&place).map_or_else(Answer::not_found, |index| file(root, &index));
    }
    let last = match name(last) {
        Ok(name) => name,
        Err(answer) => return answer,
    };
    let exact = place.join(&last);
    let page = place.join(format!("{last}.gmi"));
    let folder = exact.is_dir() && inside(root, &exact).is_some();
    // `x.gmi` beside a folder `x` is its page only where the folder shows none itself.
    if exact.is_file() {
        file(root, &exact)
    } else if page.is_file() && !(folder && index(&exact).is_some()) {
        file(root, &page)
    } else if folder {
        Answer::status(format!("31 {path}/"))
    } else {
        Answer::not_found()
    }
}

fn index(folder: &Path) -> Option<PathBuf> {
    INDEXES.iter().map(|index| folder.join(index)).find(|index| index.is_file())
}

/// One component as a file name; an error is the answer to the whole request.
fn name(component: &str) -> Result<String, Answer> {
    let decoded = percent_decode(component).ok_or_else(|| Answer::bad_request("a broken escape"))?;
    let name = String::from_utf8(decoded).map_err(|_| Answer::not_found())?;
    let bad = name.is_empty() || name == "." || name == ".." || name.contains(['/', '\\', '\0']);
    if bad { Err(Answer::not_found()) } else { Ok(name) }
}

fn inside(root: &Path, place: &Path) -> Option<PathBuf> {
    place.canonicalize().ok().filter(|place| place.starts_with(root))
}

fn file(root: &Path, place: &Path) -> Answer {
    let Some(real) = inside(root, place) else { return Answer::not_found() };
    match std::fs::metadata(&real) {
        Ok(metadata) if metadata.len() > MAX_FILE => return Answer::status("50 the file is too large"),
        Ok(_) => {}
        Err(_) => return Answer::not_found(),
    }
    match std::fs::read(&real) {
        Ok(bytes) => Answer::file(media_type(place, &bytes), bytes),
        Err(_) => Answer::status("40 the file could not be read"),
    }
}

/// By extension; a file without a known one is text if it is UTF-8.
fn media_type(place: &Path, bytes: &[u8]) -> &'static str {
    let extension = place.extension().and_then(|extension| extension.to_str()).unwrap_or_default();
    match extension.to_ascii_lowercase().as_str() {
        "gmi" | "gemini" => "text/gemini",
        "txt" | "asc" | "text" => "text/plain",
        "md" | "markdown" => "text/markdown",
        "atom" => "application/atom+xml",
        "rss" => "application/rss+xml",
        "xml" => "text/xml",
        "html" | "htm" => "text/html",
        "css" => "text/css",
        "csv" => "text/csv",
        "json" => "application/json",
        "png" => "image/png",
        "jpg" | "jpeg" => "image/jpeg",
        "gif" => "image/gif",
        "webp" => "image/webp",
        "svg" => "image/svg+xml",
        "ico" => "image/x-icon",
        "pdf" => "application/pdf",
        "zip" => "application/zip",
        "gz" => "application/gzip",
        "mp3" => "audio/mpeg",
        "ogg" => "audio/ogg",
        "mp4" => "video/mp4",
        _ if str::from_utf8(bytes).is_ok() => "text/plain",
        _ => "application/octet-stream",
    }
}
