//! `deploy/bench crawl`: from the network to stored durably and numbered for the feed.
//!
//! 20,000 pages of 3 kB with 12 links each, on 200 capsules and addresses, are crawled without gaps by the real
//! crawler into a Postgres that commits as it does in earnest. The ceiling is a bare client of the same TLS
//! settings that fetches the same pages and throws them away. Both run in turns, each round with a fresh
//! store, and medians are compared. Space, crawler and Postgres are processes of their own, so that CPU and
//! memory have an owner.

mod ceiling;
mod ground;
mod worker;
mod world;

use std::time::Duration;

use anyhow::ensure;
use crawler::parse::{self, Extent};
use shared::gemini::media_type::MediaType;
use tokio::time::Instant;

use crate::process;
use crate::report::{Report, median};
use ceiling::Client;
use ground::Ground;
use worker::Crawling;
use world::{Shape, World};

pub use worker::{Work, work};
pub use world::{Serve, serve};

/// The crawl must reach at least this part of the ceiling,
const PROMISED_CRAWL: f64 = 0.45;
/// and a crawl of pages that have not changed this part.
const PROMISED_RECRAWL: f64 = 0.75;
/// The crawler's process may hold so much, with [`MANY`] in flight and [`KNOWN`] URLs in the store.
const PROMISED_MIB: f64 = 200.0;
/// In flight when memory is measured.
const MANY: usize = 256;
/// URLs known when memory is measured.
const KNOWN: u64 = 1_000_000;
/// In flight when speed is measured, on both sides: all capsules, for a turn waits for its commit.
const IN_FLIGHT: usize = 200;
/// A crawl that takes longer is broken.
const TOO_LONG: Duration = Duration::from_secs(900);

/// How the bench is run.
#[derive(Debug, clap::Args)]
pub struct Options {
    /// Exit with 1 where a promise is broken
    #[arg(long)]
    check: bool,
    /// Pages of about 3 kB, on 200 capsules
    #[arg(long, default_value_t = 20_000)]
    pages: usize,
    /// Runs of each side
    #[arg(long, default_value_t = 3)]
    rounds: usize,
    /// Leave out the crawl among a million known URLs
    #[arg(long)]
    without_memory: bool,
}

/// Runs the bench of a first crawl.
///
/// # Errors
///
/// When it could not be carried out.
pub async fn run(options: &Options) -> anyhow::Result<Report> {
    let shape = Shape { capsules: 200, pages: options.pages };
    let world = World::start(shape)?;
    let client = Client::new(&world)?;
    let mut rounds = Rounds::default();
    for _round in 0..options.rounds.max(1) {
        let alone = client.fetch_all(IN_FLIGHT).await?;
        let ground = Ground::open().await?;
        ground.plant(&world).await?;
        let crawling = Crawling::start(&ground, &world, IN_FLIGHT)?;
        let began = Instant::now();
        ground.until_numbered(shape.pages, TOO_LONG).await?;
        let took = began.elapsed();
        rounds.add(alone, took, crawling.used()?, ground.postgres_seconds()?);
        crawling.stop()?;
        ground.close().await?;
    }
    let mut report = Report::default();
    let ratio = rounds.tell(&mut report, shape.pages);
    report.measured("parse_us_per_page", parse_seconds(&world)? * 1e6);
    if !options.without_memory {
        let mib = memory_among_many(shape).await?;
        report.measured("crawler_mib_among_a_million", mib);
        if options.check {
            report.promise(
                mib <= PROMISED_MIB,
                format!("the crawler holds {mib:.0} MiB, promised are {PROMISED_MIB:.0}"),
            );
        }
    }
    if options.check {
        report.promise(
            PROMISED_CRAWL <= ratio,
            format!("the crawl reaches {ratio:.2} of the ceiling, promised is {PROMISED_CRAWL}"),
        );
    }
    Ok(report)
}

/// Runs the bench of a crawl in which nothing has changed.
///
/// # Errors
///
/// When it could not be carried out.
pub async fn run_again(options: &Options) -> anyhow::Result<Report> {
    let shape = Shape { capsules: 200, pages: options.pages };
    let world = World::start(shape)?;
    let client = Client::new(&world)?;
    let ground = Ground::open().await?;
    ground.plant(&world).await?;
    let first = Crawling::start(&ground, &world, IN_FLIGHT)?;
    ground.until_numbered(shape.pages, TOO_LONG).await?;
    ground.until_nothing_is_due(TOO_LONG).await?;
    first.stop()?;
    let mut rounds = Rounds::default();
    for _round in 0..options.rounds.max(1) {
        let alone = client.fetch_all(IN_FLIGHT).await?;
        ground.make_all_due().await?;
        let before = ground.postgres_seconds()?;
        let crawling = Crawling::start(&ground, &world, IN_FLIGHT)?;
        let began = Instant::now();
        ground.until_nothing_is_due(TOO_LONG).await?;
        let took = began.elapsed();
        rounds.add(alone, took, crawling.used()?, ground.postgres_seconds()? - before);
        crawling.stop()?;
        let unchanged = ground.unchanged().await?;
        ensure!(unchanged == shape.pages as u64, "{unchanged} of {} pages were found unchanged", shape.pages);
    }
    ground.close().await?;
    let mut report = Report::default();
    let ratio = rounds.tell(&mut report, shape.pages);
    if options.check {
        report.promise(
            PROMISED_RECRAWL <= ratio,
            format!("the crawl reaches {ratio:.2} of the ceiling, promised is {PROMISED_RECRAWL}"),
        );
    }
    Ok(report)
}

/// The figures of all rounds.
#[derive(Default)]
struct Rounds {
    ceilings: Vec<f64>,
    seconds: Vec<f64>,
    ceiling_cpu: Vec<f64>,
    crawler_cpu: Vec<f64>,
    database_cpu: Vec<f64>,
    memory_mib: f64,
}

impl Rounds {
    fn add(&mut self, alone: ceiling::Fetched, took: Duration, used: worker::Used, database_seconds: f64) {
        self.ceilings.push(alone.took.as_secs_f64());
        self.ceiling_cpu.push(alone.cpu_seconds);
        self.seconds.push(took.as_secs_f64());
        self.crawler_cpu.push(used.cpu_seconds);
        self.database_cpu.push(database_seconds);
        self.memory_mib = self.memory_mib.max(used.memory_mib);
    }

    /// Tells them, and returns the ratio.
    fn tell(&mut self, report: &mut Report, pages: usize) -> f64 {
        let pages = pages as f64;
        let per_page = |seconds: f64| seconds * 1e6 / pages;
        let (ceiling, seconds) = (median(&mut self.ceilings), median(&mut self.seconds));
        let ratio = ceiling / seconds;
        report.figure("pages", pages);
        report.measured("pages_per_s", pages / seconds);
        report.measured("ceiling_pages_per_s", pages / ceiling);
        report.measured("ratio_to_ceiling", ratio);
        report.measured("client_us_per_page", per_page(median(&mut self.ceiling_cpu)));
        report.measured("crawler_us_per_page", per_page(median(&mut self.crawler_cpu)));
        report.measured("database_us_per_page", per_page(median(&mut self.database_cpu)));
        report.measured("crawler_mib", self.memory_mib);
        ratio
    }
}

/// What parsing one page costs, in CPU time.
fn parse_seconds(world: &World) -> anyhow::Result<f64> {
    const TIMES: usize = 200;
    let samples = world.samples()?;
    let media_type = MediaType::parse("text/gemini");
    let before = process::cpu_seconds(std::process::id())?;
    for _time in 0..TIMES {
        for (url, body) in &samples {
            std::hint::black_box(parse::parse(body, Extent::Whole, &media_type, url));
        }
    }
    let seconds = process::cpu_seconds(std::process::id())? - before;
    Ok(seconds / (TIMES * samples.len()) as f64)
}

/// The most memory that the crawler holds with many capsules in flight and a million URLs in the store.
async fn memory_among_many(shape: Shape) -> anyhow::Result<f64> {
    let world = World::start(Shape { capsules: MANY, ..shape })?;
    let ground = Ground::open().await?;
    ground.plant(&world).await?;
    ground.know(KNOWN).await?;
    let crawling = Crawling::start(&ground, &world, MANY)?;
    ground.until_numbered(shape.pages, TOO_LONG).await?;
    let used = crawling.used()?;
    crawling.stop()?;
    ground.close().await?;
    Ok(used.memory_mib)
}
