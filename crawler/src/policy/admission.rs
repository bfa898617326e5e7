//! May this link enter, and at what cost.
//!
//! A link to a page that is not known yet costs its site some of the day's budget of new URLs; what smells of a trap
//! costs more ([`super::trap`]). A link to a host that is not known yet counts against its registrable domain too. What
//! finds no budget today is not lost: its page is read again at its next visit.

use shared::gemini::url::GeminiUrl;

use super::redirect::HOPS;
use super::trap::{self, Cost, Origin};

/// New URLs a site and day, to begin with.
pub const NEW_URLS_A_DAY: u32 = 1_500;
/// So many independent sites make a host known, whatever its domain has had today.
pub const VOUCHERS: usize = 3;
/// A budget grows by a quarter with each useful day,
const GROWTH: f64 = 1.25;
/// up to so many times what it was; beyond that the requests of a day are the limit.
const MOST_TIMES: u32 = 4;

/// How many new URLs a site may bring on one day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Budget {
    /// So many units of cost.
    PerDay(u32),
    /// Without end: a routed space of our own.
    Unlimited,
}

impl Budget {
    /// The budget of a site that has had so many useful days.
    #[must_use]
    pub fn grown(self, useful_days: u32) -> Self {
        match self {
            Self::PerDay(first) => {
                let most = first.saturating_mul(MOST_TIMES);
                let mut grown = f64::from(first);
                for _ in 0..useful_days.min(64) {
                    grown = (grown * GROWTH).min(f64::from(most));
                }
                #[allow(
                    clippy::cast_possible_truncation,
                    clippy::cast_sign_loss,
                    reason = "between first and most, which are u32"
                )]
                Self::PerDay(grown as u32)
            }
            Self::Unlimited => Self::Unlimited,
        }
    }

    /// Whether a site that has spent `spent` today can pay for one more.
    #[must_use]
    pub const fn is_within(self, spent: u32, cost: Cost) -> bool {
        match self {
            Self::PerDay(limit) => spent.saturating_add(cost) <= limit,
            Self::Unlimited => true,
        }
    }
}

/// Why a URL does not enter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Bar {
    /// Too many redirects on the way to it.
    Hops,
}

/// Judges a URL by itself: whether it may enter, and its cost if it does.
///
/// # Errors
///
/// The [`Bar`] that keeps it out.
pub fn cost(url: &GeminiUrl, hops: u8, origin: Origin) -> Result<Cost, Bar> {
    if hops > HOPS { Err(Bar::Hops) } else { Ok(trap::cost(url, origin)) }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case::a_page("/log/one.gmi", 0, Origin::Distinct, Ok(1))]
    #[case::a_redirects_target("/log/one.gmi", 5, Origin::Distinct, Ok(1))]
    #[case::a_redirect_too_many("/log/one.gmi", 6, Origin::Distinct, Err(Bar::Hops))]
    #[case::a_query_costs_more("/wiki?page", 0, Origin::Distinct, Ok(3))]
    #[case::from_a_page_like_all_others("/log/one.gmi", 0, Origin::Alike, Ok(6))]
    #[case::growing_redirects("/cgi/cgi/cgi/", 1, Origin::Distinct, Ok(11))]
    fn costs(
        #[case] path: &str,
        #[case] hops: u8,
        #[case] origin: Origin,
        #[case] expected: Result<Cost, Bar>,
    ) {
        let url = GeminiUrl::parse(&format!("gemini://a.example{path}")).unwrap();
        assert_eq!(cost(&url, hops, origin), expected);
    }

    #[rstest]
    #[case::room(Budget::PerDay(10), 8, 2, true)]
    #[case::full(Budget::PerDay(10), 9, 2, false)]
    #[case::no_end(Budget::Unlimited, u32::MAX, 2, true)]
    fn budgets(#[case] budget: Budget, #[case] spent: u32, #[case] cost: Cost, #[case] expected: bool) {
        assert_eq!(budget.is_within(spent, cost), expected);
    }

    #[rstest]
    #[case::at_first(0, 1_500)]
    #[case::after_a_useful_day(1, 1_875)]
    #[case::after_three(3, 2_929)]
    #[case::never_over_four_times(1_000_000, 6_000)]
    fn a_budget_grows(#[case] useful_days: u32, #[case] expected: u32) {
        assert_eq!(Budget::PerDay(NEW_URLS_A_DAY).grown(useful_days), Budget::PerDay(expected));
        assert_eq!(Budget::Unlimited.grown(useful_days), Budget::Unlimited);
    }
}
