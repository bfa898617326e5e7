//! `sextant admin upgrade-postgres`: the private Postgres moves to a new major version.
//!
//! Where nothing runs, it is done here. Where Sextant runs, it is asked to: it owns the database, and searches are
//! answered from the index meanwhile.

use std::io::{self, Write as _};
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::bail;
use shared::process::machine;
use shared::store::cluster::{swap, upgrade};

use super::restore;
use crate::life::identity;
use crate::postgres::wish::{self, Wish};
use crate::settings::{Places, Settings, absolute};

/// Move the database to the programs of a newer Postgres; searches are answered meanwhile
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// The folder of the new programs; else the newest that are installed
    #[arg(long, value_name = "FOLDER")]
    programs: Option<PathBuf>,
    /// Remove the databases that earlier moves and restores have kept
    #[arg(long)]
    discard_old: bool,
}

/// Moves it, or has it moved.
pub(crate) async fn run(
    settings: &Settings,
    places: &Places,
    arguments: &Arguments,
) -> anyhow::Result<ExitCode> {
    identity::leave_root(places.state())?;
    if settings.database_url.is_some() {
        bail!("database.url names a Postgres of somebody else's: it is moved by whoever runs it");
    }
    let live = places.postgres();
    if arguments.discard_old {
        let kept = upgrade::kept(&live);
        for folder in &kept {
            swap::remove(folder).await?;
            writeln!(io::stdout(), "removed {}", folder.display())?;
        }
        if kept.is_empty() {
            writeln!(io::stdout(), "no old database is kept")?;
        }
        return Ok(ExitCode::SUCCESS);
    }
    if !live.join("data/PG_VERSION").is_file() {
        bail!("there is no database in {}", live.display());
    }
    let needed = upgrade::bytes(&live) + restore::LOG_OF_CHANGES;
    if let Some(room) = machine::room(places.state()).filter(|room| room.free_bytes < needed) {
        bail!(
            "the new database needs {} MiB beside the old one, and {} has {} MiB free: make room, then try again",
            needed >> 20,
            places.state().display(),
            room.free_bytes >> 20
        );
    }
    let wish = Wish { programs: arguments.programs.as_deref().map(absolute) };
    let told = match restore::alone(places) {
        Ok(_locks) => {
            let options = restore::cluster_options(settings, live);
            let moved = upgrade::upgrade(&options, wish.programs.as_deref()).await?;
            wish::told(&moved)
        }
        Err(_running) => wish::ask(places.state(), &wish).await?,
    };
    writeln!(io::stdout(), "{told}")?;
    Ok(ExitCode::SUCCESS)
}
