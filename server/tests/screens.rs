//! What a search finds and what a copy says of itself, in both tongues, as snapshots: what people see changes only on
//! purpose. What each path answers by itself is in `routes.rs`.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

#[path = "support/found.rs"]
mod found;

use server::app::manners::Manners;
use server::app::{App, StoreSlot};
use server::config::Config;
use server::paths::trail::{Corner, Trail};
use server::render;
use server::render::answer::{Answer, Page};
use server::render::problem::Problem;
use server::screens::find::home::{self, Home};
use server::screens::find::results;
use server::screens::words;
use server::search::results::{IndexFacts, Kept, Relaxed, Results, Seen};
use server::search::{Limit, PageNumber, SearchConfig, Searcher, Verbosity};
use shared::gemini::host::Host;
use shared::gemini::text::OneLine;
use shared::gemini::url::GeminiUrl;
use shared::store::known::directory::Wishes;

/// Both tongues of a screen, each in a snapshot of its own.
fn shown(name: &str, answer: Result<Answer, Problem>) {
    let page = match &answer {
        Ok(Answer::Page(page)) => Some(page),
        Ok(Answer::Input { form, .. }) => Some(form),
        Ok(Answer::File(_) | Answer::Data(_) | Answer::Redirect(_)) | Err(_) => None,
    };
    let html = render::html(page.expect("a screen")).expect("HTML");
    let gemtext = String::from_utf8(render::gemtext(&answer)).unwrap();
    insta::assert_snapshot!(format!("{name}.gmi"), gemtext.replace("\r\n", "\\r\\n\n"));
    insta::assert_snapshot!(format!("{name}.html"), html);
}

fn app() -> App {
    let folder = tempfile::tempdir().unwrap();
    let config = Config {
        hosts: vec![Host::parse("sextant.example").unwrap()],
        operator: Some("The people of example.org".to_owned()),
        contact: Some("mailto:admin@example.org".to_owned()),
        ..Config::local(folder.path().to_owned())
    };
    let searcher = Searcher::open(&folder.path().join("index"), SearchConfig::default());
    App::new(&config, searcher, StoreSlot::default())
}

fn untold(mut app: App) -> App {
    (app.operator, app.contact) = (None, None);
    app
}

fn list(words: &str, found: &Results, verbosity: Verbosity) -> Result<Answer, Problem> {
    on(&Trail { verbosity, ..Trail::default() }, words, found)
}

/// A list, where two of the capsules have wishes for the web.
fn on(trail: &Trail, words: &str, found: &Results) -> Result<Answer, Problem> {
    let wishes = |capsule: &str, agent: &str| Wishes {
        capsule: capsule.parse().unwrap(),
        folder: "/".to_owned(),
        rules: format!("User-agent: {agent}\nDisallow: /\n"),
    };
    let manners =
        Manners::of(vec![wishes("quiet-harbour.example", "webproxy"), wishes("nujum.example", "archiver")]);
    Ok(Answer::Page(Page::new(results::shown(words, found, trail, &manners))))
}

#[test]
fn home_says_how_large_and_fresh_the_index_is() {
    let facts = IndexFacts {
        pages: 1_048_576,
        sites: 5_120,
        newest_change_at: Some(found::day(2026, 11, 23)),
        rebuilding: Some(41),
    };
    let seen = |url: &str, title: &str, day| Seen {
        url: GeminiUrl::parse(url).unwrap(),
        title: OneLine::new(title),
        first_seen: found::day(2026, 11, day),
    };
    let new = [
        seen("gemini://stargazer.example/~ana/log/2026-11-23.gmi", "How I found my way home", 23),
        seen("gemini://stargazer.example/~ana/log/2026-11-22.gmi", "The same capsule is shown once", 23),
        seen("gemini://nujum.example/", "نجوم الملاحة", 22),
        seen("gemini://sternwarte.example/bilder/mond.png", "", 21),
    ];
    let home = Home::new(facts, home::Stage::Told, &app().capsule, &new);
    shown("home", Ok(Answer::Page(Page::welcome(home))));
}

#[tokio::test]
async fn home_of_a_copy_that_knows_nothing_yet() {
    let ask = server::ask::Ask::by_web("/", None);
    shown("home_empty", home::answer(&untold(app()), &ask).await);
}

#[test]
fn results_with_all_that_a_hit_can_have() {
    shown("results", list("navigation by starrs size:big", &found::results(), Verbosity::Plain));
}

#[test]
fn results_within_filters() {
    let limits =
        ["lang:de", "-kind:news", "site:sternwarte.example"].map(|limit| Limit::parse(limit).unwrap());
    let mut within = found::results();
    within.hits.truncate(1);
    (within.facets, within.suggestion, within.notes) = (Vec::new(), None, Vec::new());
    shown("results_within", on(&Trail::within(limits.to_vec()), "navigation -lang:en by stars", &within));
}

#[test]
fn a_host_that_was_typed_leads_to_its_page() {
    let mut one = found::results();
    one.hits.truncate(1);
    shown("results_host", list("stargazer.example", &one, Verbosity::Plain));
}

#[test]
fn each_kind_has_its_own_lines() {
    for (name, corner) in [
        ("images", Corner::Images),
        ("files", Corner::Files),
        ("audio", Corner::Audio),
        ("ascii_art", Corner::AsciiArt),
    ] {
        let trail = Trail { corner, ..Trail::default() };
        shown(name, on(&trail, "stars", &found::of_corner(corner)));
    }
}

#[test]
fn results_with_their_reasons() {
    shown("results_explained", list("navigation by stars", &found::explained(), Verbosity::Explained));
}

#[test]
fn results_of_a_single_page() {
    let mut one = found::results();
    one.hits.truncate(1);
    (one.total, one.page, one.last_page) = (1, PageNumber::FIRST, PageNumber::FIRST);
    (one.relaxed, one.notes) = (None, Vec::new());
    shown("results_one", list("latitude", &one, Verbosity::Plain));
}

#[test]
fn nothing_found() {
    let nothing = Results {
        hits: Vec::new(),
        total: 0,
        relaxed: Some(Relaxed { unknown: vec!["xyzzy".to_owned()], kept: Kept::All }),
        notes: Vec::new(),
        page: PageNumber::FIRST,
        last_page: PageNumber::FIRST,
        ..found::results()
    };
    shown("results_none", list("xyzzy", &nothing, Verbosity::Plain));
}

#[test]
fn the_crawler_of_a_copy_that_was_not_told_who_runs_it() {
    shown("crawler_untold", Ok(words::crawler(&untold(app()))));
}

#[test]
fn problems_are_a_page_on_the_web_and_a_line_over_gemini() {
    shown("trouble", Ok(Answer::Page(words::trouble(Problem::NotFound.to_string()))));
    let lines: Vec<String> = [
        Problem::NotFound,
        Problem::Malformed("the request is empty".to_owned()),
        Problem::ForeignHost,
        Problem::Busy { retry_after: std::time::Duration::from_millis(1_500) },
        Problem::TooHard,
        Problem::NoIndexYet,
        Problem::StoreAway,
        Problem::UsedUp { retry_after: std::time::Duration::from_secs(90) },
        Problem::Broken,
    ]
    .into_iter()
    .map(|problem| format!("{} {}", problem.http_status(), problem.gemini_line()))
    .collect();
    insta::assert_snapshot!("problems", lines.join("\n"));
}
