//! Any search as a subscription: the newest fifty pages that match, by the day they were first seen.
//!
//! All words must be there: a list that gives up words would change with every page that comes, and a reader
//! would be told of what was there before.

use super::around;
use super::results;
use crate::app::App;
use crate::ask::Ask;
use crate::paths::trail::Trail;
use crate::render::answer::Answer;
use crate::render::problem::Problem;
use crate::render::subscription::{ENTRIES, Entry, Format, Subscription};
use crate::search::PageNumber;

/// Answers with the list; without words and limits, asks for words.
///
/// # Errors
///
/// When the search cannot be made now.
pub async fn answer(app: &App, ask: &Ask, trail: &Trail, format: Format) -> Result<Answer, Problem> {
    let words = ask.words.as_deref().unwrap_or_default();
    let mut limits = trail.limits.clone();
    limits.extend(around::kinds(trail.corner));
    if words.is_empty() && limits.is_empty() {
        return Ok(results::input(trail));
    }
    let seen = app.searcher.newest(words, limits, ENTRIES).await?;
    let entries = seen
        .into_iter()
        .map(|seen| Entry { url: seen.url, title: seen.title, first_seen: seen.first_seen })
        .collect();
    let limits: Vec<String> = trail.limits.iter().map(around::name).collect();
    let title = match (words, limits.as_slice()) {
        (words, []) => words.to_owned(),
        ("", limits) => limits.join(", "),
        (words, limits) => format!("{words} ({})", limits.join(", ")),
    };
    let corner = results::corner(trail.corner).map(|name| format!("{name}: ")).unwrap_or_default();
    let here = |link: String| format!("gemini://{}{link}", app.capsule);
    let subscription = Subscription::new(
        &format!("{corner}{title} · Sextant"),
        "The newest pages that match, by the day they were first seen.",
        here(trail.list(words, PageNumber::FIRST).gemtext),
        here(trail.feed(words, format).gemtext),
        entries,
    );
    subscription.answer(format)
}
