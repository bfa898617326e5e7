//! Every screen of the desk, in both tongues, over one fixed state of things: what an admin sees changes only on
//! purpose.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

#[path = "boards/state.rs"]
mod state;

use chrono::TimeDelta;
use server::acts::exclude::{Extent, Rehearsal};
use server::desk::board::{Block, Board};
use server::desk::charts::Charts;
use server::desk::connections::Connections;
use server::desk::consider::Considered;
use server::desk::deed::Deed;
use server::desk::index::{Indexes, Role, Shelf};
use server::desk::login::Login;
use server::desk::overview::{self, Overview};
use server::desk::{audit, capsules, connections, consider, index, reports, rules, runs, submissions};
use server::render;
use server::render::answer::{Answer, Page};
use server::screens::owner::receipt::Stage;
use server::search::PageNumber;
use shared::process::machine::Room;
use shared::store::asked::audit::Entry;
use shared::store::asked::exclusion::{self, Exclusion, Visibility};
use shared::store::asked::job::{Ended, Job, JobKind, JobState, Run};
use shared::store::asked::pause::Pause;
use shared::store::asked::report::{Listed, Report, ReportState};
use shared::store::asked::submission::{HandedInBy, Submission};
use shared::store::id::JobId;
use shared::store::known::ailing::{Ailing, Ward};
use shared::store::outcome::Outcome;
use state::{at, follower, minutes, pause, peaceful, url, worker};
use std::time::Duration;

/// Both tongues of a board, each in a snapshot of its own.
fn board(name: &str, board: Board) {
    shown(name, Page::new(board.for_hand("0123456789abcdef0123456789abcdef")));
}

fn shown(name: &str, page: Page) {
    insta::assert_snapshot!(format!("{name}.html"), render::html(&page).expect("HTML"));
    let gemtext = String::from_utf8(render::gemtext(&Ok(Answer::Page(page)))).unwrap();
    insta::assert_snapshot!(format!("{name}.gmi"), gemtext.replace("\r\n", "\\r\\n\n"));
}

#[test]
fn the_first_line_says_whether_anything_needs_the_admin() {
    board("overview", overview::shown(&peaceful()));
    let troubled = Overview {
        workers: vec![worker(Some("the resolver of this machine does not answer"))],
        followers: Vec::new(),
        open_reports: 2,
        room: Some(Room { free_bytes: 4 << 30, total_bytes: 100 << 30 }),
        figures: None,
        charts: Charts::default(),
        jobs: Vec::new(),
        ..peaceful()
    };
    board("overview_troubled", overview::shown(&troubled));
    // A single trouble is the first line, and leads to where it is dealt with.
    let reported = Page::new(overview::shown(&Overview { open_reports: 1, ..peaceful() }));
    let told = "1 report of a visitor waits for your judgment.";
    let html = render::html(&reported).expect("HTML");
    assert!(html.contains(&format!(r#"<a href="/admin/reports">{told}</a>"#)), "{html}");
    let gemtext = String::from_utf8(render::gemtext(&Ok(Answer::Page(reported)))).unwrap();
    assert!(gemtext.contains(&format!("\n=> /admin/reports ! {told}\n")), "{gemtext}");
}

#[test]
fn capsules_and_connections() {
    let ailing = |addr: &str| Ailing {
        addr: addr.parse().unwrap(),
        failures: 12,
        failing_since: Some(at(15, 9, 0)),
        breaker_until: Some(at(27, 9, 0)),
        slow_gap: None,
        answered_at: Some(at(14, 9, 0)),
        pages: Some(1_310),
    };
    let slow = Ailing {
        failures: 0,
        failing_since: None,
        breaker_until: None,
        slow_gap: Some(Duration::from_secs(40)),
        answered_at: Some(at(24, 14, 0)),
        pages: None,
        ..ailing("gentle.example:1966")
    };
    let ward = Ward { capsules: vec![ailing("lost.example"), slow], count: 2, now: at(24, 15, 4) };
    let all = capsules::Capsules { ward, paused: vec![pause()], number: PageNumber::FIRST };
    board("capsules", capsules::shown(&all));
    let open = |worker, paused| Connections { workers: vec![worker], paused };
    board("connections", connections::shown(&open(worker(None), Vec::new())));
    let mut hanging = worker(None);
    hanging.sign.open[1].age_ms = 61_000;
    board("connections_hanging", connections::shown(&open(hanging, Vec::new())));
}

/// What is paused already is not offered to be paused: what is paused by itself can be resumed, what is paused with more
/// says with what.
#[test]
fn a_pause_is_offered_once() {
    let ailing = |addr: &str| Ailing {
        addr: addr.parse().unwrap(),
        failures: 5,
        failing_since: Some(at(15, 9, 0)),
        breaker_until: None,
        slow_gap: None,
        answered_at: None,
        pages: None,
    };
    let hosts = ["stargazer.example", "a.slow.example", "tarpit.example:1966"];
    let ward = Ward { capsules: hosts.map(ailing).to_vec(), count: 3, now: at(24, 15, 4) };
    let own = Pause { pattern: "stargazer.example".parse().unwrap(), ..pause() };
    let paused = vec![own.clone(), pause()];
    let offered = |board: &Board, deed| -> Vec<String> {
        let rows = board.parts.iter().flat_map(|part| &part.blocks).filter_map(|block| match block {
            Block::Rows(rows) => Some(rows),
            Block::Text(_) | Block::Cards(_) | Block::Facts(_) | Block::Plot(_) => None,
        });
        let offers = rows.flatten().flat_map(|row| &row.offers).filter(|offer| offer.deed == deed);
        offers.map(|offer| offer.target.clone()).collect()
    };
    // On a further part the pauses are not listed, and hold all the same.
    let number = PageNumber::new(2).unwrap();
    let ill = capsules::shown(&capsules::Capsules { ward, paused: paused.clone(), number });
    let open = connections::shown(&Connections { workers: vec![worker(None)], paused: paused.clone() });
    for (board, free) in [(&ill, "tarpit.example:1966"), (&open, "tarpit.example:1966")] {
        assert_eq!(offered(board, Deed::Pause), [free]);
        assert_eq!(offered(board, Deed::Resume), ["stargazer.example"]);
    }
    let trap = "gemini://maze.example/~minotaur/*";
    assert_eq!(offered(&overview::shown(&peaceful()), Deed::Pause), [trap]);
    let maze = Pause { pattern: "maze.example".parse().unwrap(), ..pause() };
    let still = overview::shown(&Overview { paused: vec![maze], ..peaceful() });
    assert_eq!(offered(&still, Deed::Pause), [] as [&str; 0]);
    let twice = Considered { pause: Some(own), ..Considered::default() };
    board("consider_pause_again", consider::shown(Deed::Pause, "stargazer.example", &twice));
}

fn run(id: i64, kind: JobKind, target: &str, state: JobState, note: &str) -> Run {
    Run {
        job: Job { id: JobId(id), kind, target: target.to_owned() },
        state,
        age: minutes(9),
        ended_ago: match state {
            JobState::Over(_) => Some(minutes(7)),
            JobState::Waiting | JobState::Running => None,
        },
        done: 640,
        total: Some(2_000),
        note: note.to_owned(),
    }
}

#[test]
fn runs_and_indexes() {
    let all = vec![
        run(14, JobKind::Recrawl, "*.example", JobState::Running, ""),
        run(13, JobKind::Verify, "main", JobState::Waiting, ""),
        run(12, JobKind::Purge, "spam.example", JobState::Over(Ended::Done), "1204 pages"),
        run(
            11,
            JobKind::Rebuild,
            "main",
            JobState::Over(Ended::Failed),
            "the disk has no room for a second index",
        ),
    ];
    let all = runs::Runs { runs: all, count: 214, number: PageNumber::new(2).unwrap() };
    board("runs", runs::shown(&all, Some(14)));
    let shelf = |name: &str, role| Shelf { name: name.to_owned(), role, size_bytes: Some(1_900_000_000) };
    let generations =
        vec![shelf("v3-20261120T030000-0", Role::Serves), shelf("v3-20261001T030000-0", Role::Kept)];
    let indexes =
        Indexes { followers: vec![follower(1_200)], changes: 49_410, generations, rebuilding: None };
    board("indexes", index::shown(&indexes));
    board("indexes_rebuilding", index::shown(&Indexes { rebuilding: Some(41), ..indexes }));
}

#[test]
fn what_people_asked_for() {
    let report = |id, state, answer: &str| Listed {
        id,
        report: Report {
            url: "gemini://stargazer.example/~ana/".to_owned(),
            reason: "My name stands there.\n=> gemini://evil.example/ <b>not mine</b>".to_owned(),
            reported_at: at(24, 9, 30),
            state,
            answer: answer.to_owned(),
        },
    };
    let all = vec![
        report(3, ReportState::Open, ""),
        report(2, ReportState::Declined, "It stands in your own log."),
        report(1, ReportState::Accepted, "Taken out."),
    ];
    board(
        "reports",
        reports::shown(&reports::Reports { reports: all, waiting: 1, number: PageNumber::FIRST }),
    );
    let handed_in =
        |address: &str, by, stage| (Submission { url: url(address), at: at(24, 14, 58), by }, stage);
    let all = vec![
        handed_in("gemini://new.example/", HandedInBy::Visitor, Stage::Queued),
        handed_in("gemini://stargazer.example/", HandedInBy::Admin, Stage::Searchable),
        handed_in("gemini://lost.example/", HandedInBy::Visitor, Stage::Failed(Outcome::NotFound)),
    ];
    let all = submissions::Submissions { handed_in: all, count: 3, number: PageNumber::FIRST };
    board("submissions", submissions::shown(&all));
    let rule = |rule: &str, reason: &str, visibility| exclusion::Listed {
        exclusion: Exclusion { visibility, ..Exclusion::new(rule.parse().unwrap(), reason) },
        since: at(20, 8, 0),
    };
    let all = vec![
        rule("*.spam.example", "a trap without end", Visibility::Full),
        rule("gemini://a.example/private/*", "", Visibility::Host),
        rule("address:192.0.2.0/24", "a farm", Visibility::Count),
    ];
    board("rules", rules::shown(&rules::Rules { rules: all, count: 3, number: PageNumber::FIRST }));
    let entry = |actor: &str, act: &str, target: &str, note: &str| Entry {
        at: at(24, 15, 0),
        actor: actor.to_owned(),
        act: act.to_owned(),
        target: target.to_owned(),
        note: note.to_owned(),
    };
    let entries = vec![
        entry("web desk", "purge", "spam.example", "it is spam"),
        entry("certificate:ann", "pause", "*.slow.example", ""),
        entry("console:root", "seed", "120 URLs", ""),
    ];
    board("audit", audit::shown(&audit::Audit { entries, count: 3, number: PageNumber::FIRST }));
}

#[test]
fn what_is_looked_at_before_it_is_done() {
    let rehearsal = Rehearsal {
        pages: 1_204,
        sites: 3,
        examples: vec![url("gemini://a.example/private/1"), url("gemini://a.example/private/2")],
        extent: Extent::Whole,
    };
    let part = Rehearsal { extent: Extent::Oldest(415_000), ..rehearsal.clone() };
    let part = Considered { rehearsal: Some(part), ..Considered::default() };
    board("consider_many", consider::shown(Deed::Exclude, "gemini://*/cgi-bin/*", &part));
    let counted = Considered { rehearsal: Some(rehearsal), ..Considered::default() };
    board("consider_purge", consider::shown(Deed::Purge, "gemini://a.example/private/*", &counted));
    let nothing = Considered { rehearsal: Some(Rehearsal::default()), ..Considered::default() };
    board("consider_exclude", consider::shown(Deed::Exclude, "address:192.0.2.0/24", &nothing));
    let there = exclusion::Listed {
        exclusion: Exclusion {
            visibility: Visibility::Host,
            ..Exclusion::new("*.spam.example".parse().unwrap(), "a trap \"without\" end")
        },
        since: at(20, 8, 0),
    };
    let again = Considered { rule: Some(there), ..nothing };
    board("consider_exclude_again", consider::shown(Deed::Exclude, "*.spam.example", &again));
    let report = Report {
        url: "stargazer.example".to_owned(),
        reason: "My name stands there.".to_owned(),
        reported_at: at(24, 9, 30),
        state: ReportState::Open,
        answer: String::new(),
    };
    let reported = Considered { report: Some(report), ..Considered::default() };
    board("consider_decline", consider::shown(Deed::Decline, "3", &reported));
    let untold = Considered::default();
    board("consider_recrawl", consider::shown(Deed::Recrawl, "*.example", &untold));
    board("consider_nothing", consider::shown(Deed::Pause, "gemini://", &untold));
    shown("login", Login::asked());
    shown("login_refused", Login::refused("That is not the token."));
}

/// A list that is longer than a part says so, and its entry too many is not shown.
#[test]
fn long_lists_go_on() {
    let entries: Vec<Entry> = (0..51)
        .map(|number| Entry {
            at: at(24, 15, 0) - TimeDelta::minutes(number),
            actor: "web desk".to_owned(),
            act: "recrawl".to_owned(),
            target: format!("c{number}.example"),
            note: String::new(),
        })
        .collect();
    let audit = audit::shown(&audit::Audit { entries, count: 90, number: PageNumber::FIRST });
    assert_eq!(audit.next.as_ref().map(|link| link.gemtext.as_str()), Some("/admin/audit/2"));
    assert_eq!(audit.previous, None);
    let page = render::html(&Page::new(audit)).unwrap();
    assert!(page.contains("c49.example") && !page.contains("c50.example"));
}
