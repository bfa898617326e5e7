//! A page of anywhere. Every site has the same chance, however many pages it has, as far as a few throws of
//! dice can give it.

use std::collections::BTreeMap;

use shared::gemini::kind::Kind;
use shared::index::document::kind_code;
use tantivy::DocAddress;
use tantivy::collector::DocSetCollector;

use super::compile::Plan;
use super::reader::Snapshot;

/// Throws for pages whose sites then have the same chance.
const THROWS: usize = 64;

/// Of all pages: one throw for a place in the index, until it is a page that somebody wrote.
pub(super) fn of_all(snapshot: &Snapshot) -> Option<DocAddress> {
    let segments = snapshot.searcher.segment_readers();
    let places: u32 = segments.iter().map(|segment| segment.max_doc()).sum();
    if places == 0 {
        return None;
    }
    let mut of_site: BTreeMap<u64, DocAddress> = BTreeMap::new();
    for _ in 0..THROWS {
        let mut place = rand::random_range(0..places);
        for (number, segment) in (0..).zip(segments) {
            if place >= segment.max_doc() {
                place -= segment.max_doc();
                continue;
            }
            let address = DocAddress::new(number, place);
            let facts = snapshot.columns[number as usize].facts(place);
            if !segment.is_deleted(place) && is_to_read(facts.kind_code) {
                of_site.insert(facts.site_key, address);
            }
            break;
        }
    }
    chosen(of_site)
}

/// Of some pages: all of them are looked through.
pub(super) fn of_some(snapshot: &Snapshot, plan: &Plan) -> tantivy::Result<Option<DocAddress>> {
    let all = plan.query(plan.clauses.len());
    let mut found: Vec<DocAddress> = snapshot.searcher.search(&all, &DocSetCollector)?.into_iter().collect();
    let mut of_site: BTreeMap<u64, DocAddress> = BTreeMap::new();
    for _ in 0..THROWS.min(found.len()) {
        let address = found.swap_remove(rand::random_range(0..found.len()));
        let facts = snapshot.columns[address.segment_ord as usize].facts(address.doc_id);
        of_site.insert(facts.site_key, address);
    }
    Ok(chosen(of_site))
}

fn chosen(of_site: BTreeMap<u64, DocAddress>) -> Option<DocAddress> {
    let sites: Vec<DocAddress> = of_site.into_values().collect();
    (!sites.is_empty()).then(|| sites[rand::random_range(0..sites.len())])
}

fn is_to_read(code: u64) -> bool {
    [Kind::Page, Kind::Gemlog].into_iter().any(|kind| kind_code(kind) == code)
}
