//! A program under systemd, as its unit starts it. systemd is played by the test: it listens where `NOTIFY_SOCKET` says, as
//! long as the program lives, for whoever beats waits until it is heard.

use std::fs::{self, File};
use std::os::unix::net::UnixDatagram;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, channel};
use std::thread::{Builder, JoinHandle, sleep};
use std::time::Duration;

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use tokio::time::Instant;

use crate::program::open_to_all;

/// Far more than a start takes, and a stop.
const PATIENCE: Duration = Duration::from_secs(120);
/// Between two looks whether the listener is still wanted, or the program still there.
const LOOK: Duration = Duration::from_millis(100);

/// A program that runs, with the ear that systemd would have for it.
pub(crate) struct Unit {
    name: String,
    child: Child,
    heard: Receiver<String>,
    listener: Option<JoinHandle<()>>,
    is_over: Arc<AtomicBool>,
    log: PathBuf,
}

impl Unit {
    /// Starts it; its socket and its log are in the folder, under its name.
    pub(crate) fn start(name: &str, mut command: Command, folder: &Path) -> Self {
        let (socket, log) = (folder.join(format!("{name}.notify")), folder.join(format!("{name}.log")));
        // One of an earlier start; without it there is nothing to remove.
        let _nothing = fs::remove_file(&socket);
        let ear = UnixDatagram::bind(&socket).expect("a socket");
        open_to_all(&socket);
        ear.set_read_timeout(Some(LOOK)).expect("a limit");
        let (tell, heard) = channel();
        let is_over = Arc::new(AtomicBool::new(false));
        let is_unwanted = Arc::clone(&is_over);
        let listen = move || {
            let mut said = [0; 4_096];
            while !is_unwanted.load(Ordering::Relaxed) {
                if let Ok(length) = ear.recv(&mut said) {
                    // Nobody may want to know any more; it is listened to all the same.
                    let _unwanted = tell.send(String::from_utf8_lossy(&said[..length]).into_owned());
                }
            }
        };
        let listener = Some(Builder::new().spawn(listen).expect("a thread"));
        let child = command
            .env("NOTIFY_SOCKET", &socket)
            .env("WATCHDOG_USEC", "120000000")
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(File::create(&log).expect("a log"))
            .spawn()
            .expect("the program starts");
        Self { name: name.to_owned(), child, heard, listener, is_over, log }
    }

    /// Waits until it has said a word.
    pub(crate) fn hears(&self, word: &str) {
        let end = Instant::now() + PATIENCE;
        while let Ok(said) = self.heard.recv_timeout(end.saturating_duration_since(Instant::now())) {
            if said.lines().any(|line| line == word) {
                return;
            }
        }
        panic!("{} does not say {word}: {}", self.name, fs::read_to_string(&self.log).unwrap_or_default());
    }

    /// Asks it to stop, as systemd does.
    pub(crate) fn stop(mut self) {
        let pid = Pid::from_raw(i32::try_from(self.child.id()).expect("a pid"));
        kill(pid, Signal::SIGTERM).expect("it can be asked to stop");
        let end = Instant::now() + PATIENCE;
        let ended = loop {
            if let Some(ended) = self.child.try_wait().expect("a child of ours") {
                break ended;
            }
            assert!(Instant::now() < end, "{} does not stop", self.name);
            sleep(LOOK);
        };
        assert!(ended.success(), "{} stops in order: {ended}", self.name);
    }
}

impl Drop for Unit {
    /// Where the test has failed before it stopped, it is stopped here; and nobody listens to it any more.
    fn drop(&mut self) {
        if matches!(self.child.try_wait(), Ok(None)) {
            let pid = Pid::from_raw(i32::try_from(self.child.id()).expect("a pid"));
            // It may end this very moment.
            let _ended = kill(pid, Signal::SIGTERM);
            drop(self.child.wait());
        }
        self.is_over.store(true, Ordering::Relaxed);
        if let Some(listener) = self.listener.take() {
            drop(listener.join());
        }
    }
}
