//! What the machine has: room on a disk, descriptors, and clocks that agree.

use std::fs;
use std::path::Path;
use std::time::{Duration, SystemTime};

use nix::sys::resource::{Resource, getrlimit, setrlimit};
use nix::sys::statvfs::statvfs;
use tokio::time::Instant;

/// Room on a disk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Room {
    /// What may still be written, in bytes.
    pub free_bytes: u64,
    /// All of it, in bytes.
    pub total_bytes: u64,
}

/// The room on the disk of a folder; none where the folder cannot be asked about.
#[must_use]
pub fn room(folder: &Path) -> Option<Room> {
    let disk = statvfs(folder).ok()?;
    let block = disk.fragment_size();
    Some(Room { free_bytes: disk.blocks_available() * block, total_bytes: disk.blocks() * block })
}

/// How many files and sockets this process may have open, raised as far as it may be.
#[must_use]
pub fn raised_descriptors() -> Option<u64> {
    let (now, most) = getrlimit(Resource::RLIMIT_NOFILE).ok()?;
    if now < most && setrlimit(Resource::RLIMIT_NOFILE, most, most).is_ok() {
        return Some(most);
    }
    Some(now)
}

/// How many files and sockets this process has open; none where the machine does not say.
#[must_use]
pub fn open_descriptors() -> Option<usize> {
    // Reading the folder is itself one.
    Some(fs::read_dir("/proc/self/fd").ok()?.count().saturating_sub(1))
}

/// How many files and sockets this process may have open.
#[must_use]
pub fn most_descriptors() -> Option<u64> {
    getrlimit(Resource::RLIMIT_NOFILE).ok().map(|(now, _most)| now)
}

/// Memory that this process holds, in bytes; none where the machine does not say.
#[must_use]
pub fn resident_bytes() -> Option<u64> {
    let status = fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    let kib: u64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    Some(kib << 10)
}

/// Processor time that this process has used; none where the machine does not say.
#[must_use]
pub fn processor_time() -> Option<Duration> {
    /// What Linux counts in, on every architecture.
    const TICKS_A_SECOND: u64 = 100;
    let stat = fs::read_to_string("/proc/self/stat").ok()?;
    // The name before it may hold anything.
    let (_name, rest) = stat.rsplit_once(')')?;
    let mut fields = rest.split_ascii_whitespace().skip(11);
    let user: u64 = fields.next()?.parse().ok()?;
    let system: u64 = fields.next()?.parse().ok()?;
    Some(Duration::from_millis((user + system) * 1_000 / TICKS_A_SECOND))
}

/// A jump of the wall clock against the monotonic one that is worth telling.
pub const JUMP: Duration = Duration::from_secs(5 * 60);

/// Compares a wall clock with the monotonic one.
#[derive(Clone, Copy, Debug)]
pub struct Clocks {
    wall: SystemTime,
    monotonic: Instant,
}

/// How a wall clock jumped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Jump {
    /// It shows a later time than it should.
    Ahead(Duration),
    /// It shows an earlier time than it should.
    Back(Duration),
}

impl Clocks {
    /// Both clocks as they are.
    #[must_use]
    pub const fn new(wall: SystemTime, monotonic: Instant) -> Self {
        Self { wall, monotonic }
    }

    /// Compares them anew; a jump of more than [`JUMP`] since the last time is told once.
    pub fn compare(&mut self, wall: SystemTime, monotonic: Instant) -> Option<Jump> {
        let expected = self.wall + monotonic.duration_since(self.monotonic);
        *self = Self { wall, monotonic };
        match wall.duration_since(expected) {
            Ok(ahead) => (ahead > JUMP).then_some(Jump::Ahead(ahead)),
            Err(error) => (error.duration() > JUMP).then_some(Jump::Back(error.duration())),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_jump_is_told_once_and_drift_never() {
        let (wall, monotonic) = (SystemTime::now(), Instant::now());
        let mut clocks = Clocks::new(wall, monotonic);
        let (minute, hour) = (Duration::from_secs(60), Duration::from_secs(3_600));
        assert_eq!(clocks.compare(wall + minute, monotonic + minute), None);
        assert_eq!(clocks.compare(wall + 2 * minute + hour, monotonic + 2 * minute), Some(Jump::Ahead(hour)));
        assert_eq!(clocks.compare(wall + 3 * minute + hour, monotonic + 3 * minute), None);
        assert_eq!(clocks.compare(wall + 4 * minute, monotonic + 4 * minute), Some(Jump::Back(hour)));
        assert_eq!(clocks.compare(wall + 5 * minute + JUMP, monotonic + 5 * minute), None);
    }

    #[test]
    fn the_machine_says_what_it_has() {
        let room = room(&std::env::temp_dir()).expect("a disk");
        assert!(room.free_bytes <= room.total_bytes);
        assert!(open_descriptors().expect("a count") >= 3);
        assert!(most_descriptors().expect("a limit") >= 3);
        assert!(resident_bytes().expect("a size") > 100_000);
        let before = processor_time().expect("a time");
        let mut spent = 0_u64;
        while processor_time().expect("a time") == before {
            spent = spent.wrapping_mul(31).wrapping_add(1);
        }
        assert!(before < processor_time().expect("a time"), "{spent}");
    }
}
