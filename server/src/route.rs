//! From a path to a screen, the same for all doors.

pub mod stored;

use crate::app::App;
use crate::ask::Ask;
use crate::paths;
use crate::render::answer::{Answer, File};
use crate::render::problem::Problem;
use crate::screens::{find, words};
use crate::search::{PageNumber, Verbosity};

const ROBOTS: File = File {
    media_type: "text/plain; charset=utf-8",
    bytes: b"# Pages made of what others wrote are no content for another search engine.\nUser-agent: *\nDisallow: /search\nDisallow: /v/\nDisallow: /page\nDisallow: /cached\nDisallow: /backlinks\nDisallow: /capsule\nDisallow: /known-hosts\nDisallow: /new\nAllow: /news\nDisallow: /feeds\nDisallow: /exclusions\nDisallow: /add-seed\nDisallow: /add_seed\nDisallow: /submission\nDisallow: /report\n",
};
const STYLE: File =
    File { media_type: "text/css; charset=utf-8", bytes: include_bytes!("../../templates/style.css") };
const ICON: File = File { media_type: "image/svg+xml", bytes: include_bytes!("../../templates/favicon.svg") };
const LIMB: File = File { media_type: "image/svg+xml", bytes: include_bytes!("../../templates/limb.svg") };

/// Answers what anybody may ask.
///
/// # Errors
///
/// A [`Problem`], which each tongue words in its own way.
pub async fn public(app: &App, ask: &Ask) -> Result<Answer, Problem> {
    match ask.segments().as_slice() {
        [] => find::home::answer(app),
        ["search"] => find::results::answer(app, ask, PageNumber::FIRST, Verbosity::Plain).await,
        ["search", page] => find::results::answer(app, ask, number(page)?, Verbosity::Plain).await,
        ["v", "search"] => find::results::answer(app, ask, PageNumber::FIRST, Verbosity::Explained).await,
        ["v", "search", page] => find::results::answer(app, ask, number(page)?, Verbosity::Explained).await,
        _ => match ask.path.as_str() {
            paths::ABOUT => Ok(words::about(app)),
            paths::HELP => Ok(words::help(app)),
            paths::PRIVACY => Ok(words::privacy(app)),
            paths::CRAWLER => Ok(words::crawler(app)),
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

/// A page's number in a path: there is no page 0, and none beyond what the list can have.
fn number(segment: &str) -> Result<PageNumber, Problem> {
    let digits = segment.bytes().all(|byte| byte.is_ascii_digit());
    segment.parse().ok().filter(|_| digits).and_then(PageNumber::new).ok_or(Problem::NotFound)
}
