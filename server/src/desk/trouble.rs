//! What needs the admin: judged from what the store and the machine say, without asking anything itself.
//!
//! What somebody has asked for (a pause, the hours of the crawl) is no trouble, and what heals by itself within
//! moments is none yet.

use std::time::Duration;

use shared::process::disk::Reserve;
use shared::process::machine::Room;
use shared::store::asked::pause::Pause;
use shared::store::crawl::worker::Worker;
use shared::store::feed::follower::Report;
use shared::store::id::WorkerId;

use crate::paths::desk;
use crate::render::phrase::{self, span};

/// A worker that was silent for longer is not running.
pub const ALIVE: Duration = Duration::from_secs(120);

/// A worker whose heart beats every five seconds is missed after this.
const LATE: Duration = Duration::from_secs(30);

/// An indexer so far behind has trouble, unless it is catching up.
const BEHIND: Duration = Duration::from_secs(300);

/// A backup is made every day; two that did not come are trouble.
const OVERDUE: Duration = Duration::from_secs(3 * 86_400);

/// Something that needs the admin.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trouble {
    /// What, in a sentence.
    pub told: String,
    /// The screen that tells more.
    pub path: &'static str,
}

/// The beginning of an id, enough to tell a handful of crawlers apart.
#[must_use]
pub fn short(id: WorkerId) -> String {
    id.to_string().chars().take(8).collect()
}

/// What is judged.
#[derive(Clone, Copy, Debug)]
pub struct Evidence<'a> {
    /// The crawlers that are alive.
    pub workers: &'a [Worker],
    /// The indexes.
    pub followers: &'a [Report],
    /// What is paused.
    pub paused: &'a [Pause],
    /// The room on the disk, where the machine says.
    pub room: Option<Room>,
    /// What must stay free on it, or nothing is crawled.
    pub reserve: Reserve,
    /// Reports that nobody has judged.
    pub open_reports: u64,
    /// How old the last daily backup is; none: there has been none yet.
    pub backup_age: Option<Duration>,
}

/// Everything that needs the admin, the gravest first.
#[must_use]
pub fn all(evidence: &Evidence<'_>) -> Vec<Trouble> {
    let mut found = Vec::new();
    let mut say = |path, told: String| found.push(Trouble { told, path });
    if let Some(room) = evidence.room.filter(|room| room.free_bytes < evidence.reserve.bytes(*room)) {
        let free = phrase::bytes(room.free_bytes);
        say(
            desk::DESK,
            format!("The disk is nearly full ({free} free): give it room, or nothing is crawled."),
        );
    }
    if evidence.workers.is_empty() {
        let told = "No crawler is running: start one with sextant up, or sextant crawl.";
        say(desk::CONNECTIONS, told.to_owned());
    }
    let name = |worker: &Worker| match evidence.workers {
        [_] => "The crawler".to_owned(),
        _ => format!("Crawler {}", short(worker.id)),
    };
    let is_all_paused = evidence.paused.iter().any(|pause| pause.pattern.to_string() == "*");
    for worker in evidence.workers {
        let is_asked =
            is_all_paused || worker.sign.brake.as_ref().is_some_and(|brake| brake.contains("crawl.windows"));
        if let Some(brake) = worker.sign.brake.as_ref().filter(|_| !is_asked) {
            say(desk::CONNECTIONS, format!("{} does not crawl: {brake}.", name(worker)));
        }
        if let Some(notice) = &worker.sign.notice {
            say(desk::DESK, format!("{} crawls, but {notice}.", name(worker)));
        }
        if LATE < worker.silent_for {
            let silent = span(worker.silent_for);
            say(desk::CONNECTIONS, format!("{} has told nothing for {silent}: it may hang.", name(worker)));
        }
    }
    if evidence.followers.is_empty() {
        say(
            desk::INDEX,
            "There is no index, so nothing can be found: start one with sextant up, or sextant index."
                .to_owned(),
        );
    }
    for index in evidence.followers.iter().filter(|index| 0 < index.lag && BEHIND < index.age) {
        let behind = phrase::count(index.lag, "change", "changes");
        let silent = span(index.age);
        let name = &index.name;
        let told = format!(
            "The index {name} is {behind} behind what was crawled, and has told nothing for {silent}: see whether sextant index runs."
        );
        say(desk::INDEX, told);
    }
    if let Some(age) = evidence.backup_age.filter(|age| OVERDUE < *age) {
        let old = span(age);
        let told =
            format!("The last backup is {old} old, and one should come a day: the server's log says why.");
        say(desk::DESK, told);
    }
    if 0 < evidence.open_reports {
        let waiting =
            phrase::count(evidence.open_reports, "report of a visitor waits", "reports of visitors wait");
        say(desk::REPORTS, format!("{waiting} for your judgment."));
    }
    found
}

#[cfg(test)]
mod tests {
    use shared::store::crawl::worker::Sign;

    use super::*;

    fn told(evidence: &Evidence<'_>) -> Vec<String> {
        all(evidence).into_iter().map(|trouble| trouble.told).collect()
    }

    #[test]
    fn what_was_asked_for_is_no_trouble_and_what_stands_still_is() {
        let worker = |brake: Option<&str>| Worker {
            id: WorkerId(uuid()),
            silent_for: Duration::from_secs(2),
            sign: Sign { brake: brake.map(str::to_owned), ..Sign::default() },
        };
        let pause = Pause {
            pattern: "*".parse().unwrap(),
            reason: String::new(),
            age: Duration::ZERO,
            actor: "console:ann".to_owned(),
        };
        let follower = |lag, age| Report {
            name: "main".to_owned(),
            change: shared::store::id::ChangeId(7),
            lag,
            age: Duration::from_secs(age),
        };
        let gib = |free_bytes: u64| Some(Room { free_bytes: free_bytes << 30, total_bytes: 100 << 30 });
        let (well, braked) = ([worker(None)], [worker(Some("the resolver does not answer"))]);
        let followers = [follower(0, 9_000), follower(900, 10)];
        let calm = Evidence {
            workers: &well,
            followers: &followers,
            paused: &[],
            room: gib(6),
            reserve: Reserve::Usual,
            open_reports: 0,
            backup_age: Some(Duration::from_secs(90_000)),
        };
        assert_eq!(told(&calm), Vec::<String>::new());
        assert_eq!(told(&Evidence { workers: &braked, ..calm }).len(), 1);
        let sign = Sign { notice: Some("the disk fills up".to_owned()), ..Sign::default() };
        let tight = [Worker { sign, ..worker(None) }];
        assert_eq!(
            told(&Evidence { workers: &tight, ..calm }),
            ["The crawler crawls, but the disk fills up."]
        );
        let paused = [pause];
        assert_eq!(told(&Evidence { workers: &braked, paused: &paused, ..calm }), Vec::<String>::new());
        let overdue = Evidence { backup_age: Some(Duration::from_secs(4 * 86_400)), ..calm };
        assert!(told(&overdue)[0].starts_with("The last backup is 4 days old"), "{:?}", told(&overdue));
        // What the configuration says stands before the tenth of the disk.
        let reserve = |gib: u64| Reserve::Bytes(gib << 30);
        assert_eq!(told(&Evidence { room: gib(1), reserve: reserve(1), ..calm }), Vec::<String>::new());
        let tight = Evidence { room: gib(6), reserve: reserve(7), ..calm };
        assert!(told(&tight)[0].starts_with("The disk is nearly full (6.4 GB free)"), "{:?}", told(&tight));
        let late = [follower(900, 301)];
        assert_eq!(
            told(&Evidence { followers: &late, ..calm }),
            [
                "The index main is 900 changes behind what was crawled, and has told nothing for 5 min: see whether sextant index runs."
            ]
        );
        let all = Evidence { workers: &[], followers: &[], room: gib(4), open_reports: 2, ..calm };
        let told = told(&all);
        assert_eq!(told.len(), 4, "{told:?}");
        assert_eq!(told[3], "2 reports of visitors wait for your judgment.");
    }

    fn uuid() -> uuid::Uuid {
        uuid::Uuid::nil()
    }
}
