//! Every screen that reads the store, in both tongues, over one fixed corpus: what people see changes only on
//! purpose.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

#[path = "support/known.rs"]
mod known;

use server::render;
use server::render::answer::{Answer, Page};
use server::screens::capsule::{dead_links, profile, requests, robots, verdict};
use server::screens::lists::{exclusions, feeds, hosts, newest, statistics};
use server::screens::owner::{receipt, report, submit};
use server::screens::page::{backlinks, cached, info};
use server::screens::sheet::Sheet;
use shared::gemini::host::CapsuleAddr;
use shared::store::asked::report::{Report, ReportState};
use shared::store::known::listing::HostOrder;
use shared::store::known::page::Standing;
use shared::store::known::portrait::{PageCount, Portrait};
use shared::store::known::profile::{InIndex, PageProfile};
use shared::store::known::robots::RobotsAnswer;
use shared::store::outcome::{Outcome, Stage};

/// Both tongues of an answer, each in a snapshot of its own.
fn shown(name: &str, answer: Answer) {
    let html = match &answer {
        Answer::Page(page) | Answer::Input { form: page, .. } => render::html(page).expect("HTML"),
        _ => panic!("{name} is no screen"),
    };
    let gemtext = String::from_utf8(render::gemtext(&Ok(answer))).unwrap();
    insta::assert_snapshot!(format!("{name}.gmi"), gemtext.replace("\r\n", "\\r\\n\n"));
    insta::assert_snapshot!(format!("{name}.html"), html);
}

fn sheet(name: &str, sheet: Sheet) {
    shown(name, sheet.answer());
}

fn stargazer() -> CapsuleAddr {
    "stargazer.example".parse().unwrap()
}

#[test]
fn a_page_with_all_that_can_be_known_of_it() {
    sheet("page", info::shown(&known::known_page()));
    sheet("page_unknown", info::unknown(&known::url("gemini://nobody.example/x"), None));
}

#[test]
fn a_stored_text_and_why_there_is_none() {
    let url = known::page().url;
    shown("cached", Answer::Page(Page::new(cached::shown(&url, &known::stored_text()))));
    let sentence = "Not shown: line 4 of /robots.txt forbids it (/~ana/).".to_owned();
    sheet("cached_refused", cached::refused(&url, sentence));
}

#[test]
fn who_links_to_a_page() {
    let subject = backlinks::Subject::Page(known::page().url);
    sheet("backlinks", backlinks::shown(&subject, Some(&known::backlinks())));
    sheet("backlinks_none", backlinks::shown(&subject, Some(&[])));
    sheet("backlinks_unknown", backlinks::shown(&subject, None));
}

#[test]
fn a_capsule_and_what_belongs_to_it() {
    sheet("capsule", profile::shown(&stargazer(), &known::known_capsule()));
    let paused = profile::Known { paused_since: Some(known::before(50)), ..known::known_capsule() };
    sheet("capsule_paused", profile::shown(&stargazer(), &paused));
    sheet("capsule_unknown", profile::shown(&stargazer(), &profile::Known::default()));
    sheet("requests", requests::shown("stargazer.example", &known::requests()));
    let rules = "# Please\nUser-agent: *\nDisallow: /private/\n\nUser-agent: archiver\nDisallow: /\n";
    let tested = known::url("gemini://stargazer.example/~ana/log/sextant.gmi");
    sheet("robots", robots::shown(&tested, &[known::robots(rules)]));
    sheet("dead_links", dead_links::shown("stargazer.example", &known::dead_links(), &[]));
}

#[test]
fn the_lists() {
    sheet("hosts", hosts::shown(&known::hosts(), 2, HostOrder::Name));
    sheet("new", newest::shown(&known::listed(), &known::hosts()));
    sheet("feeds", feeds::shown(&known::posts(), &known::listed(), 2));
    let (latest, trends) = known::statistic();
    sheet("statistics", statistics::shown(Some(&latest), trends));
    sheet("statistics_none", statistics::shown(None, Vec::new()));
    sheet("exclusions", exclusions::shown(&known::rules(), 3, 1));
}

#[test]
fn what_is_handed_in_and_reported() {
    sheet(
        "submit_refused",
        submit::refused("localhost", "Refused: the name is not a public one.".to_owned()),
    );
    let url = known::page().url;
    let handed_in = receipt::Known {
        handed_in: Some(known::before(6)),
        page: Some(known::page()),
        ..receipt::Known::default()
    };
    sheet("receipt", receipt::shown(&url, &handed_in));
    for (name, standing, outcome) in [
        ("receipt_not_found", Standing::Withdrawn, Outcome::NotFound),
        ("receipt_unreachable", Standing::Unseen, Outcome::Unreachable(Stage::Tls)),
        ("receipt_gone", Standing::Gone, Outcome::Gone),
        ("receipt_robots", Standing::Unseen, Outcome::RefusedByRobots),
    ] {
        let page = known::page();
        let last_visit = Some((known::before(1), outcome));
        let page = PageProfile { standing, last_visit, index: InIndex::NothingToHave, ..page };
        let forbidden =
            (outcome == Outcome::RefusedByRobots).then(|| "line 4 of /robots.txt (/~ana/)".to_owned());
        let failed = receipt::Known {
            handed_in: Some(known::before(6)),
            page: Some(page),
            forbidden,
            ..receipt::Known::default()
        };
        sheet(name, receipt::shown(&url, &failed));
    }
    sheet("receipt_unknown", receipt::shown(&url, &receipt::Known::default()));
    let shut_out = receipt::Known { exclusion: known::rules().pop(), ..receipt::Known::default() };
    sheet("receipt_shut_out", receipt::shown(&url, &shut_out));
    let declined = Report {
        url: url.to_string(),
        reason: "My name stands there.".to_owned(),
        reported_at: known::before(30),
        state: ReportState::Declined,
        answer: "It stands in your own log.".to_owned(),
    };
    sheet("report", report::shown(&declined));
}

/// The verdict is the first line, and its first word the answer.
#[test]
fn a_capsules_verdict_names_the_reason() {
    let with = |change: fn(&mut Portrait)| {
        let mut portrait = known::portrait();
        change(&mut portrait);
        portrait
    };
    let none = |portrait: &mut Portrait, outcome| {
        portrait.pages = vec![PageCount { standing: Standing::Unseen, outcome, count: 3 }];
    };
    let unreadable = {
        let mut rules = known::robots("");
        (rules.answer, rules.last_good) = (RobotsAnswer::Unreachable, None);
        vec![rules]
    };
    let forbidden = (4, "/".to_owned());
    let portraits = [
        with(|_| {}),
        with(|portrait| portrait.failing_since = Some(known::before(50))),
        with(|portrait| {
            portrait.pages = vec![PageCount { standing: Standing::Unseen, outcome: None, count: 1 }];
        }),
    ];
    let mut moved = known::portrait();
    none(&mut moved, Some(Outcome::NotFound));
    let mut dead = known::portrait();
    none(&mut dead, Some(Outcome::Unreachable(Stage::Dns)));
    (dead.failing_since, dead.breaker_until) =
        (Some(known::before(9)), Some(known::now() + chrono::TimeDelta::hours(3)));
    let mut refused = known::portrait();
    none(&mut refused, Some(Outcome::RefusedByRobots));
    let evidence = |portrait| verdict::Evidence {
        portrait,
        exclusion: None,
        rules: &[],
        forbidden: None,
        last_request: Some(known::before(2)),
    };
    let rule = known::rules().remove(1);
    let cases = [
        evidence(Some(&portraits[0])),
        evidence(Some(&portraits[1])),
        evidence(Some(&portraits[2])),
        evidence(Some(&moved)),
        evidence(Some(&dead)),
        verdict::Evidence { forbidden: Some(&forbidden), ..evidence(Some(&refused)) },
        verdict::Evidence { rules: &unreadable, ..evidence(Some(&portraits[2])) },
        verdict::Evidence { exclusion: Some(&rule), ..evidence(Some(&portraits[0])) },
        evidence(None),
    ];
    let verdicts: Vec<String> = cases.iter().map(|case| verdict::of(&stargazer(), case)).collect();
    insta::assert_snapshot!("verdicts", verdicts.join("\n"));
}

/// A receipt follows a URL from queued to searchable, or says why not.
#[test]
fn a_receipt_has_a_stage_for_everything_that_can_become_of_a_url() {
    let page = |standing, last_visit, index| PageProfile { standing, last_visit, index, ..known::page() };
    let (early, late) = (known::before(9), known::before(1));
    let handed_in = Some(known::before(6));
    for (page, expected) in [
        (None, receipt::Stage::Unknown),
        (Some(page(Standing::Unseen, None, InIndex::NothingToHave)), receipt::Stage::Queued),
        (
            Some(page(Standing::Searchable, Some((early, Outcome::Fetched)), InIndex::Has)),
            receipt::Stage::Queued,
        ),
        (
            Some(page(Standing::Searchable, Some((late, Outcome::Fetched)), InIndex::Waiting)),
            receipt::Stage::Fetched,
        ),
        (
            Some(page(Standing::Searchable, Some((late, Outcome::Unchanged)), InIndex::Has)),
            receipt::Stage::Searchable,
        ),
        (
            Some(page(Standing::Unseen, Some((late, Outcome::RefusedByRobots)), InIndex::NothingToHave)),
            receipt::Stage::Failed(Outcome::RefusedByRobots),
        ),
        (Some(page(Standing::Gone, Some((late, Outcome::Gone)), InIndex::Has)), receipt::Stage::Gone),
    ] {
        let known = receipt::Known { handed_in, page, ..receipt::Known::default() };
        assert_eq!(receipt::stage(&known), expected, "{known:?}");
    }
}
