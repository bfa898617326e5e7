//! Lists to subscribe to: Atom, and the dated links of a gemfeed.
//!
//! A reader of feeds shows what it has not seen yet. So that nothing comes twice, an entry is known by the
//! URL of its page and dated by the day on which the page was first seen: no edit of a page, no rebuild of
//! the index and no restored backup changes either. Nothing else in the text moves: no clock, no counter.

use atom_syndication::{Entry as AtomEntry, Feed, Generator, Link, Person, Text};
use chrono::{DateTime, Utc};
use shared::gemini::text::OneLine;
use shared::gemini::url::GeminiUrl;

use super::answer::{Answer, Data, Readers};
use super::problem::Problem;

/// Entries at most.
pub const ENTRIES: usize = 50;

/// How a list is written down.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// Atom (RFC 4287).
    Atom,
    /// Gemtext with a dated link a line, as gemlogs are subscribed to.
    Gemfeed,
}

impl Format {
    /// The format that a path names.
    #[must_use]
    pub fn named(segment: &str) -> Option<Self> {
        match segment {
            "atom" => Some(Self::Atom),
            "gemfeed" => Some(Self::Gemfeed),
            _ => None,
        }
    }

    /// Its name in a path.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Atom => "atom",
            Self::Gemfeed => "gemfeed",
        }
    }
}

/// A list to subscribe to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Subscription {
    title: OneLine,
    explanation: OneLine,
    home: String,
    address: String,
    entries: Vec<Entry>,
}

/// A page of the list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// The page.
    pub url: GeminiUrl,
    /// What it is called.
    pub title: OneLine,
    /// When it was first seen.
    pub first_seen: DateTime<Utc>,
}

impl Subscription {
    /// A list by its title and one sentence on what comes into it. `home` is the URL of the screen that shows
    /// the same, `address` the list's own: by it readers know the list, whichever door they came in by.
    /// Of the entries the newest are taken; where several name one page, the first seen one.
    #[must_use]
    pub fn new(
        title: &str,
        explanation: &str,
        home: String,
        address: String,
        mut entries: Vec<Entry>,
    ) -> Self {
        entries.sort_by(|a, b| a.url.as_str().cmp(b.url.as_str()).then(a.first_seen.cmp(&b.first_seen)));
        entries.dedup_by(|later, earlier| later.url == earlier.url);
        entries.sort_by(|a, b| b.first_seen.cmp(&a.first_seen).then(a.url.as_str().cmp(b.url.as_str())));
        entries.truncate(ENTRIES);
        Self { title: OneLine::new(title), explanation: OneLine::new(explanation), home, address, entries }
    }

    /// The list as an answer.
    ///
    /// # Errors
    ///
    /// [`Problem::Broken`] when the XML cannot be written.
    pub fn answer(&self, format: Format) -> Result<Answer, Problem> {
        let (media_type, bytes) = match format {
            Format::Atom => ("application/atom+xml; charset=utf-8", self.atom()?),
            Format::Gemfeed => ("text/gemini; charset=utf-8", self.gemfeed().into_bytes()),
        };
        Ok(Answer::Data(Data { media_type, bytes, readers: Readers::OurPages, problem: None }))
    }

    /// As gemtext: a heading, and a dated link for each page.
    #[must_use]
    pub fn gemfeed(&self) -> String {
        let mut text = format!("# {}\n\n{}\n\n", self.title, self.explanation);
        for entry in &self.entries {
            let day = entry.first_seen.format("%Y-%m-%d");
            text.push_str(&format!("=> {} {day} {}\n", entry.url, entry.shown_title()));
        }
        if self.entries.is_empty() {
            text.push_str("No page is in this list so far.\n");
        }
        text.push_str(&format!("\n=> {} The same as a page\n", self.home));
        text
    }

    /// As Atom.
    ///
    /// # Errors
    ///
    /// [`Problem::Broken`] when the XML cannot be written.
    pub fn atom(&self) -> Result<Vec<u8>, Problem> {
        let link =
            |rel: &str, href: &str| Link { href: href.to_owned(), rel: rel.to_owned(), ..Link::default() };
        // An empty list has never changed: it is as old as time.
        let newest = self.entries.first().map_or(DateTime::UNIX_EPOCH, |entry| entry.first_seen);
        let feed = Feed {
            title: Text::plain(in_xml(&self.title)),
            subtitle: Some(Text::plain(in_xml(&self.explanation))),
            id: self.address.clone(),
            updated: newest.fixed_offset(),
            links: vec![link("self", &self.address), link("alternate", &self.home)],
            generator: Some(Generator { value: "Sextant".to_owned(), ..Generator::default() }),
            entries: self.entries.iter().map(Entry::atom).collect(),
            ..Feed::default()
        };
        feed.write_to(Vec::new()).map_err(|error| {
            tracing::error!(error = &error as &dyn std::error::Error, "a feed could not be written");
            Problem::Broken
        })
    }
}

impl Entry {
    fn atom(&self) -> AtomEntry {
        AtomEntry {
            id: self.url.to_string(),
            title: Text::plain(in_xml(self.shown_title())),
            updated: self.first_seen.fixed_offset(),
            published: Some(self.first_seen.fixed_offset()),
            authors: vec![Person { name: self.url.site().to_string(), ..Person::default() }],
            links: vec![Link { href: self.url.to_string(), rel: "alternate".to_owned(), ..Link::default() }],
            ..AtomEntry::default()
        }
    }

    fn shown_title(&self) -> &str {
        if self.title.is_empty() { self.url.as_str() } else { &self.title }
    }
}

/// A line without the two characters that Unicode has and XML has not.
fn in_xml(line: &str) -> String {
    line.replace(['\u{fffe}', '\u{ffff}'], "")
}

#[cfg(test)]
mod tests;
