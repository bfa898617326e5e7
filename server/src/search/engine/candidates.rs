//! The pages worth ranking: the best thousand by their words, step by step as words are given up.

use std::collections::HashSet;

use tantivy::collector::{Collector, Count, TopDocs};
use tantivy::query::{BooleanQuery, Occur, Query, QueryClone as _};
use tantivy::{DocAddress, Order};

use super::compile::Plan;
use super::reader::Snapshot;
use crate::search::relax::{all_come_first, enough, steps};
use crate::search::results::{Kept, Relaxed};
use crate::search::weights::Match;

/// Pages that are ranked.
const MOST: usize = 1_000;
/// Pages called like the query that are ranked even if their words alone would not bring them so far.
const NAMED: usize = 100;

/// A page worth ranking.
#[derive(Clone, Copy, Debug)]
pub(super) struct Candidate {
    pub(super) address: DocAddress,
    pub(super) has_all: HasAll,
    pub(super) address_typed: Match,
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
    let mut seen = HashSet::new();
    for address in addressed(snapshot, plan)? {
        seen.insert(address);
        found.candidates.push(Candidate { address, has_all: HasAll::Yes, address_typed: Match::Exact });
    }
    let typed = found.candidates.len() as u64;
    if plan.clauses.is_empty() && plan.strict.is_empty() {
        // Every word is unknown: there is at most the page whose URL they are.
        found.total = typed;
        return Ok(found);
    }
    for (number, step) in steps(plan.clauses.len()).into_iter().enumerate() {
        let query = plan.query(step.minimum);
        let before = found.candidates.len();
        let has_all = if number == 0 { HasAll::Yes } else { HasAll::No };
        let mut take = |hits: Vec<(f32, DocAddress)>| {
            for (_, address) in hits {
                if seen.insert(address) {
                    let address_typed = Match::No;
                    found.candidates.push(Candidate { address, has_all, address_typed });
                }
            }
        };
        // Both in one walk: the words of a query are asked for together, and such a walk can leave nothing out.
        let best = TopDocs::with_limit(MOST).order_by_score();
        let (best, total) = run(snapshot, plan, &query, &(best, Count))?;
        take(best);
        if let Some(named) = &plan.named {
            let both =
                BooleanQuery::new(vec![(Occur::Must, query.box_clone()), (Occur::Must, named.box_clone())]);
            take(run(snapshot, plan, &both, &TopDocs::with_limit(NAMED).order_by_score())?);
        }
        found.total = total as u64;
        let brought_more = found.candidates.len() > before;
        if number > 0 && brought_more {
            let kept = if all_come_first(plan.typed) { step.kept } else { Kept::Mixed };
            found.relaxed = Some(Relaxed { unknown: plan.unknown.clone(), kept });
        }
        if found.candidates.len() as u64 >= typed + enough(plan.typed) {
            break;
        }
    }
    Ok(found)
}

/// The page whose URL was typed, whatever words it has.
fn addressed(snapshot: &Snapshot, plan: &Plan) -> tantivy::Result<Vec<DocAddress>> {
    let Some(addressed) = &plan.addressed else { return Ok(Vec::new()) };
    let hits = run(snapshot, plan, addressed.as_ref(), &TopDocs::with_limit(2).order_by_score())?;
    Ok(hits.into_iter().map(|(_, address)| address).collect())
}

/// With nothing but limits, the pages that changed last.
fn newest(snapshot: &Snapshot, plan: &Plan) -> tantivy::Result<Found> {
    let query = plan.query(0);
    let changed = snapshot.searcher.schema().get_field_name(snapshot.fields.changed);
    let collector = TopDocs::with_limit(MOST).order_by_fast_field::<i64>(changed, Order::Desc);
    let hits = run(snapshot, plan, &query, &collector)?;
    let candidates = hits
        .into_iter()
        .map(|(_, address)| Candidate { address, has_all: HasAll::Yes, address_typed: Match::No })
        .collect();
    Ok(Found { candidates, total: query.count(&snapshot.searcher)? as u64, relaxed: None })
}

fn run<C: Collector>(
    snapshot: &Snapshot,
    plan: &Plan,
    query: &dyn Query,
    collector: &C,
) -> tantivy::Result<C::Fruit> {
    snapshot.searcher.search_with_statistics_provider(query, collector, &plan.statistics)
}
