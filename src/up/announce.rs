//! What a person reads after `sextant up`: where to look, where things lie, and what is crawled.

use std::fmt::Write as _;
use std::io::{self, Write as _};
use std::net::SocketAddr;

use crawler::config::Reach;

use crate::settings::{Places, Plan, Settings};

/// Says in a few plain lines what runs now.
pub(super) fn tell(settings: &Settings, places: &Places, plan: &Plan, has_log_file: bool) -> io::Result<()> {
    let gemini = first(settings, &settings.gemini, "gemini", 1965);
    let web = first(settings, &settings.web, "http", 80);
    let doors: Vec<String> = gemini.into_iter().chain(web).collect();
    let mut text = "Sextant is running; Ctrl-C stops it.\n".to_owned();
    // Writing into a string cannot fail.
    let mut line = |name: &str, value: &str| {
        let _written = writeln!(text, "  {name:<8}{value}");
    };
    line("search", &doors.join("  and  "));
    line("", "or in the terminal: sextant search WORDS");
    if let Some(desk) = settings.desk.addresses.first() {
        line("desk", &format!("{desk}  with the token of: sextant admin token"));
    }
    line("state", &places.state().display().to_string());
    line("log", &if has_log_file { places.log().display().to_string() } else { "standard error".to_owned() });
    let crawls = match plan {
        Plan::Folder(folder) => format!("only the capsules in {}, served on this machine", folder.display()),
        Plan::Generated => {
            "only a generated space of 40 capsules and 2,000 pages, on this machine".to_owned()
        }
        Plan::Public => match settings.reach {
            Reach::Public => {
                "the public Geminispace, beginning with what is planted: sextant admin seed FILE".to_owned()
            }
            Reach::RoutedOnly => "only the routed hosts".to_owned(),
        },
    };
    line("crawl", &crawls);
    if !settings.is_told() {
        line("", "Until server.host and admin.contact are set, nothing leaves this machine.");
    }
    let mut out = io::stdout().lock();
    out.write_all(text.as_bytes())?;
    out.flush()
}

/// The last line.
pub(super) fn farewell() -> io::Result<()> {
    writeln!(io::stdout(), "Sextant has stopped.")
}

/// A door as one types it.
fn first(settings: &Settings, addresses: &[SocketAddr], scheme: &str, default_port: u16) -> Option<String> {
    let address = addresses.first()?;
    let host = match settings.hosts.first() {
        Some(host) if !address.ip().is_loopback() => host.to_string(),
        _ if address.ip().is_loopback() || address.ip().is_unspecified() => "localhost".to_owned(),
        _ => match address {
            SocketAddr::V4(address) => address.ip().to_string(),
            SocketAddr::V6(address) => format!("[{}]", address.ip()),
        },
    };
    // The Gemini door is told with its port: it is what a newcomer tries with other tools.
    let port = if address.port() == default_port && scheme == "http" {
        String::new()
    } else {
        format!(":{}", address.port())
    };
    Some(format!("{scheme}://{host}{port}/"))
}
