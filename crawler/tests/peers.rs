//! The crawler against the servers that people run: agate, jetforce, molly-brown, gmcapsule and nauyaca.
//!
//! - every page that is linked is found, and nothing else;
//! - redirects, prompts, doors and missing pages end as what they are;
//! - a page's body is read to its end, whatever the server's habits at closing.

#![allow(clippy::unwrap_used, reason = "what a test sets up must be there")]

#[path = "support/crawling.rs"]
mod crawling;
#[path = "peers/servers.rs"]
mod servers;

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

use crawler::config::Pace;
use crawler::fetch::Network;
use crawler::fetch::fetched::{Ending, Fetch, Want};
use crawler::fetch::ledger::Ledger;
use crawler::fetch::limits::{Limits, Routes};
use crawler::fetch::refused::Rules;
use shared::gemini::host::Host;
use shared::gemini::url::GeminiUrl;
use shared::store::feed::entry::{self, EntryState};
use shared::store::id::ChangeId;
use sqlx::{ConnectOptions as _, Row as _};
use tokio_util::sync::CancellationToken;

use crawling::World;
use servers::{Peer, Running};

/// The outcome of each path, as the owner of the capsule would see it.
async fn outcomes(world: &World) -> BTreeMap<String, String> {
    let mut connection = world.scratch.options().connect().await.unwrap();
    let rows = sqlx::query("select path, outcome from request").fetch_all(&mut connection).await.unwrap();
    rows.iter().map(|row| (row.get("path"), row.get("outcome"))).collect()
}

async fn found(world: &World) -> BTreeSet<String> {
    let entries = world.store().read(async |c| entry::since(c, ChangeId::START, 1_000).await).await.unwrap();
    let pages = entries.into_iter().filter_map(|entry| match entry.state {
        EntryState::Searchable(page) => Some(page.url.path_and_query().to_owned()),
        EntryState::Removed | EntryState::Unreadable { .. } => None,
    });
    pages.collect()
}

/// How the body of one page ended on the wire.
async fn ending(peer: &Running) -> Ending {
    let host = Host::parse(&peer.host).unwrap();
    let routes = Routes::from_iter([(host, peer.address)]);
    let rules = Rules::for_this_machine(&[]);
    let network = Network::new(Limits::default(), routes, rules, Ledger::new(), CancellationToken::new());
    let url = GeminiUrl::parse(&format!("gemini://{}/one.gmi", peer.host)).unwrap();
    let ip: IpAddr = peer.address.ip();
    network.get(&url, ip, Want::Page).await.unwrap().body.ending()
}

async fn is_crawled(peer: Peer) {
    let Some(running) = peer.start() else { return };
    assert_eq!(ending(&running).await, Ending::Complete, "{peer:?}: a page's end");

    let world = World::new().await;
    let front = format!("gemini://{}/", running.host);
    crawler::plant(&world.store(), &BTreeSet::from([GeminiUrl::parse(&front).unwrap()])).await.unwrap();
    let routes = vec![(running.host.clone(), running.address)];
    let crawling = world.crawl_routes(routes, Pace::Unpaced, &[]);
    crawling.is_quiet().await;
    crawling.stop().await;

    let pages = ["/", "/one.gmi", "/two.gmi", "/sub/", "/sub/deep.gmi", "/target.gmi"];
    let mut expected: BTreeMap<&str, &str> = pages.iter().map(|page| (*page, "fetched")).collect();
    expected.extend([("/robots.txt", "not-found"), ("/missing.gmi", "not-found")]);
    expected.insert("/cgi-bin/secret", "wants-certificate");
    let mut searchable: BTreeSet<&str> = pages.into();
    if peer.has_programs() {
        expected.extend([("/cgi-bin/moved", "moved-permanently"), ("/cgi-bin/ask", "wants-input")]);
        searchable.insert("/cgi-bin/ask");
    }
    let seen = outcomes(&world).await;
    let seen: BTreeMap<&str, &str> = seen.iter().map(|(path, outcome)| (&**path, &**outcome)).collect();
    assert_eq!(seen, expected, "{peer:?}: what each request came to");
    let found = found(&world).await;
    assert_eq!(
        found.iter().map(|path| &**path).collect::<BTreeSet<_>>(),
        searchable,
        "{peer:?}: what is found"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_servers_of_the_field_are_crawled_whole() {
    for peer in Peer::ALL {
        is_crawled(peer).await;
    }
}
