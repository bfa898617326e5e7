//! From a path of the desk to its screen, the same for both of its doors. Who comes here has proved to be an admin;
//! looking changes nothing, whatever the path.

use crate::app::App;
use crate::ask::{Ask, Tongue};
use crate::desk::deed::{Deed, Order};
use crate::desk::{
    audit, capsules, connections, consider, doing, index, overview, reports, rules, runs, submissions,
};
use crate::paths::desk;
use crate::people::Admin;
use crate::render::answer::Answer;
use crate::render::problem::Problem;
use crate::search::PageNumber;

/// Shows a screen of the desk. What can be done on it carries this hand.
///
/// # Errors
///
/// A [`Problem`], which each tongue words in its own way.
pub async fn view(app: &App, ask: &Ask, hand: &str) -> Result<Answer, Problem> {
    if let Some(deed) = ask.path.strip_prefix(desk::CONSIDER).and_then(|rest| rest.strip_prefix('/')) {
        let deed: Deed = deed.parse().map_err(|_| Problem::NotFound)?;
        return consider::answer(app.store()?, deed, ask.words.as_deref(), hand).await;
    }
    let (path, number) = part(ask)?;
    let is_first = number == PageNumber::FIRST;
    let store = app.store()?;
    let board = match path.as_str() {
        desk::CAPSULES => capsules::shown(&capsules::load(store, number).await?),
        desk::RUNS => {
            let job = ask.words.as_deref().and_then(|words| words.trim().parse().ok());
            runs::shown(&runs::load(store, number).await?, job)
        }
        desk::REPORTS => reports::shown(&reports::load(store, number).await?),
        desk::SUBMISSIONS => submissions::shown(&submissions::load(store, number).await?),
        desk::AUDIT => audit::shown(&audit::load(store, number).await?),
        desk::RULES => rules::shown(&rules::load(store, number).await?),
        _ if !is_first => return Err(Problem::NotFound),
        desk::INDEX => index::shown(&index::load(store, &app.searcher.folder()).await?),
        desk::DESK => overview::shown(&overview::load(store, &app.state, app.reserve).await?),
        desk::CONNECTIONS => connections::shown(&connections::load(store).await?),
        _ => return Err(Problem::NotFound),
    };
    Ok(board.for_hand(hand).answer())
}

/// Does what an admin ordered, and leads to where what came of it is seen.
///
/// # Errors
///
/// When the order is none, or the database is away.
pub async fn act(app: &App, admin: &Admin, order: &Order, tongue: Tongue) -> Result<Answer, Problem> {
    let link = doing::done(admin, (app.store()?, &app.register), order).await?;
    Ok(Answer::Redirect(match tongue {
        Tongue::Gemtext => link.gemtext,
        Tongue::Html => link.html,
    }))
}

/// The path of a screen and the part of its list that is asked for: a number at the end is a part.
fn part(ask: &Ask) -> Result<(String, PageNumber), Problem> {
    let segments = ask.segments();
    match segments.split_last() {
        Some((last, before)) if last.bytes().all(|byte| byte.is_ascii_digit()) => {
            let number = last.parse().ok().and_then(PageNumber::new).ok_or(Problem::NotFound)?;
            Ok((format!("/{}", before.join("/")), number))
        }
        Some(_) | None => Ok((format!("/{}", segments.join("/")), PageNumber::FIRST)),
    }
}
