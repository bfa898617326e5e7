//! The shape of a generated space: how many pages each host has, which page links which, and every path.
//!
//! The pages of a host are a tree: page 0 is the front page, page k has the pages 12k+1 to 12k+12 below it. The
//! hosts are a tree too: the front page of host h names the front pages of the hosts 8h+1 to 8h+8. So everything
//! can be reached from the first front page, and nothing has to be stored but the hosts' sizes.

use std::ops::Range;

/// Pages below a page.
const PAGE_CHILDREN: u64 = 12;
/// Hosts below a host.
const HOST_CHILDREN: usize = 8;
/// How steeply the sizes of hosts fall.
const STEEPNESS: f64 = 0.9;

/// First words of host names.
const NAMES: [&str; 48] = [
    "lantern", "harbour", "kettle", "orchard", "ferry", "moth", "signal", "quarry", "thistle", "beacon",
    "walnut", "ember", "tidepool", "attic", "compass", "heron", "meadow", "inkwell", "pier", "bramble",
    "cinder", "dovecote", "fathom", "gable", "hollow", "island", "juniper", "kiln", "ledger", "marsh",
    "nettle", "oxbow", "parcel", "quill", "rookery", "sextant", "tannery", "umber", "vesper", "weir",
    "yarrow", "zephyr", "aerial", "bellows", "culvert", "drift", "eddy", "furrow",
];

/// Sections that pages lie in, by the branch of the tree.
const SECTIONS: [&str; 12] = [
    "log", "notes", "garden", "letters", "maps", "recipes", "tools", "birds", "radio", "books", "walks",
    "dreams",
];

/// Sizes and names of all hosts.
#[derive(Clone, Debug)]
pub(crate) struct Plan {
    domain: String,
    sizes: Vec<u64>,
}

impl Plan {
    /// At least one capsule, and at least one page for each.
    pub(crate) fn new(capsules: usize, pages: u64, domain: &str) -> Self {
        let capsules = capsules.max(1);
        let spare = pages.saturating_sub(capsules as u64);
        let weights: Vec<f64> = (0..capsules).map(|host| (host as f64 + 1.0).powf(-STEEPNESS)).collect();
        let total: f64 = weights.iter().sum();
        let mut sizes: Vec<u64> =
            weights.iter().map(|weight| 1 + (spare as f64 * weight / total).floor() as u64).collect();
        let given: u64 = sizes.iter().sum();
        sizes[0] += pages.saturating_sub(given);
        Self { domain: domain.to_owned(), sizes }
    }

    pub(crate) fn hosts(&self) -> usize {
        self.sizes.len()
    }

    /// The pages of a host.
    pub(crate) fn size(&self, host: usize) -> u64 {
        self.sizes.get(host).copied().unwrap_or(0)
    }

    /// `lantern-01.space.example`
    pub(crate) fn name(&self, host: usize) -> String {
        format!("{}-{:02}.{}", NAMES[host % NAMES.len()], host / NAMES.len() + 1, self.domain)
    }

    /// The host with this name.
    pub(crate) fn host(&self, name: &str) -> Option<usize> {
        let (word, round) = name.strip_suffix(self.domain.as_str())?.strip_suffix('.')?.rsplit_once('-')?;
        let word = NAMES.iter().position(|name| *name == word)?;
        let round: usize = round.parse().ok()?;
        let host = round.checked_sub(1)?.checked_mul(NAMES.len())?.checked_add(word)?;
        (host < self.hosts() && self.name(host) == name).then_some(host)
    }

    /// The hosts that this one names as its neighbours.
    pub(crate) fn neighbours(&self, host: usize) -> Range<usize> {
        let first = (host * HOST_CHILDREN + 1).min(self.hosts());
        first..(first + HOST_CHILDREN).min(self.hosts())
    }

    /// The pages below a page.
    pub(crate) fn children(&self, host: usize, page: u64) -> Range<u64> {
        let first = (page * PAGE_CHILDREN + 1).min(self.size(host));
        first..(first + PAGE_CHILDREN).min(self.size(host))
    }

    /// The page above a page.
    pub(crate) fn parent(page: u64) -> u64 {
        page.saturating_sub(1) / PAGE_CHILDREN
    }
}

/// The section that a page lies in; all pages below one of the front page's links share it.
pub(crate) fn section(page: u64) -> &'static str {
    let mut top = page;
    while PAGE_CHILDREN < top {
        top = Plan::parent(top);
    }
    SECTIONS[usize::try_from(top.saturating_sub(1)).unwrap_or(0) % SECTIONS.len()]
}

/// The path of a page: `/notes/the-old-harbour-17.gmi`, in one of three styles by host.
pub(crate) fn path(host: usize, page: u64, title: &str) -> String {
    if page == 0 {
        return "/".to_owned();
    }
    let slug = slug(title);
    let (section, end) = (section(page), [".gmi", "", "/", ".gmi"][host % 4]);
    format!("/{section}/{slug}-{page}{end}")
}

/// The number of the page that a path claims to be; the caller compares the whole path.
pub(crate) fn number(path: &str) -> Option<u64> {
    if path == "/" {
        return Some(0);
    }
    let path = path.trim_end_matches('/').trim_end_matches(".gmi");
    path.rsplit_once('-')?.1.parse().ok()
}

/// The title's ASCII words in small letters, 40 bytes at most.
fn slug(title: &str) -> String {
    let lower = title.to_ascii_lowercase();
    let mut slug = String::new();
    for word in lower.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| !word.is_empty()) {
        if 40 < slug.len() + word.len() {
            break;
        }
        if !slug.is_empty() {
            slug.push('-');
        }
        slug.push_str(word);
    }
    if slug.len() < 4 { "page".to_owned() } else { slug }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_pages_are_given_out_and_large_hosts_are_few() {
        let plan = Plan::new(40, 2_000, "space.example");
        let sizes: Vec<u64> = (0..40).map(|host| plan.size(host)).collect();
        assert_eq!(sizes.iter().sum::<u64>(), 2_000);
        assert!(sizes.iter().all(|size| 1 <= *size));
        assert!(sizes[0] > sizes[9] * 4, "{sizes:?}");
        let tiny = Plan::new(3, 1, "space.example");
        assert_eq!((0..3).map(|host| tiny.size(host)).sum::<u64>(), 3, "no host is empty");
    }

    #[test]
    fn names_lead_back_to_their_hosts() {
        let plan = Plan::new(500, 1_000, "space.example");
        for host in 0..500 {
            assert_eq!(plan.host(&plan.name(host)), Some(host));
        }
        for unknown in
            ["lantern-00.space.example", "lantern-1.space.example", "lantern-99.space.example", "x", ""]
        {
            assert_eq!(plan.host(unknown), None, "{unknown}");
        }
    }

    #[test]
    fn every_page_and_host_but_the_first_is_below_exactly_one_other() {
        let plan = Plan::new(300, 5_000, "space.example");
        let mut pages: Vec<u64> = (0..plan.size(0)).flat_map(|page| plan.children(0, page)).collect();
        pages.sort_unstable();
        assert_eq!(pages, (1..plan.size(0)).collect::<Vec<_>>());
        let mut hosts: Vec<usize> = (0..300).flat_map(|host| plan.neighbours(host)).collect();
        hosts.sort_unstable();
        assert_eq!(hosts, (1..300).collect::<Vec<_>>());
    }
}
