//! Links between pages, counted: in-links of each page, and links between sites.
//!
//! All searchable pages come first, then the links in slices; at no time is the graph of pages in memory,
//! only two counters per page and the pairs of sites that link. A link to a page that cannot be found, and
//! a page's link to itself, count for nothing.

use std::collections::HashMap;

use shared::store::feed::graph::{Edge, Node};
use shared::store::feed::signal::PageSignal;
use shared::store::id::{CapsuleId, PageId};

use super::authority::{SiteIndex, SiteLink};

/// The key of a site in the store: its capsule, and its folder there.
pub(crate) type SiteKey = (CapsuleId, String);

/// The counters of one pass.
#[derive(Debug, Default)]
pub(crate) struct Tally {
    /// In the order of ids, so that a page is found by halving.
    pages: Vec<PageId>,
    site_of: Vec<SiteIndex>,
    external: Vec<u32>,
    internal: Vec<u32>,
    sites: Vec<SiteKey>,
    index_of: HashMap<SiteKey, SiteIndex>,
    between: HashMap<(SiteIndex, SiteIndex), u32>,
}

impl Tally {
    /// Takes the next page; pages come in the order of their ids, before any link.
    pub(crate) fn page(&mut self, node: Node) {
        debug_assert!(self.pages.last().is_none_or(|last| *last < node.page), "pages come in order");
        let key = (node.capsule, node.folder);
        let site = match self.index_of.get(&key) {
            Some(site) => *site,
            None => {
                let site = SiteIndex::try_from(self.sites.len()).unwrap_or(SiteIndex::MAX);
                self.sites.push(key.clone());
                self.index_of.insert(key, site);
                site
            }
        };
        self.pages.push(node.page);
        self.site_of.push(site);
        self.external.push(0);
        self.internal.push(0);
    }

    /// The ids of `count` pages from the one in this place on: those after the first, up to the second.
    pub(crate) fn slice(&self, place: usize, count: usize) -> Option<(PageId, PageId)> {
        let after =
            place.checked_sub(1).and_then(|before| self.pages.get(before)).copied().unwrap_or(PageId(0));
        let last = self.pages.len().min(place.saturating_add(count)).checked_sub(1)?;
        (place <= last).then(|| (after, self.pages[last]))
    }

    /// Counts a link.
    pub(crate) fn link(&mut self, edge: Edge) {
        if edge.from == edge.to {
            return;
        }
        let (Ok(from), Ok(to)) = (self.pages.binary_search(&edge.from), self.pages.binary_search(&edge.to))
        else {
            return;
        };
        let (from_site, to_site) = (self.site_of[from], self.site_of[to]);
        let counter = if from_site == to_site { &mut self.internal[to] } else { &mut self.external[to] };
        *counter = counter.saturating_add(1);
        if from_site != to_site {
            let links = self.between.entry((from_site, to_site)).or_default();
            *links = links.saturating_add(1);
        }
    }

    /// Every site, in the order of [`SiteIndex`].
    pub(crate) fn sites(&self) -> &[SiteKey] {
        &self.sites
    }

    /// Pages counted.
    pub(crate) fn len(&self) -> usize {
        self.pages.len()
    }

    /// Links between different sites.
    pub(crate) fn site_links(&self) -> Vec<SiteLink> {
        self.between
            .iter()
            .map(|((from, to), links)| SiteLink { from: *from, to: *to, links: *links })
            .collect()
    }

    /// In-links of each page that has any, in the order of ids.
    pub(crate) fn page_signals(&self) -> Vec<PageSignal> {
        self.pages
            .iter()
            .zip(self.external.iter().zip(&self.internal))
            .filter(|(_, (external, internal))| 0 < **external || 0 < **internal)
            .map(|(page, (external, internal))| PageSignal {
                page: *page,
                external_links: *external,
                internal_links: *internal,
            })
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tally(pages: &[(i64, i64, &str)], links: &[(i64, i64)]) -> Tally {
        let mut tally = Tally::default();
        for (page, capsule, folder) in pages {
            tally.page(Node {
                page: PageId(*page),
                capsule: CapsuleId(*capsule),
                folder: (*folder).to_owned(),
            });
        }
        for (from, to) in links {
            tally.link(Edge { from: PageId(*from), to: PageId(*to) });
        }
        tally
    }

    #[track_caller]
    fn check(tally: &Tally, page: i64, external: u32, internal: u32) {
        let signal = tally.page_signals().into_iter().find(|signal| signal.page == PageId(page));
        let counted = signal.map_or((0, 0), |signal| (signal.external_links, signal.internal_links));
        assert_eq!(counted, (external, internal), "page {page}");
    }

    #[test]
    fn links_are_counted_by_whether_they_leave_the_site() {
        let pages = [(1, 10, "/"), (2, 10, "/"), (3, 10, "/~ann/"), (4, 11, "/")];
        let tally = tally(&pages, &[(1, 2), (3, 2), (4, 2), (1, 3), (2, 1)]);
        check(&tally, 1, 0, 1);
        check(&tally, 2, 2, 1);
        check(&tally, 3, 1, 0);
        check(&tally, 4, 0, 0);
        assert_eq!(tally.sites().len(), 3);
        let mut links = tally.site_links();
        links.sort_by_key(|link| (link.from, link.to));
        let pairs: Vec<_> = links.iter().map(|link| (link.from, link.to, link.links)).collect();
        assert_eq!(pairs, [(0, 1, 1), (1, 0, 1), (2, 0, 1)]);
    }

    #[test]
    fn slices_cover_every_page_once() {
        let tally = tally(&[(3, 1, "/"), (4, 1, "/"), (9, 1, "/"), (70, 2, "/")], &[]);
        let slice = |place| tally.slice(place, 3).map(|(after, up_to)| (after.0, up_to.0));
        assert_eq!([slice(0), slice(3), slice(4)], [Some((0, 9)), Some((9, 70)), None]);
        assert_eq!(Tally::default().slice(0, 3), None);
    }

    #[test]
    fn links_to_themselves_and_to_pages_nobody_can_find_count_for_nothing() {
        let tally = tally(&[(1, 10, "/"), (2, 11, "/")], &[(1, 1), (1, 99), (99, 2)]);
        assert_eq!(tally.page_signals(), []);
        assert!(tally.site_links().is_empty());
    }
}
