//! Figures that say how something is now: read when somebody asks.

use std::path::PathBuf;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use server::gemini::certificate;
use shared::process::disk::{Reserve, Step};
use shared::process::figures;
use shared::process::machine;
use shared::process::progress::{Figure, Progress};

use crate::settings::{Places, Settings};

/// Something that sets figures.
pub(crate) type Sample = Box<dyn Fn() + Send + Sync>;

/// What every process tells of itself and its machine.
pub(super) struct Machine {
    started: SystemTime,
    state: PathBuf,
    server: PathBuf,
    reserve: Reserve,
    step: Mutex<Step>,
}

impl Machine {
    pub(super) fn new(settings: &Settings, places: &Places) -> Self {
        Self {
            started: SystemTime::now(),
            state: places.state().to_owned(),
            server: places.server(),
            reserve: settings.reserve,
            step: Mutex::default(),
        }
    }

    /// Sets what can be read. What cannot be read keeps what it was.
    pub(super) fn sample(&self, progress: &Progress) {
        figures::STARTED.set([], unix(self.started));
        if let Some(time) = machine::processor_time() {
            figures::CPU.reached([], time.as_secs());
        }
        if let Some(bytes) = machine::resident_bytes() {
            figures::MEMORY.set([], bytes as f64);
        }
        if let Some(open) = machine::open_descriptors() {
            figures::DESCRIPTORS.set([], open as f64);
        }
        if let Some(most) = machine::most_descriptors() {
            figures::DESCRIPTORS_MAX.set([], most as f64);
        }
        if let Some(room) = machine::room(&self.state) {
            figures::DISK_FREE.set([], room.free_bytes as f64);
            figures::DISK_SIZE.set([], room.total_bytes as f64);
            let mut step = self.step.lock().unwrap_or_else(PoisonError::into_inner);
            *step = step.after(room, self.reserve);
            figures::DISK_STEP.set([], f64::from(step.number()));
        }
        if let Some(expiry) = certificate::expiry(&self.server) {
            figures::CERTIFICATE.set([], unix(expiry));
        }
        figures::READY.set([], f64::from(u8::from(progress.lacking().is_empty())));
        figures::STUCK.set([], progress.stuck().len() as f64);
    }
}

/// What the desk shows of the store, for machines: what waits for the admin, and the last backup.
pub(crate) fn desk(open_reports: u64, backup_age: Option<Duration>) {
    figures::REPORTS.set([], open_reports as f64);
    if let Some(made) = backup_age.and_then(|age| SystemTime::now().checked_sub(age)) {
        figures::BACKUP.set([], unix(made));
    }
}

/// What the crawler shows on a terminal, for machines.
pub(crate) fn crawl(progress: &Progress) {
    figures::IN_HAND.set([], progress.get(Figure::InHand) as f64);
    figures::DUE.set([], progress.get(Figure::Due) as f64);
}

/// What the indexer shows on a terminal, for machines.
pub(crate) fn index(progress: &Progress, rebuilding: Option<u8>) {
    figures::LAG.set([], progress.get(Figure::IndexLag) as f64);
    figures::LAG_AGE.set([], progress.get(Figure::IndexAge) as f64);
    figures::INDEXED.reached([], progress.get(Figure::Indexed));
    figures::REBUILDING.set([], rebuilding.map_or(1.0, |percent| f64::from(percent) / 100.0));
}

/// Connections of a process to Postgres.
pub(crate) fn connections((busy, idle): (usize, usize)) {
    figures::CONNECTIONS.set(["busy"], busy as f64);
    figures::CONNECTIONS.set(["idle"], idle as f64);
}

/// In seconds since 1970.
fn unix(moment: SystemTime) -> f64 {
    moment.duration_since(UNIX_EPOCH).unwrap_or(Duration::ZERO).as_secs_f64()
}
