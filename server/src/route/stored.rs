//! The way to the screens that read the store.

use shared::store::known::listing::HostOrder;

use crate::app::App;
use crate::ask::Ask;
use crate::paths;
use crate::render::answer::Answer;
use crate::render::problem::Problem;
use crate::render::subscription::Format;
use crate::screens::{capsule, lists, owner, page};
use crate::search::PageNumber;

/// Answers with a screen that reads the store; none: no such screen is at that path.
///
/// # Errors
///
/// A [`Problem`], which each tongue words in its own way.
pub async fn screen(app: &App, ask: &Ask) -> Option<Result<Answer, Problem>> {
    if let Some(about) = ask.path.strip_prefix("/report/") {
        return Some(owner::report::why(app, ask, about).await);
    }
    let segments = ask.segments();
    // A number at the end is a part of a list; the path before it names the screen.
    let (path, part) = match segments.split_last() {
        Some((last, before)) if last.bytes().all(|byte| byte.is_ascii_digit()) && !before.is_empty() => {
            (format!("/{}", before.join("/")), Some(last.parse().ok().and_then(PageNumber::new)))
        }
        Some(_) | None => (format!("/{}", segments.join("/")), None),
    };
    let number = match part {
        Some(Some(number)) => number,
        Some(None) => return Some(Err(Problem::NotFound)),
        None => PageNumber::FIRST,
    };
    Some(match path.as_str() {
        paths::KNOWN_HOSTS => lists::hosts::answer(app, HostOrder::Name, number).await,
        paths::KNOWN_HOSTS_BY_PAGES => lists::hosts::answer(app, HostOrder::Pages, number).await,
        paths::KNOWN_HOSTS_BY_AGE => lists::hosts::answer(app, HostOrder::Newest, number).await,
        paths::NEW => lists::newest::answer(app, number).await,
        paths::FEEDS => lists::feeds::answer(app, number).await,
        paths::EXCLUSIONS => lists::exclusions::answer(app, number).await,
        paths::REQUESTS => capsule::requests::answer(app, ask, number).await,
        paths::DEAD_LINKS => capsule::dead_links::answer(app, ask, number).await,
        // The first stored text of a page is the one that there is.
        paths::CACHED if number == PageNumber::FIRST => page::cached::answer(app, ask).await,
        _ if part.is_some() => return None,
        paths::PAGE => page::info::answer(app, ask).await,
        paths::BACKLINKS => page::backlinks::answer(app, ask).await,
        paths::BACKLINKS_ATOM => page::backlinks::feed(app, ask, Format::Atom).await,
        paths::BACKLINKS_GEMFEED => page::backlinks::feed(app, ask, Format::Gemfeed).await,
        paths::CAPSULE => capsule::profile::answer(app, ask).await,
        paths::ROBOTS_READ => capsule::robots::answer(app, ask).await,
        paths::STATISTICS => lists::statistics::answer(app).await,
        paths::ADD_SEED | paths::ADD_SEED_OF_TLGS => owner::submit::answer(app, ask).await,
        paths::SUBMISSION => owner::receipt::answer(app, ask).await,
        paths::REPORT => owner::report::which(ask),
        paths::REPORT_RECEIPT => owner::report::receipt(app, ask).await,
        _ => return None,
    })
}
