//! The subcommands, each in a file of its own, and what runs them.

use std::process::ExitCode;

use clap::Subcommand;

use crate::settings::{Given, Settings};
use crate::{admin, crawl, doctor, index, postgres, search, serve, setup, up};

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
    Setup(setup::Arguments),
    Search(search::Arguments),
    Admin(admin::Arguments),
    /// Say what is wrong, in plain words
    Doctor,
}

/// Does what was asked; nearly everything reads the configuration first.
pub(crate) async fn run(given: Given, command: Command) -> anyhow::Result<ExitCode> {
    let read = || Settings::read(&given);
    match command {
        // It writes the configuration that all others read.
        Command::Setup(arguments) => setup::run(&given, &arguments),
        Command::Up(arguments) => up::run(read()?, &given, arguments).await,
        Command::Crawl => crawl::run(&read()?).await,
        Command::Index(arguments) => index::run(&read()?, &arguments).await,
        Command::Serve => serve::run(&read()?).await,
        Command::Postgres => postgres::run(&read()?).await,
        Command::Search(arguments) => search::run(&read()?, &arguments).await,
        Command::Admin(arguments) => admin::run(&read()?, &arguments).await,
        Command::Doctor => doctor::run(&read()?).await,
    }
}
