//! Tells the admin what matters, by a command of theirs: trouble once, its end once, and once a day that all is well.
//!
//! Every minute the [`facts`] are gathered and [`policy`] says what is to be told, given what was told before, which
//! outlives this process in a file of the state folder. One process of a folder does it: the one that holds the lock.
//! The message goes to the command's standard input, its kind and state stand in its environment; no shell is
//! between. A message that the command did not take is tried again.

mod facts;
mod message;
mod policy;

use std::fs;
use std::path::Path;
use std::process::Stdio;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use anyhow::{Context as _, bail};
use tokio::io::AsyncWriteExt as _;
use tokio::process::Command;
use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};

use super::ending::chain;
use super::lock::Lock;
use crate::settings::{Places, Settings};
use facts::Gatherer;
use message::Message;
use policy::Memory;

/// The first look, when a process has just begun, and between two looks.
const SOON: Duration = Duration::from_secs(5);
const AGAIN: Duration = Duration::from_secs(60);
/// After a command that failed.
const AFTER_FAILURE: Duration = Duration::from_secs(300);
/// A command has this long.
const LIMIT: Duration = Duration::from_secs(30);

/// Tells the admin as long as this process lives, in a task of `attendants`. Without a command there is nothing to do.
pub(crate) fn attend(settings: &Settings, places: &Places, attendants: &mut JoinSet<()>) {
    if settings.notify_command.is_empty() {
        return;
    }
    let (settings, places) = (settings.clone(), places.clone());
    attendants.spawn(async move {
        let _held = loop {
            match Lock::take(&places.lock("notify")) {
                Ok(lock) => break lock,
                // Another process of this folder tells.
                Err(_taken) => sleep(AGAIN).await,
            }
        };
        let mut gatherer = Gatherer::new(&settings, &places);
        let mut wait = SOON;
        loop {
            sleep(wait).await;
            wait = match look(&settings, &places, &mut gatherer).await {
                Ok(()) => AGAIN,
                Err(error) => {
                    tracing::warn!("the admin was not told: {}", chain(&error));
                    AFTER_FAILURE
                }
            };
        }
    });
}

async fn look(settings: &Settings, places: &Places, gatherer: &mut Gatherer) -> anyhow::Result<()> {
    let path = places.notices();
    let mut memory = read(&path);
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs();
    let facts = gatherer.gather(&memory).await;
    let due = policy::due(&facts, &mut memory, settings.heartbeat, now);
    for message in &due {
        run(&settings.notify_command, message, &facts.name).await?;
        memory.told(message, now);
        write(&path, &memory)?;
    }
    if due.is_empty() {
        write(&path, &memory)?;
    }
    Ok(())
}

/// What was told before; a file that cannot be read counts as none.
fn read(path: &Path) -> Memory {
    fs::read(path).ok().and_then(|text| serde_json::from_slice(&text).ok()).unwrap_or_default()
}

fn write(path: &Path, memory: &Memory) -> anyhow::Result<()> {
    let text = serde_json::to_vec(memory)?;
    if fs::read(path).is_ok_and(|old| old == text) {
        return Ok(());
    }
    let beside = path.with_extension("new");
    fs::write(&beside, text)
        .and_then(|()| fs::rename(&beside, path))
        .with_context(|| format!("{} cannot be written", path.display()))
}

/// Runs the command with a message.
async fn run(command: &[String], message: &Message, name: &str) -> anyhow::Result<()> {
    let Some((program, arguments)) = command.split_first() else { return Ok(()) };
    let mut child = Command::new(program);
    child.args(arguments).env_clear();
    // Nothing of ours goes along: settings may hold a password.
    for variable in ["PATH", "HOME", "LANG", "TZ"] {
        if let Some(value) = std::env::var_os(variable) {
            child.env(variable, value);
        }
    }
    // None of these names is a key's: what the command asks of `sextant` in turn must find its own state folder.
    child
        .env("SEXTANT_KIND", message.kind.word())
        .env("SEXTANT_NEWS", message.state.word())
        .env("SEXTANT_NAME", name)
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .kill_on_drop(true);
    let mut child = child.spawn().with_context(|| format!("notify.command: {program} cannot be started"))?;
    let input = child.stdin.take();
    let ended = timeout(LIMIT, async {
        if let Some(mut input) = input {
            // A command that does not read it may have its reasons; its exit code counts.
            let _unread = input.write_all(message.text(name).as_bytes()).await;
        }
        child.wait().await
    });
    match ended.await {
        Ok(Ok(status)) if status.success() => {
            tracing::info!(kind = message.kind.word(), state = message.state.word(), "the admin was told");
            Ok(())
        }
        Ok(Ok(status)) => bail!("notify.command: {program} failed: {status}"),
        Ok(Err(error)) => Err(error).context("notify.command"),
        Err(_elapsed) => bail!("notify.command: {program} took longer than {} s", LIMIT.as_secs()),
    }
}
