//! Gemtext that can be subscribed to: link lines whose labels begin with a date, `=> post.gmi 2026-01-31 Title`
//! (companion specification "Subscribing to Gemini pages").

use super::entry::{ENTRIES, Entry, moment};
use crate::parse::outline::Reference;

/// Whether a label has the form of an entry: a date and something after it.
pub(crate) fn is_dated(label: &str) -> bool {
    split(label).is_some()
}

/// The entries among a page's links.
pub(crate) fn entries(links: &[Reference<'_>]) -> Vec<Entry> {
    let entry = |link: &Reference<'_>| -> Option<Entry> {
        let (date, title) = split(link.label)?;
        Some(Entry {
            title: title.to_owned(),
            links: vec![(link.target.to_owned(), String::new())],
            published: moment(date),
            ..Entry::default()
        })
    };
    links.iter().filter_map(entry).take(ENTRIES).collect()
}

/// The date at a label's beginning, and the title after the marks between them.
fn split(label: &str) -> Option<(&str, &str)> {
    const DATE: usize = 10;
    let date = label.get(..DATE)?;
    let form = date.bytes().map(|byte| if byte.is_ascii_digit() { b'0' } else { byte });
    let rest = label.get(DATE..)?;
    if !form.eq(*b"0000-00-00") || rest.starts_with(|character: char| character.is_ascii_digit()) {
        return None;
    }
    let title = rest.trim_matches(|character: char| {
        character.is_whitespace() || matches!(character, '-' | '–' | '—' | ':' | '·' | '|' | '/' | '»')
    });
    (!title.is_empty()).then_some((date, title))
}
