//! Feeds: every feed that can be found, those that changed last first.

use shared::store::known::listing::{self, ListedPage};

use super::part;
use crate::app::App;
use crate::paths::{self, Link};
use crate::render::answer::Answer;
use crate::render::phrase;
use crate::render::problem::Problem;
use crate::screens::sheet::{Block, Entry, Sheet};
use crate::search::PageNumber;

/// Shows a part of the list.
///
/// # Errors
///
/// When the database is away.
pub async fn answer(app: &App, number: PageNumber) -> Result<Answer, Problem> {
    let wanted = part::of(number)?;
    let (mut feeds, count) = app.store()?.read(async |c| listing::feeds(c, wanted).await).await?;
    let more = part::cut(&mut feeds);
    let (previous, next) =
        part::around(number, more, |number| Some(Link::to(&part::path(paths::FEEDS, number))));
    Ok(Sheet { previous, next, ..shown(&feeds, count) }.answer())
}

/// The sheet of a part of the list.
#[must_use]
pub fn shown(feeds: &[ListedPage], count: u64) -> Sheet {
    let lead = match count {
        0 => "No feed is known yet.".to_owned(),
        _ => format!(
            "{} can be followed; those that changed last come first.",
            phrase::count(count, "feed", "feeds")
        ),
    };
    let entries = feeds.iter().map(|feed| {
        let changed = feed.changed_at.map(|at| format!("changed {}", phrase::day(at))).unwrap_or_default();
        Entry {
            about: Link::with_words(paths::PAGE, feed.url.as_str()),
            ..Entry::gemini(&feed.url, feed.title.clone()).with([feed.url.site().to_string(), changed])
        }
    });
    Sheet::new("Feeds", lead).part("", vec![Block::Entries(entries.collect())])
}
