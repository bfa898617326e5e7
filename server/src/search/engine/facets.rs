//! Facets: limits that would part the list, with how much each would leave.
//!
//! They are counted over the candidates, which are at hand: no page is opened and no second search is made.
//! What is limited already, and what would leave everything, is no choice and is not offered.

use std::cmp::Reverse;

use shared::gemini::kind::Kind;
use shared::gemini::media_type::Language;
use shared::index::schema::unpacked;

use super::reader::Snapshot;
use super::score::Ranked;
use crate::search::limit::Limit;
use crate::search::query::Filter;
use crate::search::results::{Facet, FacetGroup};

/// Facets at most.
const MOST: usize = 8;
/// Facets of one group at most.
const OF_A_GROUP: usize = 4;

/// What the candidates can be parted by.
pub(super) fn of(snapshot: &Snapshot, ranked: &[Ranked], limits: &[&Filter]) -> Vec<Facet> {
    let limited = |group| limits.iter().any(|filter| group_of(filter) == Some(group));
    let all = ranked.len();
    let mut facets = Vec::new();
    if !limited(FacetGroup::Language) {
        let columns = |page: &Ranked| &snapshot.columns[page.address.segment_ord as usize];
        let counts = counted(ranked, |page| columns(page).language_code(page.address.doc_id));
        facets.extend(chosen(counts, all, |code| {
            let language = Language::parse(&unpacked(code)?);
            let value = Some(language.as_str()).filter(|tag| *tag != "und")?.to_owned();
            Some((FacetGroup::Language, value, Limit::language(&language)))
        }));
    }
    if !limited(FacetGroup::Kind) {
        let counts = counted(ranked, |page| page.facts.kind_code);
        facets.extend(chosen(counts, all, |code| {
            let kind = *Kind::ALL.get(usize::try_from(code).ok()?)?;
            Some((FacetGroup::Kind, kind.as_str().to_owned(), Limit::kind(kind)))
        }));
    }
    if !limited(FacetGroup::Site) {
        let counts = counted(ranked, |page| page.facts.site_key);
        facets.extend(chosen(counts, all, |key| {
            let site = &snapshot.signals.site(key)?.site;
            Some((FacetGroup::Site, site.clone(), Limit::parse(&format!("site:{site}"))?))
        }));
    }
    facets.sort_by_key(|facet| Reverse(facet.count));
    facets.truncate(MOST);
    facets
}

fn counted(ranked: &[Ranked], of: impl Fn(&Ranked) -> u64) -> Vec<(u64, u32)> {
    let mut values: Vec<u64> = ranked.iter().map(of).collect();
    values.sort_unstable();
    let of_each = values.chunk_by(|left, right| left == right);
    let mut counts: Vec<(u64, u32)> = of_each
        .filter_map(|same| Some((*same.first()?, u32::try_from(same.len()).unwrap_or(u32::MAX))))
        .collect();
    counts.sort_by_key(|(value, count)| (Reverse(*count), *value));
    counts
}

/// The fullest ones; a single page is no facet, and neither is everything.
fn chosen(
    counts: Vec<(u64, u32)>,
    all: usize,
    facet: impl Fn(u64) -> Option<(FacetGroup, String, Limit)>,
) -> impl Iterator<Item = Facet> {
    let parts = move |count: u32| count > 1 && (count as usize) < all;
    let facets =
        counts.into_iter().filter(move |(_, count)| parts(*count)).filter_map(move |(value, count)| {
            let (group, value, limit) = facet(value)?;
            Some(Facet { group, value, limit, count })
        });
    facets.take(OF_A_GROUP)
}

fn group_of(filter: &Filter) -> Option<FacetGroup> {
    match filter {
        Filter::Language(_) => Some(FacetGroup::Language),
        Filter::Kind(_) | Filter::Media(_) => Some(FacetGroup::Kind),
        Filter::Site(_) => Some(FacetGroup::Site),
        Filter::Domain(_)
        | Filter::Title(_)
        | Filter::Url(_)
        | Filter::Charset(_)
        | Filter::AtLeast(_)
        | Filter::AtMost(_)
        | Filter::Before(_)
        | Filter::After(_)
        | Filter::LinkTo(_) => None,
    }
}
