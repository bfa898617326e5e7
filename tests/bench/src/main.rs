//! The benches. An absolute time on a noisy machine proves nothing, so each prints ratios against a
//! ceiling or a peer measured in the same run, and as its last line one flat JSON object with every figure.
//!
//! `deploy/bench NAME` builds this in release and runs it.

pub mod report;

use std::process::ExitCode;

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
enum Bench {}

#[expect(unreachable_code, reason = "no bench is there yet; goes with the first")]
fn main() -> anyhow::Result<ExitCode> {
    let Arguments { bench } = Arguments::parse();
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let report: report::Report = runtime.block_on(async { match bench {} });
    Ok(report.print())
}
