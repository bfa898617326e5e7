//! Log lines: to standard error for whoever collects them, or to a file while a terminal shows progress.

use std::fs::{File, OpenOptions};
use std::io::{self, IsTerminal as _};
use std::path::Path;
use std::time::Duration;

use anyhow::Context as _;
use tracing_subscriber::EnvFilter;
use tracing_subscriber::fmt::writer::BoxMakeWriter;

use crate::settings::{LogFormat, Settings};

/// A log file begins anew at this size; one older one is kept.
const LONGEST_BYTES: u64 = 20 << 20;

/// Where log lines go.
pub(crate) enum Destination {
    /// Standard error.
    Stderr,
    /// A file, which child processes append to as well.
    File(File),
}

/// Starts logging for this process.
pub(crate) fn start(settings: &Settings, destination: Destination) -> anyhow::Result<()> {
    let filter: EnvFilter = settings.log_filter.parse().context("log.level")?;
    let colours = matches!(destination, Destination::Stderr) && io::stderr().is_terminal();
    let writer = match destination {
        Destination::Stderr => BoxMakeWriter::new(io::stderr),
        Destination::File(file) => BoxMakeWriter::new(std::sync::Mutex::new(file)),
    };
    let builder = tracing_subscriber::fmt().with_env_filter(filter).with_writer(writer).with_ansi(colours);
    let started = match settings.log_format {
        LogFormat::Text => builder.compact().try_init(),
        LogFormat::Json => builder.json().flatten_event(true).try_init(),
    };
    started.map_err(|error| anyhow::anyhow!("logging cannot be started: {error}"))
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
