//! From a path to a screen, the same for all doors.

pub mod desk;
pub mod guarded;
pub mod stored;

use crate::api;
use crate::app::App;
use crate::ask::Ask;
use crate::paths;
use crate::paths::trail::{self, Corner, Trail};
use crate::render::answer::{Answer, File};
use crate::render::problem::Problem;
use crate::render::subscription::Format;
use crate::screens::{find, words};
use crate::search::{PageNumber, Verbosity};

const ROBOTS: File = File {
    media_type: "text/plain; charset=utf-8",
    bytes: b"# Pages made of what others wrote are no content for another search engine.\nUser-agent: *\nDisallow: /admin\nDisallow: /search\nDisallow: /v/\nDisallow: /in/\nDisallow: /images\nDisallow: /files\nDisallow: /audio\nDisallow: /ascii-art\nDisallow: /lucky\nDisallow: /random\nDisallow: /api/\nDisallow: /page\nDisallow: /cached\nDisallow: /backlinks\nDisallow: /capsule\nDisallow: /known-hosts\nDisallow: /new\nAllow: /news\nDisallow: /feeds\nDisallow: /exclusions\nDisallow: /add-seed\nDisallow: /add_seed\nDisallow: /submission\nDisallow: /report\n",
};
/// The style of every page of the web.
pub const STYLE: File =
    File { media_type: "text/css; charset=utf-8", bytes: include_bytes!("../../templates/style.css") };
/// The icon of every page of the web.
pub const ICON: File =
    File { media_type: "image/svg+xml", bytes: include_bytes!("../../templates/favicon.svg") };
const LIMB: File = File { media_type: "image/svg+xml", bytes: include_bytes!("../../templates/limb.svg") };

/// Answers what anybody may ask.
///
/// # Errors
///
/// A [`Problem`], which each tongue words in its own way.
pub async fn public(app: &App, ask: &Ask) -> Result<Answer, Problem> {
    let segments = ask.segments();
    let (limits, rest) = trail::limits(&segments).map_err(|limit| Problem::NoSuch(limit.to_string()))?;
    let is_limited = !limits.is_empty();
    let trail = |corner| Trail { corner, ..Trail::within(limits.clone()) };
    let explained = || Trail { verbosity: Verbosity::Explained, ..trail(Corner::All) };
    match rest {
        [] if is_limited => Ok(Answer::Redirect(trail(Corner::All).path())),
        [] => find::home::answer(app, ask).await,
        ["search", tail @ ..] => list(app, ask, &trail(Corner::All), tail).await,
        ["v", "search", tail @ ..] => list(app, ask, &explained(), tail).await,
        ["images", tail @ ..] => list(app, ask, &trail(Corner::Images), tail).await,
        ["files", tail @ ..] => list(app, ask, &trail(Corner::Files), tail).await,
        ["audio", tail @ ..] => list(app, ask, &trail(Corner::Audio), tail).await,
        ["ascii-art", tail @ ..] => list(app, ask, &trail(Corner::AsciiArt), tail).await,
        ["search_jump", words @ ..] => jump(ask, &trail(Corner::All), words),
        ["v", "search_jump", words @ ..] => jump(ask, &explained(), words),
        ["images_jump", words @ ..] => jump(ask, &trail(Corner::Images), words),
        ["files_jump", words @ ..] => jump(ask, &trail(Corner::Files), words),
        ["audio_jump", words @ ..] => jump(ask, &trail(Corner::Audio), words),
        ["ascii-art_jump", words @ ..] => jump(ask, &trail(Corner::AsciiArt), words),
        ["lucky"] => find::wander::lucky(app, ask, limits).await,
        ["random"] => find::wander::random(app, ask, limits).await,
        _ if is_limited => Err(Problem::NotFound),
        ["api", "v1", tail @ ..] => Ok(api::answer(app, ask, tail).await),
        ["site-search", "s", host] => find::wander::of_site(host),
        _ => match ask.path.as_str() {
            paths::ABOUT => Ok(words::about(app)),
            paths::HELP => Ok(words::help(app)),
            paths::PRIVACY => Ok(words::privacy(app)),
            paths::CRAWLER => Ok(words::crawler(app)),
            paths::OPENSEARCH => Ok(api::opensearch::answer(app)),
            paths::ROBOTS => Ok(Answer::File(ROBOTS)),
            paths::STYLE => Ok(Answer::File(STYLE)),
            paths::ICON => Ok(Answer::File(ICON)),
            paths::LIMB => Ok(Answer::File(LIMB)),
            paths::DEFAULT_SEARCH => Ok(words::default_search(app)),
            paths::NEWS => Ok(words::news()),
            _ => stored::screen(app, ask).await.unwrap_or(Err(Problem::NotFound)),
        },
    }
}

/// What a visitor gets whom a door cannot answer now, in the shape that was asked for.
///
/// # Errors
///
/// The problem, unless a program asked, which is told it in its own way.
pub fn refused(ask: &Ask, problem: Problem) -> Result<Answer, Problem> {
    match ask.segments().as_slice() {
        ["api", ..] => Ok(api::refused(problem)),
        _ => Err(problem),
    }
}

/// A list: its first page, a further one, or the list as a subscription.
async fn list(app: &App, ask: &Ask, trail: &Trail, tail: &[&str]) -> Result<Answer, Problem> {
    match tail {
        [] => find::results::answer(app, ask, trail, PageNumber::FIRST).await,
        [page] => find::results::answer(app, ask, trail, number(page)?).await,
        ["feed", format] => {
            let format = Format::named(format).ok_or(Problem::NotFound)?;
            find::feed::answer(app, ask, trail, format).await
        }
        _ => Err(Problem::NotFound),
    }
}

/// A jump to a page of a list; the words are all that stands behind, for some clients part them at their slashes.
fn jump(ask: &Ask, trail: &Trail, words: &[&str]) -> Result<Answer, Problem> {
    if words.is_empty() { Err(Problem::NotFound) } else { find::wander::jump(ask, trail, &words.join("/")) }
}

/// Whether a form may be posted to a path; everywhere else nothing is taken in.
#[must_use]
pub fn takes_forms(path: &str) -> bool {
    matches!(path, paths::ADD_SEED | paths::ADD_SEED_OF_TLGS | paths::REPORT) || path.starts_with("/report/")
}

/// A page's number in a path: there is no page 0, and none beyond what the list can have.
fn number(segment: &str) -> Result<PageNumber, Problem> {
    // An older engine wrote `p:2`.
    let segment = segment.strip_prefix("p:").unwrap_or(segment);
    let digits = segment.bytes().all(|byte| byte.is_ascii_digit());
    segment.parse().ok().filter(|_| digits).and_then(PageNumber::new).ok_or(Problem::NotFound)
}
