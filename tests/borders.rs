//! The walls of the house, checked from its sources and manifests.
//!
//! - who may import whom, without circles, and no room its own face;
//! - where SQL, the engine, HTTP, TLS, the resolver, processes and sockets may stand;
//! - what stays pure; that every task has an owner; that closed enums are matched whole;
//! - sizes, names, manifests; keys and their example, screens and their templates, paths and their routes,
//!   figures and what watches them.
//!
//! Each rule is shown able to fail on a small bad source.

#[path = "borders/house.rs"]
mod house;
#[path = "borders/places.rs"]
mod places;
#[path = "borders/walls.rs"]
mod walls;
#[path = "borders/words.rs"]
mod words;

use std::collections::{BTreeMap, BTreeSet};

use house::File;
use places::{CLOSED, IMPURE, PLACES, PURE};
use walls::ARROWS;

/// Whether a path is `prefix` or lies in it.
fn within(path: &str, prefix: &str) -> bool {
    path.strip_prefix(prefix).is_some_and(|rest| rest.is_empty() || rest.starts_with("::"))
}

const OURS: [&str; 6] = ["sextant", "shared", "crawler", "indexer", "server", "space"];

fn is_ours(path: &str) -> bool {
    OURS.iter().any(|package| within(path, package))
}

fn arrows(file: &File) -> Vec<String> {
    let room =
        ARROWS.iter().filter(|arrow| within(&file.module, arrow.room)).max_by_key(|arrow| arrow.room.len());
    let Some(room) = room else { return vec![format!("{}: no wall knows {}", file.path, file.module)] };
    file.mentions
        .iter()
        .filter(|mention| is_ours(&mention.path) && !within(&mention.path, room.room))
        .filter(|mention| !room.may.iter().any(|may| within(&mention.path, may)))
        .map(|mention| {
            format!(
                "{}:{}: {} may not import {}: {}",
                file.path, mention.line, room.room, mention.path, room.why
            )
        })
        .collect()
}

/// A file below `x/` that imports an item of `x.rs` itself.
fn faces(file: &File, modules: &BTreeSet<&str>) -> Vec<String> {
    file.mentions
        .iter()
        .filter_map(|mention| {
            let (face, item) = mention.path.rsplit_once("::")?;
            let own_face = face != file.module && within(&file.module, face) && face.contains("::");
            (own_face && modules.contains(face) && !modules.contains(mention.path.as_str())).then(|| {
                format!(
                    "{}:{}: a room does not import its face: {face} gives {item}",
                    file.path, mention.line
                )
            })
        })
        .collect()
}

/// One circle of imports between files, if there is any; a face and its rooms count as different files.
fn circle(files: &[File]) -> Option<String> {
    let modules: BTreeSet<&str> = files.iter().map(|file| file.module.as_str()).collect();
    let mut edges: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for file in files {
        for mention in &file.mentions {
            let target = modules
                .iter()
                .filter(|module| within(&mention.path, module))
                .max_by_key(|module| module.len());
            if let Some(target) = target.filter(|target| **target != file.module && target.contains("::")) {
                edges.entry(&file.module).or_default().insert(target);
            }
        }
    }
    let mut done = BTreeSet::new();
    for start in edges.keys() {
        let mut way = Vec::new();
        if let Some(circle) = walk(start, &edges, &mut way, &mut done) {
            return Some(circle);
        }
    }
    None
}

fn walk<'a>(
    here: &'a str,
    edges: &BTreeMap<&'a str, BTreeSet<&'a str>>,
    way: &mut Vec<&'a str>,
    done: &mut BTreeSet<&'a str>,
) -> Option<String> {
    if let Some(begin) = way.iter().position(|module| *module == here) {
        return Some(format!("{} -> {here}", way[begin..].join(" -> ")));
    }
    if !done.insert(here) {
        return None;
    }
    way.push(here);
    let found = edges.get(here).into_iter().flatten().find_map(|next| walk(next, edges, way, done));
    way.pop();
    found
}

fn misplaced(file: &File) -> Vec<String> {
    let mut broken = Vec::new();
    for place in PLACES {
        if place.where_.iter().any(|allowed| file.path.starts_with(allowed)) {
            continue;
        }
        for mention in &file.mentions {
            if place.what.iter().any(|what| within(&mention.path, what)) {
                broken.push(format!(
                    "{}:{}: {} may not stand here: {}",
                    file.path, mention.line, mention.path, place.why
                ));
            }
        }
    }
    broken
}

fn purity(file: &File) -> Vec<String> {
    if !PURE.iter().any(|room| within(&file.module, room)) {
        return Vec::new();
    }
    let asyncs = file.asyncs.iter().map(|line| (*line, "async".to_owned()));
    let touched = file
        .mentions
        .iter()
        .filter(|mention| IMPURE.iter().any(|impure| within(&mention.path, impure)))
        .map(|mention| (mention.line, mention.path.clone()));
    asyncs
        .chain(touched)
        .map(|(line, what)| {
            format!("{}:{line}: {what} in a pure room: a moment comes in as an argument", file.path)
        })
        .collect()
}

fn ownership(file: &File) -> Vec<String> {
    let mut broken = Vec::new();
    if within(&file.module, "crawler::fetch") && !file.module.ends_with("::canary") {
        for (method, line) in &file.calls {
            if matches!(method.as_str(), "spawn" | "spawn_local" | "spawn_blocking") {
                broken.push(format!(
                    "{}:{line}: fetch spawns nothing: one future owns a connection",
                    file.path
                ));
            }
        }
    }
    for (number, line) in file.text.lines().enumerate() {
        let squeezed = line.replace(' ', "");
        if ["Arc<TcpStream", "Arc<TlsStream", "Arc<Mutex<TcpStream", "Arc<Mutex<TlsStream"]
            .iter()
            .any(|arc| squeezed.contains(arc))
            && !file.module.ends_with("::canary")
        {
            broken.push(format!(
                "{}:{}: no Arc of a stream exists: nobody could say who closes it",
                file.path,
                number + 1
            ));
        }
    }
    broken
}

fn closed_enums(file: &File) -> Vec<String> {
    file.matches
        .iter()
        .filter(|(_, arms)| arms.iter().any(|arm| arm == "_"))
        .filter_map(|(line, arms)| {
            let named = CLOSED.iter().find(|name| {
                arms.iter()
                    .any(|arm| arm.starts_with(&format!("{name}::")) || arm.contains(&format!("({name}::")))
            })?;
            Some(format!("{}:{line}: {named} is closed: match every variant, not _", file.path))
        })
        .collect()
}

fn sizes(file: &File) -> Vec<String> {
    let lines = file.text.lines().count();
    let limit = if file.path == "src/main.rs" { 60 } else { 400 };
    let mut broken = Vec::new();
    if limit < lines {
        broken.push(format!("{}: {lines} lines, at most {limit}: split it by concept", file.path));
    }
    if file.path.ends_with("/mod.rs") {
        broken.push(format!("{}: a folder's face is x.rs beside x/", file.path));
    }
    if !file.text.starts_with("//!") {
        broken.push(format!("{}: a file begins with the story of its data", file.path));
    }
    broken
}

#[test]
fn the_walls_stand() {
    let files = house::load();
    let modules: BTreeSet<&str> = files.iter().map(|file| file.module.as_str()).collect();
    let mut broken: Vec<String> = files
        .iter()
        .flat_map(|file| {
            [
                arrows(file),
                faces(file, &modules),
                misplaced(file),
                purity(file),
                ownership(file),
                closed_enums(file),
                sizes(file),
            ]
        })
        .flatten()
        .collect();
    broken.extend(circle(&files).map(|circle| format!("imports go in a circle: {circle}")));
    broken.extend(manifests());
    broken
        .extend([words::keys(), words::templates(), words::paths(), words::figures()].into_iter().flatten());
    assert!(broken.is_empty(), "{} walls are broken:\n{}", broken.len(), broken.join("\n"));
}

/// No component names another in its manifest, and every manifest keeps the house's lints.
fn manifests() -> Vec<String> {
    let mut broken = Vec::new();
    let read = |path: &str| std::fs::read_to_string(house::root().join(path)).expect("a manifest");
    for package in ["crawler", "indexer", "server", "shared", "tests/space"] {
        let path = format!("{package}/Cargo.toml");
        let manifest: toml::Table = read(&path).parse().expect("a manifest is TOML");
        for section in ["dependencies", "dev-dependencies", "build-dependencies"] {
            let Some(names) = manifest.get(section).and_then(toml::Value::as_table) else { continue };
            for name in names.keys() {
                if ["crawler", "indexer", "server", "sextant"].contains(&name.as_str()) {
                    broken.push(format!("{path}: {section} names {name}: components meet in rows"));
                }
            }
        }
        let lints =
            manifest.get("lints").and_then(|lints| lints.get("workspace")).and_then(toml::Value::as_bool);
        if lints != Some(true) {
            broken.push(format!("{path}: the house's lints are not inherited"));
        }
    }
    let face = read("shared/src/lib.rs");
    let rooms: Vec<&str> =
        face.lines().filter_map(|line| line.strip_prefix("pub mod ")?.strip_suffix(';')).collect();
    if rooms != ["gemini", "index", "process", "store"] {
        broken.push(format!("shared/src/lib.rs: four rooms, not {rooms:?}"));
    }
    broken
}

/// A bad source, read as if it stood at `path`.
fn bad(path: &str, module: &str, text: &str) -> File {
    let modules = [
        "shared::store",
        "shared::store::pool",
        "shared::store::known",
        "shared::store::known::page",
        "shared::store::feed",
    ];
    house::parse(path.to_owned(), module.to_owned(), text.to_owned(), &modules.map(str::to_owned))
}

#[test]
fn every_wall_can_break() {
    let known = ("shared/src/store/known/page.rs", "shared::store::known::page");
    let import = bad(known.0, known.1, "//! .\nuse super::super::feed::change;");
    assert_eq!(arrows(&import).len(), 1, "known may not import feed");
    let face = bad(known.0, known.1, "//! .\nuse crate::store::StoreError;");
    assert_eq!(faces(&face, &BTreeSet::from(["shared::store"])).len(), 1, "a room may not import its face");
    let pool = bad("shared/src/store/pool.rs", "shared::store::pool", "//! .\nuse super::known::page;");
    let page = bad(known.0, known.1, "//! .\nuse super::super::pool::Store;");
    assert!(circle(&[pool, page]).is_some(), "a circle is found");
    let sql = bad("server/src/route.rs", "server::route", "//! .\nfn f() { sqlx::query(\"\"); }");
    assert_eq!(misplaced(&sql).len(), 1, "SQL outside the store");
    let spawn = bad("crawler/src/turn.rs", "crawler::turn", "//! .\nfn f() { tokio::spawn(async {}); }");
    assert_eq!(misplaced(&spawn).len(), 1, "a detached task");
    let clock = bad(
        "crawler/src/policy/pace.rs",
        "crawler::policy::pace",
        "//! .\nasync fn f() { chrono::Utc::now(); }",
    );
    assert_eq!(purity(&clock).len(), 2, "async and a clock in a policy");
    let fetch = bad(
        "crawler/src/fetch/tls.rs",
        "crawler::fetch::tls",
        "//! .\nfn f(s: Arc<TlsStream<T>>) { set.spawn(f()); }",
    );
    assert_eq!(ownership(&fetch).len(), 2, "a task and an Arc of a stream in fetch");
    let matched =
        bad("src/up.rs", "sextant::up", "//! .\nfn f() { match o { Outcome::Gone => 1, _ => 2 }; }");
    assert_eq!(closed_enums(&matched).len(), 1, "a wildcard over a closed enum");
    let long = bad("src/main.rs", "sextant", &"\n".repeat(61));
    assert_eq!(sizes(&long).len(), 2, "a long file without its story");
    let tested = bad(known.0, known.1, "//! .\n#[cfg(test)]\nmod tests { use super::super::feed::change; }");
    assert!(arrows(&tested).is_empty(), "tests are free");
}
