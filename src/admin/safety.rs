//! The acts that keep what there is: backup, restore, and the move to another Postgres. They find their own way to
//! the database, which may be away, half restored, or somebody else's.

use std::process::ExitCode;

use super::{backup, restore, upgrade};
use crate::settings::{Places, Settings};

#[derive(Debug, clap::Subcommand)]
pub(super) enum Safety {
    Backup(backup::Arguments),
    Restore(restore::Arguments),
    UpgradePostgres(upgrade::Arguments),
}

/// Does one of them.
pub(super) async fn run(act: &Safety, settings: &Settings, places: &Places) -> anyhow::Result<ExitCode> {
    match act {
        Safety::Backup(arguments) => backup::run(settings, places, arguments).await,
        Safety::Restore(arguments) => restore::run(settings, places, arguments).await,
        Safety::UpgradePostgres(arguments) => upgrade::run(settings, places, arguments).await,
    }
}
