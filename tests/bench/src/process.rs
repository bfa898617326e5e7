//! A part of a bench in a process of its own, so that its memory is its own: this very program again, with a
//! hidden subcommand.

use std::ffi::OsString;
use std::io::{BufRead as _, BufReader};
use std::process::{Child, Command, Stdio};

use anyhow::Context as _;

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
        let mut command = Command::new(std::env::current_exe()?);
        command.args(arguments).stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut child = command.spawn().context("a worker cannot be started")?;
        let out = child.stdout.take().context("a worker without an output")?;
        let worker = Self(child);
        let mut line = String::new();
        BufReader::new(out).read_line(&mut line).context("a worker told nothing")?;
        Ok((worker, line))
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
    let path = format!("/proc/{process}/status");
    let status = std::fs::read_to_string(path).context("the process has ended")?;
    let kib = status.lines().find_map(|line| line.strip_prefix("RssAnon:")?.trim().split(' ').next());
    Ok(kib.context("the system tells no memory")?.parse::<f64>()? / 1024.0)
}

impl Drop for Worker {
    fn drop(&mut self) {
        // Either it ends now, or it had ended.
        let _ended = self.0.kill();
        let _status = self.0.wait();
    }
}
