//! What is told when, as a story.

use shared::process::machine::Room;

use super::*;

/// Some day, at midnight.
const NOW: u64 = 20_000 * DAY;

fn disk(step: Step) -> Option<Scarcity> {
    Some(Scarcity {
        step,
        room: Room { free_bytes: 3 << 30, total_bytes: 100 << 30 },
        reserve_bytes: 5 << 30,
    })
}

fn well() -> Facts {
    Facts {
        name: "search.example".to_owned(),
        disk: disk(Step::Enough),
        store: Some(StoreFacts {
            last_visit: Some(60),
            due_capsules: 3,
            backup: Some(HOUR),
            ..StoreFacts::default()
        }),
        certificate: Some(Certificate { fingerprint: "aa".to_owned(), expiry: NOW + 1_000 * DAY }),
        ..Facts::default()
    }
}

/// What is told at a moment, and taken.
fn tell(facts: &Facts, memory: &mut Memory, now: u64) -> Vec<(Kind, State)> {
    let due = due(facts, memory, Heartbeat::Never, now);
    due.iter().for_each(|message| memory.told(message, now));
    due.iter().map(|message| (message.kind, message.state)).collect()
}

#[test]
fn trouble_is_told_once_then_daily_and_its_end_once() {
    let (bad, mut memory) = (Facts { disk: disk(Step::Tight), ..well() }, Memory::default());
    assert_eq!(tell(&well(), &mut memory, NOW), []);
    assert_eq!(tell(&bad, &mut memory, NOW + 60), [(Kind::Disk, State::Trouble)]);
    assert_eq!(tell(&bad, &mut memory, NOW + 120), []);
    assert_eq!(tell(&bad, &mut memory, NOW + DAY), []);
    assert_eq!(tell(&bad, &mut memory, NOW + DAY + 60), [(Kind::Disk, State::Reminder)]);
    assert_eq!(tell(&well(), &mut memory, NOW + DAY + 120), [(Kind::Disk, State::Resolved)]);
    assert_eq!(tell(&well(), &mut memory, NOW + DAY + 180), []);
}

#[test]
fn what_comes_and_goes_is_told_at_most_once_an_hour() {
    let (bad, mut memory) = (Facts { disk: disk(Step::Full), ..well() }, Memory::default());
    let mut told = 0;
    // Ten hours of a disk that is full every other minute.
    for minute in 0..600 {
        let facts = if minute % 2 == 0 { &bad } else { &well() };
        told += tell(facts, &mut memory, NOW + minute * 60)
            .iter()
            .filter(|(_, state)| *state == State::Trouble)
            .count();
    }
    assert_eq!(told, 10);
}

#[test]
fn each_step_of_a_disk_is_told() {
    let mut memory = Memory::default();
    for (minute, (step, is_told)) in (0..).zip([
        (Step::Tight, true),
        (Step::Scarce, true),
        (Step::Tight, false),
        (Step::Full, true),
        (Step::Scarce, false),
    ]) {
        let facts = Facts { disk: disk(step), ..well() };
        let told = tell(&facts, &mut memory, NOW + minute * 60);
        assert_eq!(!told.is_empty(), is_told, "{step:?}: {told:?}");
    }
}

#[test]
fn what_is_not_known_ends_no_trouble() {
    let mut memory = Memory::default();
    let store = StoreFacts { reports: 2, last_visit: Some(60), ..StoreFacts::default() };
    let waiting = Facts { store: Some(store), ..well() };
    assert_eq!(tell(&waiting, &mut memory, NOW), [(Kind::Reports, State::Trouble)]);
    let away =
        |seconds| Facts { store: None, database_away: Some((seconds, "refused".to_owned())), ..well() };
    assert_eq!(tell(&away(60), &mut memory, NOW + 60), []);
    assert_eq!(tell(&away(300), &mut memory, NOW + 300), [(Kind::Database, State::Trouble)]);
    assert_eq!(
        tell(&well(), &mut memory, NOW + 360),
        [(Kind::Reports, State::Resolved), (Kind::Database, State::Resolved)]
    );
}

/// Facts that differ from a good day in one thing, and what is told of them.
#[test]
fn what_matters_is_told_and_nothing_else() {
    let store = |store: StoreFacts| Facts { store: Some(store), ..well() };
    let idle = StoreFacts { last_visit: Some(7 * HOUR), ..StoreFacts::default() };
    let starts = |count| vec![(NOW - 60, "crawl".to_owned()); count];
    let certificate = |expiry| Some(Certificate { fingerprint: "aa".to_owned(), expiry });
    let cases = [
        (well(), None),
        (store(StoreFacts { due_capsules: 1, ..idle.clone() }), Some(Kind::NoCrawl)),
        (store(StoreFacts { brake: Some("no descriptors".to_owned()), ..idle.clone() }), Some(Kind::NoCrawl)),
        (store(StoreFacts { due_capsules: 1, is_paused: true, ..idle.clone() }), None),
        (store(idle.clone()), None),
        (store(StoreFacts { due_capsules: 1, last_visit: Some(5 * HOUR), ..idle.clone() }), None),
        (
            store(StoreFacts { behind: vec![("main".to_owned(), 9, 2 * HOUR)], ..StoreFacts::default() }),
            Some(Kind::Index),
        ),
        (store(StoreFacts { behind: vec![("main".to_owned(), 9, 60)], ..StoreFacts::default() }), None),
        (Facts { starts: starts(4), ..well() }, None),
        (Facts { starts: starts(5), ..well() }, Some(Kind::Restarts)),
        (Facts { starts: vec![(NOW - 2 * HOUR, "crawl".to_owned()); 9], ..well() }, None),
        (store(StoreFacts { backup: Some(51 * HOUR), ..StoreFacts::default() }), Some(Kind::Backup)),
        (store(StoreFacts { backup: None, ..StoreFacts::default() }), None),
        (Facts { certificate: certificate(NOW + 29 * DAY), ..well() }, Some(Kind::Certificate)),
        (Facts { certificate: certificate(NOW - 1), ..well() }, Some(Kind::Certificate)),
        (Facts { quarantined: Some("quarantine-1".to_owned()), ..well() }, Some(Kind::DamagedIndex)),
    ];
    for (facts, expected) in cases {
        let told = tell(&facts, &mut Memory::default(), NOW);
        assert_eq!(told.first().map(|(kind, _)| *kind), expected, "{facts:?}");
        assert!(told.len() <= 1, "{told:?}");
    }
}

#[test]
fn backups_that_never_began_are_missed_after_two_days() {
    let facts = Facts { store: Some(StoreFacts::default()), ..well() };
    let mut memory = Memory::default();
    assert_eq!(tell(&facts, &mut memory, NOW), []);
    assert_eq!(tell(&facts, &mut memory, NOW + 50 * HOUR + 60), [(Kind::Backup, State::Trouble)]);
}

#[test]
fn what_only_happens_is_told_once() {
    let mut memory = Memory::default();
    assert_eq!(tell(&well(), &mut memory, NOW), []);
    let certificate = Some(Certificate { fingerprint: "bb".to_owned(), expiry: NOW + 1_000 * DAY });
    let other = Facts { certificate, ..well() };
    assert_eq!(tell(&other, &mut memory, NOW + 60), [(Kind::NewCertificate, State::News)]);
    assert_eq!(tell(&other, &mut memory, NOW + 120), []);
}

#[test]
fn the_heart_beats_once_a_day_from_its_time_on() {
    let mut memory = Memory::default();
    let mut beats = Vec::new();
    // Begun at ten in the morning, with a heartbeat at eight; the machine is off on the third day until noon.
    for minute in (10 * 60..5 * 24 * 60).filter(|minute| !(2 * 1_440..2 * 1_440 + 720).contains(minute)) {
        let now = NOW + minute * 60;
        for message in due(&well(), &mut memory, Heartbeat::At(480), now) {
            memory.told(&message, now);
            assert_eq!((message.kind, message.state), (Kind::Heartbeat, State::News));
            assert!(message.text("x").contains("nothing needs you"), "{}", message.text("x"));
            beats.push((minute / 1_440, minute % 1_440 / 60));
        }
    }
    assert_eq!(beats, [(1, 8), (2, 12), (3, 8), (4, 8)]);
}

#[test]
fn a_message_that_was_not_taken_stays_due() {
    let (bad, mut memory) = (Facts { disk: disk(Step::Full), ..well() }, Memory::default());
    for minute in 0..3 {
        assert_eq!(due(&bad, &mut memory, Heartbeat::Never, NOW + minute * 60).len(), 1);
    }
}

#[test]
fn the_memory_outlives_its_process() {
    let mut memory = Memory::default();
    tell(&Facts { disk: disk(Step::Scarce), ..well() }, &mut memory, NOW);
    let text = serde_json::to_string(&memory).expect("JSON");
    let read: Memory = serde_json::from_str(&text).expect("a memory");
    assert_eq!(read, memory);
    assert_eq!(read.disk_step(), Step::Scarce);
}

#[test]
fn a_message_says_what_is_and_what_to_do() {
    let mut memory = Memory::default();
    let due = due(&Facts { disk: disk(Step::Full), ..well() }, &mut memory, Heartbeat::Never, NOW);
    assert_eq!(
        due.first().map(|message| message.text("search.example")).as_deref(),
        Some(
            "Sextant search.example: the disk is nearly full: 3072 MiB are free, 5120 MiB must stay free; nothing is crawled\n\n\
             Make room, or give it a larger disk: `sextant doctor` says where the state lies.\n"
        )
    );
}
