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
        let mut pulls = Pulls { words: 0, up: [0; 64], bytes: [0; 8] };
        let words =
            text.split(|character: char| !character.is_alphanumeric()).filter(|word| !word.is_empty());
        for word in words.take(MOST_WORDS) {
            pulls.pull(hash(word));
        }
        (LEAST_WORDS <= pulls.words).then(|| Self(pulls.mark()))
    }

    /// Whether two texts are all but the same.
    #[must_use]
    pub const fn is_near(self, other: Self) -> bool {
        (self.0 ^ other.0).count_ones() <= NEAR
    }
}

/// How often each bit was pulled up: in eight bytes at a time, which are emptied before they overflow.
struct Pulls {
    words: u32,
    up: [u32; 64],
    /// Of each byte of the mark its eight bits, a byte each.
    bytes: [u64; 8],
}

impl Pulls {
    /// One in each byte.
    const ONES: u64 = 0x0101_0101_0101_0101;
    /// Of byte n its bit n.
    const BITS: u64 = 0x8040_2010_0804_0201;
    /// What carries into the highest bit of a byte that is not zero.
    const CARRY: u64 = 0x7f7f_7f7f_7f7f_7f7f;

    fn pull(&mut self, hash: u64) {
        for (bits, byte) in self.bytes.iter_mut().zip(hash.to_le_bytes()) {
            let spread = (u64::from(byte) * Self::ONES) & Self::BITS;
            *bits += ((spread + Self::CARRY) >> 7) & Self::ONES;
        }
        self.words += 1;
        if self.words.is_multiple_of(u32::from(u8::MAX)) {
            self.empty();
        }
    }

    fn empty(&mut self) {
        let counts = self.bytes.iter().flat_map(|bits| bits.to_le_bytes());
        for (up, count) in self.up.iter_mut().zip(counts) {
            *up += u32::from(count);
        }
        self.bytes = [0; 8];
    }

    /// The bits that were pulled up more often than down.
    fn mark(mut self) -> u64 {
        self.empty();
        let ups = self.up.iter().enumerate().filter(|(_, up)| self.words < **up * 2);
        ups.map(|(bit, _)| 1_u64 << bit).sum()
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
    fn each_word_pulls_each_bit_its_own_way() {
        for words in [24, 254, 255, 256, 1_000] {
            let text = text(words, words);
            let mut pulls = [0_i32; 64];
            for word in text.split_whitespace() {
                for (bit, pull) in pulls.iter_mut().enumerate() {
                    *pull += if hash(word) >> bit & 1 == 1 { 1 } else { -1 };
                }
            }
            let pulled = pulls.iter().enumerate().filter(|(_, pull)| **pull > 0);
            assert_eq!(mark(&text).0, pulled.map(|(bit, _)| 1_u64 << bit).sum::<u64>(), "{words} words");
        }
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
