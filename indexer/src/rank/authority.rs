//! How much the sites of Geminispace, taken together, point at each of them.
//!
//! Links between sites come in, a number from 0 to 1 per site comes out. Pages have 0.09 links from
//! elsewhere on average, so a rank of pages is noise; a site gathers enough to say something. A link is a
//! vote of the linking *site*: a thousand pages that carry the same footer count a little more than one
//! (by the logarithm), and a site's links to itself do not count at all.

/// The share of its standing that a site passes on by its links.
const DAMPING: f64 = 0.85;
/// Rounds at most; the graph of sites is shallow and settles in about twenty.
const ROUNDS: usize = 60;
/// A round that moves less standing than this is the last one.
const SETTLED: f64 = 1e-7;

/// A site's place in the list of sites.
pub(crate) type SiteIndex = u32;

/// Links from the pages of one site to those of another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct SiteLink {
    /// The site that links.
    pub(crate) from: SiteIndex,
    /// The site linked to.
    pub(crate) to: SiteIndex,
    /// Links between their pages.
    pub(crate) links: u32,
}

/// The authority of `sites` sites: 0 for those nobody links to, 1 for the best, by the logarithm between.
/// All are 0 while no site links to another. Links from or to a site beyond the list are left out.
pub(crate) fn authority(sites: usize, links: &[SiteLink]) -> Vec<f32> {
    let votes: Vec<Vote> = links.iter().filter_map(|link| Vote::of(link, sites)).collect();
    if votes.is_empty() {
        return vec![0.0; sites];
    }
    scaled(&standing(sites, &votes))
}

struct Vote {
    from: usize,
    to: usize,
    weight: f64,
}

impl Vote {
    fn of(link: &SiteLink, sites: usize) -> Option<Self> {
        let from = usize::try_from(link.from).ok().filter(|from| *from < sites)?;
        let to = usize::try_from(link.to).ok().filter(|to| *to < sites)?;
        (from != to && 0 < link.links).then(|| Self { from, to, weight: 1.0 + f64::from(link.links).ln() })
    }
}

/// The stationary share of each site: all shares sum to one.
fn standing(sites: usize, votes: &[Vote]) -> Vec<f64> {
    let mut given = vec![0.0; sites];
    for vote in votes {
        given[vote.from] += vote.weight;
    }
    let even = 1.0 / sites as f64;
    let mut shares = vec![even; sites];
    for _ in 0..ROUNDS {
        // What sites without a link to elsewhere hold goes to all alike, else it would be lost.
        let silent: f64 =
            shares.iter().zip(&given).filter(|(_, given)| **given == 0.0).map(|(share, _)| share).sum();
        let mut next = vec![(1.0 - DAMPING + DAMPING * silent) * even; sites];
        for vote in votes {
            next[vote.to] += DAMPING * shares[vote.from] * vote.weight / given[vote.from];
        }
        let moved: f64 = next.iter().zip(&shares).map(|(next, share)| (next - share).abs()).sum();
        shares = next;
        if moved < SETTLED {
            break;
        }
    }
    shares
}

/// Shares differ by factors of thousands; their logarithms are what a score can add.
fn scaled(shares: &[f64]) -> Vec<f32> {
    let least = shares.iter().copied().fold(f64::INFINITY, f64::min);
    let greatest = shares.iter().copied().fold(0.0, f64::max);
    let span = (greatest / least).ln();
    if span < 1e-9 {
        return vec![0.0; shares.len()];
    }
    shares.iter().map(|share| ((share / least).ln() / span) as f32).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn link(from: SiteIndex, to: SiteIndex, links: u32) -> SiteLink {
        SiteLink { from, to, links }
    }

    #[track_caller]
    fn check_order(sites: usize, links: &[SiteLink], best_first: &[usize]) {
        let authority = authority(sites, links);
        let mut order: Vec<usize> = (0..sites).collect();
        order.sort_by(|a, b| authority[*b].total_cmp(&authority[*a]));
        assert_eq!(order, best_first, "{authority:?}");
    }

    #[test]
    fn a_space_without_links_between_sites_ranks_nobody() {
        assert_eq!(authority(3, &[]), [0.0; 3]);
        assert_eq!(authority(3, &[link(1, 1, 900)]), [0.0; 3]);
        assert_eq!(authority(0, &[]), [0.0; 0]);
    }

    #[test]
    fn the_best_site_has_one_and_an_unknown_one_nothing() {
        let authority = authority(3, &[link(0, 1, 1), link(2, 1, 1)]);
        assert_eq!(authority, [0.0, 1.0, 0.0]);
    }

    #[test]
    fn many_sites_weigh_more_than_many_links_of_one() {
        check_order(5, &[link(0, 3, 1), link(1, 3, 1), link(2, 4, 1_000)], &[3, 4, 0, 1, 2]);
    }

    #[test]
    fn a_vote_of_a_site_with_standing_weighs_more() {
        // 0, 1 and 2 vote for 3; 3 votes for 4, and 0 alone for 5.
        let links = [link(0, 3, 1), link(1, 3, 1), link(2, 3, 1), link(3, 4, 1), link(0, 5, 1)];
        let authority = authority(6, &links);
        assert!(authority[5] < authority[4], "{authority:?}");
    }

    #[test]
    fn a_ring_is_of_one_standing() {
        assert_eq!(authority(3, &[link(0, 1, 1), link(1, 2, 1), link(2, 0, 1)]), [0.0; 3]);
    }

    #[test]
    fn links_beyond_the_list_are_left_out() {
        assert_eq!(authority(2, &[link(0, 1, 1), link(7, 0, 1), link(0, 7, 1)]), [0.0, 1.0]);
    }

    #[test]
    fn shares_sum_to_one() {
        let votes: Vec<Vote> = [link(0, 1, 3), link(1, 2, 1), link(2, 0, 9), link(0, 3, 1)]
            .iter()
            .filter_map(|l| Vote::of(l, 5))
            .collect();
        let sum: f64 = standing(5, &votes).iter().sum();
        assert!((sum - 1.0).abs() < 1e-9, "{sum}");
    }
}
