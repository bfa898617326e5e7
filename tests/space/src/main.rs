//! The simulated space as a command for people: serve a folder of capsules, or a generated space, and print the
//! routes to it; list the catalogue of hostile behaviours.

use std::error::Error;
use std::io::{self, Write};
use std::path::PathBuf;

use clap::{Parser, Subcommand};
use space::{Behaviour, Builder, Generator, Request, Space};

#[derive(Debug, Parser)]
#[command(name = "space", about = "A simulated Geminispace on loopback", version)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Serve every <host>/<path> of a folder
    Serve {
        /// The folder
        folder: PathBuf,
        #[command(flatten)]
        options: Options,
    },
    /// Serve a generated space
    Generate {
        /// How many capsules
        #[arg(long, default_value_t = 40)]
        capsules: usize,
        /// How many pages in all of them together
        #[arg(long, default_value_t = 2_000)]
        pages: u64,
        /// Another seed, another space
        #[arg(long, default_value_t = 1)]
        seed: u64,
        #[command(flatten)]
        options: Options,
    },
    /// List the hostile behaviours, or serve each on a host of its own
    Behaviours {
        /// Serve them
        #[arg(long)]
        serve: bool,
        #[command(flatten)]
        options: Options,
    },
}

#[derive(Debug, clap::Args)]
struct Options {
    /// The port of all addresses; 0 finds a free one
    #[arg(long, default_value_t = 0)]
    port: u16,
    /// Print each request as it ends
    #[arg(long)]
    log: bool,
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    match Arguments::parse().command {
        Command::Serve { folder, options } => run(Space::builder().folder(folder), &options).await,
        Command::Generate { capsules, pages, seed, options } => {
            run(Space::builder().generated(Generator::new(seed, capsules, pages)), &options).await
        }
        Command::Behaviours { serve: true, options } => {
            run(Space::builder().every_behaviour(), &options).await
        }
        Command::Behaviours { serve: false, .. } => Ok(list(&mut io::stdout().lock())?),
    }
}

fn list(out: &mut impl Write) -> io::Result<()> {
    for behaviour in Behaviour::all() {
        writeln!(out, "{:>3}  {:<34} {}", behaviour.catalogue(), behaviour.name(), behaviour.says())?;
    }
    Ok(())
}

async fn run(builder: Builder, options: &Options) -> Result<(), Box<dyn Error>> {
    let space = builder.port(options.port).start().await?;
    routes(&space, &mut io::stdout().lock())?;
    if options.log {
        tokio::select! {
            _ = tokio::signal::ctrl_c() => {}
            shown = show(&space) => shown?,
        }
    } else {
        tokio::signal::ctrl_c().await?;
    }
    space.stop().await;
    Ok(())
}

/// Prints each connection as it ends, until it is dropped or the output is gone.
async fn show(space: &Space) -> io::Result<()> {
    let mut shown = 0;
    loop {
        // A quiet half minute is no error: it is asked again.
        let _ = space.wait_for(|log| shown < log.ended_count()).await;
        let ended: Vec<Request> = space.look(|log| {
            let ended = log.ended_since(shown).cloned().collect();
            shown = log.ended_count();
            ended
        });
        ended.iter().try_for_each(|request| line(request, &mut io::stdout().lock()))?;
    }
}

/// The routes as `sextant.toml` takes them.
fn routes(space: &Space, out: &mut impl Write) -> io::Result<()> {
    writeln!(out, "[route]")?;
    for (host, address) in space.routes() {
        writeln!(out, "\"{host}\" = \"{address}\"")?;
    }
    out.flush()
}

fn line(request: &Request, out: &mut impl Write) -> io::Result<()> {
    let took = request.closed_at.map(|closed_at| closed_at - request.opened_at).unwrap_or_default();
    let status = request.status.map_or_else(|| "--".to_owned(), |status| status.to_string());
    let url = request.url.escape_debug();
    writeln!(
        out,
        "{status} {:>6} ms {:>9} B {:?} {} {url}",
        took.as_millis(),
        request.sent,
        request.ended,
        request.host
    )
}
