//! A page on its way into the index, and what comes back for a result.
//!
//! Weights are whole numbers of repetitions, made here: a term of the title counts as five of the prose. They
//! belong to the index, so a change of them is a change of the schema's number.

mod place;

use std::collections::{BTreeSet, HashSet};

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use tantivy::TantivyDocument;
use tantivy::schema::Value;

use self::place::{domains, link_terms, media_terms, places, url_text};
use super::analyzer::words::words;
use super::analyzer::{Chain, Stems, name};
use super::schema::{Fields, Form, key, number, packed, without_scheme};
use crate::gemini::dimensions::Dimensions;
use crate::gemini::kind::Kind;
use crate::gemini::media_type::{Charset, Language};
use crate::gemini::site::Site;
use crate::gemini::text::{OneLine, PageText};
use crate::gemini::url::GeminiUrl;
use crate::store::id::{ChangeId, ContentHash, PageId};

/// What a word of each place is worth.
mod weight {
    pub(super) const TITLE: usize = 10;
    pub(super) const HEADING: usize = 4;
    /// A label of a link to the page.
    pub(super) const ANCHOR: usize = 6;
    pub(super) const URL: usize = 4;
    pub(super) const ALT: usize = 2;
    pub(super) const PROSE: usize = 2;
    /// A label on the page: it is the name of another one, and says half as much of this one.
    pub(super) const LABEL: usize = 1;
}

/// Bytes of the body kept for snippets.
const SHOWN_BYTES: usize = 16 * 1024;
/// Labels of links to a page that count as its words; a page that all the world links to has no more.
const ANCHORS: usize = 24;

/// All that the index holds of a page.
#[derive(Clone, Debug)]
pub struct Document {
    /// The page.
    pub page: PageId,
    /// The change that it came with.
    pub change: ChangeId,
    /// Its URL.
    pub url: GeminiUrl,
    /// Its site.
    pub site: Site,
    /// Its title.
    pub title: OneLine,
    /// Its headings.
    pub headings: Vec<OneLine>,
    /// Its prose.
    pub body: PageText,
    /// Labels in its prose that name other pages.
    pub own_labels: Vec<OneLine>,
    /// Labels of links to it, the most frequent first.
    pub anchors: Vec<OneLine>,
    /// Alt texts of its preformatted blocks.
    pub alt: Vec<OneLine>,
    /// Its pictures made of characters; mostly empty.
    pub art: PageText,
    /// Its type, without parameters.
    pub media_type: String,
    /// What it is.
    pub kind: Kind,
    /// Its language, if known.
    pub language: Option<Language>,
    /// Its charset, if known.
    pub charset: Option<Charset>,
    /// Its size, if known.
    pub size_bytes: Option<u64>,
    /// How large the picture is, where it is one.
    pub dimensions: Option<Dimensions>,
    /// When it was first seen.
    pub first_seen: DateTime<Utc>,
    /// When its words last changed.
    pub changed: DateTime<Utc>,
    /// Where it links to.
    pub links: Vec<GeminiUrl>,
    /// The hash of its words and links; none for what has no text.
    pub content: Option<ContentHash>,
}

/// A page as a result shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredPage {
    /// The page.
    pub page: PageId,
    /// Its URL.
    pub url: GeminiUrl,
    /// Its site.
    pub site: Site,
    /// Its title.
    pub title: OneLine,
    /// The beginning of its prose.
    pub body: PageText,
    /// Its first pictures made of characters; mostly empty.
    pub art: PageText,
    /// Its type.
    pub media_type: String,
    /// What it is.
    pub kind: Kind,
    /// Its language, if known.
    pub language: Option<Language>,
    /// Its charset, if known.
    pub charset: Option<Charset>,
    /// Its size, if known.
    pub size_bytes: Option<u64>,
    /// How large the picture is, where it is one.
    pub dimensions: Option<Dimensions>,
    /// When it was first seen.
    pub first_seen: DateTime<Utc>,
    /// When its words last changed.
    pub changed: DateTime<Utc>,
}

/// A stored page that cannot be read: the index is damaged, or of another program.
#[derive(Debug, thiserror::Error)]
pub enum StoredError {
    /// The document has no stored field.
    #[error("the index holds a page without its stored fields")]
    Missing,
    /// What is stored is no JSON of ours.
    #[error("the index holds a page whose stored fields cannot be read")]
    Unreadable(#[source] serde_json::Error),
    /// One of its values is none.
    #[error("the index holds a page with a {field} that is none: {value}")]
    Value {
        /// Which value.
        field: &'static str,
        /// What stands there.
        value: String,
    },
}

/// What lies in the stored field.
#[derive(Serialize, Deserialize)]
struct Shown {
    page: i64,
    url: String,
    title: String,
    body: String,
    media: String,
    kind: String,
    language: Option<String>,
    charset: Option<String>,
    size: Option<u64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pixels: Option<(u32, u32)>,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    art: String,
    first_seen: i64,
    changed: i64,
}

/// The document as tantivy takes it.
#[must_use]
pub fn to_tantivy(fields: &Fields, document: &Document) -> TantivyDocument {
    let mut doc = TantivyDocument::default();
    add_words(fields, document, &mut doc);
    add_filters(fields, document, &mut doc);
    add_facts(fields, document, &mut doc);
    doc.add_text(fields.shown, shown(document));
    doc
}

/// The term under which a page that links to this URL holds it in the field of links.
#[must_use]
pub fn link_term(url: &GeminiUrl) -> &str {
    without_scheme(url)
}

/// The page as a result shows it.
///
/// # Errors
///
/// When the stored field is missing or damaged.
pub fn stored(fields: &Fields, doc: &TantivyDocument) -> Result<StoredPage, StoredError> {
    let value = doc.get_first(fields.shown).ok_or(StoredError::Missing)?;
    let text = value.as_value().as_str().ok_or(StoredError::Missing)?;
    let shown: Shown = serde_json::from_str(text).map_err(StoredError::Unreadable)?;
    let bad = |field, value: String| StoredError::Value { field, value };
    let moment = |seconds: i64, field| {
        DateTime::from_timestamp(seconds, 0).ok_or_else(|| bad(field, seconds.to_string()))
    };
    let url = GeminiUrl::parse(&shown.url).map_err(|_| bad("url", shown.url))?;
    Ok(StoredPage {
        page: PageId(shown.page),
        site: url.site(),
        url,
        title: OneLine::new(&shown.title),
        body: PageText::new(shown.body),
        media_type: shown.media,
        kind: shown.kind.parse().map_err(|_| bad("kind", shown.kind))?,
        language: shown.language.as_deref().map(Language::parse),
        charset: shown.charset.as_deref().map(Charset::parse),
        size_bytes: shown.size,
        dimensions: shown.pixels.and_then(|(width, height)| Dimensions::new(width.into(), height.into())),
        art: PageText::new(shown.art),
        first_seen: moment(shown.first_seen, "first_seen")?,
        changed: moment(shown.changed, "changed")?,
    })
}

/// The words: once with weights and without places, and where phrases are asked for with places.
fn add_words(fields: &Fields, document: &Document, doc: &mut TantivyDocument) {
    let chain = Chain::of(document.language.as_ref());
    let mut add = |text: &str, weight: usize| {
        let mut lines = String::new();
        chain.push_terms(&words(text), &mut lines);
        for _ in 0..weight {
            doc.add_text(fields.words, &lines);
        }
    };
    add(&document.title, weight::TITLE);
    for heading in &document.headings {
        add(heading, weight::HEADING);
    }
    let mut labels = BTreeSet::new();
    for label in document.anchors.iter().filter(|label| labels.insert(label.as_str())).take(ANCHORS) {
        add(label, weight::ANCHOR);
    }
    for alt in &document.alt {
        add(alt, weight::ALT);
    }
    let url_text = url_text(&document.url);
    add(&url_text, weight::URL);

    let body = words(&document.body);
    let mut lines = String::with_capacity(document.body.len() * 2);
    let labels: HashSet<&str> = document.own_labels.iter().map(|label| label.as_str()).collect();
    let of_prose = prose(&document.body, &labels);
    let mut named = (0, String::new());
    for run in body.chunk_by(|left, right| of_prose(left.start) == of_prose(right.start)) {
        if run.first().is_none_or(|word| of_prose(word.start)) {
            chain.push_terms(run, &mut lines);
        } else {
            named.0 += run.len();
            chain.push_terms(run, &mut named.1);
        }
    }
    for (text, weight) in [(&lines, weight::PROSE), (&named.1, weight::LABEL)] {
        for _ in 0..weight {
            doc.add_text(fields.words, text);
        }
    }
    lines.clear();
    chain.push_places(&body, Stems::None, &mut lines);
    doc.add_text(fields.body, &lines);
    for (field, text) in [(fields.title, document.title.as_str()), (fields.url_words, url_text.as_str())] {
        lines.clear();
        chain.push_places(&words(text), Stems::Beside, &mut lines);
        doc.add_text(field, &lines);
    }
    doc.add_u64(fields.length, body.len() as u64);
    doc.add_u64(fields.listing, (named.0 * 100 / body.len().max(1)) as u64);
}

/// Whether a word of the body, by where it begins, stands in a line that is no label of a link.
fn prose(body: &str, labels: &HashSet<&str>) -> impl Fn(usize) -> bool {
    let mut start = 0;
    let mut named: Vec<(usize, usize)> = Vec::new();
    for line in body.split_inclusive('\n') {
        if !labels.is_empty() && labels.contains(line.trim()) {
            named.push((start, start + line.len()));
        }
        start += line.len();
    }
    move |at| {
        let behind = named.partition_point(|(start, _)| *start <= at);
        behind == 0 || named[behind - 1].1 <= at
    }
}

fn add_filters(fields: &Fields, document: &Document, doc: &mut TantivyDocument) {
    let url = &document.url;
    doc.add_text(fields.url, without_scheme(url));
    for place in places(url) {
        doc.add_text(fields.place, place);
    }
    for domain in domains(url) {
        doc.add_text(fields.domain, domain);
    }
    doc.add_text(fields.site, document.site.to_string());
    if let Some(language) = &document.language {
        doc.add_text(fields.language, language.as_str());
    }
    if let Some(charset) = &document.charset {
        doc.add_text(fields.charset, charset.as_str().to_ascii_lowercase());
    }
    for term in media_terms(&document.media_type, url.path()) {
        doc.add_text(fields.media, term);
    }
    doc.add_text(fields.kind, document.kind.as_str());
    // A page of prose with a picture that has a name is found among the pictures, too.
    if document.kind != Kind::AsciiArt && !document.art.is_empty() && !document.alt.is_empty() {
        doc.add_text(fields.kind, Kind::AsciiArt.as_str());
    }
    for target in link_terms(&document.links, &document.site) {
        doc.add_text(fields.links, target);
    }
}

fn add_facts(fields: &Fields, document: &Document, doc: &mut TantivyDocument) {
    let site_key = key(&document.site.to_string());
    let path = document.url.path();
    let within = path.strip_prefix(document.site.folder()).unwrap_or(path);
    let form = Form::of(path);
    let is_front = document.url.query().is_none() && !within.contains('/') && form != Form::Name;
    doc.add_i64(fields.page, document.page.0);
    doc.add_i64(fields.change, document.change.0);
    if let Some(content) = &document.content {
        doc.add_u64(fields.content, number(&content.0));
    }
    doc.add_u64(fields.site_key, site_key);
    if is_front {
        doc.add_u64(fields.front, site_key);
    }
    if let Some(title) = name(&document.title) {
        doc.add_u64(fields.title_key, key(&title));
    }
    let depth = if is_front { 0 } else { 1 + within.trim_end_matches('/').matches('/').count() };
    doc.add_u64(fields.depth, depth as u64);
    doc.add_u64(fields.form, form as u64);
    doc.add_u64(fields.kind_code, kind_code(document.kind));
    if let Some(language) = &document.language {
        doc.add_u64(fields.language_code, packed(language.as_str()));
    }
    if let Some(size) = document.size_bytes {
        doc.add_u64(fields.size, size);
    }
    doc.add_i64(fields.first_seen, document.first_seen.timestamp());
    doc.add_i64(fields.changed, document.changed.timestamp());
}

fn shown(document: &Document) -> String {
    let mut end = document.body.len().min(SHOWN_BYTES);
    while !document.body.is_char_boundary(end) {
        end -= 1;
    }
    let shown = Shown {
        page: document.page.0,
        url: document.url.to_string(),
        title: document.title.to_string(),
        body: document.body[..end].to_owned(),
        media: document.media_type.clone(),
        kind: document.kind.as_str().to_owned(),
        language: document.language.as_ref().map(ToString::to_string),
        charset: document.charset.as_ref().map(ToString::to_string),
        size: document.size_bytes,
        pixels: document.dimensions.map(|size| (size.width(), size.height())),
        art: document.art.to_string(),
        first_seen: document.first_seen.timestamp(),
        changed: document.changed.timestamp(),
    };
    serde_json::to_string(&shown).expect("strings and numbers always have a JSON form")
}

/// The kind's place among all kinds.
#[must_use]
pub fn kind_code(kind: Kind) -> u64 {
    Kind::ALL.iter().position(|known| *known == kind).map_or(0, |place| place as u64)
}

#[cfg(test)]
mod tests;
