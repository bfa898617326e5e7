//! Ranks the candidates by all that is known of them.

use std::cmp::{Ordering, Reverse};

use chrono::{DateTime, Utc};
use shared::gemini::kind::Kind;
use shared::index::columns::Facts;
use shared::index::schema::Fields;
use tantivy::{DocAddress, DocId};

use super::bm25;
use super::candidates::{Candidate, HasAll};
use super::compile::{MassMaterial, Plan};
use super::nearness;
use super::reader::Snapshot;
use crate::search::relax::all_come_first;
use crate::search::weights::{Body, Evidence, Mass, Match, score};

/// Candidates whose places are read; those behind them have too few of the words to come forward by it.
const LOOKED_AT: usize = 200;

const SECONDS_A_DAY: f32 = 86_400.0;

/// A page with its score.
#[derive(Clone, Debug)]
pub(super) struct Ranked {
    pub(super) address: DocAddress,
    pub(super) facts: Facts,
    pub(super) external_links: u32,
    pub(super) has_all: HasAll,
    pub(super) score: f32,
    pub(super) evidence: Evidence,
}

/// How near the words stand on a page.
#[derive(Clone, Copy, Default)]
struct Near {
    body: f32,
    title: f32,
}

/// The candidates in their order, the best first.
pub(super) fn rank(
    snapshot: &Snapshot,
    plan: &Plan,
    candidates: &[Candidate],
    now: DateTime<Utc>,
) -> tantivy::Result<Vec<Ranked>> {
    let words = words(snapshot, plan, candidates)?;
    let best = words.iter().copied().fold(0.0, f32::max);
    let scale = if best > 0.0 { best } else { 1.0 };
    let near = near(snapshot, plan, candidates, &words)?;
    let ranked: Vec<Ranked> = candidates
        .iter()
        .zip(words.into_iter().zip(near))
        .map(|(candidate, (words, near))| {
            let facts =
                snapshot.columns[candidate.address.segment_ord as usize].facts(candidate.address.doc_id);
            let links = snapshot.signals.links(facts.page);
            let evidence = Evidence {
                words,
                scale,
                proximity: near.body,
                title_proximity: near.title,
                address: candidate.address_typed,
                title: exact(plan.name_key.is_some() && facts.title_key == plan.name_key),
                site_name: site_name(snapshot, plan, &facts),
                authority: snapshot.signals.site(facts.site_key).map_or(0.0, |site| site.authority),
                external_links: links.external,
                internal_links: links.internal,
                age_days: (now.timestamp() - facts.changed) as f32 / SECONDS_A_DAY,
                length: facts.length,
                body: body(facts.kind_code),
                depth: facts.depth,
                listing: facts.listing as f32 / 100.0,
                mass: mass(facts.kind_code, plan.mass),
            };
            Ranked {
                address: candidate.address,
                facts,
                external_links: links.external,
                has_all: candidate.has_all,
                score: score(&evidence),
                evidence,
            }
        })
        .collect();
    let by_words = all_come_first(plan.typed);
    // All that is known of a page is a lot to move about, so their places are sorted.
    let mut order: Vec<usize> = (0..ranked.len()).collect();
    order.sort_unstable_by(|left, right| {
        let (left, right) = (&ranked[*left], &ranked[*right]);
        (if by_words { right.has_all.cmp(&left.has_all) } else { Ordering::Equal })
            .then(right.score.total_cmp(&left.score))
            .then(left.facts.page.cmp(&right.facts.page))
    });
    Ok(order.into_iter().map(|at| ranked[at].clone()).collect())
}

/// The word scores of all candidates.
fn words(snapshot: &Snapshot, plan: &Plan, candidates: &[Candidate]) -> tantivy::Result<Vec<f32>> {
    let mut found = vec![0.0; candidates.len()];
    let mean_length = plan.statistics.mean_length();
    by_segment(candidates, (0..candidates.len()).collect(), |segment, at, pages| {
        let reader = snapshot.searcher.segment_reader(segment);
        let scores = bm25::of(reader, snapshot.fields.words, mean_length, &plan.scored, pages)?;
        at.iter().zip(scores).for_each(|(at, score)| found[*at] = score);
        Ok(())
    })?;
    Ok(found)
}

/// The nearness of the words on the best candidates.
fn near(
    snapshot: &Snapshot,
    plan: &Plan,
    candidates: &[Candidate],
    words: &[f32],
) -> tantivy::Result<Vec<Near>> {
    let mut found = vec![Near::default(); candidates.len()];
    if plan.near.len() < 2 {
        return Ok(found);
    }
    let mut best: Vec<usize> = (0..candidates.len()).collect();
    best.sort_by(|left, right| words[*right].total_cmp(&words[*left]));
    best.truncate(LOOKED_AT);
    let Fields { body, title, .. } = snapshot.fields;
    by_segment(candidates, best, |segment, at, pages| {
        let reader = snapshot.searcher.segment_reader(segment);
        let in_body = nearness::of(reader, body, &plan.near, pages)?;
        let in_title = nearness::of(reader, title, &plan.near, pages)?;
        for (at, (body, title)) in at.iter().zip(in_body.into_iter().zip(in_title)) {
            found[*at] = Near { body, title };
        }
        Ok(())
    })?;
    Ok(found)
}

/// Does something for the candidates of each segment: their places in the list, and their numbers in the
/// segment in ascending order.
fn by_segment(
    candidates: &[Candidate],
    mut chosen: Vec<usize>,
    mut each: impl FnMut(u32, &[usize], &[DocId]) -> tantivy::Result<()>,
) -> tantivy::Result<()> {
    chosen.sort_by_key(|at| candidates[*at].address);
    for of_segment in chosen.chunk_by(|left, right| segment(candidates, *left) == segment(candidates, *right))
    {
        let Some(first) = of_segment.first() else { continue };
        let pages: Vec<DocId> = of_segment.iter().map(|at| candidates[*at].address.doc_id).collect();
        each(segment(candidates, *first), of_segment, &pages)?;
    }
    Ok(())
}

fn segment(candidates: &[Candidate], at: usize) -> u32 {
    candidates[at].address.segment_ord
}

fn exact(is_exact: bool) -> Match {
    if is_exact { Match::Exact } else { Match::No }
}

fn site_name(snapshot: &Snapshot, plan: &Plan, facts: &Facts) -> Match {
    let namesakes = plan.name_key.map_or(&[][..], |name_key| snapshot.signals.sites_named(name_key));
    exact(namesakes.contains(&facts.site_key))
}

fn kind(code: u64) -> Option<Kind> {
    usize::try_from(code).ok().and_then(|code| Kind::ALL.get(code).copied())
}

fn body(kind_code: u64) -> Body {
    match kind(kind_code) {
        Some(
            Kind::Page | Kind::Gemlog | Kind::News | Kind::WebMirror | Kind::MailingList | Kind::ChatLog,
        )
        | None => Body::Prose,
        Some(
            Kind::Feed
            | Kind::Input
            | Kind::Image
            | Kind::Audio
            | Kind::Video
            | Kind::Archive
            | Kind::Document
            | Kind::AsciiArt
            | Kind::File,
        ) => Body::None,
    }
}

fn mass(kind_code: u64, asked: MassMaterial) -> Mass {
    match asked {
        MassMaterial::Unasked if kind(kind_code).is_some_and(Kind::is_mass) => Mass::Unasked,
        MassMaterial::Asked | MassMaterial::Unasked => Mass::No,
    }
}

/// What decides between copies of the same text on several sites: external links, then who was first.
pub(super) fn standing(ranked: &Ranked) -> (Reverse<u32>, i64, i64) {
    (Reverse(ranked.external_links), ranked.facts.first_seen, ranked.facts.page.0)
}
