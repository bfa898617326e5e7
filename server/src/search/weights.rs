//! How a page's factors make its score: one place, with reasons.
//!
//! The words come first (BM25F, from the index). Every other factor is a share of the best page's word score
//! for this query: so it counts alike for one rare word and for ten common ones, and a reader of an
//! explanation can compare them. The factors add up to the score.

use super::results::Factor;

/// What the page gains whose URL was typed: more than all else together.
const ADDRESS: f32 = 3.0;
/// What a page that is called exactly like the query gains.
const EXACT_TITLE: f32 = 0.35;
/// What the front page of a site that is called like the query gains: who types a name wants to go there.
const NAMED_FRONT: f32 = 0.9;
/// What other pages of such a site gain.
const NAMED_SITE: f32 = 0.1;
/// What words that stand together gain, where they do so in the text.
const PROXIMITY: f32 = 0.25;
/// What they gain where they do so in the title.
const TITLE_PROXIMITY: f32 = 0.2;
/// What the site with the highest authority gains. Most sites are linked by few others, so this breaks ties
/// and does not rule.
const AUTHORITY: f32 = 0.15;
/// What a page gains that very many sites link to (an external in-link is rare: 0.09 a page on average).
const EXTERNAL_LINKS: f32 = 0.25;
/// In-links at which the full share is reached.
const MANY_LINKS: f32 = 50.0;
/// What a page gains that its own site links to everywhere.
const INTERNAL_LINKS: f32 = 0.03;
/// What a page gains that changed today; half of it after [`FRESH_DAYS`].
const FRESHNESS: f32 = 0.06;
/// The days after which a page is half as fresh.
const FRESH_DAYS: f32 = 365.0;
/// What a site's front page gains, and each folder further down half of that.
const FRONT: f32 = 0.06;
/// What a page of next to no words loses: it is a stub, a redirect notice or a lone picture.
const STUB: f32 = -0.25;
/// Words below which a page is a stub.
const STUB_WORDS: u64 = 8;
/// What a page of very many words loses: concatenated logs, word lists.
const ENDLESS: f32 = -0.12;
/// Words above which a page is endless.
const ENDLESS_WORDS: u64 = 60_000;
/// What a page loses that is nothing but links. Its words are the names of other pages: it is a way there, and
/// a person who types such a name wants the page that is called so.
const LISTING: f32 = -0.3;
/// What mass material loses against personal pages, unless it was asked for by kind.
const MASS: f32 = -0.4;

/// What is known of a page for a query.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Evidence {
    /// Its word score.
    pub(crate) words: f32,
    /// The best page's word score, which the shares are of.
    pub(crate) scale: f32,
    /// How close its text has the words, 0 to 1.
    pub(crate) proximity: f32,
    /// How close its title has them, 0 to 1.
    pub(crate) title_proximity: f32,
    /// Whether its URL is the query.
    pub(crate) address: Match,
    /// Whether its title is the query.
    pub(crate) title: Match,
    /// Whether its site's name is the query.
    pub(crate) site_name: Match,
    /// Its site's authority, 0 to 1.
    pub(crate) authority: f32,
    /// Links from other sites.
    pub(crate) external_links: u32,
    /// Links from its own site.
    pub(crate) internal_links: u32,
    /// Days since its words last changed.
    pub(crate) age_days: f32,
    /// Words of its body.
    pub(crate) length: u64,
    /// Whether a short body says anything of it: not so for pictures, files and prompts.
    pub(crate) body: Body,
    /// Folders below its site's front page.
    pub(crate) depth: u64,
    /// How much of it is labels of links, 0 to 1.
    pub(crate) listing: f32,
    /// Whether it is one of many of its sort.
    pub(crate) mass: Mass,
}

/// Whether a name is the query.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Match {
    /// It is another.
    #[default]
    No,
    /// It is the query, word for word.
    Exact,
}

/// Whether a page lives by its text.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Body {
    /// It does.
    #[default]
    Prose,
    /// It does not.
    None,
}

/// Whether a page is mass material that nobody asked for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Mass {
    /// It is not.
    #[default]
    No,
    /// It is.
    Unasked,
}

/// All factors of a page, in a fixed order.
pub(crate) fn factors(evidence: &Evidence) -> [Factor; 14] {
    let scale = evidence.scale;
    let factor = |name, meaning, value| Factor { name, meaning, value };
    let share = |name, meaning, share: f32| Factor { name, meaning, value: share * scale };
    let is_front = evidence.depth == 0;
    let site_name = match (evidence.site_name, is_front) {
        (Match::No, _) => 0.0,
        (Match::Exact, true) => NAMED_FRONT,
        (Match::Exact, false) => NAMED_SITE,
    };
    let title = match evidence.title {
        Match::No => 0.0,
        Match::Exact => EXACT_TITLE,
    };
    let address = match evidence.address {
        Match::No => 0.0,
        Match::Exact => ADDRESS,
    };
    let length = match evidence.body {
        Body::None => 0.0,
        Body::Prose if evidence.length < STUB_WORDS => STUB,
        Body::Prose if evidence.length > ENDLESS_WORDS => ENDLESS,
        Body::Prose => 0.0,
    };
    let mass = match evidence.mass {
        Mass::No => 0.0,
        Mass::Unasked => MASS,
    };
    // Words in a row that are the name of another page say little of this one.
    let proximity = PROXIMITY * evidence.proximity * (1.0 - evidence.listing);
    let freshness = FRESHNESS * 0.5_f32.powf(evidence.age_days.max(0.0) / FRESH_DAYS);
    let depth = FRONT * 0.5_f32.powi(i32::try_from(evidence.depth).unwrap_or(i32::MAX));
    [
        factor("words", "how well the words fit (BM25F)", evidence.words),
        share("nearness", "words that stand together in the text", proximity),
        share(
            "title words",
            "words that stand together in the title",
            TITLE_PROXIMITY * evidence.title_proximity,
        ),
        share("address", "the URL was typed", address),
        share("title", "the title is the query", title),
        share("site name", "the site is called so", site_name),
        share("authority", "sites that link to the site", AUTHORITY * evidence.authority.clamp(0.0, 1.0)),
        share("links", "links from other sites", EXTERNAL_LINKS * saturated(evidence.external_links)),
        share("own links", "links from its own site", INTERNAL_LINKS * saturated(evidence.internal_links)),
        share("freshness", "when its words last changed", freshness),
        share("depth", "how near to the site's front page", depth),
        share("length", "hardly any text, or far too much", length),
        share("list", "mostly links to other pages", LISTING * evidence.listing),
        share("kind", "mirrored or mass material", mass),
    ]
}

/// What a page's factors make together.
pub(crate) fn score(evidence: &Evidence) -> f32 {
    factors(evidence).iter().map(|factor| factor.value).sum()
}

/// 0 for none, 1 for [`MANY_LINKS`] or more; the first links count most.
fn saturated(links: u32) -> f32 {
    (links as f32).ln_1p().min(MANY_LINKS.ln_1p()) / MANY_LINKS.ln_1p()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn score(evidence: Evidence) -> f32 {
        super::score(&evidence)
    }

    #[test]
    fn each_factor_moves_a_page_the_right_way() {
        let page = Evidence { words: 8.0, scale: 10.0, length: 300, depth: 2, ..Evidence::default() };
        let better = |name: &str, evidence: Evidence| assert!(score(evidence) > score(page), "{name}");
        let worse = |name: &str, evidence: Evidence| assert!(score(evidence) < score(page), "{name}");
        better("words", Evidence { words: 9.0, ..page });
        better("nearness", Evidence { proximity: 0.5, ..page });
        better("title", Evidence { title: Match::Exact, ..page });
        better("site", Evidence { site_name: Match::Exact, ..page });
        better("authority", Evidence { authority: 1.0, ..page });
        better("links", Evidence { external_links: 1, ..page });
        better("front", Evidence { depth: 0, ..page });
        worse("old", Evidence { age_days: 2_000.0, ..page });
        worse("list", Evidence { listing: 0.9, ..page });
        worse("stub", Evidence { length: 2, ..page });
        worse("mass", Evidence { mass: Mass::Unasked, ..page });
        let picture = Evidence { length: 0, body: Body::None, ..page };
        assert!((score(picture) - score(page)).abs() < f32::EPSILON, "a picture needs no prose");
    }

    #[test]
    fn the_named_site_beats_a_page_full_of_the_name() {
        let front = Evidence { words: 5.0, scale: 10.0, site_name: Match::Exact, ..Evidence::default() };
        let full = Evidence { words: 10.0, scale: 10.0, proximity: 1.0, depth: 3, ..Evidence::default() };
        assert!(score(Evidence { length: 100, ..front }) > score(Evidence { length: 100, ..full }));
    }
}
