//! What the machine has: memory, disk, file descriptors.

use std::fs;
use std::path::Path;

use nix::sys::resource::{Resource, getrlimit, setrlimit};
use nix::sys::statvfs::statvfs;

/// What is assumed where the machine does not say.
const SMALL: u64 = 1 << 30;

/// The memory we may use: the machine's, or what a container is held to.
pub(crate) fn memory_bytes() -> u64 {
    let limits = ["/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes"];
    let held_to =
        limits.iter().filter_map(|file| fs::read_to_string(file).ok()?.trim().parse::<u64>().ok()).min();
    let machine = fs::read_to_string("/proc/meminfo").ok().and_then(|text| total(&text)).unwrap_or(SMALL);
    held_to.map_or(machine, |limit| limit.min(machine))
}

/// `MemTotal:  1014388 kB`.
fn total(meminfo: &str) -> Option<u64> {
    let line = meminfo.lines().find_map(|line| line.strip_prefix("MemTotal:"))?;
    let kib: u64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    Some(kib << 10)
}

/// Room on a disk.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Room {
    pub(crate) free_bytes: u64,
    pub(crate) total_bytes: u64,
}

/// The room on the disk of a folder.
pub(crate) fn room(folder: &Path) -> Option<Room> {
    let disk = statvfs(folder).ok()?;
    let block = disk.fragment_size();
    Some(Room { free_bytes: disk.blocks_available() * block, total_bytes: disk.blocks() * block })
}

/// How many files and sockets this process may have open, raised as far as it may be.
pub(crate) fn raised_descriptors() -> Option<u64> {
    let (now, most) = getrlimit(Resource::RLIMIT_NOFILE).ok()?;
    if now < most && setrlimit(Resource::RLIMIT_NOFILE, most, most).is_ok() {
        return Some(most);
    }
    Some(now)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_total_memory_is_read() {
        assert_eq!(total("MemTotal:        1014388 kB\nMemFree: 1 kB\n"), Some(1_014_388 << 10));
        assert_eq!(total("nonsense"), None);
        assert!(0 < memory_bytes());
    }
}
