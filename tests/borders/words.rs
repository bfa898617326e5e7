//! What must be said twice is said the same: configuration keys and their example, screens and their
//! templates, paths and their routes.

use std::collections::BTreeSet;

use super::house;

fn read(path: &str) -> String {
    std::fs::read_to_string(house::root().join(path)).expect("a file of ours")
}

/// Every configuration key is in the example, and the other way round.
pub(crate) fn keys() -> Vec<String> {
    let settings = read("src/settings.rs") + &read("src/settings/reachable.rs");
    let asked = ["one(", "list(", "number(", "choice(", "section("].iter().flat_map(|reader| {
        settings.split(reader).skip(1).filter_map(|rest| rest.trim_start().strip_prefix('"')?.split_once('"'))
    });
    let asked: BTreeSet<String> = asked.map(|(key, _)| key.to_owned()).collect();
    difference(
        "src/settings.rs",
        &asked,
        "deploy/sextant.example.toml",
        &example(&read("deploy/sextant.example.toml")),
    )
}

/// The keys of the example, those that are commented out too; a section without keys of its own is a key.
fn example(text: &str) -> BTreeSet<String> {
    let mut keys = BTreeSet::new();
    let mut section = String::new();
    for line in text.lines() {
        if let Some(name) = line.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
            section = name.to_owned();
            if section == "route" {
                keys.insert(section.clone());
            }
        } else if let Some((name, _)) = line.trim_start_matches('#').split_once(" = ") {
            let is_name = name.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_');
            if is_name && section.is_empty() {
                keys.insert(name.to_owned());
            } else if is_name && section != "route" {
                keys.insert(format!("{section}.{name}"));
            }
        }
    }
    keys
}

/// Every screen has both templates, and every template a screen.
pub(crate) fn templates() -> Vec<String> {
    let mut shown = BTreeSet::new();
    let shows = ["server/src/screens", "server/src/desk"];
    for file in house::load().iter().filter(|file| shows.iter().any(|room| file.path.starts_with(room))) {
        for rest in file.text.split("view!(").skip(1) {
            let call = rest.split(')').next().unwrap_or_default();
            shown.extend(call.split('"').skip(1).step_by(2).map(str::to_owned));
        }
    }
    let mut there = BTreeSet::new();
    let templates = house::root().join("templates");
    for room in [templates.clone(), templates.join("desk")] {
        for entry in std::fs::read_dir(&room).expect("the templates") {
            let folder = entry.expect("an entry").path();
            // The desk's screens have a folder for themselves.
            let Ok(files) = std::fs::read_dir(&folder) else { continue };
            if folder.ends_with("templates/desk") {
                continue;
            }
            let name = folder.strip_prefix(&templates).expect("below the templates").display().to_string();
            for file in files {
                there.insert(format!("{name}/{}", file.expect("an entry").file_name().to_string_lossy()));
            }
        }
    }
    difference("server/src/screens and server/src/desk", &shown, "templates", &there)
}

/// Every path of `paths` is routed, and none of the desk's by a public door.
pub(crate) fn paths() -> Vec<String> {
    let route = read("server/src/route.rs") + &read("server/src/route/stored.rs");
    let mut broken = at_the_desk();
    if route.contains("desk::") {
        broken.push("server/src/route.rs: a path of the desk is public".to_owned());
    }
    let routed = |name: &str, path: &str| {
        let segments: Vec<String> =
            path.split('/').filter(|part| !part.is_empty()).map(|part| format!("\"{part}\"")).collect();
        let segments = segments.join(", ");
        [format!("paths::{name}"), format!("[{segments}]"), format!("[{segments}, tail @ ..]")]
            .iter()
            .any(|routed| route.contains(routed))
    };
    let source = read("server/src/paths.rs");
    let named = source.lines().filter_map(|line| {
        let (name, path) = line.strip_prefix("pub const ")?.split_once(": &str = \"")?;
        Some((name.to_owned(), path.trim_end_matches("\";").to_owned()))
    });
    broken.extend(
        named
            .filter(|(name, path)| !routed(name, path))
            .map(|(name, path)| format!("server/src/paths.rs: {name} ({path}) is not routed")),
    );
    broken
}

/// Every path of the desk is routed by it, or by its door on the web.
fn at_the_desk() -> Vec<String> {
    let route = read("server/src/route/desk.rs") + &read("server/src/web/admin.rs");
    let paths = read("server/src/paths/desk.rs");
    let names = paths.lines().filter_map(|line| line.strip_prefix("pub const ")?.split_once(':'));
    names
        .filter(|(name, _)| !route.contains(&format!("desk::{name}")))
        .map(|(name, _)| format!("server/src/paths/desk.rs: {name} is not routed"))
        .collect()
}

/// Every figure is in an alert or on the dashboard, and the other way round.
pub(crate) fn figures() -> Vec<String> {
    let list = read("shared/src/process/figures.rs");
    let known = list.split("> = \"").skip(1).filter_map(|rest| Some(rest.split_once('"')?.0.to_owned()));
    let watched = read("deploy/monitoring/alerts.yml") + &read("deploy/monitoring/dashboard.json");
    let of_name = |byte: char| byte.is_ascii_alphanumeric() || byte == '_';
    let used = watched
        .split(|byte: char| !of_name(byte))
        .filter(|word| word.starts_with("sextant_") || word.starts_with("process_"))
        .map(|word| word.trim_end_matches("_bucket").to_owned());
    let (known, used): (BTreeSet<String>, BTreeSet<String>) = (known.collect(), used.collect());
    difference("shared/src/process/figures.rs", &known, "deploy/monitoring", &used)
}

fn difference(one: &str, ones: &BTreeSet<String>, other: &str, others: &BTreeSet<String>) -> Vec<String> {
    let lacks = ones.difference(others).map(|word| format!("{other}: {word} of {one} is missing"));
    lacks.chain(others.difference(ones).map(|word| format!("{one}: {word} of {other} is missing"))).collect()
}

#[test]
fn words_that_differ_are_seen() {
    let keys = example("#state = 1\n[server]\n# The host = x\n#host = []\n[route]\n#\"a.example\" = 1\n");
    assert_eq!(keys, ["route", "server.host", "state"].map(str::to_owned).into());
    let none = BTreeSet::new();
    assert_eq!(difference("a", &keys, "b", &none).len(), 3);
    assert_eq!(difference("a", &none, "b", &keys).len(), 3);
}
