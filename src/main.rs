//! The program `sextant`: one subcommand, one file.
mod admin;
mod crawl;
mod doctor;
mod index;
mod life;
mod machine;
mod search;
mod serve;
mod settings;
mod up;

use std::process::ExitCode;

use clap::{Parser, Subcommand};
use settings::{Given, Settings};

/// A search engine for Geminispace that is started once and runs for years
#[derive(Parser)]
#[command(name = "sextant", version, arg_required_else_help = true)]
struct Arguments {
    #[command(flatten)]
    given: Given,
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    Up(up::Arguments),
    /// Run the crawler alone
    Crawl,
    Index(index::Arguments),
    /// Run the server alone: Gemini and the web
    Serve,
    Search(search::Arguments),
    Admin(admin::Arguments),
    /// Say what is wrong, in plain words
    Doctor,
}

fn main() -> ExitCode {
    match Arguments::try_parse() {
        Ok(arguments) => life::live(run(arguments)),
        Err(error) => life::ending::of_flags(&error),
    }
}

async fn run(Arguments { given, command }: Arguments) -> anyhow::Result<ExitCode> {
    let settings = Settings::read(&given)?;
    match command {
        Command::Up(arguments) => up::run(settings, &given, arguments).await,
        Command::Crawl => crawl::run(&settings).await,
        Command::Index(arguments) => index::run(&settings, &arguments).await,
        Command::Serve => serve::run(&settings).await,
        Command::Search(arguments) => search::run(&settings, &arguments).await,
        Command::Admin(arguments) => admin::run(&settings, &arguments).await,
        Command::Doctor => doctor::run(&settings).await,
    }
}
