//! The memory that this machine has for us.

use std::fs;

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
