//! The memory that this machine has for us: all of it, or what the control groups leave that we are in. A service, a
//! container and a slice are each such a group, and the tightest of them holds.

use std::fs;
use std::path::{Path, PathBuf};

/// What is assumed where the machine does not say.
const SMALL: u64 = 1 << 30;
/// Where control groups are mounted, and the ways in which they name what they hold us to. Above `memory.high` the kernel
/// slows us down, above the others it kills.
const GROUPS: &str = "/sys/fs/cgroup";
const OF_VERSION_2: [&str; 2] = ["memory.high", "memory.max"];
const OF_VERSION_1: [&str; 1] = ["memory.limit_in_bytes"];

/// The memory we may use: the machine's, or what we are held to.
pub(crate) fn memory_bytes() -> u64 {
    let machine = fs::read_to_string("/proc/meminfo").ok().and_then(|text| total(&text)).unwrap_or(SMALL);
    let ours = fs::read_to_string("/proc/self/cgroup").unwrap_or_default();
    let held_to = held_to(&ours, |file| fs::read_to_string(file).ok());
    held_to.map_or(machine, |limit| limit.min(machine))
}

/// The tightest limit of our own groups and of all that are around them. In a container they may be mounted as the root.
fn held_to(ours: &str, read: impl Fn(&Path) -> Option<String>) -> Option<u64> {
    let limits = ours.lines().flat_map(|line| {
        let mut parts = line.splitn(3, ':').skip(1);
        let (controllers, path) = (parts.next().unwrap_or_default(), parts.next().unwrap_or_default());
        let (root, files) = match controllers {
            "" => (PathBuf::from(GROUPS), OF_VERSION_2.as_slice()),
            "memory" => (Path::new(GROUPS).join("memory"), OF_VERSION_1.as_slice()),
            _ => return Vec::new(),
        };
        let group = Path::new(path.trim_start_matches('/'));
        let around = group.ancestors().map(|group| root.join(group));
        around.flat_map(|group| files.iter().map(move |file| group.join(file))).collect()
    });
    limits.filter_map(|file| read(&file)?.trim().parse().ok()).min()
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

    #[test]
    fn the_tightest_group_around_us_holds() {
        let files = [
            ("/sys/fs/cgroup/system.slice/memory.max", "max\n"),
            ("/sys/fs/cgroup/system.slice/sextant.service/memory.high", "1073741824\n"),
            ("/sys/fs/cgroup/system.slice/sextant.service/memory.max", "1610612736\n"),
            ("/sys/fs/cgroup/memory/memory.limit_in_bytes", "9223372036854771712\n"),
            ("/sys/fs/cgroup/memory/small/memory.limit_in_bytes", "943718400\n"),
        ];
        let read = |file: &Path| {
            let found = files.iter().find(|(name, _)| Path::new(name) == file);
            found.map(|(_, text)| (*text).to_owned())
        };
        assert_eq!(held_to("0::/system.slice/sextant.service\n", read), Some(1 << 30));
        assert_eq!(held_to("5:cpu:/\n4:memory:/small/inner\n0::/\n", read), Some(900 << 20));
        assert_eq!(held_to("0::/user.slice\n", read), None);
        // A container without a space of its own for groups: its path is the host's, and its root is its own.
        assert_eq!(held_to("4:memory:/docker/4711\n", read), Some(9_223_372_036_854_771_712));
        assert_eq!(held_to("", read), None);
    }
}
