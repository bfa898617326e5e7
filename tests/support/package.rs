//! The Debian package of this build, and a scratch root for `dpkg` to install it into: nothing of this machine is touched
//! or asked.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use nix::unistd::Uid;

use crate::program::{can_run, open_to_all};

/// Whether `dpkg` can install something here that can run.
pub(crate) fn can_install() -> bool {
    let can = can_run() && Uid::effective().is_root();
    if !can {
        eprintln!("skipped: dpkg installs as root, for a user sextant (deploy/test makes it)");
    }
    can
}

/// Packs this build, as `deploy/release` does, under a version; none, with a word, where cargo-deb is not installed.
pub(crate) fn packed(folder: &Path, version: &str) -> Option<PathBuf> {
    let package = folder.join(format!("sextant-{version}.deb"));
    let done = Command::new("cargo")
        .args(["deb", "--no-build", "--locked", "--package", "sextant", "--profile", "dev"])
        .args(["--strip", "--fast", "--deb-version", version, "--output"])
        .arg(&package)
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .expect("cargo runs");
    let said = String::from_utf8_lossy(&done.stderr).into_owned();
    if said.contains("no such command") {
        eprintln!("skipped: cargo-deb is not installed (deploy/test installs it)");
        return None;
    }
    assert!(done.status.success(), "{said}");
    Some(package)
}

/// An empty root, in which nothing was ever installed.
pub(crate) fn scratch_root(folder: &Path) -> PathBuf {
    let root = folder.join("root");
    for part in ["var/lib/dpkg/info", "var/lib/dpkg/updates", "etc"] {
        fs::create_dir_all(root.join(part)).expect("a folder");
    }
    fs::write(root.join("var/lib/dpkg/status"), "").expect("an empty root");
    open_to_all(&root);
    root
}

/// dpkg on the scratch root: the scripts run here, and are told the root.
pub(crate) fn dpkg(root: &Path, arguments: &[&str]) -> Output {
    let done = Command::new("dpkg")
        .arg(format!("--root={}", root.display()))
        // Its dependencies are this machine's, not the root's.
        .args(["--force-depends", "--force-script-chrootless", "--force-not-root"])
        .args(arguments)
        .env("DEBIAN_FRONTEND", "noninteractive")
        .stdin(Stdio::null())
        .output()
        .expect("dpkg runs");
    let said = String::from_utf8_lossy(&done.stderr).into_owned();
    assert!(done.status.success(), "dpkg {arguments:?}: {said}");
    done
}
