//! `deploy/bench search`: how fast what is asked is found.
//!
//! An index of made pages is searched by the product and, query by query beside it, by the same library without
//! anything of ours: the same fields and terms, the best ten with their count, their stored page and a
//! quotation. Then the same queries come over HTTP and over Gemini, a connection and a handshake each, to a
//! server in a process of its own; beside each of them one request that needs no search. Several rounds
//! are run, and the medians of their percentiles compared.

mod asked;
mod ceiling;
mod doors;
mod ground;
mod serve;

use std::path::PathBuf;
use std::time::Duration;

use anyhow::{Context as _, ensure};
use server::search::{SearchConfig, SearchRequest, Searcher};
use tokio::time::Instant;

use crate::corpus::Corpus;
use crate::process::Worker;
use crate::report::{Report, median};
use asked::Question;
use ceiling::Plain;
use doors::Doors;

pub use serve::{Serve, serve};

/// In process, against the ceiling.
const PROMISED_P50: f64 = 1.5;
/// The same for the slowest of a hundred.
const PROMISED_P99: f64 = 2.0;
/// Over Gemini in a small index, beyond the empty answer.
const PROMISED_MS: f64 = 10.0;
/// Over Gemini in a large one: so many times the ceiling, beside the empty answer.
const PROMISED_GEMINI: f64 = 2.0;
/// The server may hold this much beside mapped files.
const PROMISED_MIB: f64 = 250.0;
/// Pages of the small index, the large one, and the one of `--full`.
const SMALL: u64 = 20_000;
const LARGE: u64 = 300_000;
const FULL: u64 = 1_000_000;
/// Questions at once where questions per second are counted.
const AT_ONCE: usize = 4;

/// How the bench is run.
#[derive(Debug, clap::Args)]
pub struct Options {
    /// Exit with 1 where a promise is broken
    #[arg(long)]
    check: bool,
    /// Search a million pages too
    #[arg(long)]
    full: bool,
    /// Only an index of so many pages
    #[arg(long)]
    pages: Option<u64>,
    /// Different queries
    #[arg(long, default_value_t = 400)]
    queries: usize,
    /// Rounds over all of them
    #[arg(long, default_value_t = 3)]
    rounds: usize,
    /// Keep the indexes in this folder, and use those that are there
    #[arg(long, value_name = "FOLDER")]
    keep: Option<PathBuf>,
}

/// Runs the bench.
///
/// # Errors
///
/// When it could not be carried out.
pub async fn run(options: &Options) -> anyhow::Result<Report> {
    let sizes = match options.pages {
        Some(pages) => vec![pages],
        None if options.full => vec![SMALL, LARGE, FULL],
        None => vec![SMALL, LARGE],
    };
    let mut report = Report::default();
    for pages in sizes {
        measure(options, Corpus::new(pages), &mut report).await?;
    }
    Ok(report)
}

/// One index of so many pages.
async fn measure(options: &Options, corpus: Corpus, report: &mut Report) -> anyhow::Result<()> {
    let own = tempfile::tempdir()?;
    let keep = options.keep.clone().unwrap_or_else(|| own.path().to_owned());
    let folder = keep.join(format!("pages-{}", corpus.pages()));
    let made = folder.clone();
    tokio::task::spawn_blocking(move || ground::make(corpus, &made)).await??;

    let questions = asked::questions(corpus, options.queries);
    let plain = Plain::open(&folder)?;
    let config = SearchConfig { budget: Duration::from_secs(30), ..SearchConfig::default() };
    let searcher = Searcher::open(&folder, config);
    let (worker, told) = Worker::start_telling(serve::arguments(&folder, own.path()))?;
    let doors = Doors::parse(&told)?;

    let mut times = Times::default();
    let mut memory = 0.0_f64;
    // The first round warms everything up, and is not counted.
    for round in 0..=options.rounds.max(1) {
        let mut lap = Lap::default();
        for question in &questions {
            lap.ask(question, &plain, &searcher, &doors).await?;
        }
        memory = memory.max(worker.own_memory_mib()?);
        if round > 0 {
            times.add(lap);
        }
    }
    let rates = rates(&questions, &searcher, &doors).await?;
    memory = memory.max(worker.own_memory_mib()?);
    drop(worker);
    tell(report, options.check, corpus.pages(), times, rates, memory);
    Ok(())
}

/// What one round took, in milliseconds, by what was measured.
#[derive(Debug, Default)]
struct Lap {
    ceiling: Vec<f64>,
    process: Vec<f64>,
    http: Vec<f64>,
    gemini: Vec<f64>,
    http_empty: Vec<f64>,
    gemini_empty: Vec<f64>,
}

impl Lap {
    async fn ask(
        &mut self,
        question: &Question,
        plain: &Plain,
        searcher: &Searcher,
        doors: &Doors,
    ) -> anyhow::Result<()> {
        let began = Instant::now();
        // On this very thread, with nothing else to wait for: the ceiling pays for no pool.
        let found = tokio::task::block_in_place(|| plain.search(&question.plain))?;
        self.ceiling.push(milliseconds(began));
        let began = Instant::now();
        let results = searcher.search(SearchRequest::new(&question.text)).await?;
        self.process.push(milliseconds(began));
        ensure!(
            found.total == 0 || results.total > 0,
            "{:?} finds {} pages, and nothing in the product",
            question.text,
            found.total
        );
        self.http.push(doors.http(&doors.http_search(&question.text)).await?);
        self.http_empty.push(doors.http(Doors::HTTP_EMPTY).await?);
        self.gemini.push(doors.gemini(&doors.gemini_search(&question.text)).await?);
        self.gemini_empty.push(doors.gemini(&doors.gemini_empty()).await?);
        Ok(())
    }
}

fn milliseconds(began: Instant) -> f64 {
    began.elapsed().as_secs_f64() * 1_000.0
}

/// Something that is measured: its name, and where its times stand in a round.
type Measured = (&'static str, fn(&mut Lap) -> &mut Vec<f64>);

/// What is measured of each round.
const MEASURED: [Measured; 6] = [
    ("ceiling", |lap| &mut lap.ceiling),
    ("process", |lap| &mut lap.process),
    ("http", |lap| &mut lap.http),
    ("gemini", |lap| &mut lap.gemini),
    ("http_empty", |lap| &mut lap.http_empty),
    ("gemini_empty", |lap| &mut lap.gemini_empty),
];

/// The percentiles of all rounds, in the order of [`MEASURED`].
#[derive(Debug, Default)]
struct Times {
    p50: [Vec<f64>; MEASURED.len()],
    p99: [Vec<f64>; MEASURED.len()],
}

/// The medians over all rounds.
#[derive(Clone, Copy, Debug)]
struct Typical {
    p50: f64,
    p99: f64,
}

impl Times {
    fn add(&mut self, mut lap: Lap) {
        for (at, (_name, times)) in MEASURED.iter().enumerate() {
            let times = times(&mut lap);
            times.sort_by(f64::total_cmp);
            self.p50[at].push(percentile(times, 50));
            self.p99[at].push(percentile(times, 99));
        }
    }

    fn typical(&mut self) -> [Typical; MEASURED.len()] {
        std::array::from_fn(|at| Typical { p50: median(&mut self.p50[at]), p99: median(&mut self.p99[at]) })
    }
}

fn percentile(sorted: &[f64], percent: usize) -> f64 {
    let at = (sorted.len() * percent).div_ceil(100).max(1) - 1;
    sorted.get(at).copied().unwrap_or_default()
}

/// Questions per second, several at once.
#[derive(Clone, Copy, Debug)]
struct Rates {
    process: f64,
    http: f64,
    gemini: f64,
}

async fn rates(questions: &[Question], searcher: &Searcher, doors: &Doors) -> anyhow::Result<Rates> {
    let rate = async |ask: &(dyn Fn(&Question) -> doors::Asking + Sync)| {
        let began = Instant::now();
        let mut at_once = tokio::task::JoinSet::new();
        for question in questions {
            if at_once.len() == AT_ONCE {
                at_once.join_next().await.context("nothing was asked")???;
            }
            at_once.spawn(ask(question));
        }
        while let Some(answered) = at_once.join_next().await {
            answered??;
        }
        anyhow::Ok(questions.len() as f64 / began.elapsed().as_secs_f64())
    };
    Ok(Rates {
        process: rate(&|question| {
            let (searcher, request) = (searcher.clone(), SearchRequest::new(&question.text));
            Box::pin(async move { Ok(searcher.search(request).await.map(drop)?) })
        })
        .await?,
        http: rate(&|question| {
            let (doors, path) = (doors.clone(), doors.http_search(&question.text));
            Box::pin(async move { doors.http(&path).await.map(drop) })
        })
        .await?,
        gemini: rate(&|question| {
            let (doors, url) = (doors.clone(), doors.gemini_search(&question.text));
            Box::pin(async move { doors.gemini(&url).await.map(drop) })
        })
        .await?,
    })
}

/// Figures and promises of one index.
fn tell(report: &mut Report, check: bool, pages: u64, mut times: Times, rates: Rates, memory: f64) {
    let typical = times.typical();
    let name = |name: &str| format!("{name}_{pages}");
    for ((measured, _times), Typical { p50, p99 }) in MEASURED.iter().zip(typical) {
        report.measured(&name(&format!("{measured}_p50_ms")), p50);
        report.measured(&name(&format!("{measured}_p99_ms")), p99);
    }
    let [ceiling, process, _http, gemini, _http_empty, gemini_empty] = typical;
    let (p50, p99) = (process.p50 / ceiling.p50, process.p99 / ceiling.p99);
    report.measured(&name("p50_to_ceiling"), p50);
    report.measured(&name("p99_to_ceiling"), p99);
    let beyond_empty = gemini.p99 - gemini_empty.p99;
    report.measured(&name("gemini_p99_beyond_empty_ms"), beyond_empty);
    report.measured(&name("process_per_s"), rates.process);
    report.measured(&name("http_per_s"), rates.http);
    report.measured(&name("gemini_per_s"), rates.gemini);
    report.measured(&name("server_mib"), memory);
    if !check {
        return;
    }
    report.promise(
        p50 <= PROMISED_P50,
        format!("{pages} pages: p50 is {p50:.2} times the ceiling's, promised are {PROMISED_P50}"),
    );
    report.promise(
        p99 <= PROMISED_P99,
        format!("{pages} pages: p99 is {p99:.2} times the ceiling's, promised are {PROMISED_P99}"),
    );
    let most = if pages <= SMALL { PROMISED_MS } else { PROMISED_GEMINI * ceiling.p99 };
    report.promise(
        beyond_empty <= most,
        format!("{pages} pages: over Gemini p99 is {beyond_empty:.1} ms beyond the empty answer's, promised are {most:.1}"),
    );
    report.promise(
        memory <= PROMISED_MIB,
        format!("{pages} pages: the server holds {memory:.0} MiB, promised are {PROMISED_MIB:.0}"),
    );
}
