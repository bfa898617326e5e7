//! The newest pages that match, by the day they were first seen: what subscriptions are made of.
//!
//! Nothing is ranked, folded or given up here. A page is in the list or it is not, by its own words, so that
//! the list changes only when a page comes or goes.

use rustc_hash::FxHashSet;
use tantivy::collector::TopDocs;
use tantivy::{DocAddress, Order};

use super::compile::{self, Plan};
use super::reader::Snapshot;
use crate::search::limit::Limit;
use crate::search::query::Group;
use crate::search::scan::scan;

/// Pages looked at for each that is wanted: of those that were first seen in one second the first by URL are
/// taken, whatever order the index holds them in.
const SPARE: usize = 4;

/// Pages looked at for the newest of each site: one site can bring a thousand in a day.
const OF_ALL: usize = 5_000;

/// What a text and limits ask for, nothing given up; none, if a word is on no page.
pub(super) fn plan(snapshot: &Snapshot, text: &str, limits: &[Limit]) -> tantivy::Result<Option<Plan>> {
    let mut beside = Group::default();
    limits.iter().for_each(|limit| limit.add_to(&mut beside));
    let plan = compile::compile(snapshot, &scan(text), &beside)?;
    Ok(plan.unknown.is_empty().then_some(plan))
}

/// The newest pages of a plan, some more than are wanted.
pub(super) fn newest(snapshot: &Snapshot, plan: &Plan, most: usize) -> tantivy::Result<Vec<DocAddress>> {
    first_seen_last(snapshot, plan, most * SPARE)
}

/// The newest page of each of the sites that brought one last.
pub(super) fn of_sites(snapshot: &Snapshot, plan: &Plan, most: usize) -> tantivy::Result<Vec<DocAddress>> {
    let mut sites = FxHashSet::default();
    let mut newest = first_seen_last(snapshot, plan, OF_ALL)?;
    newest.retain(|address| {
        let columns = &snapshot.columns[address.segment_ord as usize];
        sites.insert(columns.facts(address.doc_id).site_key)
    });
    newest.truncate(most);
    Ok(newest)
}

fn first_seen_last(snapshot: &Snapshot, plan: &Plan, most: usize) -> tantivy::Result<Vec<DocAddress>> {
    let all = plan.query(plan.clauses.len());
    let first_seen = snapshot.searcher.schema().get_field_name(snapshot.fields.first_seen);
    let collector = TopDocs::with_limit(most).order_by_fast_field::<i64>(first_seen, Order::Desc);
    let found = snapshot.searcher.search(&all, &collector)?;
    Ok(found.into_iter().map(|(_, address)| address).collect())
}
