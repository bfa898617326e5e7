//! Which stretches of a text may hold a word of the query, told without analysing them.
//!
//! A stem begins with the letter that its word begins with. So a stretch in plain letters, none of whose words and
//! parts of words begins like a term of the query, holds none of them; that is most of every page, and looking at
//! each of its words was most of what an answer cost.

use shared::index::analyzer::Chain;

use super::super::terms::Marks;

/// The letters and digits that terms of the query begin with.
#[derive(Debug)]
pub(super) enum Firsts {
    /// By their ASCII code.
    Known([bool; 128]),
    /// The page's language has stems that begin in another way.
    Unknown,
}

impl Firsts {
    /// For a page that is analysed by this chain.
    pub(super) fn of(marks: &Marks, chain: &Chain) -> Self {
        if !chain.keeps_first_letters() {
            return Self::Unknown;
        }
        let mut firsts = [false; 128];
        let stems = marks.terms.iter().map(|term| term.rsplit([':', '~']).next().unwrap_or(term));
        for first in
            stems.chain(marks.prefixes.iter().map(String::as_str)).filter_map(|stem| stem.bytes().next())
        {
            if let Some(slot) = firsts.get_mut(usize::from(first.to_ascii_lowercase())) {
                *slot = true;
            }
        }
        Self::Known(firsts)
    }

    /// Whether to look closer. The stretch holds no space.
    pub(super) fn may_stand_in(&self, stretch: &str) -> bool {
        let Self::Known(firsts) = self else { return true };
        if !stretch.is_ascii() {
            return true;
        }
        let mut before = b' ';
        for byte in stretch.bytes() {
            // As the words inside a word are parted, or oftener.
            let begins = !before.is_ascii_alphanumeric()
                || byte.is_ascii_uppercase()
                || byte.is_ascii_digit() != before.is_ascii_digit();
            let is_first = firsts.get(usize::from(byte.to_ascii_lowercase())).copied().unwrap_or(true);
            if begins && is_first && byte.is_ascii_alphanumeric() {
                return true;
            }
            before = byte;
        }
        false
    }
}
