//! How like two texts are: a simhash over their words.
//!
//! Each word pulls the 64 bits of the mark its own way, as often as it occurs; texts that share almost all of their
//! words have marks that differ in a few bits only (Charikar; Manku et al. for the distance of three). A text of a
//! few words has no mark, for there one word more or less decides too much.

/// Words that a text must have for a mark.
const LEAST_WORDS: u32 = 24;
/// Words that are looked at.
const MOST_WORDS: usize = 4_000;
/// So many bits may differ between texts that are all but the same.
const NEAR: u32 = 3;

/// The mark of a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Likeness(pub u64);

impl Likeness {
    /// The mark of a text; none where it has too few words.
    #[must_use]
    pub fn of(text: &str) -> Option<Self> {
        let mut pulls = [0_i32; 64];
        let mut count = 0;
        let words =
            text.split(|character: char| !character.is_alphanumeric()).filter(|word| !word.is_empty());
        for word in words.take(MOST_WORDS) {
            count += 1;
            let hash = hash(word);
            for (bit, pull) in pulls.iter_mut().enumerate() {
                *pull += if hash >> bit & 1 == 1 { 1 } else { -1 };
            }
        }
        let mark = pulls.iter().enumerate().filter(|(_, pull)| **pull > 0).map(|(bit, _)| 1_u64 << bit);
        (count >= LEAST_WORDS).then(|| Self(mark.sum()))
    }

    /// Whether two texts are all but the same.
    #[must_use]
    pub const fn is_near(self, other: Self) -> bool {
        (self.0 ^ other.0).count_ones() <= NEAR
    }
}

/// FNV-1a of the word without its case, stirred once so that every bit depends on every letter.
fn hash(word: &str) -> u64 {
    let mut hash = 0xcbf2_9ce4_8422_2325_u64;
    for byte in word.bytes() {
        hash = (hash ^ u64::from(byte.to_ascii_lowercase())).wrapping_mul(0x100_0000_01b3);
    }
    hash = (hash ^ (hash >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    hash = (hash ^ (hash >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    hash ^ (hash >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A text of so many words of its own.
    fn text(seed: u64, words: u64) -> String {
        (0..words).map(|n| format!("w{:x} ", hash(&format!("{seed}/{n}")) % 5_000)).collect()
    }

    fn mark(text: &str) -> Likeness {
        Likeness::of(text).unwrap()
    }

    #[test]
    fn texts_that_differ_in_a_number_are_near() {
        let near = (0..100).filter(|n| {
            let page = text(*n, 400);
            mark(&format!("Visitor 1 {page}")).is_near(mark(&format!("Visitor 2 {page}")))
        });
        let near = near.count();
        assert!(near >= 85, "{near} of 100");
    }

    #[test]
    fn texts_of_their_own_are_not() {
        let marks: Vec<Likeness> = (0..100).map(|n| mark(&text(n, 200))).collect();
        let pairs =
            marks.iter().enumerate().flat_map(|(n, a)| marks.iter().skip(n + 1).map(move |b| (*a, *b)));
        assert_eq!(pairs.filter(|(a, b)| a.is_near(*b)).count(), 0);
    }

    #[test]
    fn layout_and_case_make_no_difference_and_few_words_have_no_mark() {
        let page = text(1, 50);
        assert_eq!(mark(&page), mark(&page.to_uppercase().replace(' ', ",\n")));
        assert_eq!(Likeness::of("No appointments."), None);
        assert_eq!(Likeness::of(""), None);
    }
}
