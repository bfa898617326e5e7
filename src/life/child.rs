//! A supervised process: started, listened to, restarted with back-off, stopped in order.
//!
//! The child is this same program with another subcommand. It holds the reading end of a pipe whose other
//! end is ours, so it ends when we do, even by SIGKILL. A child that reports nothing for too long
//! hangs and is killed; healing is a restart.

use std::ffi::OsString;
use std::fs::File;
use std::process::{ExitStatus, Stdio};
use std::time::Duration;

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use shared::process::figures;
use shared::process::progress::Part;
use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, BufReader, Lines};
use tokio::net::unix::pipe;
use tokio::process::{Child as Process, ChildStdout, Command};
use tokio::sync::watch;
use tokio::time::{Instant, sleep, timeout};
use tokio_util::sync::CancellationToken;

use super::report::Report;
use super::signals::Signals;

/// Says to a child that it has a supervisor.
const SUPERVISED: &str = "SEXTANT_SUPERVISED";

/// A child that is told to stop has this long; then it is killed.
const PATIENCE: Duration = Duration::from_secs(10);

/// A child that lived this long was healthy: the next restart is quick again.
const HEALTHY: Duration = Duration::from_secs(60);

const FIRST_WAIT: Duration = Duration::from_millis(500);
const LONGEST_WAIT: Duration = Duration::from_secs(60);

/// What to run.
#[derive(Debug)]
pub(crate) struct Child {
    /// The subcommand, and its name in the log.
    pub(crate) name: &'static str,
    /// Arguments after the subcommand.
    pub(crate) arguments: Vec<OsString>,
    /// Variables beside our own.
    pub(crate) environment: Vec<(String, OsString)>,
    /// Where its log lines go; none: where ours go.
    pub(crate) log: Option<File>,
    /// A child that is silent for so long hangs.
    pub(crate) patience: Duration,
}

/// A child as its supervisor sees it.
#[derive(Clone, Debug, Default)]
pub(crate) struct Seen {
    /// What it told last.
    pub(crate) report: Report,
    /// How often it was started again.
    pub(crate) restarts: u32,
}

/// Whether this process is such a child.
pub(crate) fn is_supervised() -> bool {
    std::env::var_os(SUPERVISED).is_some()
}

/// In the child: cancels `stop` when the supervisor is gone.
pub(crate) async fn outlive_nobody(stop: CancellationToken) {
    use std::os::fd::AsFd as _;
    let standard_input = std::io::stdin().as_fd().try_clone_to_owned();
    match standard_input.and_then(pipe::Receiver::from_owned_fd) {
        Ok(mut supervisor) => {
            // Nothing is ever written: this returns at the end of the pipe.
            let _closed = supervisor.read_to_end(&mut Vec::new()).await;
            tracing::warn!("the supervisor is gone");
            stop.cancel();
        }
        Err(error) => tracing::warn!(%error, "the supervisor cannot be watched"),
    }
}

/// In the supervisor: keeps the child running until told to stop, then until it has ended.
pub(crate) async fn keep(child: Child, part: Part, signals: Signals, seen: watch::Sender<Seen>) {
    let mut wait = FIRST_WAIT;
    while !signals.stop.is_cancelled() {
        let started = Instant::now();
        match child.start() {
            Ok(process) => {
                let attended = attend(&child, process, &signals, &seen);
                let status = part.idle_during("its child runs", attended).await;
                if !signals.stop.is_cancelled() {
                    let status = status.map_or_else(|| "unknown".to_owned(), |status| status.to_string());
                    tracing::error!(component = child.name, status, "ended unasked: starting it again");
                }
            }
            Err(error) => tracing::error!(component = child.name, %error, "cannot be started"),
        }
        if HEALTHY < started.elapsed() {
            wait = FIRST_WAIT;
        }
        tokio::select! {
            () = signals.stop.cancelled() => {}
            () = part.idle_during("pausing before a restart", sleep(wait)) => {
                figures::RESTARTS.add([child.name], 1);
                seen.send_modify(|seen| seen.restarts += 1);
            }
        }
        wait = (2 * wait).min(LONGEST_WAIT);
    }
}

impl Child {
    fn start(&self) -> std::io::Result<Process> {
        let mut command = Command::new("/proc/self/exe");
        command
            .arg(self.name)
            .args(&self.arguments)
            .envs(self.environment.iter().map(|(name, value)| (name, value)))
            .env(SUPERVISED, "1")
            // Those beats are ours to give.
            .env_remove("NOTIFY_SOCKET")
            .env_remove("WATCHDOG_USEC")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            // Ctrl-C reaches a terminal's whole group: the supervisor alone shall hear it, and stop in order.
            .process_group(0)
            .kill_on_drop(true);
        if let Some(log) = &self.log {
            command.stderr(log.try_clone()?);
        }
        command.spawn()
    }
}

/// Listens to a running child until it has ended.
async fn attend(
    child: &Child,
    mut process: Process,
    signals: &Signals,
    seen: &watch::Sender<Seen>,
) -> Option<ExitStatus> {
    // Held open as long as we live.
    let _pipe = process.stdin.take();
    let mut reports = process.stdout.take().map(|out| BufReader::new(out).lines());
    loop {
        tokio::select! {
            ended = process.wait() => return ended.ok(),
            () = signals.stop.cancelled() => return stop(child, &mut process, signals).await,
            heard = timeout(child.patience, next(&mut reports)) => match heard {
                Ok(report) => seen.send_modify(|seen| seen.report = report),
                Err(_silent) => {
                    let seconds = child.patience.as_secs();
                    tracing::error!(component = child.name, seconds, "silent for too long: killing it");
                    // Either it ends now, or it had ended.
                    let _ended = process.start_kill();
                }
            }
        }
    }
}

/// Asks the child to end, and kills it when it takes too long or nobody wants to wait.
async fn stop(child: &Child, process: &mut Process, signals: &Signals) -> Option<ExitStatus> {
    if let Some(pid) = process.id() {
        let _ended = kill(Pid::from_raw(pid.cast_signed()), Signal::SIGTERM);
    }
    tokio::select! {
        ended = process.wait() => return ended.ok(),
        () = signals.now.cancelled() => {}
        () = sleep(PATIENCE) => tracing::warn!(component = child.name, "does not stop: killing it"),
    }
    let _ended = process.start_kill();
    process.wait().await.ok()
}

/// The next report; lines that are none are passed over. A closed output says no more.
async fn next(reports: &mut Option<Lines<BufReader<ChildStdout>>>) -> Report {
    while let Some(lines) = reports {
        match lines.next_line().await {
            Ok(Some(line)) => {
                if let Ok(report) = serde_json::from_str(&line) {
                    return report;
                }
            }
            Ok(None) | Err(_) => *reports = None,
        }
    }
    std::future::pending().await
}
