//! The built program, and whether and where it can run.

use std::fs::Permissions;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::{Command, Output, Stdio};

use nix::unistd::{Uid, User};
use tempfile::TempDir;

/// Whether `up` can run here at all.
pub(crate) fn can_run() -> bool {
    let can = !Uid::effective().is_root() || User::from_name("sextant").is_ok_and(|user| user.is_some());
    if !can {
        eprintln!("skipped: as root the program needs a user sextant (deploy/test makes it)");
    }
    can
}

/// Lets the user `sextant` read and write it too.
pub(crate) fn open_to_all(path: &Path) {
    std::fs::set_permissions(path, Permissions::from_mode(0o777)).expect("it is ours");
}

/// A folder that the user `sextant` can reach too.
pub(crate) fn open_folder() -> TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    open_to_all(folder.path());
    folder
}

/// Runs a subcommand to its end.
pub(crate) fn sextant(arguments: &[&str], environment: &[(&str, &str)]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_sextant"))
        .args(arguments)
        .envs(environment.iter().copied())
        .stdin(Stdio::null())
        .output()
        .expect("the program starts")
}
