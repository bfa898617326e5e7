//! The server's side, in a process of its own, so that its memory is its own.

use std::ffi::OsString;
use std::io::Read as _;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use server::Server;
use server::app::StoreSlot;
use server::config::Config;
use server::search::{SearchConfig, Searcher};
use tokio_util::sync::CancellationToken;

/// The server alone; hidden.
#[derive(Debug, clap::Args)]
pub struct Serve {
    #[arg(long)]
    folder: PathBuf,
    #[arg(long)]
    state: PathBuf,
}

pub(super) fn arguments(folder: &Path, state: &Path) -> [OsString; 5] {
    ["search-server".into(), "--folder".into(), folder.into(), "--state".into(), state.into()]
}

/// Serves an index until its standard input ends; says its addresses, Gemini's first, on one line.
///
/// # Errors
///
/// When the server cannot be opened.
#[allow(clippy::print_stdout, reason = "the addresses are for the process that started this one")]
pub async fn serve(serve: &Serve) -> anyhow::Result<()> {
    let any = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
    let mut config = Config::local(serve.state.join("server"));
    (config.gemini, config.web) = (vec![any], vec![any]);
    let searcher = Searcher::open(&serve.folder, SearchConfig::default());
    let server = Server::bind(&config, searcher, StoreSlot::default()).await?;
    let gemini = server.gemini_addresses().pop().context("no Gemini door")?;
    let web = server.web_addresses().pop().context("no web door")?;
    println!("{gemini} {web}");
    let parent = tokio::task::spawn_blocking(|| std::io::stdin().read_to_end(&mut Vec::new()));
    tokio::select! {
        () = server.run(CancellationToken::new()) => {}
        ended = parent => drop(ended?),
    }
    Ok(())
}
