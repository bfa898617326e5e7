//! The hostile space, in a process of its own: this program again, which tells its routes on one line and
//! lives as long as somebody holds its standard input.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{Read as _, Write as _};
use std::net::SocketAddr;

use anyhow::Context as _;
use crawler::fetch::limits::Routes;
use serde::{Deserialize, Serialize};
use shared::gemini::host::Host;
use space::{Behaviour, Capsule, Space};

use crate::process::Worker;

/// The well-behaved capsule among them.
const GOOD: &str = "good.example";

/// How the space is served.
#[derive(Debug, clap::Args)]
pub struct Serve {
    #[arg(long)]
    faster: u32,
}

/// One host of the space.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Told {
    name: String,
    address: SocketAddr,
    /// Its number in the catalogue; none: it behaves well.
    number: Option<u16>,
}

/// The space as its visitors know it.
pub(super) struct Hostile {
    hosts: Vec<Told>,
    _space: Worker,
}

/// Serves the space until standard input ends.
///
/// # Errors
///
/// When it cannot be started.
pub async fn serve(options: &Serve) -> anyhow::Result<()> {
    let good = Capsule::new().page("/page", "# A good page\n\nIt comes at once.\n");
    let space = Space::builder()
        .every_behaviour()
        .capsule(GOOD, good)
        .faster(options.faster)
        .log_at_most(1)
        .start()
        .await?;
    let numbers: BTreeMap<String, u16> = Behaviour::all()
        .into_iter()
        .map(|behaviour| (format!("{}.hostile.example", behaviour.name()), behaviour.catalogue()))
        .collect();
    let hosts: Vec<Told> = space
        .routes()
        .into_iter()
        .map(|(name, address)| Told { number: numbers.get(&name).copied(), name, address })
        .collect();
    let mut out = std::io::stdout();
    writeln!(out, "{}", serde_json::to_string(&hosts)?)?;
    out.flush()?;
    tokio::task::spawn_blocking(|| std::io::stdin().read_to_end(&mut Vec::new())).await??;
    Ok(())
}

impl Hostile {
    pub(super) fn start() -> anyhow::Result<Self> {
        let arguments = ["leak-space", "--faster", &super::FASTER.to_string()].map(Into::into);
        let (space, line) = Worker::start_telling(arguments)?;
        let hosts = serde_json::from_str(&line).context("the space does not tell its hosts")?;
        Ok(Self { hosts, _space: space })
    }

    pub(super) fn routes(&self) -> Routes {
        self.hosts.iter().filter_map(|told| Some((Host::parse(&told.name).ok()?, told.address))).collect()
    }

    /// The hostile hosts, by the numbers of their behaviours.
    pub(super) fn behaviours(&self) -> Vec<&str> {
        self.hosts.iter().filter(|told| told.number.is_some()).map(|told| told.name.as_str()).collect()
    }

    /// The well-behaved one.
    pub(super) const fn good(&self) -> &'static str {
        GOOD
    }

    /// Different numbers of the catalogue.
    pub(super) fn numbers(&self) -> usize {
        self.hosts.iter().filter_map(|told| told.number).collect::<BTreeSet<_>>().len()
    }

    /// Where the space lives.
    pub(super) fn addresses(&self) -> BTreeSet<SocketAddr> {
        self.hosts.iter().map(|told| told.address).collect()
    }
}
