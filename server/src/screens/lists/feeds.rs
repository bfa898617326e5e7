//! Feeds: the newest posts that all feeds tell of, and every feed that can be found, those that changed last first: a few
//! of each site before the next few of each.

use std::sync::Arc;

use shared::gemini::url::LinkTarget;
use shared::store::asked::exclusion;
use shared::store::known::listing::{self, ListedPage, Place};
use shared::store::known::post::{self, Post};

use super::part;
use super::room::Room;
use crate::app::App;
use crate::paths::{self, Link};
use crate::render::answer::Answer;
use crate::render::phrase;
use crate::render::problem::Problem;
use crate::screens::sheet::{Block, Entry, Sheet};
use crate::search::PageNumber;

/// Posts at the head of the list's first part.
const POSTS: usize = 30;
/// Posts looked at for them: one site may have brought most of these.
const LOOKED_AT: i64 = 3_000;

/// Shows a part of the list.
///
/// # Errors
///
/// When the database is away.
pub async fn answer(app: &App, number: PageNumber) -> Result<Answer, Problem> {
    let store = app.store()?;
    let order = async || -> Result<Arc<[Place]>, Problem> {
        Ok(store.read(async |c| listing::feeds(c).await).await?.into())
    };
    let order = app.orders.or_made(paths::FEEDS, order).await?;
    let (places, more) = part::within(&order, number)?;
    let read = store.read(async |c| {
        let feeds = listing::pages(c, places).await?;
        let is_first = number == PageNumber::FIRST;
        let posts = if is_first { post::recent(c, 0, LOOKED_AT).await? } else { Vec::new() };
        Ok((feeds, posts, exclusion::rules(c).await?))
    });
    let (mut feeds, mut posts, rules) = read.await?;
    let mut room = Room::default();
    posts.retain(|post| match &post.url {
        LinkTarget::Gemini(url) => {
            !rules.shut_out(url, None) && room.takes(url.site().to_string(), post.moment)
        }
        // Where its feed leads there is none of our links.
        LinkTarget::Foreign(_) => false,
    });
    posts.truncate(POSTS);
    feeds.retain(|feed| !rules.shut_out(&feed.url, None));
    let (previous, next) =
        part::around(number, more, |number| Some(Link::to(&part::path(paths::FEEDS, number))));
    Ok(Sheet { previous, next, ..shown(&posts, &feeds, order.len() as u64) }.answer())
}

/// The sheet of a part of the list, with the newest posts where it is the first.
#[must_use]
pub fn shown(posts: &[Post], feeds: &[ListedPage], count: u64) -> Sheet {
    let lead = match count {
        0 => "No feed is known yet.".to_owned(),
        _ => format!(
            "{} can be followed. Those that changed last come first: {} of each site, then the next {} of each, and so on.",
            phrase::count(count, "feed", "feeds"),
            listing::OF_A_SITE_AND_ROUND,
            listing::OF_A_SITE_AND_ROUND,
        ),
    };
    let entries = feeds.iter().map(|feed| {
        let changed = feed.changed_at.map(|at| format!("changed {}", phrase::day(at))).unwrap_or_default();
        Entry {
            about: Link::with_words(paths::PAGE, feed.url.as_str()),
            ..Entry::gemini(&feed.url, feed.title.clone()).with([feed.url.site().to_string(), changed])
        }
    });
    let told: Vec<Entry> = posts.iter().filter_map(line).collect();
    let newest = match told.as_slice() {
        [] => Vec::new(),
        _ => vec![
            Block::Text(format!("Of each site up to {} a day.", listing::OF_A_SITE_AND_DAY)),
            Block::Entries(told),
        ],
    };
    let heading = if posts.is_empty() { "" } else { "All feeds" };
    Sheet::new("Feeds", lead)
        .part("Newest posts", newest)
        .part(heading, vec![Block::Entries(entries.collect())])
}

/// A post; none for one that stands outside of Geminispace, whose feed leads there.
fn line(post: &Post) -> Option<Entry> {
    let LinkTarget::Gemini(url) = &post.url else { return None };
    Some(Entry {
        about: Link::with_words(paths::PAGE, url.as_str()),
        ..Entry::gemini(url, post.title.to_string())
            .with([phrase::day(post.moment), post.feed_title.to_string()])
    })
}
