//! Tables and documents of a collection, packed or not.

use std::collections::HashMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, bail, ensure};

use super::measure::Gains;

/// The text of a file in `folder`, which may be packed: `queries.tsv` or `queries.tsv.gz`.
///
/// # Errors
///
/// When there is neither, or it cannot be read.
pub fn text(folder: &Path, name: &str) -> anyhow::Result<String> {
    let (plain, packed) = (folder.join(name), folder.join(format!("{name}.gz")));
    if plain.is_file() {
        return fs::read_to_string(&plain).with_context(|| format!("cannot read {}", plain.display()));
    }
    if !packed.is_file() {
        bail!("there is no {name} and no {name}.gz in {}", folder.display());
    }
    let output = Command::new("gzip").arg("-dc").arg(&packed).output().context("gzip cannot be run")?;
    ensure!(output.status.success(), "cannot unpack {}", packed.display());
    String::from_utf8(output.stdout).with_context(|| format!("{} is not UTF-8", packed.display()))
}

/// The lines of a table, by column. Empty lines are left out.
///
/// # Errors
///
/// As [`text`].
pub fn table(folder: &Path, name: &str) -> anyhow::Result<Vec<Vec<String>>> {
    let lines = text(folder, name)?;
    let rows = lines.lines().filter(|line| !line.is_empty());
    Ok(rows.map(|line| line.split('\t').map(str::to_owned).collect()).collect())
}

/// The judgments in `qrels.tsv`: what each query's documents are worth, and the queries in their order.
///
/// # Errors
///
/// As [`text`], and when a line has no gain.
pub fn judgments(folder: &Path) -> anyhow::Result<(Vec<String>, HashMap<String, Gains>)> {
    let mut order = Vec::new();
    let mut judgments: HashMap<String, Gains> = HashMap::new();
    for row in table(folder, "qrels.tsv")? {
        let [query, document, gain] = &row[..] else {
            bail!("a line of qrels.tsv is no query, document and gain: {}", row.join(" "))
        };
        let gain = gain.parse().with_context(|| format!("a gain of qrels.tsv is no number: {gain}"))?;
        if !judgments.contains_key(query) {
            order.push(query.clone());
        }
        judgments.entry(query.clone()).or_default().insert(document.clone(), gain);
    }
    ensure!(!judgments.is_empty(), "there is no judgment in {}", folder.display());
    Ok((order, judgments))
}

/// The folder that holds the test data: `SEXTANT_SHARED_DATA`, or `../shared` beside the checkout.
///
/// `None`, with a word about it, where it is not on this machine.
#[must_use]
pub fn shared_data(name: &str) -> Option<PathBuf> {
    let beside = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared");
    let folder = std::env::var_os("SEXTANT_SHARED_DATA").map_or(beside, PathBuf::from).join(name);
    if folder.is_dir() {
        return Some(folder);
    }
    tell(&format!(
        "skipped: there is no {} (SEXTANT_SHARED_DATA names the folder with it)",
        folder.display()
    ));
    None
}

/// Says what a long bench does, beside its report.
#[allow(clippy::print_stderr, reason = "a bench is a program of the terminal")]
pub fn tell(sentence: &str) {
    eprintln!("{sentence}");
}
