//! A wish for a move of the database, from a command to the process that owns it: a file in the state folder, and
//! a file for the answer. Both are their owner's alone, as everything there is.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context as _, bail};
use serde::{Deserialize, Serialize};
use shared::store::cluster::upgrade::Moved;
use tokio::time::sleep;

/// Between two looks for the answer.
const LOOK: Duration = Duration::from_millis(250);

/// The owner takes a wish within this, or there is none.
const TAKEN_WITHIN: u32 = 60;

/// What is wished for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Wish {
    /// The folder of the new programs; none: the newest that are installed.
    pub(crate) programs: Option<PathBuf>,
}

#[derive(Serialize, Deserialize)]
struct Answer {
    told: String,
    is_done: bool,
}

/// Asks the owner and waits for its answer, however long a move takes.
pub(crate) async fn ask(state: &Path, wish: &Wish) -> anyhow::Result<String> {
    forget_answer(state);
    write(&wish_file(state), wish).context("the state folder cannot be written")?;
    let mut looks = 0;
    loop {
        if let Ok(text) = fs::read(answer_file(state)) {
            let Answer { told, is_done } = serde_json::from_slice(&text)?;
            forget_answer(state);
            if is_done {
                return Ok(told);
            }
            bail!(told);
        }
        if wish_file(state).exists() && TAKEN_WITHIN < looks {
            forget(state);
            bail!("no process here owns the database: `sextant up` or `sextant postgres` does");
        }
        looks += 1;
        sleep(LOOK).await;
    }
}

/// Takes the wish, if there is one.
pub(super) fn take(state: &Path) -> Option<Wish> {
    let text = fs::read(wish_file(state)).ok()?;
    fs::remove_file(wish_file(state)).ok()?;
    serde_json::from_slice(&text).ok()
}

/// Answers it.
pub(super) fn answer(state: &Path, told: Result<String, String>) {
    let is_done = told.is_ok();
    let answer = Answer { told: told.unwrap_or_else(|told| told), is_done };
    if let Err(error) = write(&answer_file(state), &answer) {
        tracing::warn!(%error, "whoever wished for the move cannot be answered");
    }
}

/// Forgets a wish of an earlier run.
pub(super) fn forget(state: &Path) {
    // Mostly there is none.
    let _none = fs::remove_file(wish_file(state));
}

/// What a move did, in words.
pub(crate) fn told(moved: &Moved) -> String {
    let Moved { from, to, programs, tables, rows, kept } = moved;
    let kept = kept.as_ref().map_or_else(String::new, |kept| {
        format!(
            "; the old one is kept in {}, until `sextant admin upgrade-postgres --discard-old`",
            kept.display()
        )
    });
    let usual = Path::new("/usr/lib/postgresql");
    let name = if programs.starts_with(usual) {
        String::new()
    } else {
        format!(". Set database.programs to {} before the next start", programs.display())
    };
    format!(
        "the database has moved from Postgres {from} to {to}: {rows} rows of {tables} tables, counted on both sides{kept}{name}"
    )
}

fn forget_answer(state: &Path) {
    let _none = fs::remove_file(answer_file(state));
}

/// Never half of it: who looks for it must find it whole.
fn write(file: &Path, value: &impl Serialize) -> io::Result<()> {
    let new = file.with_extension("new");
    fs::write(&new, serde_json::to_vec(value).map_err(io::Error::other)?)?;
    fs::rename(&new, file)
}

fn wish_file(state: &Path) -> PathBuf {
    state.join("postgres.wish")
}

fn answer_file(state: &Path) -> PathBuf {
    state.join("postgres.answer")
}
