//! A search for programs: the list that people get, with the facts as they are.

use chrono::SecondsFormat;
use serde::Serialize;
use shared::gemini::dimensions::Dimensions;
use shared::gemini::url::GeminiUrl;

use crate::app::App;
use crate::ask::{Ask, Tongue};
use crate::render::problem::Problem;
use crate::search::results::{Facet, FacetGroup, Hit, Results, Role, Span};
use crate::search::{Limit, PageNumber, SearchRequest};

/// A page of results.
#[derive(Debug, Serialize)]
pub struct Found {
    /// The query as it was understood.
    query: String,
    /// The limits that stood in the path.
    filters: Vec<String>,
    /// How many pages match, copies and hidden ones included.
    total: u64,
    /// The page of the list.
    page: u32,
    /// Its last page.
    last_page: u32,
    /// How long it took.
    milliseconds: u64,
    /// What was given up to find enough, in one sentence.
    relaxed: Option<String>,
    /// What was not understood or cut, a sentence each.
    notes: Vec<String>,
    /// What may have been meant: another query.
    did_you_mean: Option<String>,
    /// Filters that would part the list.
    facets: Vec<FoundFacet>,
    /// The hits of this page, the best first.
    hits: Vec<FoundHit>,
}

#[derive(Debug, Serialize)]
struct FoundFacet {
    group: &'static str,
    value: String,
    filter: String,
    count: u32,
}

#[derive(Debug, Serialize)]
struct FoundHit {
    url: String,
    title: String,
    site: String,
    kind: &'static str,
    media_type: String,
    language: Option<String>,
    size_bytes: Option<u64>,
    width: Option<u32>,
    height: Option<u32>,
    first_seen: String,
    changed: String,
    quote: Vec<FoundSpan>,
    /// The same in one piece, for what only shows text.
    snippet: String,
    score: f32,
    more_from_site: u32,
}

#[derive(Debug, Serialize)]
struct FoundSpan {
    text: String,
    is_match: bool,
}

/// Searches. Over the web a page is quoted as far as its capsule lets the web quote it.
///
/// # Errors
///
/// When the search cannot be made now.
pub async fn answer(
    app: &App,
    ask: &Ask,
    words: &str,
    limits: Vec<Limit>,
    page: PageNumber,
) -> Result<Found, Problem> {
    let request = SearchRequest { limits, page, extras: ask.extras, ..SearchRequest::new(words) };
    let quotes = |url: &GeminiUrl| match ask.tongue {
        Tongue::Gemtext => true,
        Tongue::Html => app.manners.leave(url).may_be_quoted(),
    };
    Ok(found(app.searcher.search(request).await?, quotes))
}

fn found(results: Results, quotes: impl Fn(&GeminiUrl) -> bool) -> Found {
    Found {
        query: results.shown_query,
        filters: results.limits.iter().map(ToString::to_string).collect(),
        total: results.total,
        page: results.page.get(),
        last_page: results.last_page.get(),
        milliseconds: u64::try_from(results.elapsed.as_millis()).unwrap_or(u64::MAX),
        relaxed: results.relaxed.map(|relaxed| relaxed.to_string()),
        notes: results.notes.iter().map(ToString::to_string).collect(),
        did_you_mean: results.suggestion.map(|suggestion| suggestion.text),
        facets: results.facets.into_iter().map(facet).collect(),
        hits: results
            .hits
            .into_iter()
            .map(|found| {
                let quote = if quotes(&found.url) { found.snippet.0.clone() } else { Vec::new() };
                hit(found, quote)
            })
            .collect(),
    }
}

fn facet(facet: Facet) -> FoundFacet {
    let group = match facet.group {
        FacetGroup::Language => "language",
        FacetGroup::Kind => "kind",
        FacetGroup::Site => "site",
    };
    FoundFacet { group, value: facet.value, filter: facet.limit.to_string(), count: facet.count }
}

fn hit(hit: Hit, quote: Vec<Span>) -> FoundHit {
    let moment = |moment: chrono::DateTime<chrono::Utc>| moment.to_rfc3339_opts(SecondsFormat::Secs, true);
    let span = |span: Span| FoundSpan {
        is_match: match span.role {
            Role::Match => true,
            Role::Plain => false,
        },
        text: span.text,
    };
    FoundHit {
        url: hit.url.to_string(),
        title: hit.title.to_string(),
        site: hit.site.to_string(),
        kind: hit.kind.as_str(),
        media_type: hit.media_type,
        language: hit.language.map(|language| language.to_string()),
        size_bytes: hit.size_bytes,
        width: hit.dimensions.map(Dimensions::width),
        height: hit.dimensions.map(Dimensions::height),
        first_seen: moment(hit.first_seen),
        changed: moment(hit.changed),
        snippet: quote.iter().map(|span| span.text.as_str()).collect(),
        quote: quote.into_iter().map(span).collect(),
        score: hit.score,
        more_from_site: hit.more_from_site,
    }
}
