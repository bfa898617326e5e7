//! Clients of others as `deploy/test` installs them, driven by the scripts in `tests/clients`.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// Where `deploy/test` puts what npm brings.
pub(crate) fn node_folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("target/clients/node")
}

/// A script that drives a client.
pub(crate) fn script(name: &str) -> String {
    format!("{}/tests/clients/{name}", env!("CARGO_MANIFEST_DIR"))
}

/// What a command printed, and whether it says that all is well; none, with a word, where it cannot be started.
pub(crate) fn ran(command: &mut Command, name: &str) -> Option<(String, bool)> {
    let Ok(output) = command.stdin(Stdio::null()).output() else {
        eprintln!("passed over: {name} is not installed");
        return None;
    };
    let said = [output.stdout, output.stderr].concat();
    Some((String::from_utf8_lossy(&said).into_owned(), output.status.success()))
}

/// Whether a program is installed.
pub(crate) fn is_there(program: &str) -> bool {
    let asked = Command::new("sh").args(["-c", &format!("command -v {program}")]).output();
    asked.is_ok_and(|output| output.status.success())
}

/// Node with a script for Chromium, axe-core in hand, and a profile of this name in the folder; none, with a word,
/// where one of them is missing.
pub(crate) fn chromium(name: &str, folder: &Path, profile: &str) -> Option<Command> {
    let axe = node_folder().join("node_modules/axe-core/axe.min.js");
    if !axe.exists() || !is_there("chromium") || !is_there("node") {
        eprintln!("passed over: the screens in a browser need chromium, node and axe-core");
        return None;
    }
    let mut node = Command::new("node");
    node.arg(script(name)).arg(axe).arg(folder.join(profile));
    Some(node)
}
