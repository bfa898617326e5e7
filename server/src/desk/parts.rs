//! The parts of the desk's lists: their numbers stand in the path.

use shared::store::known::listing::Part;

use crate::paths::{Link, desk};
use crate::render::problem::Problem;
use crate::search::PageNumber;

/// Entries of one part.
const LENGTH: i64 = 50;
/// Parts that can be reached: what lies behind them is for a database's own tools.
const FURTHEST: u32 = 2_000;

/// The part with this number, with one entry more, which says whether another part follows.
///
/// # Errors
///
/// [`Problem::NotFound`] for a part that is too far away to be looked for.
pub fn of(number: PageNumber) -> Result<Part, Problem> {
    if FURTHEST < number.get() {
        return Err(Problem::NotFound);
    }
    Ok(Part { offset: (i64::from(number.get()) - 1) * LENGTH, limit: LENGTH + 1 })
}

/// Cuts the entry too many off; says whether there was one.
pub fn cut<T>(entries: &mut Vec<T>) -> bool {
    let length = usize::try_from(LENGTH).unwrap_or(usize::MAX);
    let more = length < entries.len();
    entries.truncate(length);
    more
}

/// The links to the parts around one: before it, and behind it where there is `more`.
#[must_use]
pub fn around(base: &str, number: PageNumber, more: bool) -> (Option<Link>, Option<Link>) {
    let link = |number| Link::to(&desk::part(base, number));
    (number.previous().map(link), more.then(|| link(number.next())))
}
