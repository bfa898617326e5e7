//! The one state of things that the screens are over: a month without trouble, and what stands in it.

use std::time::Duration;

use chrono::{DateTime, NaiveDate, TimeZone as _, Utc};
use server::desk::charts::Charts;
use server::desk::overview::Overview;
use shared::gemini::url::GeminiUrl;
use shared::process::disk::Reserve;
use shared::process::machine::Room;
use shared::store::asked::job::{Job, JobKind, OpenJob};
use shared::store::asked::pause::Pause;
use shared::store::crawl::turn::Backlog;
use shared::store::crawl::worker::{OpenConnection, Sign, Worker};
use shared::store::feed::follower;
use shared::store::id::{ChangeId, JobId, WorkerId};
use shared::store::known::sample::Sample;
use shared::store::known::site::Suspect;
use shared::store::known::statistic::Day;
use shared::store::outcome::{Outcome, Stage as Reached};

pub(super) fn at(day: u32, hour: u32, minute: u32) -> DateTime<Utc> {
    Utc.with_ymd_and_hms(2026, 11, day, hour, minute, 0).unwrap()
}

pub(super) fn url(text: &str) -> GeminiUrl {
    GeminiUrl::parse(text).unwrap()
}

pub(super) const fn minutes(count: u64) -> Duration {
    Duration::from_secs(60 * count)
}

pub(super) fn worker(brake: Option<&str>) -> Worker {
    let socket = |host: &str, stage: &str, age_ms, fd| OpenConnection {
        host: host.to_owned(),
        stage: stage.to_owned(),
        age_ms,
        fd,
    };
    Worker {
        id: WorkerId(uuid::Uuid::from_u128(0x4c90_966b_92c3_4491_9c03_d2b5_507e_2f88)),
        silent_for: Duration::from_secs(3),
        sign: Sign {
            open: vec![
                socket("stargazer.example", "header", 812, 41),
                socket("tarpit.example:1966", "body", 29_300, 44),
            ],
            turns: 12,
            notice: None,
            visited: None,
            brake: brake.map(str::to_owned),
        },
    }
}

pub(super) fn follower(lag: u64) -> follower::Report {
    follower::Report { name: "main".to_owned(), change: ChangeId(48_210), lag, age: Duration::from_secs(2) }
}

pub(super) fn pause() -> Pause {
    Pause {
        pattern: "*.slow.example".parse().unwrap(),
        reason: "asked by mail to rest until spring".to_owned(),
        age: minutes(3_000),
        actor: "certificate:ann".to_owned(),
    }
}

pub(super) fn charts() -> Charts {
    let hours = |name: &str, figures: [u64; 4]| -> Vec<Sample> {
        let sample = |(hour, value): (u32, &u64)| Sample {
            name: name.to_owned(),
            at: at(24, 11 + hour, 0),
            value: *value,
        };
        (0..).zip(&figures).map(sample).collect()
    };
    let slots = |name: &str, figures: [u64; 4]| -> Vec<Sample> {
        let sample = |(slot, value): (u32, &u64)| Sample {
            name: name.to_owned(),
            at: at(24, 14, 10 * slot),
            value: *value,
        };
        (0..).zip(&figures).map(sample).collect()
    };
    let days = |name: &str, figures: [u64; 4]| -> Vec<Sample> {
        let sample = |(day, value): (u32, &u64)| Sample {
            name: name.to_owned(),
            at: at(21 + day, 0, 0),
            value: *value << 30,
        };
        (0..).zip(&figures).map(sample).collect()
    };
    let mut outcomes = hours("outcome.fetched", [310, 290, 402, 120]);
    outcomes.extend(hours("outcome.unchanged", [700, 812, 640, 300]));
    outcomes.extend(hours("outcome.not-found", [40, 38, 51, 12]));
    outcomes.extend(hours("outcome.slow-down", [3, 0, 9, 1]));
    let mut disk = days("disk.used", [40, 41, 42, 43]);
    disk.extend(days("disk.total", [100, 100, 100, 100]));
    Charts {
        outcomes,
        due: slots("due", [80, 64, 51, 70]),
        sockets: slots("sockets", [12, 20, 17, 9]),
        lag: slots("lag.main", [0, 1_200, 300, 0]),
        disk,
    }
}

pub(super) fn peaceful() -> Overview {
    let figures = [("pages.searchable", 1_048_576), ("capsules.answering", 4_312)];
    Overview {
        workers: vec![worker(None)],
        backlog: Backlog { due_capsules: 70, next_in: Some(Duration::ZERO), breakers: 211 },
        hour: vec![
            (Outcome::Unchanged, 812),
            (Outcome::Fetched, 402),
            (Outcome::Unreachable(Reached::Connect), 9),
        ],
        followers: vec![follower(0)],
        changes: 48_210,
        paused: vec![pause()],
        jobs: vec![OpenJob {
            job: Job { id: JobId(12), kind: JobKind::Recrawl, target: "stargazer.example".to_owned() },
            age: minutes(4),
            done: 1_204,
            total: None,
            is_running: true,
        }],
        suspects: vec![Suspect {
            capsule: "maze.example".to_owned(),
            folder: "/~minotaur/".to_owned(),
            waiting: 31_000,
            alike: 900,
            useful: 12,
        }],
        figures: Some(Day {
            day: NaiveDate::from_ymd_opt(2026, 11, 24).unwrap(),
            figures: figures.map(|(name, value)| (name.to_owned(), value)).into(),
        }),
        reserve: Reserve::Usual,
        room: Some(Room { free_bytes: 57 << 30, total_bytes: 100 << 30 }),
        open_reports: 0,
        calm_for: Duration::from_secs(31 * 86_400),
        charts: charts(),
        backups: Vec::new(),
    }
}
