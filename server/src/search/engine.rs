//! The search half of the index's seam: a query in, results out, and nobody outside knows the library.
//!
//! [`compile`] makes a query of the library's from ours, [`candidates`] takes the best thousand by their words
//! alone (where the library can skip what cannot win), [`score`] ranks these by everything that is known of
//! them, [`collect`] folds copies and keeps sites from filling the list, [`pointing`] lets a way hand its place on to
//! its goal, [`snippet`] quotes the ten that are shown. [`reader`] holds the newest state of the index.

mod begins;
mod bm25;
mod candidates;
mod collect;
mod compile;
mod facets;
mod limits;
mod nearness;
mod newest;
mod pointing;
mod random;
pub(crate) mod reader;
mod score;
mod snippet;
mod suggest;
mod terms;

use std::time::Duration;

use chrono::{DateTime, Utc};
use shared::gemini::text::OneLine;
use shared::gemini::url::GeminiUrl;
use shared::index::document::{StoredError, stored};
use tantivy::{DocAddress, TantivyDocument};

use self::reader::Snapshot;
use super::limit::Limit;
use super::query::{Filter, Group, Node, Query};
use super::request::{Extras, HITS_PER_PAGE, PageNumber, SearchRequest, Verbosity};
use super::results::{Explanation, Hit, Kept, Note, Relaxed, Results, Seen};
use super::scan::scan;
use super::weights::factors;

/// Why the index could not be searched.
#[derive(Debug, thiserror::Error)]
pub enum EngineError {
    /// The library could not read the index.
    #[error("the index cannot be read")]
    Index(#[from] tantivy::TantivyError),
    /// A file of the index could not be read.
    #[error("a file of the index cannot be read")]
    File(#[from] std::io::Error),
    /// A hit cannot be shown.
    #[error("a page in the index cannot be shown")]
    Stored(#[from] StoredError),
    /// The search panicked: a bug, of which the log knows more.
    #[error("the search failed inside")]
    Panicked,
}

/// Limits beside the words that are kept; no screen has more.
const LIMITS: usize = 32;
/// With fewer pages than this, something else may have been meant.
const FEW: u64 = 200;

/// Answers a request from one state of the index.
pub(crate) fn search(
    snapshot: &Snapshot,
    request: &SearchRequest,
    extras: Extras,
    now: DateTime<Utc>,
) -> Result<Results, EngineError> {
    let mut query = scan(&request.text);
    let mut beside = Group::default();
    request.limits.iter().take(LIMITS).for_each(|limit| limit.add_to(&mut beside));
    if !beside.is_empty() {
        query.notes.retain(|note| *note != Note::NothingToSearch);
    }
    let mut results = Results {
        shown_query: query.shown.clone(),
        hits: Vec::new(),
        total: 0,
        page: request.page,
        last_page: PageNumber::FIRST,
        relaxed: None,
        notes: query.notes.clone(),
        limits: request.limits.clone(),
        facets: Vec::new(),
        suggestion: None,
        elapsed: Duration::ZERO,
    };
    if query.group.is_empty() && beside.is_empty() {
        return Ok(results);
    }
    let plan = compile::compile(snapshot, &query, &beside)?;
    let found = candidates::find(snapshot, &plan)?;
    let ranked = score::rank(snapshot, &plan, &found.candidates, now)?;
    if extras == Extras::Wanted {
        let filters: Vec<&Filter> = limiting(&query, &request.limits);
        results.facets = facets::of(snapshot, &ranked, &filters);
        if !plan.unknown.is_empty() && found.total < FEW {
            results.suggestion = suggest::mended(snapshot, &request.text, &plan.unknown)?;
        }
    }
    let listed = collect::list(ranked, plan.spread);

    results.total = found.total;
    results.last_page = PageNumber::last(listed.len());
    results.relaxed = found.relaxed.or_else(|| {
        let nothing_given_up = plan.unknown.is_empty();
        (!nothing_given_up).then(|| Relaxed { unknown: plan.unknown.clone(), kept: Kept::All })
    });
    let mut shown = Vec::with_capacity(HITS_PER_PAGE);
    for hit in listed.into_iter().skip(request.page.offset()).take(HITS_PER_PAGE) {
        let document: TantivyDocument = snapshot.searcher.doc(hit.ranked.address)?;
        shown.push((hit, stored(&snapshot.fields, &document)?));
    }
    if request.page == PageNumber::FIRST {
        shown = pointing::handed_on(snapshot, &plan, shown)?;
    }
    for (hit, page) in shown {
        let title = if page.title.is_empty() { OneLine::new(page.url.as_str()) } else { page.title };
        let explanation = match request.verbosity {
            Verbosity::Plain => None,
            Verbosity::Explained => Some(Explanation {
                terms: factors(&hit.ranked.evidence)
                    .into_iter()
                    .filter(|factor| factor.value != 0.0)
                    .collect(),
            }),
        };
        results.hits.push(Hit {
            snippet: snippet::quote(&page.body, &title, page.language.as_ref(), &plan.marks),
            url: page.url,
            title,
            site: page.site,
            media_type: page.media_type,
            kind: page.kind,
            language: page.language,
            size_bytes: page.size_bytes,
            dimensions: page.dimensions,
            art: page.art,
            first_seen: page.first_seen,
            changed: page.changed,
            score: hit.ranked.score,
            explanation,
            more_from_site: hit.more_from_site,
        });
    }
    Ok(results)
}

/// The newest pages that have all the words and keep the limits, by the day they were first seen and then by URL.
pub(crate) fn newest(
    snapshot: &Snapshot,
    text: &str,
    limits: &[Limit],
    most: usize,
) -> Result<Vec<Seen>, EngineError> {
    let Some(plan) = newest::plan(snapshot, text, limits)? else { return Ok(Vec::new()) };
    let mut seen = told(snapshot, newest::newest(snapshot, &plan, most)?)?;
    seen.truncate(most);
    Ok(seen)
}

/// The newest page of each of the sites that brought one last, the last one first.
pub(crate) fn newest_of_sites(snapshot: &Snapshot, most: usize) -> Result<Vec<Seen>, EngineError> {
    let Some(plan) = newest::plan(snapshot, "", &[])? else { return Ok(Vec::new()) };
    told(snapshot, newest::of_sites(snapshot, &plan, most)?)
}

/// What is shown of new pages, by the day they were first seen and then by URL.
fn told(snapshot: &Snapshot, addresses: Vec<DocAddress>) -> Result<Vec<Seen>, EngineError> {
    let mut seen = Vec::with_capacity(addresses.len());
    for address in addresses {
        let document: TantivyDocument = snapshot.searcher.doc(address)?;
        let page = stored(&snapshot.fields, &document)?;
        seen.push(Seen { url: page.url, title: page.title, first_seen: page.first_seen });
    }
    seen.sort_by(|a, b| b.first_seen.cmp(&a.first_seen).then(a.url.as_str().cmp(b.url.as_str())));
    Ok(seen)
}

/// A page of anywhere within the limits; none, if there is none.
pub(crate) fn random(snapshot: &Snapshot, limits: &[Limit]) -> Result<Option<GeminiUrl>, EngineError> {
    let address = match newest::plan(snapshot, "", limits)? {
        Some(_) if limits.is_empty() => random::of_all(snapshot),
        Some(plan) => random::of_some(snapshot, &plan)?,
        None => None,
    };
    let Some(address) = address else { return Ok(None) };
    let document: TantivyDocument = snapshot.searcher.doc(address)?;
    Ok(Some(stored(&snapshot.fields, &document)?.url))
}

/// Every filter that the list is limited by, in the words or beside them.
fn limiting<'a>(query: &'a Query, limits: &'a [Limit]) -> Vec<&'a Filter> {
    let mut filters: Vec<&Filter> = limits.iter().map(Limit::filter).chain(&query.group.filters).collect();
    for node in &query.group.wanted {
        let Node::Any(nodes) = node else { continue };
        filters.extend(
            nodes.iter().filter_map(|node| if let Node::Filter(filter) = node { Some(filter) } else { None }),
        );
    }
    filters
}
