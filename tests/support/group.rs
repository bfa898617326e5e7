//! A control group: processes that share so much memory and have no swap, as on a small machine of their own.

use std::collections::BTreeSet;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::process::Command;

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

/// Where control groups are mounted.
const ROOT: &str = "/sys/fs/cgroup";
/// Looks at a group that is to be empty.
const LOOKS: u32 = 200;

/// A group that is removed, with all that still lives in it, when this is dropped.
pub(crate) struct Group {
    folder: PathBuf,
    version: Version,
}

/// The two shapes of control groups that Linux has.
#[derive(Clone, Copy)]
enum Version {
    One,
    Two,
}

/// What a group holds that the kernel cannot drop and read again, in bytes.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Held {
    /// The processes' own memory.
    pub(crate) own: u64,
    /// What they share: Postgres's buffers.
    pub(crate) shared: u64,
}

impl Held {
    pub(crate) fn all(self) -> u64 {
        self.own + self.shared
    }
}

impl Group {
    /// A group with so much memory; none, with a word, where this user and this machine cannot have one.
    pub(crate) fn with_memory(bytes: u64) -> Option<Self> {
        match Self::make(bytes) {
            Ok(group) => Some(group),
            Err(error) => {
                eprintln!(
                    "skipped: no control group can be made here ({error}); it takes root, and a machine or container whose groups are its own"
                );
                None
            }
        }
    }

    fn make(bytes: u64) -> io::Result<Self> {
        let name = format!("sextant-test-{}", std::process::id());
        if Path::new(ROOT).join("cgroup.controllers").exists() {
            if !fs::read_to_string(Path::new(ROOT).join("cgroup.subtree_control"))?.contains("memory") {
                fs::write(Path::new(ROOT).join("cgroup.subtree_control"), "+memory")?;
            }
            let group = Self::at(Path::new(ROOT).join(name), Version::Two)?;
            group.set("memory.max", bytes)?;
            group.set("memory.swap.max", 0)?;
            return Ok(group);
        }
        let group = Self::at(Path::new(ROOT).join("memory").join(name), Version::One)?;
        group.set("memory.limit_in_bytes", bytes)?;
        group.set("memory.swappiness", 0)?;
        Ok(group)
    }

    fn at(folder: PathBuf, version: Version) -> io::Result<Self> {
        fs::create_dir(&folder)?;
        Ok(Self { folder, version })
    }

    fn set(&self, file: &str, value: u64) -> io::Result<()> {
        fs::write(self.folder.join(file), value.to_string())
    }

    fn read(&self, file: &str) -> String {
        fs::read_to_string(self.folder.join(file)).unwrap_or_default()
    }

    /// A program that will be in the group, with everything that it starts.
    pub(crate) fn command(&self, program: &str) -> Command {
        let mut command = Command::new("sh");
        let enter = "echo $$ > \"$0\" && exec \"$@\"";
        command.args(["-c", enter]).arg(self.folder.join("cgroup.procs")).arg(program);
        command
    }

    fn pids(&self) -> Vec<Pid> {
        self.read("cgroup.procs").lines().filter_map(|line| line.parse().ok().map(Pid::from_raw)).collect()
    }

    /// The programs that run in it.
    pub(crate) fn programs(&self) -> BTreeSet<String> {
        // What runs, however it was started: `up` goes through `/proc/self/exe`.
        let program = |pid: Pid| fs::read_link(format!("/proc/{pid}/exe")).ok();
        let name = |program: PathBuf| Some(program.file_name()?.to_string_lossy().into_owned());
        self.pids().into_iter().filter_map(program).filter_map(name).collect()
    }

    /// The most memory that it ever had in use, with the files that the kernel kept for it.
    pub(crate) fn peak(&self) -> u64 {
        let file = match self.version {
            Version::One => "memory.max_usage_in_bytes",
            Version::Two => "memory.peak",
        };
        self.read(file).trim().parse().unwrap_or_default()
    }

    /// Processes that the kernel killed because the group was full.
    pub(crate) fn killed(&self) -> u64 {
        let file = match self.version {
            Version::One => "memory.oom_control",
            Version::Two => "memory.events",
        };
        figure(&self.read(file), "oom_kill")
    }

    /// What it holds now.
    pub(crate) fn held(&self) -> Held {
        let own = match self.version {
            Version::One => "rss",
            Version::Two => "anon",
        };
        let told = self.read("memory.stat");
        Held { own: figure(&told, own), shared: figure(&told, "shmem") }
    }
}

/// The figure of a name, each of which has a line.
fn figure(told: &str, name: &str) -> u64 {
    let lines = told.lines().filter_map(|line| line.split_once(' '));
    lines.filter(|(own, _)| *own == name).find_map(|(_, value)| value.parse().ok()).unwrap_or_default()
}

impl Drop for Group {
    fn drop(&mut self) {
        for _ in 0..LOOKS {
            // Only an empty group can be removed, and the dead leave it in a moment.
            if fs::remove_dir(&self.folder).is_ok() {
                return;
            }
            for pid in self.pids() {
                // It may end this very moment.
                let _gone = kill(pid, Signal::SIGKILL);
            }
            std::thread::sleep(std::time::Duration::from_millis(50));
        }
        eprintln!("{} is left: something in it does not end", self.folder.display());
    }
}
