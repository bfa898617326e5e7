//! The units of systemd, judged by systemd's own programs: each is valid, hardened to 2.0 or less, started again however
//! often it fails, and beats; the one user and its folders come from sysusers and tmpfiles.

use std::fs;
use std::path::PathBuf;
use std::process::Command;

use tempfile::tempdir;

fn shipped() -> PathBuf {
    PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/deploy/systemd"))
}

fn units() -> Vec<PathBuf> {
    let all = fs::read_dir(shipped()).expect("the units").flatten().map(|entry| entry.path());
    let mut units: Vec<PathBuf> =
        all.filter(|path| path.extension().is_some_and(|end| end == "service")).collect();
    units.sort();
    units
}

fn is_missing(program: &str) -> bool {
    let missing = Command::new(program).arg("--version").output().is_err();
    if missing {
        eprintln!("skipped: there is no {program} here (deploy/test installs systemd's programs)");
    }
    missing
}

#[test]
fn every_unit_is_valid_hardened_and_never_given_up() {
    let units = units();
    assert_eq!(units.len(), 5, "all of it, and one for each part: {units:?}");
    for unit in &units {
        let text = fs::read_to_string(unit).expect("a unit");
        for line in [
            "StartLimitIntervalSec=0",
            "Type=notify",
            "WatchdogSec=120",
            "Restart=always",
            "User=sextant",
            "StateDirectory=sextant",
        ] {
            assert!(text.lines().any(|found| found == line), "{} has no {line}", unit.display());
        }
    }
    if is_missing("systemd-analyze") {
        return;
    }
    let folder = tempdir().expect("a folder");
    for unit in &units {
        let name = unit.file_name().expect("a name");
        let judged = Command::new("systemd-analyze")
            .args(["security", "--offline=true", "--no-pager", "--threshold=20"])
            .arg(unit)
            .output()
            .expect("it runs");
        let told = String::from_utf8_lossy(&judged.stdout).into_owned();
        let verdict = told.lines().last().unwrap_or_default().to_owned();
        assert!(judged.status.success(), "more than 2.0: {verdict}");
        println!("{verdict}");
        // The program it starts is not installed here: this one stands in for it.
        let here = fs::read_to_string(unit)
            .expect("a unit")
            .replace("/usr/bin/sextant", env!("CARGO_BIN_EXE_sextant"))
            .replace("file:///usr/share/doc/sextant/README.md", "");
        let copy = folder.path().join(name);
        fs::write(&copy, here).expect("a copy");
    }
    for unit in &units {
        let copy = folder.path().join(unit.file_name().expect("a name"));
        let verified = Command::new("systemd-analyze").args(["verify", "--man=no"]).arg(&copy).output();
        let verified = verified.expect("it runs");
        let told = String::from_utf8_lossy(&verified.stderr).into_owned();
        assert!(verified.status.success() && told.trim().is_empty(), "{}: {told}", copy.display());
    }
}

#[test]
fn the_user_and_its_folders_are_made() {
    if is_missing("systemd-sysusers") || is_missing("systemd-tmpfiles") {
        return;
    }
    let root = tempdir().expect("a root");
    for (kind, name) in [("sysusers", "sextant.sysusers"), ("tmpfiles", "sextant.tmpfiles")] {
        let folder = root.path().join(format!("usr/lib/{kind}.d"));
        fs::create_dir_all(&folder).expect("a folder");
        fs::copy(shipped().join(name), folder.join("sextant.conf")).expect("a copy");
        fs::create_dir_all(root.path().join("etc")).expect("a folder");
    }
    let at = format!("--root={}", root.path().display());
    let made = Command::new("systemd-sysusers").arg(&at).output().expect("it runs");
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    let users = fs::read_to_string(root.path().join("etc/passwd")).expect("the users");
    assert!(users.contains(":/var/lib/sextant:/usr/sbin/nologin"), "{users}");
    if !nix::unistd::Uid::effective().is_root() {
        return;
    }
    let made = Command::new("systemd-tmpfiles").args([&at, "--create"]).output().expect("it runs");
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    assert!(root.path().join("var/lib/sextant").is_dir() && root.path().join("etc/sextant").is_dir());
}
