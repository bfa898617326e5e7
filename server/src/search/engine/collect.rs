//! From ranked pages to a list worth reading: copies folded, no site twice too often.

use rustc_hash::FxHashMap;

use super::compile::Spread;
use super::score::{Ranked, standing};

/// Pages of one site in a list.
const OF_EACH_SITE: usize = 2;

/// A line of the list.
#[derive(Clone, Debug)]
pub(super) struct Listed {
    pub(super) ranked: Ranked,
    /// Pages of its site that were left out; only at the last listed one.
    pub(super) more_from_site: u32,
}

/// The list.
pub(super) fn list(ranked: Vec<Ranked>, spread: Spread) -> Vec<Listed> {
    let folded = fold_copies(ranked);
    let mut listed: Vec<Listed> = Vec::with_capacity(folded.len());
    // How many of a site are listed, and where the last of them stands.
    let mut of_site: FxHashMap<u64, (usize, usize)> = FxHashMap::default();
    for ranked in folded {
        let (count, last) = of_site.entry(ranked.facts.site_key).or_default();
        if spread == Spread::TwoOfEach && *count >= OF_EACH_SITE {
            listed[*last].more_from_site += 1;
        } else {
            (*count, *last) = (*count + 1, listed.len());
            listed.push(Listed { ranked, more_from_site: 0 });
        }
    }
    listed
}

/// Of pages with the same text one stays, in the place of the best of them.
fn fold_copies(ranked: Vec<Ranked>) -> Vec<Ranked> {
    let mut copies: FxHashMap<u64, Vec<usize>> = FxHashMap::default();
    for (at, page) in ranked.iter().enumerate() {
        if let Some(content) = page.facts.content {
            copies.entry(content).or_default().push(at);
        }
    }
    let mut stands_for: Vec<Option<usize>> = (0..ranked.len()).map(Some).collect();
    for places in copies.into_values().filter(|places| places.len() > 1) {
        let shown = shown_copy(&ranked, &places);
        let best = places.iter().copied().min();
        for place in &places {
            stands_for[*place] = None;
        }
        if let Some(best) = best {
            stands_for[best] = Some(shown);
        }
    }
    let mut ranked: Vec<Option<Ranked>> = ranked.into_iter().map(Some).collect();
    stands_for.into_iter().flatten().filter_map(|at| ranked.get_mut(at)?.take()).collect()
}

/// Within a site the folder's form; between sites the copy with most external links, then the first seen.
fn shown_copy(ranked: &[Ranked], places: &[usize]) -> usize {
    let mut of_site: FxHashMap<u64, usize> = FxHashMap::default();
    for place in places {
        let form = |at: usize| {
            let facts = &ranked[at].facts;
            (facts.form, facts.depth, facts.page)
        };
        of_site
            .entry(ranked[*place].facts.site_key)
            .and_modify(|kept| {
                if form(*place) < form(*kept) {
                    *kept = *place;
                }
            })
            .or_insert(*place);
    }
    of_site.into_values().min_by_key(|at| standing(&ranked[*at])).unwrap_or(places[0])
}

#[cfg(test)]
mod tests {
    use shared::index::columns::Facts;
    use shared::store::id::PageId;
    use tantivy::DocAddress;

    use super::super::candidates::HasAll;
    use super::*;
    use crate::search::weights::Evidence;

    fn page(id: i64, site_key: u64, content: u64) -> Ranked {
        Ranked {
            address: DocAddress::new(0, 0),
            facts: Facts {
                page: PageId(id),
                site_key,
                content: Some(content),
                title_key: None,
                depth: 1,
                form: 1,
                kind_code: 0,
                length: 100,
                listing: 0,
                first_seen: 0,
                changed: 0,
            },
            external_links: 0,
            has_all: HasAll::Yes,
            score: 1.0,
            evidence: Evidence::default(),
        }
    }

    fn ids(listed: &[Listed]) -> Vec<i64> {
        listed.iter().map(|listed| listed.ranked.facts.page.0).collect()
    }

    #[test]
    fn a_site_has_two_places_and_says_how_many_more() {
        let pages = vec![page(1, 7, 1), page(2, 7, 2), page(3, 7, 3), page(4, 8, 4), page(5, 7, 5)];
        let listed = list(pages.clone(), Spread::TwoOfEach);
        assert_eq!(ids(&listed), [1, 2, 4]);
        assert_eq!(listed[1].more_from_site, 2);
        assert_eq!(ids(&list(pages, Spread::All)), [1, 2, 3, 4, 5]);
    }

    #[test]
    fn of_copies_the_folder_and_then_the_most_linked_one_is_shown() {
        let mut folder = page(2, 7, 9);
        folder.facts.form = 0;
        assert_eq!(ids(&list(vec![page(1, 7, 9), folder.clone()], Spread::TwoOfEach)), [2]);

        let mut linked = page(3, 8, 9);
        linked.external_links = 4;
        let pages = vec![page(1, 7, 9), page(9, 1, 1), folder, linked];
        assert_eq!(ids(&list(pages, Spread::TwoOfEach)), [3, 9], "in the place of the best copy");

        let mut earlier = page(5, 8, 9);
        earlier.facts.first_seen = -1;
        assert_eq!(ids(&list(vec![page(1, 7, 9), earlier], Spread::TwoOfEach)), [5]);
    }
}
