//! The parts of a long list: their numbers stand in the path.

use shared::store::known::listing::{Part, Place};

use crate::paths::Link;
use crate::render::problem::Problem;
use crate::search::PageNumber;

/// Entries of one part.
pub const LENGTH: i64 = 50;
/// Parts that can be reached: a list is read from its beginning, not from its end.
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
    let length = as_count(LENGTH);
    let more = length < entries.len();
    entries.truncate(length);
    more
}

/// The places of the part with this number, and whether another part follows.
///
/// # Errors
///
/// [`Problem::NotFound`] for a part that is too far away to be looked for.
pub fn within(order: &[Place], number: PageNumber) -> Result<(&[Place], bool), Problem> {
    let Part { offset, limit: _ } = of(number)?;
    let (offset, length) = (as_count(offset), as_count(LENGTH));
    let rest = order.get(offset..).unwrap_or_default();
    Ok((rest.get(..length).unwrap_or(rest), length < rest.len()))
}

fn as_count(number: i64) -> usize {
    usize::try_from(number).unwrap_or(usize::MAX)
}

/// The links to the parts around one: before it, and behind it where there is `more`.
pub fn around(
    number: PageNumber,
    more: bool,
    link: impl Fn(PageNumber) -> Option<Link>,
) -> (Option<Link>, Option<Link>) {
    (number.previous().and_then(&link), more.then(|| number.next()).and_then(&link))
}

/// The path of a part: the first one has no number.
#[must_use]
pub fn path(base: &str, number: PageNumber) -> String {
    if number == PageNumber::FIRST { base.to_owned() } else { format!("{base}/{}", number.get()) }
}
