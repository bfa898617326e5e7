//! What can be read of an XML feed that is none: tags that are never closed, a text that was cut, entities that do
//! not exist. Nothing is expected but that a tag begins with `<` and ends with `>`.

use super::entry::{ENTRIES, Entry, Feed, moment};
use crate::parse::plain::{unescape, untagged};

/// Reads what there is.
pub(super) fn read(document: &str) -> Feed {
    let document = document.replace("<![CDATA[", "").replace("]]>", "");
    let mut feed = Feed::default();
    let mut entry: Option<Entry> = None;
    for piece in document.split('<').skip(1) {
        // A tag that never ends has no text; its attributes may be good.
        let (tag, text) = piece.split_once('>').unwrap_or((piece, ""));
        let name = tag.split(|character: char| character.is_whitespace() || character == '/').next();
        let is_end = tag.starts_with('/');
        let name = if is_end { tag.get(1..).map(str::trim_end) } else { name };
        let name = name.map(|name| name.rsplit(':').next().unwrap_or(name)).unwrap_or_default();
        match (name, is_end) {
            ("entry" | "item", _) => {
                close(&mut feed, entry.take());
                entry = (!is_end).then(Entry::default);
            }
            (_, true) => (),
            (name, false) => take(&mut feed, entry.as_mut(), name, (tag, unescape(text.trim()))),
        }
        if ENTRIES <= feed.entries.len() {
            break;
        }
    }
    close(&mut feed, entry);
    feed
}

fn close(feed: &mut Feed, entry: Option<Entry>) {
    let Some(mut entry) = entry else { return };
    for (_, label) in &mut entry.links {
        label.clone_from(&entry.title);
    }
    entry.words.truncate(entry.words.trim_end().len());
    if !entry.title.is_empty() || !entry.links.is_empty() || !entry.words.is_empty() {
        feed.entries.push(entry);
    }
}

fn take(feed: &mut Feed, entry: Option<&mut Entry>, name: &str, (tag, text): (&str, String)) {
    let Some(entry) = entry else {
        match name {
            "title" if feed.title.is_empty() => feed.title = text,
            "link" => {
                let target = attribute(tag, "href").unwrap_or(text);
                if !target.is_empty() {
                    feed.links.push((target, feed.title.clone()));
                }
            }
            "subtitle" | "description" if feed.about.is_empty() => feed.about = text,
            _ => (),
        }
        return;
    };
    match name {
        "title" if entry.title.is_empty() => entry.title = text,
        "link" => {
            let target = attribute(tag, "href").unwrap_or(text);
            // The post itself stands before what is attached to it.
            let is_other = attribute(tag, "rel").is_some_and(|rel| rel != "alternate");
            let place = if is_other { entry.links.len() } else { 0 };
            if !target.is_empty() {
                entry.links.insert(place, (target, String::new()));
            }
        }
        "guid" | "id" if entry.links.is_empty() && text.contains("://") => {
            entry.links.push((text, String::new()));
        }
        "published" | "pubDate" | "date" | "issued" => entry.published = moment(&text).or(entry.published),
        "updated" | "modified" if entry.published.is_none() => entry.published = moment(&text),
        "summary" | "description" | "content" | "p" if !text.is_empty() => {
            entry.words.push_str(&without_tags(&text));
            entry.words.push(' ');
        }
        _ => (),
    }
}

/// Words of a text in which tags were written as text.
fn without_tags(text: &str) -> String {
    if text.contains('<') {
        untagged(&format!("<p>{text}")).prose.trim_end().replace('\n', " ")
    } else {
        text.to_owned()
    }
}

/// The value of an attribute, in quotes of either kind.
fn attribute(tag: &str, name: &str) -> Option<String> {
    let (_, rest) = tag.split_once(name)?;
    let rest = rest.trim_start().strip_prefix('=')?.trim_start();
    let quote = rest.chars().next().filter(|quote| matches!(quote, '"' | '\''))?;
    let inside = rest.get(1..)?;
    Some(unescape(inside.split_once(quote).map_or(inside, |(value, _)| value)))
}
