//! A feed as all forms of feeds are read.

use chrono::{DateTime, Datelike, NaiveDate, NaiveTime, Utc};

/// Entries of a feed that are read.
pub(super) const ENTRIES: usize = 2_000;

/// A feed of any form.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Feed {
    /// What it is called; may be empty.
    pub(crate) title: String,
    /// Its words besides its title.
    pub(crate) about: String,
    /// Links of the feed itself: target and label.
    pub(crate) links: Vec<(String, String)>,
    /// Its entries in their order.
    pub(crate) entries: Vec<Entry>,
}

/// An entry of a feed.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Entry {
    /// May be empty.
    pub(crate) title: String,
    /// Its links, that of the post first: target and label.
    pub(crate) links: Vec<(String, String)>,
    /// Its words besides its title.
    pub(crate) words: String,
    /// When it was published, as far as it says so.
    pub(crate) published: Option<DateTime<Utc>>,
    /// What it is known again by.
    pub(crate) place: Place,
}

/// Where a post is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Place {
    /// Where its first link leads.
    #[default]
    Linked,
    /// In the feed itself, with others.
    Here,
}

/// A moment as feeds write it: RFC 3339, RFC 2822, or a date alone. Years that are none count as no date.
pub(super) fn moment(text: &str) -> Option<DateTime<Utc>> {
    let text = text.trim();
    if LONGEST_MOMENT < text.len() {
        return None;
    }
    let date = || NaiveDate::parse_from_str(text.get(..10)?, "%Y-%m-%d").ok();
    let moment = DateTime::parse_from_rfc3339(text)
        .or_else(|_| DateTime::parse_from_rfc2822(text))
        .map(|moment| moment.to_utc())
        .ok()
        .or_else(|| Some(date()?.and_time(NaiveTime::MIN).and_utc()))?;
    sensible(moment)
}

/// Nothing was published before there were such feeds, and Postgres knows no year beyond 294276.
pub(super) fn sensible(moment: DateTime<Utc>) -> Option<DateTime<Utc>> {
    let years = 1970..10_000;
    years.contains(&moment.year()).then_some(moment)
}

/// A longer text is no date.
const LONGEST_MOMENT: usize = 64;
