//! The benches. An absolute time on a noisy machine proves nothing, so each prints ratios against a
//! ceiling or a peer measured in the same run, and as its last line one flat JSON object with every figure.
//!
//! `deploy/bench NAME` builds this in release and runs it.

pub mod corpus;
pub mod crawl;
pub mod filled;
pub mod index;
pub mod leak;
pub mod process;
pub mod search;

use std::process::ExitCode;

use bench::{known_item, relevance, report};
use clap::{Parser, Subcommand};

/// Shows how fast and how frugal Sextant is on this machine.
#[derive(Debug, Parser)]
#[command(name = "deploy/bench", disable_help_subcommand = true)]
struct Arguments {
    #[command(subcommand)]
    bench: Bench,
}

/// One bench, one file.
#[derive(Debug, Subcommand)]
enum Bench {
    /// From the feed to committed, against tantivy fed from memory
    Index(index::Options),
    /// Ten thousand visits to hostile servers, and nothing left behind
    Leak(leak::Options),
    /// From the network to stored and numbered, against a client that throws the pages away
    Crawl(crawl::Options),
    /// The same when nothing has changed
    Recrawl(crawl::Options),
    #[command(hide = true)]
    CrawlSpace(crawl::Serve),
    #[command(hide = true)]
    CrawlWorker(crawl::Work),
    /// How well known pages of a folder of capsules are found
    KnownItem(known_item::Options),
    /// How well a collection with judgments is ranked
    Relevance(relevance::Options),
    /// How fast what is asked is found, against the library alone on the same index
    Search(search::Options),
    #[command(hide = true)]
    SearchServer(search::Serve),
    #[command(hide = true)]
    IndexWorker(index::Follow),
    #[command(hide = true)]
    LeakSpace(leak::Serve),
}

fn main() -> anyhow::Result<ExitCode> {
    let Arguments { bench } = Arguments::parse();
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(async {
        match bench {
            Bench::Index(options) => Ok(index::run(&options).await?.print()),
            Bench::Crawl(options) => Ok(crawl::run(&options).await?.print()),
            Bench::Recrawl(options) => Ok(crawl::run_again(&options).await?.print()),
            Bench::CrawlSpace(options) => crawl::serve(&options).await.map(|()| ExitCode::SUCCESS),
            Bench::CrawlWorker(options) => crawl::work(&options).await.map(|()| ExitCode::SUCCESS),
            Bench::Leak(options) => Ok(leak::run(&options).await?.print()),
            Bench::LeakSpace(options) => leak::serve(&options).await.map(|()| ExitCode::SUCCESS),
            Bench::KnownItem(options) => Ok(known_item::run(&options).await?.print()),
            Bench::Relevance(options) => Ok(relevance::run(&options).await?.print()),
            Bench::Search(options) => Ok(search::run(&options).await?.print()),
            Bench::SearchServer(options) => search::serve(&options).await.map(|()| ExitCode::SUCCESS),
            Bench::IndexWorker(follow) => index::follow(&follow).await.map(|()| ExitCode::SUCCESS),
        }
    })
}
