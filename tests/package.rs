//! The Debian package in a scratch root: `dpkg` itself installs, upgrades, removes and purges it, and nothing of this
//! machine is touched or asked.
//!
//! - it brings program, units, user and folders, starts nothing, and keeps Debian's own cluster from being made;
//! - the installed program crawls, is searched, and its backup is restored;
//! - an upgrade keeps configuration and state, a removal too, a purge takes both.
//!
//! Where cargo-deb is not installed the test passes over (`deploy/test` installs it).

#[path = "support/package.rs"]
mod package;
#[path = "support/program.rs"]
mod program;

use std::fs;
use std::path::Path;
use std::process::{Command, Output, Stdio};
use std::time::Duration;

use package::{can_install, dpkg, packed, scratch_root};
use program::{open_folder, sextant};
use tokio::time::Instant;

const PATIENCE: Duration = Duration::from_secs(180);

#[test]
fn the_package_installs_runs_upgrades_and_goes() {
    if !can_install() {
        return;
    }
    let folder = open_folder();
    let Some(first) = packed(folder.path(), "0.1.0-1") else { return };
    let second = packed(folder.path(), "0.1.0-2").expect("cargo-deb is there");
    let root = scratch_root(folder.path());

    let installed = dpkg(&root, &["--install", &first.display().to_string()]);
    let told = String::from_utf8_lossy(&installed.stdout).into_owned();
    assert!(told.contains("Setting up sextant (0.1.0-1)"), "{told}");
    for (part, what) in [
        ("usr/bin/sextant", "the program"),
        ("usr/lib/systemd/system/sextant.service", "its unit"),
        ("usr/lib/systemd/system/sextant-indexer.service", "the units of its parts"),
        ("usr/share/doc/sextant/examples/nginx.conf", "examples"),
        ("var/lib/sextant", "the state folder"),
        ("etc/sextant", "the folder of the configuration"),
    ] {
        assert!(root.join(part).exists(), "{what}: {part}");
    }
    assert!(fs::read_to_string(root.join("etc/passwd")).expect("users").contains("sextant:x:"), "the user");
    let cluster = fs::read_to_string(root.join("etc/postgresql-common/createcluster.d/sextant.conf"));
    assert!(cluster.expect("the file").lines().any(|line| line == "create_main_cluster = false"));
    assert!(!root.join("etc/systemd/system/multi-user.target.wants").exists(), "nothing is enabled");

    // The installed program does its work, in the scratch root's state folder.
    let program = root.join("usr/bin/sextant");
    assert_eq!(done(&program, &["--version"]).stdout, sextant(&["--version"], &[]).stdout);
    it_crawls_and_is_restored(&program, folder.path());

    let config = root.join("etc/sextant/sextant.toml");
    fs::write(&config, "# the admin's own\n").expect("a configuration");
    fs::write(root.join("var/lib/sextant/kept"), "state").expect("a state");
    dpkg(&root, &["--install", &second.display().to_string()]);
    let status = fs::read_to_string(root.join("var/lib/dpkg/status")).expect("the status");
    assert!(
        status.contains("Version: 0.1.0-2") && status.contains("Status: install ok installed"),
        "{status}"
    );
    assert_eq!(
        fs::read_to_string(&config).ok().as_deref(),
        Some("# the admin's own\n"),
        "an upgrade keeps it"
    );

    dpkg(&root, &["--remove", "sextant"]);
    assert!(!program.exists() && !root.join("usr/lib/systemd/system/sextant.service").exists());
    assert!(
        config.exists() && root.join("var/lib/sextant/kept").exists(),
        "a removal keeps what is the admin's"
    );
    dpkg(&root, &["--purge", "sextant"]);
    assert!(
        !root.join("etc/sextant").exists() && !root.join("var/lib/sextant").exists(),
        "a purge keeps nothing"
    );
    assert!(!root.join("etc/postgresql-common/createcluster.d/sextant.conf").exists());
    let left: Vec<String> = fs::read_dir(root.join("usr"))
        .into_iter()
        .flatten()
        .flatten()
        .map(|entry| entry.path().display().to_string())
        .collect();
    assert!(left.is_empty(), "empty folders at most: {left:?}");
}

/// Runs an act of the installed program to its end.
fn done(program: &Path, arguments: &[&str]) -> Output {
    Command::new(program).args(arguments).stdin(Stdio::null()).output().expect("the installed program starts")
}

/// Starts it on a folder of capsules, finds a page, backs everything up, destroys the database, restores it, finds the page.
fn it_crawls_and_is_restored(program: &Path, folder: &Path) {
    let capsules = folder.join("capsules/garden.example");
    fs::create_dir_all(&capsules).expect("a capsule");
    fs::write(capsules.join("index.gmi"), "# The garden\nFrogs sing in the evening.\n").expect("a page");
    let state = folder.join("state");
    let state_path = state.display().to_string();
    let log = folder.join("log");
    let up = || {
        Command::new(program)
            .args(["--state", &state_path, "up", "--space"])
            .arg(folder.join("capsules"))
            .env("SEXTANT_SERVER_GEMINI", "127.0.0.1:0")
            .env("SEXTANT_SERVER_WEB", "127.0.0.1:0")
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(fs::File::create(&log).expect("a log"))
            .spawn()
            .expect("the installed program starts")
    };
    let stop = |mut child: std::process::Child| {
        let pid = nix::unistd::Pid::from_raw(i32::try_from(child.id()).expect("a pid"));
        nix::sys::signal::kill(pid, nix::sys::signal::Signal::SIGTERM).expect("it can be asked to stop");
        assert!(child.wait().expect("it ends").success(), "it stops in order");
    };
    let until_found = || {
        let end = Instant::now() + PATIENCE;
        loop {
            let found = done(program, &["--state", &state_path, "search", "frogs"]);
            if String::from_utf8_lossy(&found.stdout).contains("gemini://garden.example/") {
                return;
            }
            assert!(Instant::now() < end, "it is found: {}", fs::read_to_string(&log).unwrap_or_default());
        }
    };
    let running = up();
    until_found();
    let backup = done(program, &["--state", &state_path, "admin", "backup", "--full"]);
    let told = String::from_utf8_lossy(&backup.stdout).into_owned();
    let file = told.trim().rsplit_once(" (").expect("a file is named").0.to_owned();
    stop(running);
    fs::remove_dir_all(state.join("postgres")).expect("the database is destroyed");
    fs::remove_dir_all(state.join("index")).expect("and the index");
    let restored = done(program, &["--state", &state_path, "admin", "restore", &file]);
    assert!(restored.status.success(), "{}", String::from_utf8_lossy(&restored.stderr));
    fs::remove_file(capsules.join("index.gmi")).expect("the page is nowhere else");
    let running = up();
    until_found();
    stop(running);
}
