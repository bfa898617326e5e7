//! A Geminispace of our own: a folder of capsules or a generated one, served over real TLS on loopback.

use std::fmt::Write as _;
use std::path::PathBuf;

use anyhow::Context as _;
use space::{Generator, Space};

use crate::settings::{Places, Plan};

/// How large the generated space is.
const CAPSULES: usize = 40;
const PAGES: u64 = 2_000;

/// The same space at every start, so that a second start finds nothing new.
const SEED: u64 = 1966;

/// A space that is served; it ends with this.
#[derive(Debug)]
pub(super) struct Served(Space);

/// Serves what the plan names and writes the routes to it. None: the plan names the public space.
pub(super) async fn serve(plan: &Plan, places: &Places) -> anyhow::Result<Option<Served>> {
    let builder = match plan {
        Plan::Public => return Ok(None),
        Plan::Folder(folder) => Space::builder().folder(folder),
        Plan::Generated => Space::builder().generated(Generator::new(SEED, CAPSULES, PAGES)),
    };
    let space = builder.start().await?;
    let mut routes = String::new();
    for (host, address) in space.routes() {
        // Writing into a string cannot fail.
        let _written = writeln!(routes, "{host} {address}");
    }
    let file: PathBuf = places.routes();
    std::fs::write(&file, routes).with_context(|| format!("{} cannot be written", file.display()))?;
    Ok(Some(Served(space)))
}

impl Served {
    /// Closes every capsule.
    pub(super) async fn stop(self) {
        self.0.stop().await;
    }
}
