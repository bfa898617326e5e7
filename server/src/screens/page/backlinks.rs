//! Who links to a page, a site or a capsule: answers of others first.
//!
//! People follow this page with a feed reader that compares texts, so it holds no clock and no counter: it
//! changes when a link comes or goes, and at no other time.

use chrono::TimeDelta;
use shared::gemini::kind::Kind;
use shared::gemini::site::Site;
use shared::gemini::text::OneLine;
use shared::gemini::url::GeminiUrl;
use shared::store::StoreError;
use shared::store::known::backlink::{self, Backlink, COUNTED_LINKS, Linked};
use shared::store::known::profile;

use crate::app::App;
use crate::ask::{Ask, Intent, target};
use crate::paths::{self, Link};
use crate::render::answer::Answer;
use crate::render::phrase;
use crate::render::problem::Problem;
use crate::render::subscription::{self, Format, Subscription};
use crate::screens::sheet::{Block, Entry, Form, Sheet};

/// Links that are looked at, the newest of other sites first.
pub const NEWEST: i64 = 1_000;
/// A link that was found so much later than its target was made later; what one crawl finds within the hour says
/// nothing of the order in which it was written.
const LATER: TimeDelta = TimeDelta::hours(1);
/// What the prompt says.
const PROMPT: &str = "Who links to which page, site or capsule? Give its address";

/// What sort of link it is, in the order in which they are shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Sort {
    /// A page of another site that came later: most likely it answers.
    Reply,
    /// A page of another site that was there before, or came with it.
    Mention,
    /// A list of links, an aggregator, a feed.
    List,
    /// A page of the same site.
    Own,
}

/// What sort of link this is.
#[must_use]
pub fn sort(link: &Backlink) -> Sort {
    let answers = ["re:", "aw:", "sv:"].iter().any(|mark| link.title.to_lowercase().starts_with(mark));
    if link.is_own() {
        Sort::Own
    } else if answers {
        Sort::Reply
    } else if link.kind == Kind::Feed || link.kind.is_mass() || link.links_beside >= COUNTED_LINKS as u64 {
        Sort::List
    } else if link.to_first_seen + LATER < link.first_seen {
        Sort::Reply
    } else {
        Sort::Mention
    }
}

/// What was asked about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Subject {
    /// One page.
    Page(GeminiUrl),
    /// A site.
    Site(Site),
}

impl Subject {
    /// What a text names: a host alone is its capsule, a user's folder that site, all else a page.
    ///
    /// # Errors
    ///
    /// Why it names nothing.
    pub fn read(words: &str) -> Result<Self, shared::gemini::url::UrlError> {
        let url = target::page(words)?;
        let bare = words.trim().trim_start_matches("//");
        let is_host = !bare.contains("://") && !bare.trim_end_matches('/').contains('/');
        let site = url.site();
        let is_site = site.folder() != "/" && site.folder() == url.path_and_query();
        Ok(if is_host || is_site { Self::Site(site) } else { Self::Page(url) })
    }
}

impl std::fmt::Display for Subject {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Page(url) => url.fmt(f),
            Self::Site(site) => site.fmt(f),
        }
    }
}

/// Shows who links to what was asked for.
///
/// # Errors
///
/// When the database is away.
pub async fn answer(app: &App, ask: &Ask) -> Result<Answer, Problem> {
    let Some(words) = &ask.words else {
        return Ok(asked(paths::BACKLINKS, "", PROMPT.to_owned()).prompt(PROMPT));
    };
    let subject = match Subject::read(words) {
        Ok(subject) => subject,
        Err(error) => {
            let sentence = format!("No address can be read there: {error}.");
            return Ok(asked(paths::BACKLINKS, words, sentence).answer());
        }
    };
    let links = app.store()?.read(async |c| to(c, &subject).await).await?;
    Ok(shown(&subject, links.as_deref()).answer())
}

/// The same as a list to subscribe to: the newest links of others, each dated by the day on which it was first seen.
///
/// # Errors
///
/// When the database is away, or nothing is named.
pub async fn feed(app: &App, ask: &Ask, format: Format) -> Result<Answer, Problem> {
    let path = match format {
        Format::Atom => paths::BACKLINKS_ATOM,
        Format::Gemfeed => paths::BACKLINKS_GEMFEED,
    };
    let Some(words) = &ask.words else { return Ok(asked(path, "", PROMPT.to_owned()).prompt(PROMPT)) };
    let subject = Subject::read(words)
        .map_err(|error| Problem::Malformed(format!("no address can be read there: {error}")))?;
    let links = app.store()?.read(async |c| to(c, &subject).await).await?.ok_or(Problem::NotFound)?;
    let entries = links
        .into_iter()
        .filter(|link| !link.is_own())
        .map(|link| subscription::Entry {
            url: link.from,
            title: OneLine::new(&link.title),
            first_seen: link.first_seen,
        })
        .collect();
    let name = subject.to_string();
    let here = |path: &str| {
        let link = Link::with_words(path, &name).map(|link| link.gemtext);
        format!("gemini://{}{}", app.capsule, link.unwrap_or_else(|| path.to_owned()))
    };
    Subscription::new(
        &format!("Links to {name} · Sextant"),
        "Pages of other sites that link there, by the day on which the link was first seen.",
        here(paths::BACKLINKS),
        here(path),
        entries,
    )
    .answer(format)
}

/// The links to a subject; none: it is not known.
///
/// # Errors
///
/// When the database is away.
pub async fn to(
    c: &mut shared::store::pool::Connection,
    subject: &Subject,
) -> Result<Option<Vec<Backlink>>, StoreError> {
    let linked = match subject {
        Subject::Page(url) => profile::of(c, url).await?.map(|page| Linked::Page(page.capsule, page.page)),
        Subject::Site(site) => profile::capsule_at(c, site.capsule()).await?.map(|capsule| {
            if site.folder() == "/" {
                Linked::Capsule(capsule)
            } else {
                Linked::Site(capsule, site.folder().to_owned())
            }
        }),
    };
    match linked {
        Some(linked) => Ok(Some(backlink::to(c, &linked, NEWEST).await?)),
        None => Ok(None),
    }
}

/// The sheet with the field; what is typed into it goes to the path.
fn asked(path: &str, words: &str, sentence: String) -> Sheet {
    let form = Form {
        action: path.to_owned(),
        intent: Intent::Look,
        label: "The address of a page, a site or a capsule",
        value: words.to_owned(),
        button: "Who links there?",
    };
    Sheet { form: Some(form), ..Sheet::new("Backlinks", sentence) }
}

/// The sheet of the links to a subject.
#[must_use]
pub fn shown(subject: &Subject, links: Option<&[Backlink]>) -> Sheet {
    let title = format!("Links to {subject}");
    let name = subject.to_string();
    let Some(links) = links else {
        let entry = Entry::deed(paths::ADD_SEED, &name, "Hand it in");
        return Sheet::new(
            title,
            "Not known: no page that we have read links there, and nobody has handed it in.",
        )
        .part("", vec![Block::Entries(entry.into_iter().collect())]);
    };
    let sentence = if links.is_empty() {
        "No page that can be found here links there."
    } else {
        "Pages that link there, those that came last first. This text changes only when a link comes or goes."
    };
    let group = |wanted: Sort| -> Vec<Block> {
        let of_sort = links.iter().filter(|link| sort(link) == wanted);
        vec![Block::Entries(of_sort.map(|link| entry(subject, link)).collect())]
    };
    let (about, say) = match subject {
        Subject::Page(_) => (paths::PAGE, "About the page"),
        Subject::Site(_) => (paths::CAPSULE, "About the capsule"),
    };
    let entries = [
        Entry::ours(Link::with_words(paths::BACKLINKS_GEMFEED, &name), "Subscribe: as a gemfeed"),
        Entry::ours(Link::with_words(paths::BACKLINKS_ATOM, &name), "Subscribe: as Atom"),
        Entry::ours(Link::with_words(about, &name), say),
        Entry::ours(Link::with_words(paths::REPORT, &name), "Report it"),
    ];
    Sheet::new(title, sentence)
        .part("Answers from other sites", group(Sort::Reply))
        .part("Other sites that link there", group(Sort::Mention))
        .part("Lists and aggregators", group(Sort::List))
        .part("From its own site", group(Sort::Own))
        .part("More", vec![Block::Entries(entries.into_iter().flatten().collect())])
}

fn entry(subject: &Subject, link: &Backlink) -> Entry {
    let text = if link.title.is_empty() { link.from.to_string() } else { link.title.clone() };
    let label = if link.label.is_empty() || link.label == text {
        String::new()
    } else {
        format!("“{}”", link.label)
    };
    let to = match subject {
        Subject::Page(url) if *url == link.to => String::new(),
        Subject::Page(_) | Subject::Site(_) => format!("to {}", link.to.path_and_query()),
    };
    Entry::gemini(&link.from, text).with([
        link.from_site().to_string(),
        format!("since {}", phrase::day(link.first_seen)),
        label,
        to,
    ])
}

#[cfg(test)]
mod tests {
    use chrono::{TimeZone as _, Utc};

    use super::*;

    fn link(from: &str, title: &str, later: i64, beside: u64, kind: Kind) -> Backlink {
        let seen = Utc.with_ymd_and_hms(2026, 1, 1, 0, 0, 0).unwrap();
        Backlink {
            from: GeminiUrl::parse(from).unwrap(),
            title: title.to_owned(),
            kind,
            label: String::new(),
            first_seen: seen + TimeDelta::days(later),
            to: GeminiUrl::parse("gemini://pub.example/~ann/post.gmi").unwrap(),
            to_first_seen: seen,
            links_beside: beside,
        }
    }

    #[test]
    fn answers_come_from_other_sites_and_later() {
        for (from, title, later, beside, kind, expected) in [
            ("gemini://bob.example/", "On that", 1, 3, Kind::Page, Sort::Reply),
            ("gemini://bob.example/", "Re: post", 0, 500, Kind::Page, Sort::Reply),
            ("gemini://bob.example/", "Friends", 0, 3, Kind::Page, Sort::Mention),
            ("gemini://pub.example/~bob/", "On that", 1, 3, Kind::Gemlog, Sort::Reply),
            ("gemini://pub.example/~ann/", "My posts", 1, 500, Kind::Page, Sort::Own),
            ("gemini://antenna.example/", "All", 1, 100, Kind::Page, Sort::List),
            ("gemini://bob.example/feed", "Feed", 1, 3, Kind::Feed, Sort::List),
        ] {
            assert_eq!(sort(&link(from, title, later, beside, kind)), expected, "{from} {title}");
        }
    }

    #[test]
    fn a_host_alone_is_a_capsule_and_a_users_folder_a_site() {
        for (words, is_site) in [
            ("example.org", true),
            ("example.org/", true),
            ("//example.org:1966", true),
            ("gemini://example.org/", false),
            ("example.org/x", false),
            ("gemini://example.org/~ann/", true),
            ("example.org/~ann/post.gmi", false),
        ] {
            let subject = Subject::read(words).unwrap();
            assert_eq!(matches!(subject, Subject::Site(_)), is_site, "{words}");
        }
    }
}
