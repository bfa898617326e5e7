//! Watches progress, not liveness: a thread of its own, outside of the runtime that may hang.
//!
//! Every second it looks at the parts of its component. One that has not moved for half of the patience while it is
//! not idle on purpose is told, with everything an admin needs to see why; one that has not for all of it ends the
//! process, for whoever supervises it starts it again. The same thread beats to that supervisor, ours or systemd, so
//! a process that is frozen as a whole, or whose end hangs too, is killed from outside.

use std::collections::HashMap;
use std::io::{self, Write as _};
use std::os::fd::AsFd as _;
use std::sync::mpsc::{self, RecvTimeoutError, Sender};
use std::thread::{self, JoinHandle};
use std::time::{Duration, SystemTime};

use nix::fcntl::{FcntlArg, OFlag, fcntl};
use shared::process::machine::{self, Clocks, Jump};
use shared::process::progress::{PartSeen, Progress};
use tokio::time::Instant;

use super::child;
use super::ending;
use super::report::Report;

/// Between two looks.
const BEAT: Duration = Duration::from_secs(1);

/// Where the thread itself did not run for longer than this, the machine or the process was stopped as a whole, and
/// nothing can be said of anybody.
const MISSED: Duration = Duration::from_secs(3);

/// What is in hand, for the log: a line for each.
pub(crate) type Witness = Box<dyn Fn() -> Vec<String> + Send>;

/// The watching thread; it ends, and is waited for, when this is dropped.
pub(crate) struct Watchdog {
    stop: Option<Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

/// Who hears the beats.
enum Supervisor {
    /// `sextant up`, through our standard output.
    Ours(io::Stdout),
    /// systemd, where it asked for it.
    Systemd,
    /// Nobody.
    None,
}

/// What is done with a component that hangs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Remedy {
    /// The process ends, and is started again.
    End,
    /// It is told, for nobody would start the process again.
    Tell,
}

struct Watch {
    component: &'static str,
    progress: Progress,
    witness: Witness,
    patience: Duration,
    remedy: Remedy,
    supervisor: Supervisor,
    parts: HashMap<u64, Still>,
    looked: Instant,
    clocks: Clocks,
}

/// Since when a part has not moved.
struct Still {
    pulses: u64,
    since: Instant,
    is_told: bool,
}

impl Watchdog {
    /// Begins to watch.
    pub(crate) fn begin(
        component: &'static str,
        progress: Progress,
        witness: Witness,
        patience: Duration,
        remedy: Remedy,
    ) -> io::Result<Self> {
        let now = Instant::now();
        let mut watch = Watch {
            component,
            progress,
            witness,
            patience,
            remedy,
            supervisor: Supervisor::find()?,
            parts: HashMap::new(),
            looked: now,
            clocks: Clocks::new(SystemTime::now(), now),
        };
        let (stop, stopped) = mpsc::channel();
        let thread = thread::Builder::new().name("watchdog".to_owned()).spawn(move || {
            while stopped.recv_timeout(BEAT) == Err(RecvTimeoutError::Timeout) {
                watch.look(Instant::now());
            }
        })?;
        Ok(Self { stop: Some(stop), thread: Some(thread) })
    }
}

impl Drop for Watchdog {
    fn drop(&mut self) {
        drop(self.stop.take());
        if let Some(thread) = self.thread.take() {
            // It panics nowhere; if it did, there is nothing left to watch.
            let _ended = thread.join();
        }
    }
}

impl Watch {
    fn look(&mut self, now: Instant) {
        match self.clocks.compare(SystemTime::now(), now) {
            Some(Jump::Ahead(by)) => {
                tracing::warn!(seconds = by.as_secs(), "the clock of this machine jumped ahead");
            }
            Some(Jump::Back(by)) => {
                tracing::warn!(seconds = by.as_secs(), "the clock of this machine jumped back");
            }
            None => {}
        }
        let parts = self.progress.parts();
        if self.note(&parts, now) {
            self.supervisor.beat(&self.progress);
        } else {
            // Where even this hangs, no beat comes any more, and the supervisor does it.
            std::process::exit(ending::HUNG);
        }
    }

    /// Compares the parts with what they were. False: the process is to end.
    fn note(&mut self, parts: &[PartSeen], now: Instant) -> bool {
        let missed = now.saturating_duration_since(self.looked).saturating_sub(BEAT);
        self.looked = now;
        if MISSED < missed {
            tracing::warn!(seconds = missed.as_secs(), "this process was stopped for a while");
            self.parts.values_mut().for_each(|still| still.since += missed);
        }
        self.parts.retain(|number, _| parts.iter().any(|part| part.number == *number));
        let mut is_well = true;
        let mut stuck = Vec::new();
        for part in parts {
            let still = self.parts.entry(part.number).or_insert_with(|| Still::new(part, now));
            if still.pulses != part.pulses {
                *still = Still::new(part, now);
                continue;
            }
            let stands = now.saturating_duration_since(still.since);
            if self.patience / 2 <= stands {
                stuck.push(format!("{} has not moved for {} s", part.name, stands.as_secs()));
                if !still.is_told {
                    still.is_told = true;
                    tell(self.component, part, stands, &self.witness);
                }
            }
            is_well &= stands < self.patience || self.remedy == Remedy::Tell;
        }
        self.progress.set_stuck(stuck);
        if !is_well {
            tracing::error!(
                component = self.component,
                "hangs for {} s: ending the process, so that it is started again",
                self.patience.as_secs()
            );
        }
        is_well
    }
}

/// What stands still, and what is in hand.
fn tell(component: &'static str, part: &PartSeen, stands: Duration, witness: &Witness) {
    let descriptors = machine::open_descriptors().unwrap_or_default();
    tracing::error!(
        component,
        part = part.name,
        state = ?part.doing,
        seconds = stands.as_secs(),
        descriptors,
        "no progress while work is due"
    );
    for line in witness() {
        tracing::error!(component, "in hand: {line}");
    }
}

impl Still {
    const fn new(part: &PartSeen, now: Instant) -> Self {
        Self { pulses: part.pulses, since: now, is_told: false }
    }
}

impl Supervisor {
    fn find() -> io::Result<Self> {
        if child::is_supervised() {
            let out = io::stdout();
            // A supervisor that does not read must not stop the watchdog.
            fcntl(out.as_fd(), FcntlArg::F_SETFL(OFlag::O_NONBLOCK))?;
            return Ok(Self::Ours(out));
        }
        let is_systemd = std::env::var_os("NOTIFY_SOCKET").is_some();
        Ok(if is_systemd { Self::Systemd } else { Self::None })
    }

    fn beat(&mut self, progress: &Progress) {
        match self {
            Self::Ours(out) => {
                let mut line = serde_json::to_string(&Report::of(progress)).unwrap_or_default();
                line.push('\n');
                // Not heard: the next one may be.
                let _unheard = out.write_all(line.as_bytes()).and_then(|()| out.flush());
            }
            Self::Systemd => notify(sd_notify::NotifyState::Watchdog),
            Self::None => {}
        }
    }
}

/// Tells systemd, where it asked to be told.
pub(crate) fn notify(state: sd_notify::NotifyState<'_>) {
    if let Err(error) = sd_notify::notify(&[state]) {
        tracing::debug!(%error, "systemd could not be told");
    }
}

/// Whether somebody starts this process again when it ends.
pub(crate) fn remedy() -> Remedy {
    let is_restarted = child::is_supervised() || std::env::var_os("NOTIFY_SOCKET").is_some();
    if is_restarted { Remedy::End } else { Remedy::Tell }
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Mutex};

    use super::*;

    const PATIENCE: Duration = Duration::from_secs(120);

    fn watch(progress: &Progress, told: &Arc<Mutex<u32>>) -> Watch {
        let told = Arc::clone(told);
        let now = Instant::now();
        Watch {
            component: "test",
            progress: progress.clone(),
            witness: Box::new(move || {
                *told.lock().expect("a lock") += 1;
                vec!["a fetch".to_owned()]
            }),
            patience: PATIENCE,
            remedy: Remedy::End,
            supervisor: Supervisor::None,
            parts: HashMap::new(),
            looked: now,
            clocks: Clocks::new(SystemTime::now(), now),
        }
    }

    #[test]
    fn what_stands_still_is_told_once_after_half_of_the_patience_and_ends_the_process_after_all_of_it() {
        let (progress, told) = (Progress::default(), Arc::default());
        let mut watch = watch(&progress, &told);
        let (moving, _still) = (progress.part("moves"), progress.part("stands still"));
        let begun = Instant::now();
        for second in 0..121 {
            moving.advanced();
            let is_well = watch.note(&progress.parts(), begun + Duration::from_secs(second));
            assert_eq!(is_well, second < 120, "after {second} s");
            assert_eq!(*told.lock().expect("a lock"), u32::from(60 <= second), "after {second} s");
            let stuck = progress.stuck();
            assert_eq!(stuck.len(), usize::from(60 <= second), "after {second} s: {stuck:?}");
        }
    }

    #[test]
    fn a_process_that_was_stopped_as_a_whole_is_not_taken_for_one_that_hangs() {
        let (progress, told) = (Progress::default(), Arc::default());
        let mut watch = watch(&progress, &told);
        let part = progress.part("a part");
        let begun = Instant::now();
        assert!(watch.note(&progress.parts(), begun));
        assert!(watch.note(&progress.parts(), begun + Duration::from_secs(3_600)));
        part.advanced();
        assert!(watch.note(&progress.parts(), begun + Duration::from_secs(3_601)));
        assert_eq!(*told.lock().expect("a lock"), 0);
    }

    #[test]
    fn the_thread_ends_with_its_owner() {
        let progress = Progress::default();
        let watchdog = Watchdog::begin("test", progress, Box::new(Vec::new), PATIENCE, Remedy::Tell);
        drop(watchdog.expect("a thread"));
    }
}
