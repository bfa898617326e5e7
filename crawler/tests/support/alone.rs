//! A network of its own for one test of this program: all its ports are free, and names lead where the test says.

use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Output};

/// Tells this program that it has a network of its own.
const ALONE: &str = "SEXTANT_TEST_ALONE";
const SCRIPT: &str = "ip link set lo up && mount --bind \"$1\" /etc/hosts && shift && exec \"$@\"";

/// Whether this process has a network of its own.
pub(crate) fn is_alone() -> bool {
    std::env::var_os(ALONE).is_some()
}

/// Runs another test of this program in a network where these names (as in /etc/hosts) are known. None, with a word,
/// where no such network can be made.
pub(crate) fn alone(test: &str, names: &str) -> Option<Output> {
    let mut hosts = tempfile::NamedTempFile::new().unwrap();
    writeln!(hosts, "127.0.0.1 localhost\n{names}").unwrap();
    let within = |program: &Path, arguments: &[&str]| {
        let script = ["--net", "--mount", "sh", "-c", SCRIPT, "sh"];
        let mut command = Command::new("unshare");
        command.args(script).arg(hosts.path()).arg(program).args(arguments).env(ALONE, "yes").output()
    };
    if !within(Path::new("true"), &[]).is_ok_and(|output| output.status.success()) {
        eprintln!("passed over: no network of its own can be made here");
        return None;
    }
    Some(within(&std::env::current_exe().unwrap(), &["--exact", test, "--nocapture"]).unwrap())
}
