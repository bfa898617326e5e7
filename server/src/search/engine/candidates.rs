//! The pages worth ranking: the best thousand by their words, step by step as words are given up.

use std::collections::HashSet;

use tantivy::collector::{Collector, TopDocs};
use tantivy::query::{BooleanQuery, Occur, Query as _, QueryClone as _};
use tantivy::{DocAddress, Order};

use super::compile::Plan;
use super::reader::Snapshot;
use crate::search::relax::{enough, steps};
use crate::search::results::{Kept, Relaxed};

/// Pages that are ranked.
const MOST: usize = 1_000;
/// Pages called like the query that are ranked even if their words alone would not bring them so far.
const NAMED: usize = 100;

/// A page worth ranking.
#[derive(Clone, Copy, Debug)]
pub(super) struct Candidate {
    pub(super) address: DocAddress,
    pub(super) has_all: HasAll,
}

/// Whether a page has all the words; those that have come first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum HasAll {
    /// Some were given up for it.
    No,
    /// It has.
    Yes,
}

/// What was found.
pub(super) struct Found {
    pub(super) candidates: Vec<Candidate>,
    pub(super) total: u64,
    pub(super) relaxed: Option<Relaxed>,
}

/// Finds the candidates of a plan.
pub(super) fn find(snapshot: &Snapshot, plan: &Plan) -> tantivy::Result<Found> {
    if plan.is_only_limits() {
        return newest(snapshot, plan);
    }
    let mut found = Found { candidates: Vec::new(), total: 0, relaxed: None };
    if plan.clauses.is_empty() {
        let unknown = plan.unknown.clone();
        found.relaxed = Some(Relaxed { unknown, kept: Kept::All });
        return Ok(found);
    }
    let mut seen = HashSet::new();
    for (number, step) in steps(plan.clauses.len()).into_iter().enumerate() {
        let query = plan.query(step.minimum);
        let before = found.candidates.len();
        let has_all = if number == 0 { HasAll::Yes } else { HasAll::No };
        let mut take = |hits: Vec<(f32, DocAddress)>| {
            for (_, address) in hits {
                if seen.insert(address) {
                    found.candidates.push(Candidate { address, has_all });
                }
            }
        };
        take(run(snapshot, plan, &query, &TopDocs::with_limit(MOST).order_by_score())?);
        if let Some(named) = &plan.named {
            let both =
                BooleanQuery::new(vec![(Occur::Must, query.box_clone()), (Occur::Must, named.box_clone())]);
            take(run(snapshot, plan, &both, &TopDocs::with_limit(NAMED).order_by_score())?);
        }
        found.total = query.count(&snapshot.searcher)? as u64;
        let brought_more = found.candidates.len() > before;
        if number > 0 && brought_more {
            found.relaxed = Some(Relaxed { unknown: plan.unknown.clone(), kept: step.kept });
        }
        if found.candidates.len() >= enough(plan.clauses.len()) {
            break;
        }
    }
    Ok(found)
}

/// With nothing but limits, the pages that changed last.
fn newest(snapshot: &Snapshot, plan: &Plan) -> tantivy::Result<Found> {
    let query = plan.query(0);
    let changed = snapshot.searcher.schema().get_field_name(snapshot.fields.changed);
    let collector = TopDocs::with_limit(MOST).order_by_fast_field::<i64>(changed, Order::Desc);
    let hits = run(snapshot, plan, &query, &collector)?;
    let candidates =
        hits.into_iter().map(|(_, address)| Candidate { address, has_all: HasAll::Yes }).collect();
    Ok(Found { candidates, total: query.count(&snapshot.searcher)? as u64, relaxed: None })
}

fn run<C: Collector>(
    snapshot: &Snapshot,
    plan: &Plan,
    query: &BooleanQuery,
    collector: &C,
) -> tantivy::Result<C::Fruit> {
    snapshot.searcher.search_with_statistics_provider(query, collector, &plan.statistics)
}
