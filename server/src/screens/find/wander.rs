//! Ways into the unknown: the first hit at once, a page of anywhere, a jump to a page of the list.
//!
//! Over Gemini they lead to the page itself; a browser cannot follow there, so on the web they lead to what
//! we know of it.

use shared::gemini::url::GeminiUrl;

use super::results;
use crate::app::App;
use crate::ask::{Ask, Tongue};
use crate::paths::trail::{Corner, Trail};
use crate::render::answer::Answer;
use crate::render::problem::Problem;
use crate::search::{Extras, Limit, PageNumber, SearchRequest};

/// The first hit at once; the list where there is none.
///
/// # Errors
///
/// When the search cannot be made now.
pub async fn lucky(app: &App, ask: &Ask, limits: Vec<Limit>) -> Result<Answer, Problem> {
    let trail = Trail::within(limits.clone());
    let Some(words) = &ask.words else { return Ok(results::input(&trail)) };
    let request = SearchRequest { limits, extras: Extras::LeftOut, ..SearchRequest::new(words) };
    let found = app.searcher.search(request).await?;
    Ok(Answer::Redirect(match found.hits.first() {
        Some(hit) => leads_to(&hit.url, ask.tongue),
        None => in_tongue(&trail, words, PageNumber::FIRST, ask.tongue),
    }))
}

/// A page of anywhere, within the limits.
///
/// # Errors
///
/// [`Problem::NotFound`] when there is no page within them; when the index cannot be read now.
pub async fn random(app: &App, ask: &Ask, limits: Vec<Limit>) -> Result<Answer, Problem> {
    let found = app.searcher.random(limits).await?;
    found.map(|url| Answer::Redirect(leads_to(&url, ask.tongue))).ok_or(Problem::NotFound)
}

/// A jump to a page of the list, whose number is asked for.
///
/// # Errors
///
/// Never; every screen's answer has this form.
pub fn jump(ask: &Ask, trail: &Trail, words: &str) -> Result<Answer, Problem> {
    let number = ask.words.as_deref().and_then(|text| text.trim().parse().ok()).and_then(PageNumber::new);
    match (number, ask.tongue) {
        (Some(number), tongue) => Ok(Answer::Redirect(in_tongue(trail, words, number, tongue))),
        (None, Tongue::Html) => Ok(Answer::Redirect(in_tongue(trail, words, PageNumber::FIRST, ask.tongue))),
        (None, Tongue::Gemtext) => Ok(results::asked("Which page of the list?", trail)),
    }
}

/// The search of one site, as older engines wrote it.
///
/// # Errors
///
/// [`Problem::NotFound`] when that is no site.
pub fn of_site(host: &str) -> Result<Answer, Problem> {
    let limit = Limit::parse(&format!("site:{host}")).ok_or(Problem::NotFound)?;
    Ok(Answer::Redirect(Trail { corner: Corner::All, ..Trail::within(vec![limit]) }.path()))
}

fn leads_to(url: &GeminiUrl, tongue: Tongue) -> String {
    match tongue {
        Tongue::Gemtext => url.to_string(),
        Tongue::Html => results::about(url, tongue),
    }
}

fn in_tongue(trail: &Trail, words: &str, page: PageNumber, tongue: Tongue) -> String {
    let link = trail.list(words, page);
    match tongue {
        Tongue::Gemtext => link.gemtext,
        Tongue::Html => link.html,
    }
}
