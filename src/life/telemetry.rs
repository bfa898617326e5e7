//! Log lines: to standard error for whoever collects them, or to a file while a terminal shows progress.

use std::fs::{File, OpenOptions};
use std::io::{self, IsTerminal as _};
use std::path::Path;
use std::time::Duration;

mod thrift;

use anyhow::Context as _;
use tokio::time::Instant;
use tracing_subscriber::fmt::writer::BoxMakeWriter;
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::SubscriberInitExt as _;
use tracing_subscriber::{EnvFilter, Layer as _, fmt};

use crate::settings::{LogFormat, Settings};
use thrift::Counting;
pub(crate) use thrift::{Thrift, tell};

/// A log file begins anew at this size; one older one is kept.
const LONGEST_BYTES: u64 = 20 << 20;

/// Where log lines go.
pub(crate) enum Destination {
    /// Standard error.
    Stderr,
    /// A file, which child processes append to as well.
    File(File),
}

/// Starts logging for this process. What is left out to keep the log short is to be told: see [`tell`].
pub(crate) fn start(settings: &Settings, destination: Destination) -> anyhow::Result<Thrift> {
    let filter: EnvFilter = settings.log_filter.parse().context("log.level")?;
    let colours = matches!(destination, Destination::Stderr) && io::stderr().is_terminal();
    let writer = match destination {
        Destination::Stderr => BoxMakeWriter::new(io::stderr),
        Destination::File(file) => BoxMakeWriter::new(std::sync::Mutex::new(file)),
    };
    let thrift = Thrift::new(Instant::now());
    let writer = Counting { inner: writer, thrift: thrift.clone() };
    let layer = fmt::layer().with_writer(writer).with_ansi(colours);
    let layer = match settings.log_format {
        LogFormat::Text => layer.compact().boxed(),
        LogFormat::Json => layer.json().flatten_event(true).boxed(),
    };
    // Lines that are not wanted at all come first: they are not counted.
    let started =
        tracing_subscriber::registry().with(layer.with_filter(thrift.clone())).with(filter).try_init();
    started.map_err(|error| anyhow::anyhow!("logging cannot be started: {error}"))?;
    Ok(thrift)
}

/// Opens a log file for several processes: whoever writes appends.
pub(crate) fn open(path: &Path) -> io::Result<File> {
    OpenOptions::new().create(true).append(true).open(path)
}

/// Keeps a log file from growing without end. The file is emptied in place, because child processes go on
/// writing to it.
pub(crate) async fn keep_short(path: &Path) {
    loop {
        if path.metadata().is_ok_and(|found| LONGEST_BYTES < found.len()) {
            let shortened = async {
                tokio::fs::copy(path, path.with_extension("log.old")).await?;
                OpenOptions::new().write(true).truncate(true).open(path).map(drop)
            };
            if let Err(error) = shortened.await {
                tracing::warn!(%error, "the log file cannot be shortened");
            }
        }
        tokio::time::sleep(Duration::from_secs(60)).await;
    }
}
