//! A part of a bench in a process of its own, so that its memory is its own: this very program again, with a
//! hidden subcommand.

use std::ffi::OsString;
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

    /// The most memory that it has held of its own so far, in MiB: mapped files do not count.
    ///
    /// # Errors
    ///
    /// When it has ended.
    pub fn own_memory_mib(&self) -> anyhow::Result<f64> {
        let path = format!("/proc/{}/status", self.0.id());
        let status = std::fs::read_to_string(path).context("the worker has ended")?;
        let kib = status.lines().find_map(|line| line.strip_prefix("RssAnon:")?.trim().split(' ').next());
        Ok(kib.context("the system tells no memory")?.parse::<f64>()? / 1024.0)
    }
}

impl Drop for Worker {
    fn drop(&mut self) {
        // Either it ends now, or it had ended.
        let _ended = self.0.kill();
        let _status = self.0.wait();
    }
}
