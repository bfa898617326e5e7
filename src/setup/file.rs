//! The text of the configuration with the answers in it: an admin's own lines stay as they are.

use std::fs;
use std::io::{self, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail};
use shared::gemini::host::Host;

use super::questions::{Answers, Crawl};

/// What a new configuration begins as: every key explained.
const EXAMPLE: &str = include_str!("../../deploy/sextant.example.toml");

/// What a unit needs besides to bind ports below 1024.
pub(super) const PRIVILEGED_PORTS: &str = "# Ports below 1024, as the configuration asks for.
[Service]
AmbientCapabilities=CAP_NET_BIND_SERVICE
CapabilityBoundingSet=CAP_NET_BIND_SERVICE
";

/// The present text, or a new one, with the answers.
pub(super) fn with(
    present: Option<&str>,
    answers: &Answers,
    seeds: &Path,
    state: Option<&Path>,
) -> anyhow::Result<String> {
    let hosts: Vec<String> = answers.hosts.iter().map(Host::as_str).map(quoted).collect();
    let mut wanted = vec![
        ("server", "host", format!("[{}]", hosts.join(", "))),
        ("admin", "contact", quoted(&answers.contact)),
    ];
    wanted.extend(answers.operator.as_deref().map(|operator| ("admin", "operator", quoted(operator))));
    match answers.crawl {
        Crawl::Yes => {
            wanted.push(("crawl", "reach", quoted("public")));
            wanted.push(("crawl", "seeds", quoted(&seeds.display().to_string())));
        }
        Crawl::No => wanted.push(("crawl", "reach", quoted("routed"))),
    }
    wanted.extend(state.map(|state| ("", "state", quoted(&state.display().to_string()))));
    let mut text = present.unwrap_or(EXAMPLE).to_owned();
    let was: toml::Table = text.parse().context("the configuration is not TOML")?;
    for (section, key, value) in &wanted {
        let value_now = find(&was, section, key).map(ToString::to_string);
        let value_then: toml::Table = format!("x = {value}").parse()?;
        if value_now != value_then.get("x").map(ToString::to_string) {
            text = set(&text, section, key, value);
        }
    }
    // Whatever the text looked like: it must mean what was asked for, and nothing else must have changed.
    let mut expected = was;
    for (section, key, value) in &wanted {
        let value: toml::Table = format!("x = {value}").parse()?;
        let Some(value) = value.get("x").cloned() else { continue };
        let table = if section.is_empty() {
            Some(&mut expected)
        } else {
            let table =
                expected.entry((*section).to_owned()).or_insert(toml::Value::Table(toml::Table::new()));
            table.as_table_mut()
        };
        table.map(|table| table.insert((*key).to_owned(), value));
    }
    if text.parse::<toml::Table>().ok().as_ref() != Some(&expected) {
        bail!(
            "the configuration is written in a way that setup cannot change: set server.host, admin.contact, admin.operator and crawl.reach by hand"
        );
    }
    Ok(text)
}

/// Writes the file, whole; of one that was there a copy is kept. Lines that tell so.
pub(super) fn write(target: &Path, text: &str, was_there: bool) -> anyhow::Result<Vec<String>> {
    let failed = || format!("{} cannot be written", target.display());
    if let Some(folder) = target.parent().filter(|folder| !folder.as_os_str().is_empty()) {
        fs::create_dir_all(folder).with_context(failed)?;
    }
    let mut said = Vec::new();
    if was_there {
        let kept = unused(target);
        fs::copy(target, &kept).with_context(failed)?;
        said.push(format!("{} is kept as {}", target.display(), kept.display()));
    }
    let new = target.with_extension("toml.new");
    let put = || -> io::Result<()> {
        let mut file =
            fs::OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&new)?;
        file.write_all(text.as_bytes())?;
        file.sync_all()?;
        fs::rename(&new, target)
    };
    put().with_context(failed)?;
    said.push(format!("{} is written", target.display()));
    Ok(said)
}

/// The unit for a program, a configuration and a state that may lie elsewhere than those of the package.
pub(super) fn unit(shipped: &str, program: &Path, config: &Path, state: Option<&Path>) -> String {
    let mut command = program.display().to_string();
    if config != Path::new("/etc/sextant/sextant.toml") {
        command.push_str(&format!(" --config {}", config.display()));
    }
    let mut text = shipped.replace("ExecStart=/usr/bin/sextant", &format!("ExecStart={command}"));
    if let Some(state) = state.filter(|state| !state.starts_with("/var/lib/sextant")) {
        text = text.replace(
            "ProtectSystem=strict",
            &format!("ProtectSystem=strict\nReadWritePaths={}", state.display()),
        );
    }
    text
}

fn find<'a>(table: &'a toml::Table, section: &str, key: &str) -> Option<&'a toml::Value> {
    if section.is_empty() { table.get(key) } else { table.get(section)?.as_table()?.get(key) }
}

/// Sets one key: in its line, else in the line where it stands as a comment, else below its section's head.
fn set(text: &str, section: &str, key: &str, value: &str) -> String {
    let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
    let head = format!("[{section}]");
    let begin = if section.is_empty() {
        Some(0)
    } else {
        lines.iter().position(|line| line.trim() == head).map(|at| at + 1)
    };
    let Some(begin) = begin else {
        return format!("{}\n\n{head}\n{key} = {value}\n", text.trim_end());
    };
    let is_head = |line: &String| line.trim_start().starts_with('[');
    let end = lines[begin..].iter().position(is_head).map_or(lines.len(), |length| begin + length);
    let names = |line: &str| line.split_once('=').is_some_and(|(name, _)| name.trim() == key);
    let place = |is_it: &dyn Fn(&str) -> bool| lines[begin..end].iter().position(|line| is_it(line));
    let own = place(&|line| names(line));
    let comment = place(&|line| line.strip_prefix('#').is_some_and(names));
    let new = format!("{key} = {value}");
    match own.or(comment) {
        Some(at) => lines[begin + at] = new,
        None => lines.insert(begin, new),
    }
    lines.join("\n") + "\n"
}

fn quoted(text: &str) -> String {
    toml::Value::String(text.to_owned()).to_string()
}

fn unused(target: &Path) -> PathBuf {
    let name = target.file_name().unwrap_or_default().to_string_lossy();
    let first = std::iter::once(format!("{name}.before"));
    let names = first.chain((2_u32..).map(|number| format!("{name}.before-{number}")));
    let mut free = names.map(|name| target.with_file_name(name)).filter(|path| !path.exists());
    free.next().unwrap_or_else(|| target.with_extension("before"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answers() -> Answers {
        Answers {
            hosts: vec![Host::parse("search.example").expect("a host")],
            operator: Some("Ann \"the crawler\"".to_owned()),
            contact: "mailto:ann@search.example".to_owned(),
            crawl: Crawl::Yes,
        }
    }

    #[test]
    fn a_new_file_keeps_every_explanation_and_a_second_time_changes_nothing() {
        let seeds = Path::new("/etc/sextant/seeds.txt");
        let text = with(None, &answers(), seeds, None).expect("a text");
        assert_eq!(
            text.lines().filter(|line| line.starts_with("# ")).count(),
            EXAMPLE.lines().filter(|line| line.starts_with("# ")).count()
        );
        assert!(
            text.contains("\nhost = [\"search.example\"]\n") && text.contains("\nreach = \"public\"\n"),
            "{text}"
        );
        assert_eq!(with(Some(&text), &answers(), seeds, None).expect("again"), text);
    }

    #[test]
    fn an_admins_own_lines_stay() {
        let present = "# mine\n[server]\nweb = [\"127.0.0.1:8080\"] # behind nginx\nhost = \"old.example\"\n[log]\nlevel = \"debug\"\n";
        let text =
            with(Some(present), &answers(), Path::new("/s"), Some(Path::new("/srv/x"))).expect("a text");
        for kept in ["# mine\n", "web = [\"127.0.0.1:8080\"] # behind nginx\n", "level = \"debug\"\n"] {
            assert!(text.contains(kept), "{text}");
        }
        assert!(!text.contains("old.example") && text.starts_with("state = \"/srv/x\"\n"), "{text}");
        let strange = "[server]\nhost = [\n  \"old.example\",\n]\n";
        assert!(with(Some(strange), &answers(), Path::new("/s"), None).is_err(), "it is not torn apart");
    }

    #[test]
    fn a_unit_names_its_own_program_and_files() {
        let unit = unit(
            super::super::UNIT,
            Path::new("/opt/s/sextant"),
            Path::new("/etc/sextant/sextant.toml"),
            Some(Path::new("/srv/x")),
        );
        assert!(
            unit.contains("\nExecStart=/opt/s/sextant up\n") && unit.contains("\nReadWritePaths=/srv/x\n"),
            "{unit}"
        );
    }
}
