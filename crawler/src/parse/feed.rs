//! Feeds of all forms to one: what they are called, what they link to, and the posts that they tell of.
//!
//! Atom and RSS are read by [`salvage`], which takes what can be read and asks for no order, for many are malformed and
//! some were cut. [`mod@twtxt`] and the dated links of gemtext ([`dated`]) are our own.

mod dated;
mod entry;
mod salvage;
mod twtxt;
mod xml;

use shared::gemini::text::OneLine;
use shared::gemini::url::{GeminiUrl, LinkTarget};
use shared::store::known::post::{Author, NewPost, PostKey};

use super::outline::Outline;
use super::title;

pub(super) use dated::{entries as dated_entries, is_dated};
pub(super) use entry::{Entry, Feed, Place};
pub(super) use twtxt::read as twtxt;
pub(super) use xml::{is_feed, read};

/// Posts of a reading that count: the newest ones.
const POSTS: usize = 500;

/// The outline of a feed that is no gemtext.
pub(super) fn outline(feed: &Feed) -> Outline<'_> {
    let mut outline = Outline::default();
    outline.head(1, feed.title.trim());
    if !feed.about.is_empty() {
        outline.say(&feed.about);
    }
    for (target, label) in &feed.links {
        outline.refer(target, label);
    }
    for entry in &feed.entries {
        for words in [&entry.title, &entry.words] {
            if !words.trim().is_empty() {
                outline.say(words);
            }
        }
        for (target, label) in &entry.links {
            outline.refer(target, label);
        }
    }
    outline
}

/// The posts of a feed, bounded: of more than [`POSTS`] the newest, and of those without a date the first.
pub(super) fn posts(entries: &[Entry], feed: &GeminiUrl) -> Vec<NewPost> {
    let site = feed.site();
    let post = |entry: &Entry| -> Option<NewPost> {
        let url = match entry.place {
            Place::Linked => feed.join(&entry.links.first()?.0).ok()?,
            Place::Here => LinkTarget::Gemini(feed.clone()),
        };
        let text = match &url {
            LinkTarget::Gemini(url) => url.as_str(),
            LinkTarget::Foreign(url) => url.as_str(),
        };
        let key = match entry.place {
            Place::Linked => PostKey::of_url(text),
            Place::Here => {
                let moment = entry.published.map(|moment| moment.timestamp()).unwrap_or_default();
                PostKey::of_line(text, &format!("{moment} {}", entry.title))
            }
        };
        let author = match &url {
            LinkTarget::Gemini(url) if url.site() == site => Author::Own,
            LinkTarget::Gemini(_) | LinkTarget::Foreign(_) => Author::Other,
        };
        let title = match entry.place {
            Place::Linked => OneLine::new(&entry.title),
            Place::Here => title::shortened(&entry.title),
        };
        Some(NewPost { key, url, title, published: entry.published, author })
    };
    let mut posts: Vec<NewPost> = entries.iter().filter_map(post).collect();
    if POSTS < posts.len() {
        posts.sort_by_key(|post| std::cmp::Reverse(post.published));
        posts.truncate(POSTS);
    }
    posts
}

#[cfg(test)]
mod tests;
