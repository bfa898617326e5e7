//! Ranks the candidates by all that is known of them.

use std::cmp::Reverse;

use chrono::{DateTime, Utc};
use shared::gemini::kind::Kind;
use shared::index::columns::Facts;
use shared::index::schema::Fields;
use tantivy::{DocAddress, DocId};

use super::candidates::Candidate;
use super::compile::{MassMaterial, Plan};
use super::nearness;
use super::reader::Snapshot;
use crate::search::results::Factor;
use crate::search::weights::{Body, Evidence, Mass, Match, factors};

/// Candidates whose places are read; those behind them have too few of the words to come forward by it.
const LOOKED_AT: usize = 200;

const SECONDS_A_DAY: f32 = 86_400.0;

/// A page with its score.
#[derive(Clone, Debug)]
pub(super) struct Ranked {
    pub(super) address: DocAddress,
    pub(super) facts: Facts,
    pub(super) external_links: u32,
    pub(super) step: usize,
    pub(super) score: f32,
    pub(super) factors: [Factor; 12],
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
    let best = candidates.iter().map(|candidate| candidate.words).fold(0.0, f32::max);
    let scale = if best > 0.0 { best } else { 1.0 };
    let near = near(snapshot, plan, candidates)?;
    let mut ranked: Vec<Ranked> = candidates
        .iter()
        .zip(near)
        .map(|(candidate, near)| {
            let facts =
                snapshot.columns[candidate.address.segment_ord as usize].facts(candidate.address.doc_id);
            let links = snapshot.signals.links(facts.page);
            let evidence = Evidence {
                words: candidate.words,
                scale,
                proximity: near.body,
                title_proximity: near.title,
                title: exact(plan.name_key.is_some() && facts.title_key == plan.name_key),
                site_name: site_name(snapshot, plan, &facts),
                authority: snapshot.signals.site(facts.site_key).map_or(0.0, |site| site.authority),
                external_links: links.external,
                internal_links: links.internal,
                age_days: (now.timestamp() - facts.changed) as f32 / SECONDS_A_DAY,
                length: facts.length,
                body: body(facts.kind_code),
                depth: facts.depth,
                mass: mass(facts.kind_code, plan.mass),
            };
            let factors = factors(&evidence);
            Ranked {
                address: candidate.address,
                facts,
                external_links: links.external,
                step: candidate.step,
                score: factors.iter().map(|factor| factor.value).sum(),
                factors,
            }
        })
        .collect();
    ranked.sort_by(|left, right| {
        left.step
            .cmp(&right.step)
            .then(right.score.total_cmp(&left.score))
            .then(left.facts.page.cmp(&right.facts.page))
    });
    Ok(ranked)
}

/// The nearness of the words on the best candidates.
fn near(snapshot: &Snapshot, plan: &Plan, candidates: &[Candidate]) -> tantivy::Result<Vec<Near>> {
    let mut found = vec![Near::default(); candidates.len()];
    if plan.near.len() < 2 {
        return Ok(found);
    }
    let mut looked_at: Vec<usize> = (0..candidates.len()).collect();
    looked_at.sort_by(|left, right| candidates[*right].words.total_cmp(&candidates[*left].words));
    looked_at.truncate(LOOKED_AT);
    looked_at.sort_by_key(|at| candidates[*at].address);
    let Fields { body, title, .. } = snapshot.fields;
    for chunk in looked_at.chunk_by(|left, right| segment(candidates, *left) == segment(candidates, *right)) {
        let Some(first) = chunk.first() else { continue };
        let reader = snapshot.searcher.segment_reader(segment(candidates, *first));
        let pages: Vec<DocId> = chunk.iter().map(|at| candidates[*at].address.doc_id).collect();
        let in_body = nearness::of(reader, body, &plan.near, &pages)?;
        let in_title = nearness::of(reader, title, &plan.near, &pages)?;
        for (at, (body, title)) in chunk.iter().zip(in_body.into_iter().zip(in_title)) {
            found[*at] = Near { body, title };
        }
    }
    Ok(found)
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
