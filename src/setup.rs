//! `sextant setup`: from a program to a capsule on a real machine.
//!
//! It asks who this copy is and whether it crawls the public space, writes that into the configuration (an existing
//! one keeps everything else, and a copy of how it was), makes the user, the state folder and a certificate of
//! decades, installs the unit where systemd runs, and says which ports to open. Done again it changes nothing.

mod file;
mod questions;

use std::io::{self, Write as _};
use std::net::SocketAddr;
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _, chown};
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};
use std::{env, fs};

use anyhow::{Context as _, bail};
use nix::unistd::{Uid, User};
use server::gemini::certificate;

use crate::settings::{Given, Places, Settings};
use questions::{Answers, Known};

/// The user that runs everything.
const USER: &str = "sextant";

/// The unit as it is shipped.
const UNIT: &str = include_str!("../deploy/systemd/sextant.service");

/// Where the crawl of the public space begins.
const SEEDS: &str = include_str!("../deploy/seeds.txt");

/// Where systemd looks for units: the admin's first, then the packages'.
const UNITS: [&str; 3] = ["/etc/systemd/system", "/usr/lib/systemd/system", "/lib/systemd/system"];

/// Make a capsule of this machine: configuration, certificate, service. Asks what it is not told
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// A name of this copy; the first is for links and the certificate
    #[arg(long = "host", value_name = "NAME")]
    hosts: Vec<String>,
    /// Who runs it
    #[arg(long, value_name = "TEXT")]
    operator: Option<String>,
    /// How capsule owners reach you: a mail address or a URL
    #[arg(long, value_name = "ADDRESS")]
    contact: Option<String>,
    /// Whether to crawl the public Geminispace
    #[arg(long, value_name = "yes|no")]
    crawl: Option<questions::Crawl>,
    /// Ask nothing: what is not told stays as it is, or is as usual
    #[arg(long)]
    yes: bool,
    /// Leave systemd alone
    #[arg(long)]
    no_service: bool,
}

/// Asks, writes, and says what comes next.
pub(crate) fn run(given: &Given, arguments: &Arguments) -> anyhow::Result<ExitCode> {
    let target = target(given);
    let (present, known) = match Settings::read(&Given { config: existing(&target), ..given.clone() }) {
        Ok(settings) => (fs::read_to_string(&target).ok(), Known::of(&settings)),
        Err(error) => bail!("{error}\nmend it first; setup changes only what it asks for"),
    };
    let told = Answers::of_flags(&arguments.hosts, &arguments.operator, &arguments.contact, arguments.crawl);
    let answers = if arguments.yes {
        questions::complete(&told, &known)?
    } else {
        questions::ask(&told, &known, &mut io::stdin().lock(), &mut io::stdout().lock())?
    };

    let seeds = target.with_file_name("seeds.txt");
    let text = file::with(present.as_deref(), &answers, &seeds, given.state.as_deref())?;
    let is_new = present.as_deref() != Some(text.as_str());
    if is_new && present.is_some() && !arguments.yes {
        let question = format!("{} is there. Change it, and keep a copy?", target.display());
        if !questions::agrees(&question, &mut io::stdin().lock(), &mut io::stdout().lock())? {
            bail!("nothing was changed");
        }
    }
    let user = user()?;
    let mut said = Vec::new();
    if is_new {
        said.extend(file::write(&target, &text, present.is_some())?);
        hand_over(&target, user.as_ref())?;
    } else {
        said.push(format!("{} is as it should be", target.display()));
    }
    if answers.crawl == questions::Crawl::Yes && !seeds.exists() {
        fs::write(&seeds, SEEDS).with_context(|| format!("{} cannot be written", seeds.display()))?;
        said.push(format!("{} is where the crawl begins; it is yours to change", seeds.display()));
    }
    let settings = Settings::read(&Given { config: Some(target.clone()), ..given.clone() })?;
    let places = settings.places();
    said.push(make_certificate(&settings, &places, user.as_ref())?);
    said.extend(if arguments.no_service {
        vec![format!("start it: {}", by_hand(&target, given))]
    } else {
        service(&settings, &target, given)?
    });
    said.push(firewall(&settings));
    writeln!(io::stdout(), "{}", said.join("\n"))?;
    Ok(ExitCode::SUCCESS)
}

/// The file that is written: the one that was named, else the system's for root, else one here.
fn target(given: &Given) -> PathBuf {
    given.config.clone().unwrap_or_else(|| {
        PathBuf::from(if Uid::effective().is_root() { "/etc/sextant/sextant.toml" } else { "sextant.toml" })
    })
}

/// What is read before: none of it where there is nothing yet, but never another file.
fn existing(target: &Path) -> Option<PathBuf> {
    Some(if target.is_file() { target.to_owned() } else { PathBuf::from("/dev/null") })
}

/// As root, the user that runs everything, made where it is missing.
fn user() -> anyhow::Result<Option<User>> {
    if !Uid::effective().is_root() {
        return Ok(None);
    }
    let find = || User::from_name(USER).ok().flatten();
    if let Some(user) = find() {
        return Ok(Some(user));
    }
    let flags = ["--system", "--user-group", "--home-dir", "/var/lib/sextant", "--no-create-home", "--shell"];
    let made = Command::new("useradd").args(flags).args(["/usr/sbin/nologin", USER]).status();
    match find() {
        Some(user) if made.is_ok_and(|made| made.success()) => Ok(Some(user)),
        _ => bail!("the user {USER} cannot be made: make it with your system's tools, then do this again"),
    }
}

/// The configuration may hold a password: it is read by its owner and by the one user.
fn hand_over(file: &Path, user: Option<&User>) -> anyhow::Result<()> {
    let failed = || format!("{} cannot be handed over", file.display());
    let mode = if user.is_some() { 0o640 } else { 0o600 };
    fs::set_permissions(file, fs::Permissions::from_mode(mode)).with_context(failed)?;
    match user {
        Some(user) => chown(file, Some(0), Some(user.gid.as_raw())).with_context(failed),
        None => Ok(()),
    }
}

/// Makes the certificate, unless there is one: clients trust it on first use, so it is never made anew.
fn make_certificate(settings: &Settings, places: &Places, user: Option<&User>) -> anyhow::Result<String> {
    let folder = places.server();
    let was_there = folder.join("certificate.pem").exists();
    fs::create_dir_all(places.state())
        .with_context(|| format!("the state folder {} cannot be made", places.state().display()))?;
    certificate::load_or_make(&folder, &settings.hosts)?;
    if let Some(user) = user {
        let key = folder.join("key.pem");
        let certificate = folder.join("certificate.pem");
        for path in [places.state(), &folder, &key, &certificate] {
            let owner = fs::metadata(path).map_or(0, |found| found.uid());
            if owner == 0 {
                chown(path, Some(user.uid.as_raw()), Some(user.gid.as_raw()))
                    .with_context(|| format!("{} cannot be handed over", path.display()))?;
            }
        }
    }
    let file = folder.join("certificate.pem");
    Ok(if was_there {
        format!("{} is there and stays: clients know it", file.display())
    } else {
        format!("{} is made, for decades; its key is in every daily backup", file.display())
    })
}

/// Installs and starts the unit, where systemd runs.
fn service(settings: &Settings, target: &Path, given: &Given) -> anyhow::Result<Vec<String>> {
    let has_systemd = Path::new("/run/systemd/system").is_dir();
    if !has_systemd || !Uid::effective().is_root() {
        let why = if has_systemd { "only root can install a service" } else { "there is no systemd here" };
        return Ok(vec![format!("{why}; start it: {}", by_hand(target, given))]);
    }
    let mut said = Vec::new();
    let unit =
        UNITS.iter().map(|folder| Path::new(folder).join("sextant.service")).find(|unit| unit.exists());
    if unit.is_none() {
        let program = installed_program()?;
        let unit = Path::new(UNITS[0]).join("sextant.service");
        fs::write(&unit, file::unit(UNIT, &program, target, given.state.as_deref()))
            .with_context(|| format!("{} cannot be written", unit.display()))?;
        said.push(format!("{} is installed", unit.display()));
    }
    let drop_in = Path::new(UNITS[0]).join("sextant.service.d/ports.conf");
    if ports(settings).iter().any(|(_, port)| *port < 1_024) && !drop_in.exists() {
        let folder = drop_in.parent().unwrap_or(Path::new("/"));
        fs::create_dir_all(folder)
            .and_then(|()| fs::write(&drop_in, file::PRIVILEGED_PORTS))
            .with_context(|| format!("{} cannot be written", drop_in.display()))?;
        said.push(format!("{} lets it bind ports below 1024", drop_in.display()));
    }
    for arguments in [&["daemon-reload"][..], &["enable", "--quiet", "sextant"], &["restart", "sextant"]] {
        let done = Command::new("systemctl").args(arguments).status().context("systemctl cannot be run")?;
        if !done.success() {
            bail!("`systemctl {}` failed: see `journalctl -u sextant`", arguments.join(" "));
        }
    }
    said.push("the service runs, and starts with the machine: systemctl status sextant".to_owned());
    Ok(said)
}

/// A program that the service's user can run: this one, or a copy where it lies in somebody's home.
fn installed_program() -> anyhow::Result<PathBuf> {
    let own = env::current_exe().context("this program cannot be found")?;
    if own.starts_with("/usr") || own.starts_with("/opt") {
        return Ok(own);
    }
    let installed = PathBuf::from("/usr/local/bin/sextant");
    let new = installed.with_extension("new");
    fs::copy(&own, &new)
        .and_then(|_| fs::set_permissions(&new, fs::Permissions::from_mode(0o755)))
        .and_then(|()| fs::rename(&new, &installed))
        .with_context(|| format!("{} cannot be written", installed.display()))?;
    Ok(installed)
}

fn by_hand(target: &Path, given: &Given) -> String {
    let state =
        given.state.as_ref().map_or_else(String::new, |state| format!(" --state {}", state.display()));
    format!("sextant --config {}{state} up", target.display())
}

/// Every door with its port.
fn ports(settings: &Settings) -> Vec<(&'static str, u16)> {
    let doors = [("Gemini", &settings.gemini), ("the web", &settings.web), ("Spartan", &settings.spartan)];
    let open = |address: &&SocketAddr| !address.ip().is_loopback();
    doors
        .into_iter()
        .filter_map(|(name, addresses)| Some((name, addresses.iter().find(open)?.port())))
        .collect()
}

fn firewall(settings: &Settings) -> String {
    let ports = ports(settings);
    let named: Vec<String> = ports.iter().map(|(name, port)| format!("{port} ({name})")).collect();
    let numbers: Vec<String> = ports.iter().map(|(_, port)| port.to_string()).collect();
    if ports.is_empty() {
        return "no port is open to others: everything listens on this machine only".to_owned();
    }
    format!(
        "open in the firewall: {}: nft add rule inet filter input tcp dport {{ {} }} accept, or ufw allow {}/tcp",
        named.join(", "),
        numbers.join(", "),
        numbers.join(",")
    )
}
