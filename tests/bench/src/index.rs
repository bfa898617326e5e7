//! `deploy/bench index`: from the feed to committed.
//!
//! A store is filled with a made corpus, and the real indexer, in a process of its own, follows its feed to the
//! end: until a commit of its index holds the last change. The ceiling is tantivy with the same schema, settings
//! and merges, fed with the same documents, analysed already and in memory. Both run in turns, and medians are
//! compared.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context as _, ensure};
use chrono::Utc;
use indexer::{Config, Indexer, merges, options};
use shared::index::checkpoint::Checkpoint;
use shared::index::document::to_tantivy;
use shared::index::generation::IndexFolder;
use shared::index::schema::Fields;
use shared::store::cluster::scratch;
use shared::store::feed::identity;
use shared::store::id::{ChangeId, PageId};
use shared::store::{Store, StoreOptions};
use sqlx::ConnectOptions as _;
use tantivy::IndexWriter;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use crate::corpus::Corpus;
use crate::filled::fill;
use crate::process::Worker;
use crate::report::{Report, median};

/// The indexer must keep up with at least this part of the ceiling.
const PROMISED_RATIO: f64 = 0.6;
/// Its process may hold this much.
const PROMISED_MIB: f64 = 250.0;
/// Documents of the ceiling that are analysed and in memory at once.
const CHUNK: u64 = 10_000;
/// The follower's name.
const FOLLOWER: &str = "bench";
/// A run that takes longer is broken.
const TOO_LONG: Duration = Duration::from_secs(1_800);

/// How the bench is run.
#[derive(Debug, clap::Args)]
pub struct Options {
    /// Exit with 1 where a promise is broken
    #[arg(long)]
    check: bool,
    /// Pages of about 3 kB
    #[arg(long, default_value_t = 100_000)]
    pages: u64,
    /// Runs of each side
    #[arg(long, default_value_t = 3)]
    rounds: usize,
}

/// The indexer's side, in its own process.
#[derive(Debug, clap::Args)]
pub struct Follow {
    #[arg(long)]
    database: String,
    #[arg(long)]
    folder: PathBuf,
}

/// Runs the bench.
///
/// # Errors
///
/// When it could not be carried out.
pub async fn run(options: &Options) -> anyhow::Result<Report> {
    let corpus = Corpus::new(options.pages);
    let database = scratch::try_database().await?;
    let store = database.store();
    fill(&store, corpus).await?;
    let url = database.options().to_url_lossy().to_string();

    let (mut ceilings, mut rates, mut memory) = (vec![], vec![], 0.0_f64);
    for _round in 0..options.rounds.max(1) {
        let alone = tokio::task::spawn_blocking(move || feed_from_memory(corpus)).await??;
        let (followed, mib) = follow_the_feed(&store, &url).await?;
        ceilings.push(options.pages as f64 / alone.as_secs_f64());
        rates.push(options.pages as f64 / followed.as_secs_f64());
        memory = memory.max(mib);
    }
    let (ceiling, rate) = (median(&mut ceilings), median(&mut rates));
    let ratio = rate / ceiling;

    let mut report = Report::default();
    report.figure("pages", options.pages);
    report.measured("pages_per_s", rate);
    report.measured("ceiling_pages_per_s", ceiling);
    report.measured("ratio_to_ceiling", ratio);
    report.measured("indexer_mib", memory);
    if options.check {
        report.promise(
            PROMISED_RATIO <= ratio,
            format!("the indexer reaches {ratio:.2} of the ceiling, promised is {PROMISED_RATIO}"),
        );
        report.promise(
            memory <= PROMISED_MIB,
            format!("the indexer holds {memory:.0} MiB, promised are {PROMISED_MIB:.0}"),
        );
    }
    Ok(report)
}

/// Lives as an indexer until it is killed.
///
/// # Errors
///
/// When the indexer cannot begin.
pub async fn follow(follow: &Follow) -> anyhow::Result<()> {
    let store = Store::connect(StoreOptions::from_url(&follow.database)?).await?;
    let indexer = Indexer::new(Config::new(&follow.folder, FOLLOWER), store);
    indexer.run(CancellationToken::new()).await?;
    Ok(())
}

/// One run of the indexer over the whole feed: how long it took, and the most memory it held.
async fn follow_the_feed(store: &Store, database: &str) -> anyhow::Result<(Duration, f64)> {
    let highest = store.read(identity::current).await?.highest;
    let folder = tempfile::tempdir()?;
    let index = folder.path().join("index");
    let began = Instant::now();
    let worker = Worker::start(arguments(database, &index))?;
    let mut memory = 0.0_f64;
    while began.elapsed() < TOO_LONG {
        memory = memory.max(worker.own_memory_mib()?);
        if committed(&index) == Some(highest) {
            return Ok((began.elapsed(), memory));
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    anyhow::bail!("the indexer did not reach the end of the feed")
}

/// The last change that a commit below the folder holds, whether its index serves already or not.
fn committed(folder: &Path) -> Option<ChangeId> {
    let generations = std::fs::read_dir(folder).ok()?.filter_map(Result::ok);
    let place = |generation: std::fs::DirEntry| {
        let meta = std::fs::read(generation.path().join("meta.json")).ok()?;
        let meta: serde_json::Value = serde_json::from_slice(&meta).ok()?;
        Some(Checkpoint::parse(meta.get("payload")?.as_str()?).ok()?.change())
    };
    generations.filter_map(place).max()
}

fn arguments(database: &str, folder: &Path) -> [OsString; 5] {
    ["index-worker".into(), "--database".into(), database.into(), "--folder".into(), folder.into()]
}

/// One run of the ceiling: how long tantivy alone takes. Making the documents is not counted.
fn feed_from_memory(corpus: Corpus) -> anyhow::Result<Duration> {
    let folder = tempfile::tempdir()?;
    let generation = IndexFolder::create(folder.path())?.begin(Utc::now())?;
    let index = generation.create()?;
    let fields = Fields::new();
    let heap_bytes = Config::new(folder.path(), FOLLOWER).heap_bytes;
    let mut writer: IndexWriter = index.writer_with_options(options(heap_bytes))?;
    writer.set_merge_policy(Box::new(merges()));
    let mut taken = Duration::ZERO;
    let mut start = 0;
    while start < corpus.pages() {
        let end = (start + CHUNK).min(corpus.pages());
        let documents: Vec<_> = (start..end)
            .map(|page| {
                let id = page.cast_signed() + 1;
                to_tantivy(&fields, &corpus.document(page, (PageId(id), ChangeId(id))))
            })
            .collect();
        let began = Instant::now();
        for document in documents {
            writer.add_document(document)?;
        }
        // Nothing is left in its queue to be done while the next documents are made.
        writer.commit()?;
        taken += began.elapsed();
        start = end;
    }
    let documents = index.reader()?.searcher().num_docs();
    ensure!(documents == corpus.pages(), "the ceiling holds {documents} pages");
    writer.wait_merging_threads().context("merges failed")?;
    Ok(taken)
}
