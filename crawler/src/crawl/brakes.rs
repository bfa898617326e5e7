//! Reasons not to crawl now, none of them a capsule's fault: the admin paused everything or set hours, the database is away, the
//! disk is nearly full, or this machine is out of descriptors, ports or buffers.
//!
//! While a brake is on nothing is leased; turns under way end as they can and blame nobody. Trouble that passes by
//! itself is tried again after a pause, longer each time; the other brakes are looked at again and again. The first
//! line of `sextant admin status` says which one is on.

use std::error::Error;
use std::fmt;

use shared::process::disk::{Scarcity, Step};
use shared::process::figures;

use super::disk::Disk;
use super::trouble::Trouble;
use crate::fetch::fetched::{FetchError, Lack};

/// Why nothing is leased now.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Brake {
    /// The admin paused everything.
    Paused,
    /// It is not the time of the day for it.
    Hours,
    /// The disk of the state folder is nearly full.
    Disk(Scarcity),
    /// The database is away, or refuses.
    Database,
    /// This machine is out of something.
    Machine(Lack),
}

impl Brake {
    /// In few words, for whoever watches progress.
    #[must_use]
    pub const fn reason(self) -> &'static str {
        match self {
            Self::Paused => "paused by the admin",
            Self::Hours => "outside the hours of crawl.windows",
            Self::Disk(_) => "the disk is nearly full",
            Self::Database => "waiting for the database",
            Self::Machine(lack) => lack.sentence(),
        }
    }

    /// The word for its figure.
    const fn word(self) -> &'static str {
        match self {
            Self::Paused => "paused",
            Self::Hours => "hours",
            Self::Disk(_) => "disk",
            Self::Database => "database",
            Self::Machine(_) => "machine",
        }
    }

    /// Whether somebody should do something about it: what the admin has asked for is no trouble.
    #[must_use]
    pub const fn is_trouble(self) -> bool {
        match self {
            Self::Paused | Self::Hours => false,
            Self::Disk(_) | Self::Database | Self::Machine(_) => true,
        }
    }
}

/// Shows in the figures which brake is on.
pub fn show(on: Option<Brake>) {
    for word in ["paused", "hours", "disk", "database", "machine"] {
        figures::BRAKE.set([word], f64::from(u8::from(on.is_some_and(|brake| brake.word() == word))));
    }
}

impl fmt::Display for Brake {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Disk(scarcity) => scarcity.fmt(f),
            Self::Paused | Self::Hours | Self::Database | Self::Machine(_) => f.write_str(self.reason()),
        }
    }
}

/// The brakes of one crawl.
#[derive(Debug)]
pub struct Brakes {
    trouble: Trouble,
    /// What the trouble is, until something goes well again.
    cause: Option<Brake>,
    disk: Disk,
    is_paused: bool,
    is_open: bool,
}

impl Brakes {
    /// No brake is on.
    #[must_use]
    pub fn new(disk: Disk) -> Self {
        Self { trouble: Trouble::default(), cause: None, disk, is_paused: false, is_open: true }
    }

    /// Whether the admin has paused everything.
    pub fn paused(&mut self, is_paused: bool) {
        if self.is_paused != is_paused {
            let told = if is_paused { "the crawl is paused by the admin" } else { "the crawl goes on" };
            tracing::info!("{told}");
        }
        self.is_paused = is_paused;
    }

    /// Whether it is the time of the day for it.
    pub fn open(&mut self, is_open: bool) {
        self.is_open = is_open;
    }

    /// The store failed.
    pub fn store_failed(&mut self, error: &(dyn Error + 'static), what: &str) {
        self.trouble.met(error, what);
        self.cause = Some(Brake::Database);
    }

    /// This machine could not open a connection.
    pub fn machine_failed(&mut self, error: &FetchError) {
        self.trouble.met(error, "this machine cannot open connections");
        self.cause = Some(Brake::Machine(error.lack()));
    }

    /// Something went well again.
    pub fn went_well(&mut self) {
        self.trouble.is_over();
        if !self.trouble.is_pausing() {
            self.cause = None;
        }
    }

    /// The brake that is on, if one is: what lasts comes before what passes.
    pub fn on(&mut self) -> Option<Brake> {
        let disk = self.disk.look().filter(|scarcity| scarcity.step == Step::Full).map(Brake::Disk);
        if self.is_paused {
            return Some(Brake::Paused);
        }
        if !self.is_open {
            return Some(Brake::Hours);
        }
        disk.or(self.cause.filter(|_| self.trouble.is_pausing()))
    }

    /// What is to be told: a trouble is one until something goes well again, also while it is tried anew.
    pub fn told(&mut self) -> Option<Brake> {
        self.on().or(self.cause)
    }

    /// Waits for the end of a trouble's pause, or for `otherwise` where there is none.
    pub async fn wait(&self, otherwise: impl Future<Output = ()>) {
        self.trouble.wait(otherwise).await;
    }
}

#[cfg(test)]
mod tests {
    use shared::process::disk::Reserve;

    use super::*;

    fn brakes(reserve: Reserve) -> Brakes {
        Brakes::new(Disk::new(std::env::temp_dir(), reserve))
    }

    #[tokio::test(start_paused = true)]
    async fn a_full_disk_is_a_brake_and_says_how_full() {
        let mut full = brakes(Reserve::Bytes(u64::MAX));
        let brake = full.on().expect("a brake");
        assert!(brake.to_string().contains("MiB are free"), "{brake}");
        assert!(brake.is_trouble());
        assert_eq!(brakes(Reserve::Bytes(0)).on(), None);
    }

    #[tokio::test(start_paused = true)]
    async fn trouble_is_told_until_something_goes_well() {
        let mut brakes = brakes(Reserve::Bytes(0));
        let error =
            FetchError::Machine { what: "open a socket", source: std::io::Error::from_raw_os_error(24) };
        brakes.machine_failed(&error);
        assert_eq!(brakes.on(), Some(Brake::Machine(Lack::Descriptors)));
        brakes.wait(async {}).await;
        assert_eq!(brakes.on(), None, "it is tried again");
        assert_eq!(brakes.told(), Some(Brake::Machine(Lack::Descriptors)));
        brakes.went_well();
        assert_eq!(brakes.told(), None);
        brakes.paused(true);
        assert_eq!(brakes.on(), Some(Brake::Paused));
    }
}
