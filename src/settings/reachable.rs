//! Where things are on the network: the hosts of a routed space, and the addresses to listen at.

use std::fs;
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr, TcpListener};
use std::path::PathBuf;

use crawler::fetch::limits::Routes;
use shared::gemini::host::Host;

use super::source::Source;

/// Routes from the section `[route]`, and from the file that `up` writes for a space it serves itself: a
/// line for each host, `host ip:port`.
pub(super) fn routes(source: &mut Source) -> Routes {
    let mut written: Vec<(String, String, String)> = source
        .section("route")
        .into_iter()
        .map(|(host, address)| (format!("route.{host}"), host, address))
        .collect();
    let file: Option<PathBuf> = source.one("crawl.routes", "a file");
    if let Some(file) = file {
        match fs::read_to_string(&file) {
            Ok(text) => written.extend(text.lines().filter_map(|line| {
                let (host, address) = line.trim().split_once(' ')?;
                Some(("crawl.routes".to_owned(), host.to_owned(), address.to_owned()))
            })),
            Err(error) => source.wrong("crawl.routes", format!("{} cannot be read: {error}", file.display())),
        }
    }
    let mut routes = Vec::new();
    for (key, host, address) in written {
        match (Host::parse(&host), address.parse::<SocketAddr>()) {
            (Ok(host), Ok(address)) => routes.push((host, address)),
            (Err(_), _) => source.wrong(&key, format!("{host:?} is not a host name")),
            (_, Err(_)) => {
                source.wrong(&key, format!("{address:?} is not an address such as 127.0.0.1:1965"))
            }
        }
    }
    routes.into_iter().collect()
}

/// The address that browsers know, without a slash at its end.
pub(super) fn web_address(source: &mut Source) -> Option<String> {
    let text: String = source.one("server.web_address", "a web address")?;
    let address = text.trim_end_matches('/');
    let host = address.strip_prefix("https://").or_else(|| address.strip_prefix("http://"));
    if host.is_none_or(|host| host.parse::<shared::gemini::host::CapsuleAddr>().is_err()) {
        source.wrong(
            "server.web_address",
            format!("{text:?} is not an address such as https://search.example.org"),
        );
        return None;
    }
    Some(address.to_owned())
}

/// Where to listen: everywhere once we are told who we are, before that on this machine only; IPv6 where
/// the machine has it.
pub(super) fn listeners(told: bool, port: u16) -> Vec<SocketAddr> {
    let has = |ip: Ipv6Addr| TcpListener::bind((ip, 0)).is_ok();
    match (told, has(Ipv6Addr::LOCALHOST)) {
        // On Linux this one takes IPv4 too.
        (true, true) => vec![(Ipv6Addr::UNSPECIFIED, port).into()],
        (true, false) => vec![(Ipv4Addr::UNSPECIFIED, port).into()],
        (false, true) => vec![(Ipv4Addr::LOCALHOST, port).into(), (Ipv6Addr::LOCALHOST, port).into()],
        (false, false) => vec![(Ipv4Addr::LOCALHOST, port).into()],
    }
}
