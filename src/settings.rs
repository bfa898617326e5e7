//! The configuration: `sextant.toml`, the environment and a few flags become one checked value, from which
//! each component gets its own. Whatever is wrong is told at once, before anything starts.

mod moment;
mod places;
mod reachable;
mod source;

use std::collections::BTreeMap;
use std::net::{IpAddr, SocketAddr};
use std::num::NonZeroU32;
use std::path::{Path, PathBuf};
use std::time::Duration;
use std::{env, fs};

use crawler::config::{Bounds, Pace, Reach};
use crawler::fetch::limits::Routes;
use crawler::policy::window::Window;
use server::config::{DeskDoor, Limits, Network};
use shared::gemini::host::Host;
use shared::process::disk::Reserve;

pub(crate) use moment::Heartbeat;
pub(crate) use places::{Places, Plan, default_folder};
use reachable::{listeners, routes, web_address};
pub(crate) use source::Problem;
use source::Source;

/// What `--config` and `--state` said.
#[derive(Clone, Debug, Default, clap::Args)]
pub(crate) struct Given {
    /// The configuration file (else sextant.toml here, then /etc/sextant/sextant.toml)
    #[arg(long, global = true, env = "SEXTANT_CONFIG", value_name = "FILE")]
    pub(crate) config: Option<PathBuf>,
    /// The folder that holds database, index and certificate
    #[arg(long, global = true, value_name = "FOLDER")]
    pub(crate) state: Option<PathBuf>,
}

/// The whole configuration, checked.
#[derive(Clone, Debug)]
pub(crate) struct Settings {
    /// The file it was read from, if there was one.
    pub(crate) file: Option<PathBuf>,
    /// The state folder, where the configuration or a flag names it.
    pub(crate) state: Option<PathBuf>,
    pub(crate) database_url: Option<String>,
    pub(crate) database_programs: Option<PathBuf>,
    /// Where backups go that are made by themselves.
    pub(crate) backup_folder: Option<PathBuf>,
    pub(crate) hosts: Vec<Host>,
    pub(crate) gemini: Vec<SocketAddr>,
    pub(crate) web: Vec<SocketAddr>,
    pub(crate) spartan: Vec<SocketAddr>,
    /// Where the admin's desk is on the web.
    pub(crate) desk: DeskDoor,
    /// Where browsers find this copy, where something stands in front.
    pub(crate) web_address: Option<String>,
    pub(crate) limits: Limits,
    pub(crate) trusted_proxies: Vec<Network>,
    /// The Gemini port that visitors see.
    pub(crate) port: u16,
    pub(crate) contact: Option<String>,
    pub(crate) operator: Option<String>,
    pub(crate) in_flight: usize,
    pub(crate) requests_a_day: u32,
    pub(crate) bytes_a_day: u64,
    pub(crate) new_urls_a_day: u32,
    pub(crate) new_hosts_a_day: u32,
    pub(crate) routed: Bounds,
    pub(crate) windows: Vec<Window>,
    pub(crate) own_addresses: Vec<IpAddr>,
    pub(crate) reserve: Reserve,
    pub(crate) pace: Pace,
    pub(crate) reach: Reach,
    /// A file of URLs where the crawl begins.
    pub(crate) seeds: Option<PathBuf>,
    pub(crate) routes: Routes,
    pub(crate) heap_bytes: usize,
    pub(crate) follower: String,
    /// The primary, where the database is a replica of it.
    pub(crate) primary_url: Option<String>,
    pub(crate) search_threads: usize,
    /// A component without progress for so long is ended and started again.
    pub(crate) patience: Duration,
    /// Where probes are answered, beside the admin's desk.
    pub(crate) probes: Vec<SocketAddr>,
    /// What tells the admin: a program and its arguments; empty: nothing does.
    pub(crate) notify_command: Vec<String>,
    pub(crate) heartbeat: Heartbeat,
    pub(crate) log_filter: String,
    pub(crate) log_format: LogFormat,
}

/// How log lines look.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum LogFormat {
    /// For people.
    Text,
    /// One JSON object a line, for machines.
    Json,
}

/// Why there is no configuration.
#[derive(Debug, thiserror::Error)]
pub(crate) enum SettingsError {
    /// The file cannot be read.
    #[error("the configuration {} cannot be read", .file.display())]
    File {
        /// The file.
        file: PathBuf,
        /// Why.
        #[source]
        source: std::io::Error,
    },
    /// The file is not TOML.
    #[error("the configuration {} is not TOML: {}", .file.display(), .source.to_string().trim_end())]
    Syntax {
        /// The file.
        file: PathBuf,
        /// Where and why.
        source: Box<toml::de::Error>,
    },
    /// Keys are wrong.
    #[error("{}", tell(.0))]
    Wrong(Vec<Problem>),
}

impl Settings {
    /// Reads file and environment.
    pub(crate) fn read(given: &Given) -> Result<Self, SettingsError> {
        let file = given.config.clone().or_else(|| {
            ["sextant.toml", "/etc/sextant/sextant.toml"]
                .map(PathBuf::from)
                .into_iter()
                .find(|file| file.is_file())
        });
        let text = match &file {
            Some(file) => fs::read_to_string(file)
                .map_err(|source| SettingsError::File { file: file.clone(), source })?,
            None => String::new(),
        };
        let table = text.parse().map_err(|source| SettingsError::Syntax {
            file: file.clone().unwrap_or_default(),
            source: Box::new(source),
        })?;
        let mut settings = Self::from_source(Source::new(table, environment()))?;
        settings.file = file;
        if given.state.is_some() {
            settings.state.clone_from(&given.state);
        }
        Ok(settings)
    }

    fn from_source(mut source: Source) -> Result<Self, SettingsError> {
        let hosts: Vec<Host> = source.list("server.host", "a host name").unwrap_or_default();
        let contact: Option<String> = source.one("admin.contact", "text");
        let told = !hosts.is_empty() && contact.is_some();
        let reach = source
            .choice("crawl.reach", &[("public", Reach::Public), ("routed", Reach::RoutedOnly)])
            .unwrap_or(if told { Reach::Public } else { Reach::RoutedOnly });
        if reach == Reach::Public && !told {
            let what = "the public space is crawled only with server.host and admin.contact set, so that capsule owners can reach you";
            source.wrong("crawl.reach", what.to_owned());
        }
        let address = "an address such as 127.0.0.1:1965 or [::]:1965";
        let small = |number: u64| usize::try_from(number).unwrap_or(usize::MAX);
        let mut settings = Self {
            file: None,
            state: source.one("state", "a folder"),
            database_url: source.one("database.url", "text"),
            database_programs: source.one("database.programs", "a folder"),
            backup_folder: source.one("backup.folder", "a folder"),
            gemini: source.list("server.gemini", address).unwrap_or_else(|| listeners(told, 1965)),
            web: source.list("server.web", address).unwrap_or_else(|| listeners(told, 8080)),
            spartan: source.list("server.spartan", "an address such as 127.0.0.1:300").unwrap_or_default(),
            desk: source
                .list("admin.listen", "an address such as 127.0.0.1:8065 or the path of a socket")
                .map_or_else(DeskDoor::usual, DeskDoor::at),
            web_address: web_address(&mut source),
            limits: limits(&mut source),
            trusted_proxies: source
                .list("web.trusted_proxies", "an address or a network such as 10.0.0.0/8")
                .unwrap_or_default(),
            port: source.one("server.port", "a port").unwrap_or(0),
            hosts,
            contact,
            operator: source.one("admin.operator", "text"),
            in_flight: small(source.number("crawl.in_flight", 1..=1_024, "capsules").unwrap_or(64)),
            requests_a_day: u32::try_from(
                source.number("crawl.requests_a_day", 1..=1_000_000, "requests").unwrap_or(5_000),
            )
            .unwrap_or(u32::MAX),
            bytes_a_day: source.number("crawl.mib_a_day", 1..=1_000_000, "MiB").unwrap_or(200) << 20,
            new_urls_a_day: u32::try_from(
                source.number("crawl.new_urls_a_day", 1..=1_000_000, "URLs").unwrap_or(1_500),
            )
            .unwrap_or(u32::MAX),
            new_hosts_a_day: u32::try_from(
                source.number("crawl.new_hosts_a_day", 1..=1_000_000, "hosts").unwrap_or(20),
            )
            .unwrap_or(u32::MAX),
            routed: source
                .choice("crawl.routed_budgets", &[("free", Bounds::Free), ("bound", Bounds::Bound)])
                .unwrap_or(Bounds::Free),
            windows: source
                .list("crawl.windows", "a span of the day in UTC such as 22:00-06:00")
                .unwrap_or_default(),
            own_addresses: source.list("crawl.own_addresses", "an IP address").unwrap_or_default(),
            reserve: source
                .number("crawl.reserve_mib", 0..=1 << 40, "MiB")
                .map_or(Reserve::Usual, |mib| Reserve::Bytes(mib << 20)),
            pace: source
                .choice("crawl.pace", &[("polite", Pace::Polite), ("unpaced", Pace::Unpaced)])
                .unwrap_or(Pace::Polite),
            reach,
            seeds: source.one("crawl.seeds", "a file"),
            routes: routes(&mut source),
            heap_bytes: small(source.number("index.heap_mb", 15..=4_000, "MB").unwrap_or(64) * 1_000_000),
            follower: source.one("index.name", "text").unwrap_or_else(|| "main".to_owned()),
            primary_url: source.one("index.primary_url", "text"),
            search_threads: small(source.number("search.threads", 1..=256, "threads").unwrap_or(2)),
            patience: Duration::from_secs(
                source.number("process.hang_seconds", 2..=3_600, "seconds").unwrap_or(120),
            ),
            probes: source.list("process.probes", "an address such as 127.0.0.1:9465").unwrap_or_default(),
            notify_command: source.list("notify.command", "a program or an argument").unwrap_or_default(),
            heartbeat: source
                .one("notify.heartbeat", "a time of the day in UTC such as 08:00, or never")
                .unwrap_or_default(),
            log_filter: source.one("log.level", "text").unwrap_or_else(|| "info".to_owned()),
            log_format: source
                .choice("log.format", &[("text", LogFormat::Text), ("json", LogFormat::Json)])
                .unwrap_or(LogFormat::Text),
        };
        if settings.log_filter.parse::<tracing_subscriber::EnvFilter>().is_err() {
            source.wrong(
                "log.level",
                format!("{:?} is no level such as info or crawler=debug,info", settings.log_filter),
            );
        }
        if settings.port == 0 {
            settings.port = settings.gemini.first().map_or(1965, SocketAddr::port);
        }
        match source.finish() {
            problems if problems.is_empty() => Ok(settings),
            problems => Err(SettingsError::Wrong(problems)),
        }
    }

    /// Whether capsule owners can know who crawls them.
    pub(crate) const fn is_told(&self) -> bool {
        !self.hosts.is_empty() && self.contact.is_some()
    }

    /// What a run crawls that is not told otherwise.
    pub(crate) fn plan(&self) -> Plan {
        if self.is_told() || !self.routes.is_empty() { Plan::Public } else { Plan::Generated }
    }

    /// Where the state lies, for every subcommand but `up`.
    pub(crate) fn places(&self) -> Places {
        self.state.clone().map_or_else(|| Places::last_used(&self.plan()), Places::given)
    }

    /// The crawler's part.
    pub(crate) fn crawler(&self, places: &Places) -> crawler::config::Config {
        let mut config = crawler::config::Config::new(places.crawler());
        config.in_flight = self.in_flight;
        config.routes = self.routes.clone();
        config.own_addresses.clone_from(&self.own_addresses);
        config.pace = self.pace;
        config.budgets.site_requests_a_day = self.requests_a_day;
        config.budgets.site_bytes_a_day = self.bytes_a_day;
        config.budgets.new_urls_a_day = self.new_urls_a_day;
        config.budgets.new_hosts_a_day = self.new_hosts_a_day;
        config.budgets.routed = self.routed;
        config.windows.clone_from(&self.windows);
        config.reach = self.reach;
        config.reserve = self.reserve;
        let roots = self.routes.hosts().map(|host| {
            shared::gemini::url::GeminiUrl::root(&shared::gemini::host::CapsuleAddr::new(
                host.clone(),
                shared::gemini::host::DEFAULT_PORT,
            ))
        });
        config.seeds = roots.collect();
        config
    }

    /// The indexer's part.
    pub(crate) fn indexer(&self, places: &Places) -> indexer::Config {
        let mut config = indexer::Config::new(places.index(), self.follower.clone());
        config.heap_bytes = self.heap_bytes;
        config.register = places.register();
        config.reserve = self.reserve;
        config
    }

    /// The server's part.
    pub(crate) fn server(&self, places: &Places) -> server::config::Config {
        let mut config = server::config::Config::local(places.server());
        config.register = places.register();
        config.gemini.clone_from(&self.gemini);
        config.web.clone_from(&self.web);
        config.spartan.clone_from(&self.spartan);
        if !self.hosts.is_empty() {
            config.hosts.clone_from(&self.hosts);
        }
        config.desk.clone_from(&self.desk);
        config.web_address.clone_from(&self.web_address);
        config.port = self.port;
        config.limits = self.limits;
        config.reserve = self.reserve;
        config.trusted_proxies.clone_from(&self.trusted_proxies);
        config.operator.clone_from(&self.operator);
        config.contact.clone_from(&self.contact);
        config.crawler = server::config::CrawlerFacts {
            requests_a_day: self.requests_a_day,
            bytes_a_day: self.bytes_a_day,
            addresses: self.own_addresses.clone(),
        };
        config
    }
}

/// What visitors may use up.
fn limits(source: &mut Source) -> Limits {
    let usual = Limits::default();
    let count = |number: Option<u64>, usual: usize| {
        number.and_then(|number| usize::try_from(number).ok()).unwrap_or(usual)
    };
    let connections = source.number("server.connections", 16..=1_000_000, "connections");
    let of_one = source.number("server.connections_per_address", 1..=1_000_000, "connections");
    let requests = source.number("server.requests_a_second", 1..=100_000, "requests");
    Limits {
        connections: count(connections, usual.connections),
        connections_per_address: count(of_one, usual.connections_per_address),
        requests_a_second: requests
            .and_then(|number| u32::try_from(number).ok())
            .and_then(NonZeroU32::new)
            .unwrap_or(usual.requests_a_second),
        ..usual
    }
}

fn environment() -> BTreeMap<String, String> {
    let ours = |(name, value): (std::ffi::OsString, std::ffi::OsString)| {
        let name = name.into_string().ok().filter(|name| name.starts_with("SEXTANT_"))?;
        Some((name, value.to_string_lossy().into_owned()))
    };
    env::vars_os().filter_map(ours).collect()
}

fn tell(problems: &[Problem]) -> String {
    let count = problems.len();
    let noun = if count == 1 { "error" } else { "errors" };
    let lines: String = problems.iter().map(|problem| format!("\n  {problem}")).collect();
    format!("the configuration has {count} {noun}:{lines}")
}

/// The variable that sets a key: what a parent hands to its children.
pub(crate) fn variable(key: &str) -> String {
    source::variable(key)
}

/// An absolute path, for children that may work in another folder.
pub(crate) fn absolute(path: &Path) -> PathBuf {
    std::path::absolute(path).unwrap_or_else(|_| path.to_owned())
}

#[cfg(test)]
mod tests;
