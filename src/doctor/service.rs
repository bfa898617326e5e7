//! The service's parts, one look at each: configuration, disk, database, index, doors.

use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr};
use std::time::Duration;

use server::search::{SearchConfig, Searcher};
use shared::store::Store;
use shared::store::feed::{follower, identity as feed};
use tokio::net::TcpStream;
use tokio::time::timeout;

use super::finding::Finding;
use crate::life::components;
use crate::life::ending::chain;
use crate::machine::memory_bytes;
use crate::settings::{Places, Settings};
use shared::process::machine::{self, Room};

/// A healthy follower is this near to the store.
const NEAR: u64 = 1_000;

/// A door on this machine answers at once.
const KNOCK: Duration = Duration::from_secs(2);

/// All looks, in the order in which one depends on the other.
pub(super) async fn examine(settings: &Settings, places: &Places) -> Vec<Finding> {
    let mut findings = vec![configuration(settings), memory(), disk(places)];
    findings.extend(database(settings, places).await);
    findings.push(index(places));
    findings.push(door("Gemini", &settings.gemini).await);
    findings.push(door("web", &settings.web).await);
    findings
}

fn configuration(settings: &Settings) -> Finding {
    let file = settings.file.as_ref().map_or_else(|| "no file".to_owned(), |file| file.display().to_string());
    if settings.is_told() {
        return Finding::fine("configuration", file);
    }
    let words = format!("{file}; server.host and admin.contact are not set, so nothing leaves this machine");
    Finding::notable("configuration", words)
}

fn memory() -> Finding {
    let mib = memory_bytes() >> 20;
    let descriptors = machine::raised_descriptors().unwrap_or_default();
    let words = format!("{mib} MiB of memory, {descriptors} file descriptors");
    if mib < 900 || descriptors < 1_024 {
        return Finding::notable("machine", words + "; 1 GiB and 1,024 are recommended");
    }
    Finding::fine("machine", words)
}

/// The limits are the crawler's: under ten per cent, or 5 GiB where that is less, it should not crawl.
fn disk(places: &Places) -> Finding {
    let folder = places.state();
    let Some(Room { free_bytes, total_bytes }) = machine::room(folder) else {
        let words = format!("there is no state folder {}: `sextant up` makes it", folder.display());
        return Finding::notable("disk", words);
    };
    let words = format!("{} MiB free for {}", free_bytes >> 20, folder.display());
    if free_bytes < (total_bytes / 10).min(5 << 30) {
        return Finding::trouble("disk", words + ", which is too little");
    }
    Finding::fine("disk", words)
}

async fn database(settings: &Settings, places: &Places) -> Vec<Finding> {
    let opened = async {
        let options = components::store_options(settings, places).await?;
        let store = Store::connect(options).await?;
        let read = store.read(async |c| Ok((feed::current(c).await?, follower::all(c).await?))).await?;
        anyhow::Ok(read)
    };
    let (feed, followers) = match opened.await {
        Ok(read) => read,
        Err(error) => return vec![Finding::trouble("database", chain(&error))],
    };
    let mut findings = vec![Finding::fine("database", format!("answers; {} changes so far", feed.highest))];
    for follower in followers {
        let words = format!(
            "{} is {} changes behind, as of {} s ago",
            follower.name,
            follower.lag,
            follower.age.as_secs()
        );
        findings.push(if follower.lag < NEAR {
            Finding::fine("indexer", words)
        } else {
            Finding::notable("indexer", words)
        });
    }
    findings
}

fn index(places: &Places) -> Finding {
    let searcher = Searcher::open(&places.index(), SearchConfig { threads: 1, ..SearchConfig::default() });
    let facts = searcher.facts();
    match (facts.pages, facts.rebuilding) {
        (0, None) => Finding::notable("index", "holds no page yet"),
        (pages, Some(percent)) => Finding::notable(
            "index",
            format!("{pages} pages of {} sites; rebuilding, {percent} %", facts.sites),
        ),
        (pages, None) => Finding::fine("index", format!("{pages} pages of {} sites", facts.sites)),
    }
}

async fn door(name: &'static str, addresses: &[SocketAddr]) -> Finding {
    for &address in addresses {
        let mut knocked_at = address;
        match address {
            SocketAddr::V4(v4) if v4.ip().is_unspecified() => knocked_at.set_ip(Ipv4Addr::LOCALHOST.into()),
            SocketAddr::V6(v6) if v6.ip().is_unspecified() => knocked_at.set_ip(Ipv6Addr::LOCALHOST.into()),
            SocketAddr::V4(_) | SocketAddr::V6(_) => {}
        }
        if !matches!(timeout(KNOCK, TcpStream::connect(knocked_at)).await, Ok(Ok(_))) {
            return Finding::trouble(name, format!("nobody listens on {address}"));
        }
    }
    Finding::fine(name, format!("somebody listens on {} addresses", addresses.len()))
}
