//! Strangers choose every URL: none of the ways to spell "this machine" reaches a listener on it.

#![allow(clippy::unwrap_used, reason = "what a test sets up must be there")]

#[path = "support/crawling.rs"]
#[allow(dead_code, reason = "each test uses its part of the support")]
mod crawling;

use std::net::{IpAddr, Ipv4Addr};
use std::time::Duration;

use crawler::fetch::Network;
use crawler::fetch::fetched::{Fault, Fetch, FetchError, Want};
use crawler::fetch::ledger::Ledger;
use crawler::fetch::limits::{Limits, Routes};
use crawler::fetch::refused::Rules;
use shared::gemini::host::Host;
use shared::gemini::url::GeminiUrl;
use space::{Capsule, Space};
use tokio::net::TcpListener;
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;

use crawling::World;

fn network(routes: Routes) -> Network {
    let limits = Limits::default().faster(10);
    Network::new(limits, routes, Rules::for_this_machine(&[]), Ledger::new(), CancellationToken::new())
}

/// Listens everywhere on this machine; a connection to it is a broken rule.
async fn canary() -> (TcpListener, u16) {
    let listener = TcpListener::bind("0.0.0.0:0").await.expect("a port is free");
    let port = listener.local_addr().expect("it is bound").port();
    (listener, port)
}

async fn nobody_came(listener: &TcpListener) {
    let came = timeout(Duration::from_millis(50), listener.accept()).await;
    assert!(came.is_err(), "somebody connected: {came:?}");
}

#[tokio::test]
async fn no_spelling_of_this_machine_in_a_url_reaches_it() {
    let (listener, port) = canary().await;
    let network = network(Routes::none());
    let spellings = [
        "127.0.0.1",
        "127.0.0.1.",
        "127.0.0.2",
        "127.255.255.254",
        "127.1",
        "127.0.1",
        "2130706433",
        "0x7f000001",
        "0x7f.1",
        "0x7f.0.0.1",
        "0X7F000001",
        "0177.0.0.1",
        "017700000001",
        "0177.1",
        "00000177.0.0.1",
        "0",
        "0.0.0.0",
        "0.1.2.3",
        "0x0",
        "00",
        "①②⑦.0.0.1",
        "１２７.0.0.1",
        "127。0。0。1",
        "127.0.0.①",
        "[::1]",
        "[0:0:0:0:0:0:0:1]",
        "[0000::0001]",
        "[::]",
        "[::ffff:127.0.0.1]",
        "[::ffff:7f00:1]",
        "[0:0:0:0:0:ffff:127.0.0.1]",
        "[::127.0.0.1]",
        "[::7f00:1]",
        "[64:ff9b::127.0.0.1]",
        "[64:ff9b::7f00:1]",
        "[64:ff9b:1::7f00:1]",
        "[64:ff9b::10.0.0.1]",
        "[2002:7f00:1::1]",
        "[2002:a00:1::]",
        "[2001:0:7f00:1::]",
        "[2001::1]",
        "[::1%25lo]",
        "[fe80::1]",
        "[fe80::1%25eth0]",
        "[fec0::1]",
        "[fd00::1]",
        "[fc00::1]",
        "[ff02::1]",
        "[ff0e::1]",
        "[100::1]",
        "[2001:db8::1]",
        "[3fff::1]",
        "localhost",
        "LOCALHOST",
        "LocalHost",
        "localhost.",
        "a.localhost",
        "a.b.localhost.",
        "%6cocalhost",
        "%6c%6f%63%61%6c%68%6f%73%74",
        "ｌｏｃａｌｈｏｓｔ",
        "loc\u{ad}alhost",
        "localhost.localdomain",
        "ip6-localhost",
        "printer.local",
        "x.internal",
        "router.lan",
        "nas.home.arpa",
        "hidden.onion",
        "db",
        "10.0.0.1",
        "10.255.255.255",
        "100.64.0.1",
        "169.254.169.254",
        "172.16.0.1",
        "172.31.255.255",
        "192.0.0.1",
        "192.0.2.1",
        "192.88.99.1",
        "192.168.1.1",
        "198.18.0.1",
        "198.51.100.1",
        "203.0.113.1",
        "224.0.0.1",
        "240.0.0.1",
        "255.255.255.255",
        "0xa.0.0.1",
        "3232235777",
        "0300.0250.1.1",
        "192.168.257",
    ];
    assert!(80 <= spellings.len());
    for spelling in spellings {
        // What is no URL at all was stopped at the door.
        let Ok(url) = GeminiUrl::parse(&format!("gemini://{spelling}:{port}/")) else { continue };
        let resolved = network.resolve(url.host()).await;
        assert!(resolved.is_err(), "{spelling} resolved to {resolved:?}");
        // Even if a lookup had said so, the address itself is judged.
        let got = network.get(&url, IpAddr::V4(Ipv4Addr::LOCALHOST), Want::Page).await.unwrap_err();
        assert_eq!(got.fault(), Fault::Rules, "{spelling}: {got:?}");
    }
    nobody_came(&listener).await;
}

#[tokio::test]
async fn a_public_name_that_leads_here_is_refused_at_the_address() {
    let (listener, port) = canary().await;
    let network = network(Routes::none());
    let url = GeminiUrl::parse(&format!("gemini://rebound.example.org:{port}/")).unwrap();
    for ip in
        ["127.0.0.1", "127.0.0.2", "0.0.0.0", "::1", "::ffff:127.0.0.1", "64:ff9b::7f00:1", "::127.0.0.1"]
    {
        let error = network.get(&url, ip.parse().unwrap(), Want::Page).await.unwrap_err();
        assert!(matches!(error, FetchError::Refused { .. }), "{ip}: {error:?}");
    }
    nobody_came(&listener).await;
}

/// A stranger's capsule redirects to this machine and to ports of other services, its robots.txt too, and links there.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_redirect_and_no_link_leads_a_crawl_here() {
    let (listener, port) = canary().await;
    let targets: Vec<String> =
        ["127.0.0.1", "[::1]", "localhost", "2130706433", "[::ffff:127.0.0.1]", "0.0.0.0", "10.0.0.1"]
            .into_iter()
            .flat_map(|host| [port, 22, 80, 5432].map(|port| format!("gemini://{host}:{port}/x")))
            .collect();
    let links: String =
        targets.iter().enumerate().map(|(n, target)| format!("=> /{n}\n=> {target}\n")).collect();
    let wild = targets.iter().enumerate().fold(
        Capsule::new().page("/", format!("# Links and redirects\n\n{links}")),
        |capsule, (number, target)| capsule.redirect(&format!("/{number}"), target),
    );
    let rules = Capsule::new().page("/", "# Rules elsewhere\n").redirect("/robots.txt", &targets[0]);
    let space =
        Space::builder().capsule("wild.example", wild).capsule("rules.example", rules).start().await.unwrap();
    let world = World::new().await;
    let fronts =
        ["gemini://wild.example/", "gemini://rules.example/"].map(|url| GeminiUrl::parse(url).unwrap());
    crawler::plant(&world.store(), &fronts.into()).await.unwrap();
    let crawling = world.crawl_public(&space);
    crawling.is_quiet().await;
    crawling.stop().await;
    let asked = space.requests_for("wild.example").len();
    assert!(targets.len() < asked, "every redirect was asked for: {asked}");
    nobody_came(&listener).await;
}

#[tokio::test]
async fn ports_of_other_services_are_refused_before_a_lookup() {
    let network = network(Routes::none());
    for port in [22, 25, 80, 443, 5432, 6379] {
        let url = GeminiUrl::parse(&format!("gemini://example.org:{port}/")).unwrap();
        let error = network.get(&url, "9.9.9.9".parse().unwrap(), Want::Page).await.unwrap_err();
        assert_eq!(error.fault(), Fault::Rules, "{port}");
    }
}

#[tokio::test]
async fn a_route_leads_here_for_its_own_host_and_no_other() {
    let (listener, port) = canary().await;
    let here = listener.local_addr().unwrap();
    let here = (Ipv4Addr::LOCALHOST, here.port()).into();
    let routed = Host::parse("routed.test").unwrap();
    let network = network([(routed.clone(), here)].into_iter().collect());

    assert_eq!(network.resolve(&routed).await.unwrap(), [IpAddr::V4(Ipv4Addr::LOCALHOST)]);
    let url = GeminiUrl::parse("gemini://routed.test/").unwrap();
    let visit = network.get(&url, IpAddr::V4(Ipv4Addr::LOCALHOST), Want::Page);
    let (accepted, visited) = tokio::join!(timeout(Duration::from_secs(5), listener.accept()), visit);
    assert!(accepted.unwrap().is_ok());
    assert_eq!(visited.unwrap_err().fault(), Fault::Server);

    let other = GeminiUrl::parse(&format!("gemini://other.test:{port}/")).unwrap();
    let error = network.get(&other, IpAddr::V4(Ipv4Addr::LOCALHOST), Want::Page).await.unwrap_err();
    assert_eq!(error.fault(), Fault::Rules);
    nobody_came(&listener).await;
}
