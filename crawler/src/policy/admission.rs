//! May this link enter, and at what cost.
//!
//! A link to a page that is not known yet costs its site some of the day's budget of new URLs. What smells
//! of a trap costs more, and what can only be one does not enter at all. A trap slows, it does not end, the
//! rest: what finds no budget today is found again at its page's next visit.

use shared::gemini::url::GeminiUrl;

use super::redirect::HOPS;

/// New URLs a site and day, to begin with.
pub const NEW_URLS_A_DAY: u32 = 1_500;
/// Segments of a path, at most.
const DEEPEST: usize = 20;
/// From so many segments on a path costs more.
const DEEP: usize = 8;
/// The same segment so many times in one path is a trap.
const REPEATED: usize = 3;

/// How many new URLs a site may bring on one day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Budget {
    /// So many units of cost.
    PerDay(u32),
    /// Without end: a routed space of our own.
    Unlimited,
}

/// Why a URL does not enter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Bar {
    /// Too many redirects on the way to it.
    Hops,
    /// Its path has too many segments.
    Depth,
    /// The same segment stands in its path again and again.
    Repetition,
}

/// What a new URL costs its site's budget of the day.
pub type Cost = u32;

/// Judges a URL by itself: whether it may enter, and its cost if it does.
///
/// # Errors
///
/// The [`Bar`] that keeps it out.
pub fn cost(url: &GeminiUrl, hops: u8) -> Result<Cost, Bar> {
    if hops > HOPS {
        return Err(Bar::Hops);
    }
    let segments: Vec<&str> = url.path().split('/').filter(|segment| !segment.is_empty()).collect();
    if segments.len() > DEEPEST {
        return Err(Bar::Depth);
    }
    let occurs = |wanted: &str| segments.iter().filter(|segment| **segment == wanted).count();
    if segments.iter().any(|segment| occurs(segment) >= REPEATED) {
        return Err(Bar::Repetition);
    }
    let for_depth = u32::from(segments.len() > DEEP);
    let for_query = if url.query().is_some() { 2 } else { 0 };
    let for_dates = u32::from(looks_like_a_calendar(url));
    Ok(1 + for_depth + for_query + for_dates)
}

/// Whether a site that has spent `spent` today can pay for one more.
#[must_use]
pub const fn is_within(budget: Budget, spent: u32, cost: Cost) -> bool {
    match budget {
        Budget::PerDay(limit) => spent.saturating_add(cost) <= limit,
        Budget::Unlimited => true,
    }
}

/// Words by which calendars without end are built; a hint, so it only costs.
fn looks_like_a_calendar(url: &GeminiUrl) -> bool {
    const WORDS: [&str; 5] = ["calendar", "year=", "month=", "day=", "date="];
    let text = url.path_and_query().to_ascii_lowercase();
    WORDS.iter().any(|word| text.contains(word))
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case::a_page("/log/one.gmi", 0, Ok(1))]
    #[case::a_redirects_target("/log/one.gmi", 5, Ok(1))]
    #[case::a_redirect_too_many("/log/one.gmi", 6, Err(Bar::Hops))]
    #[case::a_query_costs_more("/wiki?page", 0, Ok(3))]
    #[case::a_calendar("/calendar/1999/12", 0, Ok(2))]
    #[case::a_calendar_by_query("/cal?year=1999", 0, Ok(4))]
    #[case::deep("/1/2/3/4/5/6/7/8/9", 0, Ok(2))]
    #[case::too_deep("/1/2/3/4/5/6/7/8/9/10/11/12/13/14/15/16/17/18/19/20/21", 0, Err(Bar::Depth))]
    #[case::twice_is_fine("/a/b/a/b", 0, Ok(1))]
    #[case::three_times_is_a_trap("/a/b/a/c/a", 0, Err(Bar::Repetition))]
    #[case::growing_redirects("/cgi/cgi/cgi/", 1, Err(Bar::Repetition))]
    fn costs(#[case] path: &str, #[case] hops: u8, #[case] expected: Result<Cost, Bar>) {
        let url = GeminiUrl::parse(&format!("gemini://a.example{path}")).unwrap();
        assert_eq!(cost(&url, hops), expected);
    }

    #[rstest]
    #[case::room(Budget::PerDay(10), 8, 2, true)]
    #[case::full(Budget::PerDay(10), 9, 2, false)]
    #[case::no_end(Budget::Unlimited, u32::MAX, 2, true)]
    fn budgets(#[case] budget: Budget, #[case] spent: u32, #[case] cost: Cost, #[case] expected: bool) {
        assert_eq!(is_within(budget, spent, cost), expected);
    }
}
