//! A query as it was understood: what pages must have, may be limited to, and must not have.
//!
//! Words stand in it as the analyzer cut them, not yet as terms: which terms a word has depends on the
//! languages that the index holds.

mod language;

use chrono::{DateTime, NaiveDate, Utc};
use shared::gemini::host::Host;
use shared::gemini::kind::Kind;
use shared::gemini::url::GeminiUrl;
use shared::index::analyzer::words::{Script, Word};
use shared::index::schema::without_scheme;

use super::note::Note;

/// A query, understood.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Query {
    /// What it asks for.
    pub(crate) group: Group,
    /// Its words as a name, where it is nothing but words: for pages and sites called just so.
    pub(crate) name: Option<String>,
    /// The page that it names, where it is nothing but a URL or a host.
    pub(crate) address: Option<String>,
    /// The query on one line.
    pub(crate) shown: String,
    /// What was not understood.
    pub(crate) notes: Vec<Note>,
}

/// Conditions that hold together.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Group {
    /// What a page should have, in the order of the query.
    pub(crate) wanted: Vec<Node>,
    /// What a page is limited to: filters of one kind are alternatives.
    pub(crate) filters: Vec<Filter>,
    /// What a page must not have.
    pub(crate) without: Vec<Node>,
}

impl Group {
    /// Whether nothing is asked.
    pub(crate) fn is_empty(&self) -> bool {
        self.wanted.is_empty() && self.filters.is_empty() && self.without.is_empty()
    }

    /// Puts a condition where it belongs.
    pub(crate) fn push(&mut self, node: Node) {
        match node {
            Node::Filter(filter) => self.filters.push(filter),
            wanted => self.wanted.push(wanted),
        }
    }
}

/// One condition.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Node {
    /// A word.
    Word(Term),
    /// A word written with hyphens: all its words, or the one without hyphens.
    Hyphened {
        /// The words between the hyphens.
        words: Vec<Term>,
        /// The word without them.
        joined: Term,
    },
    /// A run of a script without spaces: all its pairs, and better if they stand together.
    Run(Vec<Term>),
    /// A single sign of such a script: alone, or where a pair begins with it.
    Sign(Term),
    /// Words that begin so.
    Prefix(Term),
    /// Words that stand together.
    Phrase(Vec<Placed>),
    /// Any of these.
    Any(Vec<Node>),
    /// All of these.
    Group(Group),
    /// A limit among alternatives.
    Filter(Filter),
}

/// A word to look for.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Term {
    /// Its plain form.
    pub(crate) plain: String,
    /// Its script.
    pub(crate) script: Script,
    /// The words inside it.
    pub(crate) parts: Vec<String>,
}

impl Term {
    /// The word as it was cut.
    pub(crate) fn of(word: &Word) -> Self {
        Self { plain: word.plain.clone(), script: word.script, parts: word.parts.clone() }
    }
}

/// A word of a phrase.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Placed {
    /// The word.
    pub(crate) term: Term,
    /// Its place in the phrase.
    pub(crate) offset: usize,
}

/// A limit.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Filter {
    /// On a site, a capsule, or below a folder.
    Site(Place),
    /// On a host of this domain.
    Domain(String),
    /// With these words in the title.
    Title(Vec<Placed>),
    /// With these words in the URL.
    Url(Vec<Placed>),
    /// Of this type: the beginning of a MIME type, or an extension.
    Media(String),
    /// In this language.
    Language(String),
    /// In this charset.
    Charset(String),
    /// Of this kind.
    Kind(Kind),
    /// Of at least so many bytes.
    AtLeast(u64),
    /// Of at most so many bytes.
    AtMost(u64),
    /// Changed before this moment, in seconds.
    Before(i64),
    /// Changed at this moment or after.
    After(i64),
    /// Linking to a page, site or capsule.
    LinkTo(Place),
}

/// A place in Geminispace as the index spells it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    /// A capsule, a folder or a page.
    At(String),
    /// Every URL that begins so.
    Beginning(String),
}

impl Filter {
    /// Reads a filter; none if the value makes no sense for the field. Words are the caller's.
    pub(crate) fn parse(field: &str, value: &str) -> Option<Self> {
        match field {
            "site" => place(value).map(Self::Site),
            "domain" => {
                let value = value.trim_start_matches("*.").trim_start_matches('.');
                Host::parse(value).ok().map(|host| Self::Domain(host.as_str().to_owned()))
            }
            "type" | "content_type" | "filetype" | "ext" => {
                let media = value.trim_start_matches('.').trim_end_matches('*').to_ascii_lowercase();
                let fits = media.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"/+-._".contains(&byte));
                (fits && !media.is_empty()).then_some(Self::Media(media))
            }
            "lang" | "language" => language::code(value).map(Self::Language),
            "charset" => charset(value).map(Self::Charset),
            "kind" => kind(value).map(Self::Kind),
            "size" => size(value),
            "before" => moment(value).map(Self::Before),
            "after" => moment(value).map(Self::After),
            "linkto" | "link" => place(value).map(Self::LinkTo),
            _ => None,
        }
    }

    /// Whether two filters are of one kind and so alternatives; ranges and words are conditions each.
    pub(crate) const fn is_alternative_to(&self, other: &Self) -> bool {
        matches!(
            (self, other),
            (Self::Site(_), Self::Site(_))
                | (Self::Domain(_), Self::Domain(_))
                | (Self::Media(_), Self::Media(_))
                | (Self::Language(_), Self::Language(_))
                | (Self::Charset(_), Self::Charset(_))
                | (Self::Kind(_), Self::Kind(_))
                | (Self::LinkTo(_), Self::LinkTo(_))
        )
    }
}

/// A place, however it was typed: with or without scheme, port, final slash.
fn place(value: &str) -> Option<Place> {
    let value = value.trim();
    let value = strip_scheme(value);
    if let Some(beginning) = value.strip_suffix('*') {
        let (host, path) = beginning.split_once('/')?;
        let url = GeminiUrl::parse(&format!("gemini://{host}/{path}")).ok()?;
        return Some(Place::Beginning(without_scheme(&url).to_owned()));
    }
    let url = GeminiUrl::parse(&format!("gemini://{value}")).ok()?;
    if value.contains('/') {
        Some(Place::At(without_scheme(&url).to_owned()))
    } else {
        Some(Place::At(url.capsule().to_string()))
    }
}

/// The page that a URL or a host name stands for; a word without a dot is no host.
pub(crate) fn address(text: &str) -> Option<String> {
    let text = strip_scheme(text.trim());
    let host = text.split(['/', ':']).next()?;
    if !host.contains('.') || text.contains(char::is_whitespace) {
        return None;
    }
    let url = GeminiUrl::parse(&format!("gemini://{text}")).ok()?;
    Some(without_scheme(&url).to_owned())
}

fn strip_scheme(value: &str) -> &str {
    match value.split_once("://") {
        Some((scheme, rest)) if scheme.eq_ignore_ascii_case("gemini") => rest,
        _ => value.strip_prefix("//").unwrap_or(value),
    }
}

fn charset(value: &str) -> Option<String> {
    let value = value.to_ascii_lowercase();
    let fits = !value.is_empty() && value.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_:.".contains(&b));
    match value.as_str() {
        "utf8" => Some("utf-8".to_owned()),
        "latin1" => Some("iso-8859-1".to_owned()),
        _ => fits.then_some(value),
    }
}

fn kind(value: &str) -> Option<Kind> {
    let value = value.to_ascii_lowercase();
    let singular = value.strip_suffix('s').unwrap_or(&value);
    value.parse().or_else(|_| singular.parse()).ok()
}

/// `>5K`, `<=0.5MiB`. A bare K is a thousand, a KiB 1,024.
fn size(value: &str) -> Option<Filter> {
    let split = value.find(|c: char| c.is_ascii_digit() || c == '.')?;
    let (sign, amount) = value.split_at(split);
    let unit_at = amount.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(amount.len());
    let (number, unit) = amount.split_at(unit_at);
    let number: f64 = number.parse().ok()?;
    let factor = match unit.trim().to_ascii_lowercase().as_str() {
        "" | "b" => 1.0,
        "k" | "kb" => 1e3,
        "kib" => 1024.0,
        "m" | "mb" => 1e6,
        "mib" => 1024.0 * 1024.0,
        "g" | "gb" => 1e9,
        "gib" => 1024.0 * 1024.0 * 1024.0,
        _ => return None,
    };
    // A float becomes the nearest number of bytes; what is too large becomes the largest.
    let bytes = (number * factor) as u64;
    match sign.trim() {
        ">" => Some(Filter::AtLeast(bytes.saturating_add(1))),
        ">=" => Some(Filter::AtLeast(bytes)),
        "<" => bytes.checked_sub(1).map(Filter::AtMost),
        "<=" => Some(Filter::AtMost(bytes)),
        _ => None,
    }
}

/// The beginning of a year, month or day, in seconds.
fn moment(value: &str) -> Option<i64> {
    let mut parts = value.splitn(3, ['-', '/']).map(|part| part.parse::<u32>().ok());
    let year = i32::try_from(parts.next()??).ok().filter(|year| (1..=9999).contains(year))?;
    let month = parts.next().unwrap_or(Some(1))?;
    let day = parts.next().unwrap_or(Some(1))?;
    let date = NaiveDate::from_ymd_opt(year, month, day)?;
    Some(DateTime::<Utc>::from_naive_utc_and_offset(date.and_hms_opt(0, 0, 0)?, Utc).timestamp())
}

#[cfg(test)]
mod tests;
