//! One life of the crawler: a process of its own that crawls a space without gaps until it is killed.
//!
//! It is the test's own program again, asked for the one test [`NAME`], which does nothing where nobody told it what
//! to crawl.

use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use bench::engine;
use crawler::Crawler;
use crawler::config::Config;
use crawler::fetch::limits::Limits;
use shared::store::{Store, StoreOptions};
use space::Space;
use tokio_util::sync::CancellationToken;

/// The test that is such a life where it is told to be one; every program that begins lives has it.
const NAME: &str = "a_life_of_the_crawler";

/// What tells it: database, folder and routes, a line each.
const CRAWLER: &str = "SEXTANT_TEST_CRAWLER";

/// A crawler in a process of its own, killed when dropped.
pub(crate) struct Life(Child);

impl Life {
    pub(crate) fn begin(database: &str, folder: &Path, space: &Space) -> Self {
        let routes = space.routes().into_iter().map(|(host, address)| format!("\n{host} {address}"));
        let told = format!("{database}\n{}{}", folder.display(), routes.collect::<String>());
        let child = Command::new(std::env::current_exe().expect("this test's program"))
            .args(["--exact", NAME, "--nocapture"])
            .env(CRAWLER, told)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .spawn();
        Self(child.expect("a process"))
    }
}

impl Drop for Life {
    /// SIGKILL, and waits until it is gone.
    fn drop(&mut self) {
        self.0.kill().expect("it can be killed");
        self.0.wait().expect("it ends");
    }
}

/// Lives until it is killed, if this process was begun as a life.
pub(crate) async fn live() {
    let Ok(told) = std::env::var(CRAWLER) else { return };
    let mut lines = told.lines();
    let database = lines.next().expect("a database");
    let folder = Path::new(lines.next().expect("a folder"));
    let routes = lines.map(|line| line.split_once(' ').expect("a route"));
    let routes =
        routes.map(|(host, address)| (host.to_owned(), address.parse().expect("an address"))).collect();
    let store =
        Store::connect(StoreOptions::from_url(database).expect("an address")).await.expect("the store");
    let config = Config { limits: patient(), ..engine::unpaced(folder, routes) };
    let crawler = Crawler::new(config, store);
    crawler.run(CancellationToken::new()).await.expect("it crawls until it is killed");
}

/// What is slow here is the machine with its many tests, not a capsule: a page that came to nothing for it would be
/// looked for again in a quarter of an hour.
fn patient() -> Limits {
    const LONG: Duration = Duration::from_secs(25);
    Limits {
        connect: LONG,
        connect_in_all: LONG,
        handshake: LONG,
        request: LONG,
        header: LONG,
        visit: LONG * 2,
        ..Limits::default()
    }
}
