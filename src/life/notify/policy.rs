//! What the admin is to be told, given how things are and what was told before. Pure: a moment comes in as an argument.
//!
//! Trouble is told when it begins, at most once an hour for each kind, once a day while it lasts, and once when it is
//! over. A disk that fills up further is told anew at each step. Some things only happen (another certificate, a
//! damaged index): they are told once each.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use shared::process::disk::{Scarcity, Step};
use shared::process::told;

use super::message::{Kind, Message, State};
use crate::settings::Heartbeat;

const HOUR: u64 = 3_600;
const DAY: u64 = 24 * HOUR;
/// Without a visit for so long, while something is due, the crawl stands still.
const NO_CRAWL: u64 = 6 * HOUR;
/// A daily backup that is older than this has been missed twice.
const OLD_BACKUP: u64 = 50 * HOUR;
/// A certificate that runs out within this time.
const SOON: u64 = 30 * DAY;
/// So many starts of one component in an hour are a loop.
const MANY_STARTS: usize = 5;
/// A database that is away for longer has trouble, not a restart.
const AWAY: u64 = 300;
/// An index that is behind for longer does not catch up.
const BEHIND: u64 = HOUR;

/// How things are. None stands for what is not known now.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Facts {
    /// How this copy is called.
    pub(super) name: String,
    pub(super) disk: Option<Scarcity>,
    /// Why the database does not answer, and for how many seconds.
    pub(super) database_away: Option<(u64, String)>,
    pub(super) store: Option<StoreFacts>,
    /// Starts of components: moment and name.
    pub(super) starts: Vec<(u64, String)>,
    pub(super) certificate: Option<Certificate>,
    /// The newest index that was set aside.
    pub(super) quarantined: Option<String>,
}

/// What the store says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct StoreFacts {
    /// Seconds since the last visit of any crawler; none: never.
    pub(super) last_visit: Option<u64>,
    pub(super) due_capsules: u64,
    /// The admin paused everything, or set hours that are not now.
    pub(super) is_paused: bool,
    /// What crawlers say that keeps them.
    pub(super) brake: Option<String>,
    pub(super) reports: u64,
    /// Seconds since the last small backup; none: none was made yet.
    pub(super) backup: Option<u64>,
    /// Followers that are behind: name, changes, seconds since they told.
    pub(super) behind: Vec<(String, u64, u64)>,
    pub(super) changes: u64,
}

/// Our certificate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Certificate {
    pub(super) fingerprint: String,
    /// When it runs out.
    pub(super) expiry: u64,
}

/// What was told before.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct Memory {
    open: BTreeMap<Kind, Open>,
    /// When each kind was told last, by its rank.
    told: BTreeMap<Kind, BTreeMap<u8, u64>>,
    /// The first look.
    began: Option<u64>,
    heartbeat_day: Option<u64>,
    certificate: Option<String>,
    quarantined: Option<String>,
    disk_step: u8,
}

/// Trouble that was told and is not over.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
struct Open {
    rank: u8,
    at: u64,
}

impl Memory {
    /// A message was taken by the command.
    pub(super) fn told(&mut self, message: &Message, now: u64) {
        let Message { kind, state, rank, .. } = *message;
        match state {
            State::Trouble | State::Reminder => {
                self.open.insert(kind, Open { rank, at: now });
                self.told.entry(kind).or_default().insert(rank, now);
            }
            State::Resolved => drop(self.open.remove(&kind)),
            State::News if kind == Kind::Heartbeat => self.heartbeat_day = Some(now / DAY),
            State::News => {}
        }
    }

    /// The step of the disk that was seen last.
    pub(super) fn disk_step(&self) -> Step {
        Step::ALL.into_iter().find(|step| step.number() == self.disk_step).unwrap_or_default()
    }
}

/// What is to be told now. The memory learns what needs no telling; [`Memory::told`] is for what was told.
pub(super) fn due(facts: &Facts, memory: &mut Memory, heartbeat: Heartbeat, now: u64) -> Vec<Message> {
    let began = *memory.began.get_or_insert(now);
    memory.disk_step = facts.disk.map_or(memory.disk_step, |disk| disk.step.number());
    let troubles = troubles(facts, began, now);
    let mut due = Vec::new();
    for (&kind, (rank, words)) in &troubles {
        let message = |state| Message { kind, state, words: words.clone(), rank: *rank };
        let told = memory.told.get(&kind);
        // An hour since it, or something worse, was told.
        let last = told.and_then(|told| told.range(rank..).map(|(_, at)| *at).max());
        let is_quiet = last.is_none_or(|at| at + HOUR <= now);
        match memory.open.get(&kind) {
            Some(open) if *rank <= open.rank => {
                if open.at + DAY <= now {
                    due.push(message(State::Reminder));
                }
            }
            Some(_) | None if is_quiet => due.push(message(State::Trouble)),
            Some(_) | None => {}
        }
    }
    for &kind in memory.open.keys() {
        if !troubles.contains_key(&kind) && facts.knows(kind) {
            let words = over(kind).to_owned();
            due.push(Message { kind, state: State::Resolved, words, rank: 0 });
        }
    }
    due.extend(news(facts, memory));
    if is_time(heartbeat, memory, began, now) {
        let words = all_well(facts, troubles.len());
        due.push(Message { kind: Kind::Heartbeat, state: State::News, words, rank: 0 });
    }
    due
}

impl Facts {
    /// Whether these facts can say that a trouble is over.
    const fn knows(&self, kind: Kind) -> bool {
        match kind {
            Kind::Disk => self.disk.is_some(),
            Kind::NoCrawl | Kind::Reports | Kind::Index | Kind::Database | Kind::Backup => {
                self.store.is_some()
            }
            Kind::Certificate => self.certificate.is_some(),
            Kind::Restarts | Kind::NewCertificate | Kind::DamagedIndex | Kind::Heartbeat => true,
        }
    }
}

fn troubles(facts: &Facts, began: u64, now: u64) -> BTreeMap<Kind, (u8, String)> {
    let mut troubles = BTreeMap::new();
    let mut add = |kind, rank, words| drop(troubles.insert(kind, (rank, words)));
    if let Some(disk) = facts.disk.filter(|disk| disk.step != Step::Enough) {
        add(Kind::Disk, disk.step.number(), disk.to_string());
    }
    if let Some((seconds, why)) = facts.database_away.as_ref().filter(|(seconds, _)| AWAY <= *seconds) {
        add(Kind::Database, 0, format!("the database has not answered for {} minutes: {why}", seconds / 60));
    }
    if let Some(store) = &facts.store {
        let since = store.last_visit.unwrap_or(now.saturating_sub(began));
        if NO_CRAWL <= since && !store.is_paused && (0 < store.due_capsules || store.brake.is_some()) {
            let why = store.brake.as_ref().map_or_else(String::new, |brake| format!(": {brake}"));
            let words = format!(
                "nothing has been crawled for {} hours, and {} due{why}",
                since / HOUR,
                told::count(store.due_capsules, "capsule is", "capsules are")
            );
            add(Kind::NoCrawl, 0, words);
        }
        match store.backup {
            Some(age) if OLD_BACKUP < age => {
                add(Kind::Backup, 0, format!("the newest backup is {} hours old", age / HOUR));
            }
            None if began + OLD_BACKUP < now => {
                add(Kind::Backup, 0, "no backup has been made yet".to_owned())
            }
            Some(_) | None => {}
        }
        if 0 < store.reports {
            let waiting = told::count(store.reports, "report of a visitor waits", "reports of visitors wait");
            add(Kind::Reports, 0, format!("{waiting} for you"));
        }
        if let Some((name, lag, age)) = store.behind.iter().find(|(_, lag, age)| 0 < *lag && BEHIND <= *age) {
            add(
                Kind::Index,
                0,
                format!(
                    "the index {name} is {} behind and has told nothing for {}",
                    told::count(*lag, "change", "changes"),
                    told::count(age / HOUR, "hour", "hours")
                ),
            );
        }
    }
    let mut starts: BTreeMap<&str, usize> = BTreeMap::new();
    for (_, component) in facts.starts.iter().filter(|(at, _)| now < at + HOUR) {
        *starts.entry(component).or_default() += 1;
    }
    if let Some((component, count)) = starts.into_iter().find(|(_, count)| MANY_STARTS <= *count) {
        add(Kind::Restarts, 0, format!("the process {component} was started {count} times in the last hour"));
    }
    if let Some(certificate) =
        facts.certificate.as_ref().filter(|certificate| certificate.expiry < now + SOON)
    {
        let words = match certificate.expiry.checked_sub(now) {
            Some(left) => format!("our certificate runs out in {}", told::count(left / DAY, "day", "days")),
            None => "our certificate has run out".to_owned(),
        };
        add(Kind::Certificate, 0, words);
    }
    troubles
}

/// What is said where a trouble is no more.
const fn over(kind: Kind) -> &'static str {
    match kind {
        Kind::Disk => "the disk has room again",
        Kind::Backup => "there is a new backup",
        Kind::NoCrawl => "the crawl goes on",
        Kind::Restarts => "no process falls again and again",
        Kind::Certificate => "the certificate is good for long",
        Kind::Reports => "no report waits",
        Kind::Database => "the database answers",
        Kind::Index => "the index has caught up",
        Kind::NewCertificate | Kind::DamagedIndex | Kind::Heartbeat => "it is over",
    }
}

/// What only happens. It is remembered at once: told or not, it does not happen again.
fn news(facts: &Facts, memory: &mut Memory) -> Vec<Message> {
    let mut news = Vec::new();
    if let Some(now) = facts.certificate.as_ref().map(|certificate| &certificate.fingerprint) {
        let before = memory.certificate.replace(now.clone());
        if before.is_some_and(|before| before != *now) {
            let words = format!("our certificate is another one now: sha256:{now}");
            news.push(Message { kind: Kind::NewCertificate, state: State::News, words, rank: 0 });
        }
    }
    if let Some(name) = &facts.quarantined
        && memory.quarantined.replace(name.clone()).as_ref() != Some(name)
    {
        let words = format!("the index was damaged and set aside as {name}");
        news.push(Message { kind: Kind::DamagedIndex, state: State::News, words, rank: 0 });
    }
    news
}

/// Whether the word of the day is due: after its time, once a day, and not on the first day if that has passed.
fn is_time(heartbeat: Heartbeat, memory: &Memory, began: u64, now: u64) -> bool {
    let Heartbeat::At(minute) = heartbeat else { return false };
    let moment = now / DAY * DAY + u64::from(minute) * 60;
    let is_told = memory.heartbeat_day.is_some_and(|day| now / DAY <= day);
    moment <= now && began <= moment && !is_told
}

fn all_well(facts: &Facts, troubles: usize) -> String {
    let state = match troubles {
        0 => "nothing needs you".to_owned(),
        1 => "one thing needs you, as was told".to_owned(),
        count => format!("{count} things need you, as was told"),
    };
    let store = facts.store.as_ref().map_or_else(
        || "the database is away".to_owned(),
        |store| {
            let visit = store.last_visit.map_or_else(
                || "nothing was crawled yet".to_owned(),
                |seconds| {
                    format!("the last visit was {} ago", told::count(seconds / 60, "minute", "minutes"))
                },
            );
            let due = told::count(store.due_capsules, "capsule is", "capsules are");
            format!("{visit}, {due} due, {} so far", told::count(store.changes, "change", "changes"))
        },
    );
    let disk =
        facts.disk.map_or_else(String::new, |disk| format!(", {} MiB free", disk.room.free_bytes >> 20));
    format!("{state}; {store}{disk}")
}

#[cfg(test)]
mod tests;
