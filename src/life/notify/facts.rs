//! How things are, as far as this machine can see: its disk, its state folder, and the store. What cannot be read is not
//! known, and ends no trouble.

use std::fs;
use std::path::Path;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use server::gemini::certificate;
use shared::gemini::pattern::UrlPattern;
use shared::process::disk::{Reserve, Scarcity, Step};
use shared::process::machine;
use shared::store::asked::backup::{self, BackupKind};
use shared::store::asked::{pause, report};
use shared::store::crawl::{turn, worker};
use shared::store::feed::{follower, identity};
use shared::store::{Store, StoreError, StoreOptions};
use tokio::time::Instant;

use super::policy::{Certificate, Facts, Memory, StoreFacts};
use crate::life::components;
use crate::life::ending::chain;
use crate::life::starts;
use crate::settings::{Places, Settings};

/// One connection is enough, and a slow answer is one.
const CONNECTIONS: u32 = 1;
const DEADLINE: Duration = Duration::from_secs(20);
/// A worker that was silent for longer is not running: what keeps it is of no interest.
const ALIVE: Duration = Duration::from_secs(120);

/// Gathers facts; remembers only its connection to the store and since when that is away.
pub(super) struct Gatherer {
    settings: Settings,
    places: Places,
    store: Option<Store>,
    away_since: Option<Instant>,
}

impl Gatherer {
    pub(super) fn new(settings: &Settings, places: &Places) -> Self {
        Self { settings: settings.clone(), places: places.clone(), store: None, away_since: None }
    }

    pub(super) async fn gather(&mut self, memory: &Memory) -> Facts {
        let (store, database_away) = match self.ask().await {
            Ok(store) => {
                self.away_since = None;
                (Some(store), None)
            }
            Err(error) => {
                let since = *self.away_since.get_or_insert_with(Instant::now);
                (None, Some((since.elapsed().as_secs(), chain(&error))))
            }
        };
        let host = self.settings.hosts.first().map_or_else(|| "localhost".to_owned(), ToString::to_string);
        Facts {
            name: host,
            disk: scarcity(self.places.state(), self.settings.reserve, memory.disk_step()),
            database_away,
            store,
            starts: starts::noted(&self.places.starts()),
            certificate: our_certificate(&self.places.server()),
            quarantined: quarantined(&self.places.index()),
        }
    }

    async fn ask(&mut self) -> anyhow::Result<StoreFacts> {
        let store = match &self.store {
            Some(store) => store.clone(),
            None => {
                let options = components::store_options(&self.settings, &self.places).await?;
                let options = StoreOptions { connections: CONNECTIONS, deadline: DEADLINE, ..options };
                self.store.insert(Store::lazy(options)).clone()
            }
        };
        Ok(store.read(read).await?)
    }
}

async fn read(c: &mut shared::store::pool::Connection) -> Result<StoreFacts, StoreError> {
    let workers = worker::all(c).await?;
    let backlog = turn::backlog(c).await?;
    let paused = pause::all(c).await?;
    let followers = follower::all(c).await?;
    let alive: Vec<&str> = workers
        .iter()
        .filter(|worker| worker.silent_for < ALIVE)
        .filter_map(|worker| worker.sign.brake.as_deref())
        .collect();
    let is_paused = paused.iter().any(|pause| pause.pattern == UrlPattern::Everything)
        || alive.iter().any(|brake| brake.contains("crawl.windows"));
    Ok(StoreFacts {
        last_visit: workers.iter().filter_map(|worker| worker.sign.visited).min().map(|ago| ago.as_secs()),
        due_capsules: backlog.due_capsules,
        is_paused,
        brake: alive.first().map(|brake| (*brake).to_owned()),
        reports: report::waiting(c).await?,
        backup: backup::last(c)
            .await?
            .iter()
            .find(|last| last.backup.kind == BackupKind::Small)
            .map(|last| last.age.as_secs()),
        behind: followers
            .into_iter()
            .map(|follower| (follower.name, follower.lag, follower.age.as_secs()))
            .collect(),
        changes: identity::current(c).await?.highest.0.unsigned_abs(),
    })
}

/// The room on the disk of a folder, and what follows from it.
pub(super) fn scarcity(folder: &Path, reserve: Reserve, before: Step) -> Option<Scarcity> {
    let room = machine::room(folder)?;
    Some(Scarcity { step: before.after(room, reserve), room, reserve_bytes: reserve.bytes(room) })
}

fn our_certificate(folder: &Path) -> Option<Certificate> {
    let fingerprint = certificate::fingerprint(folder)?.to_string();
    Some(Certificate { fingerprint, expiry: unix(certificate::expiry(folder)?) })
}

/// The newest index that was set aside.
fn quarantined(index: &Path) -> Option<String> {
    let names = fs::read_dir(index).ok()?.flatten().filter_map(|entry| entry.file_name().into_string().ok());
    names.filter(|name| name.starts_with("quarantine-")).max()
}

fn unix(moment: SystemTime) -> u64 {
    moment.duration_since(UNIX_EPOCH).unwrap_or_default().as_secs()
}
