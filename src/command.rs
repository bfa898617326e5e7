//! The subcommands, each in a file of its own, and what runs them.

use std::process::ExitCode;

use clap::Subcommand;

use crate::settings::{Given, Settings};
use crate::{admin, crawl, doctor, index, postgres, search, serve, up};

#[derive(Subcommand)]
pub(crate) enum Command {
    Up(up::Arguments),
    /// Run the crawler alone
    Crawl,
    Index(index::Arguments),
    /// Run the server alone: Gemini and the web
    Serve,
    /// Run the private Postgres alone, for units of their own
    Postgres,
    Search(search::Arguments),
    Admin(admin::Arguments),
    /// Say what is wrong, in plain words
    Doctor,
}

/// Reads the configuration, and does what was asked.
pub(crate) async fn run(given: Given, command: Command) -> anyhow::Result<ExitCode> {
    let settings = Settings::read(&given)?;
    match command {
        Command::Up(arguments) => up::run(settings, &given, arguments).await,
        Command::Crawl => crawl::run(&settings).await,
        Command::Index(arguments) => index::run(&settings, &arguments).await,
        Command::Serve => serve::run(&settings).await,
        Command::Postgres => postgres::run(&settings).await,
        Command::Search(arguments) => search::run(&settings, &arguments).await,
        Command::Admin(arguments) => admin::run(&settings, &arguments).await,
        Command::Doctor => doctor::run(&settings).await,
    }
}
