//! The program `sextant`: one subcommand, one file.
mod admin;
mod command;
mod crawl;
mod doctor;
mod index;
mod life;
mod machine;
mod postgres;
mod search;
mod serve;
mod settings;
mod setup;
mod up;

use std::process::ExitCode;

use clap::Parser;
use command::Command;
use settings::Given;

/// A search engine for Geminispace that is started once and runs for years
#[derive(Parser)]
#[command(name = "sextant", version, arg_required_else_help = true)]
struct Arguments {
    #[command(flatten)]
    given: Given,
    #[command(subcommand)]
    command: Command,
}

fn main() -> ExitCode {
    match Arguments::try_parse() {
        Ok(Arguments { given, command }) => life::live(command::run(given, command)),
        Err(error) => life::ending::of_flags(&error),
    }
}
