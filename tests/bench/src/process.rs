//! A part of a bench in a process of its own, so that its memory is its own: this very program again, with a
//! hidden subcommand.

use std::ffi::OsString;
use std::io::{BufRead as _, BufReader};
use std::process::{Child, Command, Stdio};

use anyhow::{Context as _, ensure};

/// A process that ends with this value.
#[derive(Debug)]
pub struct Worker(Child);

impl Worker {
    /// Starts this program with other arguments.
    ///
    /// # Errors
    ///
    /// When it cannot be started.
    pub fn start(arguments: impl IntoIterator<Item = OsString>) -> anyhow::Result<Self> {
        let program = std::env::current_exe()?;
        let child = Command::new(program).args(arguments).stdin(Stdio::null()).stdout(Stdio::null()).spawn();
        child.map(Self).context("a worker cannot be started")
    }

    /// The same for one that tells something on its first line, and that may live as long as we do: it is
    /// to end with its standard input.
    ///
    /// # Errors
    ///
    /// When it cannot be started, or tells nothing.
    pub fn start_telling(arguments: impl IntoIterator<Item = OsString>) -> anyhow::Result<(Self, String)> {
        let mut worker = Self::start_piped(arguments)?;
        let out = worker.0.stdout.take().context("a worker without an output")?;
        let mut line = String::new();
        BufReader::new(out).read_line(&mut line).context("a worker told nothing")?;
        Ok((worker, line))
    }

    /// The same for one that tells nothing.
    ///
    /// # Errors
    ///
    /// When it cannot be started.
    pub fn start_piped(arguments: impl IntoIterator<Item = OsString>) -> anyhow::Result<Self> {
        let mut command = Command::new(std::env::current_exe()?);
        command.args(arguments).stdin(Stdio::piped()).stdout(Stdio::piped());
        command.spawn().map(Self).context("a worker cannot be started")
    }

    /// Its number.
    #[must_use]
    pub fn id(&self) -> u32 {
        self.0.id()
    }

    /// Ends its standard input, and waits until it has ended in order.
    ///
    /// # Errors
    ///
    /// When it failed.
    pub fn end(mut self) -> anyhow::Result<()> {
        drop(self.0.stdin.take());
        let status = self.0.wait()?;
        ensure!(status.success(), "a worker ended with {status}");
        Ok(())
    }

    /// The memory that it holds of its own now, in MiB: mapped files do not count.
    ///
    /// # Errors
    ///
    /// When it has ended.
    pub fn own_memory_mib(&self) -> anyhow::Result<f64> {
        own_memory_mib(self.0.id())
    }
}

/// The memory that a process holds of its own now, in MiB.
///
/// # Errors
///
/// When it has ended.
pub fn own_memory_mib(process: u32) -> anyhow::Result<f64> {
    memory_mib(process, "RssAnon:")
}

/// The most memory that a process has ever held, mapped files included, in MiB.
///
/// # Errors
///
/// When it has ended.
pub fn most_memory_mib(process: u32) -> anyhow::Result<f64> {
    memory_mib(process, "VmHWM:")
}

fn memory_mib(process: u32, line: &str) -> anyhow::Result<f64> {
    let path = format!("/proc/{process}/status");
    let status = std::fs::read_to_string(path).context("the process has ended")?;
    let kib = status.lines().find_map(|found| found.strip_prefix(line)?.trim().split(' ').next());
    Ok(kib.context("the system tells no memory")?.parse::<f64>()? / 1024.0)
}

/// The CPU time of a process so far, in seconds.
///
/// # Errors
///
/// When it has ended.
pub fn cpu_seconds(process: u32) -> anyhow::Result<f64> {
    Ok(Times::of(process)?.own)
}

/// The CPU time of a process and of all its children, those that have ended included, in seconds.
///
/// # Errors
///
/// When it has ended.
pub fn family_cpu_seconds(process: u32) -> anyhow::Result<f64> {
    let parent = Times::of(process)?;
    let mut seconds = parent.own + parent.ended_children;
    for entry in std::fs::read_dir("/proc")?.flatten() {
        let Some(id) = entry.file_name().to_str().and_then(|name| name.parse().ok()) else { continue };
        // It may have ended since it was listed.
        if let Ok(times) = Times::of(id)
            && times.parent == process
        {
            seconds += times.own;
        }
    }
    Ok(seconds)
}

/// What the system tells of a process's time.
struct Times {
    parent: u32,
    own: f64,
    ended_children: f64,
}

impl Times {
    /// Ticks in a second, on every Linux that matters.
    const TICKS: f64 = 100.0;

    fn of(process: u32) -> anyhow::Result<Self> {
        let stat =
            std::fs::read_to_string(format!("/proc/{process}/stat")).context("the process has ended")?;
        // The name stands in brackets and may hold anything.
        let (_, fields) = stat.rsplit_once(')').context("the system tells no times")?;
        let fields: Vec<&str> = fields.split_ascii_whitespace().collect();
        let field =
            |place: usize| fields.get(place).and_then(|field| field.parse::<f64>().ok()).unwrap_or_default();
        Ok(Self {
            parent: fields.get(1).and_then(|field| field.parse().ok()).unwrap_or_default(),
            own: (field(11) + field(12)) / Self::TICKS,
            ended_children: (field(13) + field(14)) / Self::TICKS,
        })
    }
}

impl Drop for Worker {
    fn drop(&mut self) {
        // Either it ends now, or it had ended.
        let _ended = self.0.kill();
        let _status = self.0.wait();
    }
}
