//! What the store could know: one fixed corpus of a page, a capsule, lists and receipts.

use std::collections::BTreeMap;
use std::time::Duration;

use chrono::{DateTime, NaiveDate, TimeDelta, TimeZone as _, Utc};
use server::screens::capsule::profile as capsule_screen;
use server::screens::page::info;
use shared::gemini::fingerprint::Fingerprint;
use shared::gemini::kind::Kind;
use shared::gemini::text::{OneLine, PageText};
use shared::gemini::url::{GeminiUrl, LinkTarget};
use shared::store::asked::exclusion::PublicRule;
use shared::store::crawl::request::LoggedRequest;
use shared::store::id::{CapsuleId, ContentHash, PageId};
use shared::store::known::backlink::Backlink;
use shared::store::known::certificate::Signature;
use shared::store::known::leave::{ReadRules, StoredText};
use shared::store::known::listing::{KnownHost, ListedPage};
use shared::store::known::page::Standing;
use shared::store::known::portrait::{DeadLink, PageCount, Portrait, Shown};
use shared::store::known::post::Post;
use shared::store::known::profile::{InIndex, OutLink, PageProfile, RankFacts, SiteRank};
use shared::store::known::robots::RobotsAnswer;
use shared::store::known::statistic::Day;
use shared::store::outcome::{Outcome, Stage};

/// The moment at which everything is looked at.
pub(crate) fn now() -> DateTime<Utc> {
    Utc.with_ymd_and_hms(2026, 11, 24, 15, 4, 0).unwrap()
}

pub(crate) fn before(hours: i64) -> DateTime<Utc> {
    now() - TimeDelta::hours(hours)
}

pub(crate) fn url(text: &str) -> GeminiUrl {
    GeminiUrl::parse(text).unwrap()
}

/// A gemlog post that is known well.
pub(crate) fn page() -> PageProfile {
    PageProfile {
        capsule: CapsuleId(7),
        page: PageId(42),
        url: url("gemini://stargazer.example/~ana/log/sextant.gmi"),
        now: now(),
        first_seen: before(24 * 100),
        last_visit: Some((before(5), Outcome::Unchanged)),
        due_at: Some(now() + TimeDelta::hours(67)),
        capsule_rests_until: None,
        standing: Standing::Searchable,
        title: "A sextant from scrap".to_owned(),
        kind: Kind::Gemlog,
        media_type: "text/gemini".to_owned(),
        language: Some("en".to_owned()),
        charset: Some("utf-8".to_owned()),
        size_bytes: Some(4_812),
        content: Some(ContentHash([0xab; 32])),
        fetched_at: Some(before(5)),
        changed_at: Some(before(24 * 80)),
        moved_to: None,
        index: InIndex::Has,
        rank: RankFacts {
            external_links: 12,
            internal_links: 3,
            site: Some(SiteRank { authority: 0.314, place: 14, of: 5_120 }),
        },
    }
}

pub(crate) fn known_page() -> info::Known {
    info::Known {
        page: page(),
        links: vec![
            OutLink {
                url: url("gemini://quiet-harbour.example/gemlog/dead-reckoning.gmi"),
                label: "Dead reckoning".to_owned(),
                title: "Dead reckoning, and why I still trust the stars".to_owned(),
                outcome: Some(Outcome::Fetched),
            },
            OutLink {
                url: url("gemini://sternwarte.example/b%C3%BCcher/"),
                label: String::new(),
                title: String::new(),
                outcome: None,
            },
            OutLink {
                url: url("gemini://gone.example/"),
                label: "An old friend".to_owned(),
                title: String::new(),
                outcome: Some(Outcome::Unreachable(Stage::Dns)),
            },
        ],
        link_count: 3,
        copies: vec![(url("gemini://mirror.example/sextant.gmi"), "2026-09-02".to_owned())],
        exclusion: None,
    }
}

pub(crate) fn stored_text() -> StoredText {
    StoredText {
        source: PageText::new(
            "# A sextant from scrap\n\nOn a clear night I measured Polaris.\n=> ../ Back\n=> https://web.example/ The web\n=> javascript:alert(1) Nothing\n* a mirror\n> needs no battery\n```a sextant\n  /\\\n /  \\\n```\n",
        ),
        title: "A sextant from scrap".to_owned(),
        media_type: "text/gemini".to_owned(),
        language: Some("en".to_owned()),
        fetched_at: Some(before(5)),
    }
}

fn backlink(from: &str, title: &str, label: &str, days: i64, beside: u64) -> Backlink {
    Backlink {
        from: url(from),
        title: title.to_owned(),
        kind: Kind::Page,
        label: label.to_owned(),
        first_seen: before(24 * (100 - days)),
        to: page().url,
        to_first_seen: before(24 * 100),
        links_beside: beside,
    }
}

pub(crate) fn backlinks() -> Vec<Backlink> {
    vec![
        backlink("gemini://bob.example/re-sextant.gmi", "Re: A sextant from scrap", "Ana's sextant", 3, 4),
        backlink("gemini://stargazer.example/~bob/", "Bob on stars", "", 2, 9),
        backlink("gemini://friends.example/", "Friends of the sky", "Ana", 0, 12),
        backlink("gemini://antenna.example/", "Antenna", "A sextant from scrap", 1, 100),
        backlink("gemini://stargazer.example/~ana/log/", "Ana's log", "2026-08-12 A sextant", 0, 40),
    ]
}

pub(crate) fn portrait() -> Portrait {
    let count = |standing, outcome, count| PageCount { standing, outcome, count };
    Portrait {
        capsule: CapsuleId(7),
        name: "Stargazer".to_owned(),
        now: now(),
        first_seen: before(24 * 200),
        answered_at: Some(before(2)),
        failing_since: None,
        failures: 0,
        breaker_until: None,
        due_at: Some(now() + TimeDelta::minutes(40)),
        slow_gap_ms: 5_000,
        contact: vec![OneLine::new("mailto:ann@example.org")],
        pages: vec![
            count(Standing::Searchable, Some(Outcome::Unchanged), 200),
            count(Standing::Searchable, Some(Outcome::Fetched), 14),
            count(Standing::Withdrawn, Some(Outcome::NotFound), 9),
            count(Standing::Unseen, Some(Outcome::RefusedByRobots), 5),
            count(Standing::Unseen, None, 2),
        ],
        due: 2,
        linked_by: 31,
    }
}

pub(crate) fn robots(text: &str) -> ReadRules {
    ReadRules {
        folder: "/".to_owned(),
        answer: RobotsAnswer::Rules,
        asked_at: before(7),
        ask_again: now() + TimeDelta::hours(17),
        last_good: Some((text.to_owned(), before(7))),
    }
}

pub(crate) fn requests() -> Vec<LoggedRequest> {
    let sent = |path: &str, outcome, status, size_bytes| LoggedRequest {
        at: before(2),
        path: path.to_owned(),
        outcome,
        status,
        took: Duration::from_millis(181),
        size_bytes,
    };
    vec![
        sent("/robots.txt", Outcome::NotFound, Some(51), 0),
        sent("/~ana/log/sextant.gmi", Outcome::Unchanged, Some(20), 4_812),
        sent("/slow?x=%20y", Outcome::Unreachable(Stage::Header), None, 0),
    ]
}

pub(crate) fn certificates() -> Vec<Shown> {
    let shown = |byte, days: i64| Shown {
        fingerprint: Fingerprint([byte; 32]),
        first_seen: before(24 * days),
        last_seen: before(2),
        not_after: Some(now() + TimeDelta::days(12)),
        signature: Signature::Checked,
    };
    vec![shown(0x11, 30), shown(0x22, 200)]
}

pub(crate) fn known_capsule() -> capsule_screen::Known {
    capsule_screen::Known {
        paused_since: None,
        portrait: Some(portrait()),
        exclusion: None,
        rules: vec![robots("User-agent: *\nDisallow: /private/\nCrawl-delay: 4\n")],
        requests_today: 57,
        last_request: Some(before(2)),
        requests: requests(),
        certificates: certificates(),
    }
}

pub(crate) fn dead_links() -> Vec<DeadLink> {
    vec![DeadLink {
        from: url("gemini://stargazer.example/links.gmi"),
        label: "An old friend".to_owned(),
        to: url("gemini://gone.example/"),
        outcome: Outcome::Unreachable(Stage::Dns),
    }]
}

pub(crate) fn hosts() -> Vec<KnownHost> {
    let host = |addr: &str, name: &str, pages| KnownHost {
        addr: addr.parse().unwrap(),
        name: name.to_owned(),
        first_seen: before(24 * 3),
        answered_at: Some(before(2)),
        pages,
        changed_at: pages.map(|_| before(24)),
    };
    vec![host("bob.example", "", None), host("stargazer.example:1966", "Stargazer", Some(214))]
}

/// Posts of one feed: one here, one out in the web.
pub(crate) fn posts() -> Vec<Post> {
    let post = |text: &str, title: &str| Post {
        url: LinkTarget::Gemini(url(text)),
        title: OneLine::new(title),
        published: Some(before(2)),
        first_seen: before(1),
        moment: before(2),
        feed: url("gemini://stargazer.example/log/atom.xml"),
        feed_title: OneLine::new("Ana's log"),
    };
    let here = post("gemini://stargazer.example/log/moon.gmi", "The moon, again");
    let foreign = url("gemini://stargazer.example/").join("https://moon.example/").unwrap();
    vec![here.clone(), Post { url: foreign, ..here }]
}

pub(crate) fn listed() -> Vec<ListedPage> {
    let listed = |text: &str, title: &str, language: Option<&str>| ListedPage {
        url: url(text),
        title: title.to_owned(),
        language: language.map(str::to_owned),
        first_seen: before(3),
        changed_at: Some(before(3)),
    };
    vec![
        listed("gemini://nujum.example/%D8%A7.gmi", "الملاحة بالنجوم", Some("ar")),
        listed("gemini://bob.example/untitled.txt", "", None),
    ]
}

pub(crate) fn statistic() -> (Day, Vec<Vec<(NaiveDate, u64)>>) {
    let figures = [
        ("pages.searchable", 1_048_576),
        ("pages.unseen", 20_000),
        ("pages.withdrawn", 310),
        ("pages.gone", 44),
        ("capsules.known", 5_120),
        ("capsules.answering", 4_400),
        ("bytes", 9_400_000_000),
        ("requests", 28_000),
        ("kind.page", 700_000),
        ("kind.gemlog", 300_000),
        ("language.en", 800_000),
        ("language.de", 90_000),
        ("type.text/gemini", 1_000_000),
        ("outcome.unchanged", 900_000),
        ("outcome.unreachable-dns", 1_200),
    ];
    let figures: BTreeMap<String, u64> =
        figures.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
    let day = |day| NaiveDate::from_ymd_opt(2026, 11, day).unwrap();
    let series = |values: [u64; 4]| (21..).zip(values).map(|(number, value)| (day(number), value)).collect();
    let trends = vec![
        series([1_040_000, 1_044_000, 1_043_000, 1_048_576]),
        series([4_390, 4_395, 4_400, 4_400]),
        series([28_000, 31_000, 12_000, 28_000]),
    ];
    (Day { day: day(24), figures }, trends)
}

pub(crate) fn rules() -> Vec<PublicRule> {
    let rule = |what: Option<&str>, reason: &str| PublicRule {
        what: what.map(str::to_owned),
        reason: reason.to_owned(),
        since: before(24 * 9),
    };
    vec![
        rule(Some("gemini://trap.example/maze/*"), "a trap that makes pages without end"),
        rule(Some("*.mirror.example"), "asked for by its owner"),
        rule(None, ""),
    ]
}
