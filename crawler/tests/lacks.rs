//! A machine that has no descriptors or no local ports left: the crawl pauses and says why, no capsule is blamed for
//! it, and when there are some again it goes on by itself.

#![allow(clippy::unwrap_used, reason = "what a test sets up must be there")]

#[path = "support/alone.rs"]
mod alone;
#[path = "support/asked.rs"]
mod asked;
#[path = "support/crawling.rs"]
mod crawling;

use std::net::SocketAddr;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use asked::WAIT;
use crawler::Crawler;
use crawler::config::{Config, Pace, Reach};
use crawler::fetch::limits::Routes;
use crawling::World;
use shared::gemini::host::Host;
use shared::gemini::url::GeminiUrl;
use shared::process::disk::Reserve;
use shared::store::{Store, StoreOptions};
use space::{Capsule, Space};
use sqlx::ConnectOptions as _;
use tokio::net::TcpStream;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

/// Tells the other process what to crawl: database, folder and the address of each host, a line each.
const TOLD: &str = "SEXTANT_TEST_LACKS";
const PORTS: &str = "/proc/sys/net/ipv4/ip_local_port_range";

const HOSTS: [&str; 2] = ["east.example", "west.example"];

async fn gardens() -> Space {
    let garden = || Capsule::new().page("/", "# A garden\n=> /pond A pond\n").page("/pond", "# A pond\n");
    Space::builder().capsule(HOSTS[0], garden()).capsule(HOSTS[1], garden()).start().await.unwrap()
}

/// How often each garden's pond was visited.
fn visits(log: &space::Log) -> [usize; 2] {
    HOSTS.map(|host| log.requests_for(host).filter(|request| request.url.ends_with("/pond")).count())
}

/// What the capsules and their pages are blamed for: failures in a row, breakers, requests that came to nothing.
async fn blame(world: &World) -> (i64, i64, i64) {
    let mut connection = world.scratch.options().connect().await.unwrap();
    sqlx::query_as(
        "select (select coalesce(sum(failures), 0) from capsule) + (select coalesce(sum(failures), 0) from page),
                (select count(*) from capsule where breaker_until is not null),
                (select count(*) from request where outcome not in ('fetched', 'unchanged', 'not-found'))",
    )
    .fetch_one(&mut connection)
    .await
    .unwrap()
}

/// While the lack lasts nothing is asked and nobody blamed; afterwards every page is visited, the lack forgotten.
async fn survives(world: &World, space: &Space, words: &str, end: impl AsyncFnOnce()) {
    let before = space.look(visits);
    world.recrawl().await;
    world.until_told(words).await;
    assert_eq!(space.look(visits), before, "nobody was asked");
    end().await;
    space.wait_for(|log| visits(log).iter().zip(before).all(|(now, before)| before < *now)).await.unwrap();
    let forgotten = Instant::now() + WAIT;
    while let Some(brake) = world.brake().await {
        assert!(Instant::now() < forgotten, "{brake:?} is told still");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    assert_eq!(blame(world).await, (0, 0, 0), "somebody was blamed");
}

/// A crawler in a process of its own, killed when dropped.
struct Life(Child);

impl Life {
    fn begin(world: &World, folder: &Path, space: &Space) -> Self {
        let routes = space.routes().into_iter().map(|(host, address)| format!("\n{host} {address}"));
        let database = world.scratch.options().to_url_lossy();
        let child = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "a_crawler_of_its_own", "--nocapture"])
            .env(TOLD, format!("{database}\n{}{}", folder.display(), routes.collect::<String>()))
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .spawn();
        Self(child.unwrap())
    }

    /// From now on it gets no descriptor with this number or a higher one; those that it has stay.
    fn may_have(&self, descriptors: &str) {
        let pid = self.0.id().to_string();
        let limit = format!("--nofile={descriptors}:");
        assert!(Command::new("prlimit").args(["--pid", &pid, &limit]).status().unwrap().success());
    }
}

impl Drop for Life {
    fn drop(&mut self) {
        self.0.kill().unwrap();
        self.0.wait().unwrap();
    }
}

/// The crawler's process; as a test of its own it has nothing to do.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_crawler_of_its_own() {
    let Ok(told) = std::env::var(TOLD) else { return };
    let mut lines = told.lines();
    let store = Store::connect(StoreOptions::from_url(lines.next().unwrap()).unwrap()).await.unwrap();
    let folder = Path::new(lines.next().unwrap());
    let routes: Vec<(Host, SocketAddr)> = lines
        .map(|line| line.split_once(' ').unwrap())
        .map(|(host, address)| (Host::parse(host).unwrap(), address.parse().unwrap()))
        .collect();
    let front = |host: &Host| GeminiUrl::parse(&format!("gemini://{host}/")).unwrap();
    let config = Config {
        pace: Pace::Unpaced,
        reach: Reach::RoutedOnly,
        seeds: routes.iter().map(|(host, _)| front(host)).collect(),
        routes: Routes::from_iter(routes),
        // However full the disk of this machine is.
        reserve: Reserve::Bytes(0),
        ..Config::new(folder.to_owned())
    };
    Crawler::new(config, store).run(CancellationToken::new()).await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_descriptors_the_crawl_pauses_says_so_and_goes_on() {
    let (space, world) = (gardens().await, World::new().await);
    let folder = tempfile::tempdir().unwrap();
    let life = Life::begin(&world, folder.path(), &space);
    space.wait_for(|log| visits(log) == [1, 1]).await.unwrap();
    crawling::is_quiet(&world.store()).await;
    life.may_have("3");
    survives(&world, &space, "no file descriptors left", async || life.may_have("1024")).await;
}

/// Local ports are the whole machine's, so this is shown in a network of its own.
#[test]
fn without_local_ports_the_crawl_pauses_says_so_and_goes_on() {
    let Some(output) = alone::alone("in_a_network_of_its_own", "") else { return };
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}");
}

/// The test without local ports; nothing where the network is everybody's.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn in_a_network_of_its_own() {
    if !alone::is_alone() {
        return;
    }
    let (space, world) = (gardens().await, World::new().await);
    let seeds = ["gemini://east.example/", "gemini://west.example/"];
    let crawling = world.crawl(&space, Pace::Unpaced, &seeds);
    space.wait_for(|log| visits(log) == [1, 1]).await.unwrap();
    crawling.is_quiet().await;

    // The only port there is leads to each capsule already.
    let plenty = std::fs::read_to_string(PORTS).unwrap();
    let taken = TcpStream::connect(space.address(HOSTS[0]).unwrap()).await.unwrap();
    let port = taken.local_addr().unwrap().port();
    std::fs::write(PORTS, format!("{port} {port}")).unwrap();
    let _also_taken = TcpStream::connect(space.address(HOSTS[1]).unwrap()).await.unwrap();
    let end = async || std::fs::write(PORTS, plenty).unwrap();
    survives(&world, &space, "no local ports left", end).await;
    crawling.stop().await;
}
