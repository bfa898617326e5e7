//! The built program, running.

use std::fs::File;
use std::path::Path;
use std::process::{Child, Command, Stdio};

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

/// `sextant up` with its log in a file; it is asked to stop when this is dropped, and waited for.
pub(crate) struct Up(Child);

impl Up {
    pub(crate) fn start(
        state: &str,
        arguments: &[String],
        environment: &[(&str, String)],
        log: &Path,
    ) -> Self {
        let log = File::create(log).expect("a log");
        let (globals, own): (Vec<&String>, Vec<&String>) = match arguments {
            [flag, ..] if flag == "--config" => (arguments.iter().collect(), Vec::new()),
            _ => (Vec::new(), arguments.iter().collect()),
        };
        let child = Command::new(env!("CARGO_BIN_EXE_sextant"))
            .args(["--state", state])
            .args(globals)
            .arg("up")
            .args(own)
            .env("SEXTANT_SERVER_GEMINI", "127.0.0.1:0")
            // However full the disk of this machine is.
            .env("SEXTANT_CRAWL_RESERVE_MIB", "0")
            .env("SEXTANT_SERVER_WEB", "127.0.0.1:0")
            .envs(environment.iter().map(|(name, value)| (name, value)))
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(log)
            .spawn();
        Self(child.expect("the program starts"))
    }
}

impl Drop for Up {
    fn drop(&mut self) {
        if matches!(self.0.try_wait(), Ok(None)) {
            let pid = i32::try_from(self.0.id()).expect("a pid");
            kill(Pid::from_raw(pid), Signal::SIGTERM).expect("it can be asked to stop");
            drop(self.0.wait());
        }
    }
}
