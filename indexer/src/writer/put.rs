//! Which pages an index that began empty has been given: only those must be deleted before they are put again.
//!
//! A deletion is looked up in every segment, which a build of a whole index need not pay for. An id is one bit.

use shared::store::id::PageId;

/// Ids from here on are always taken for put: the bits below take 16 MiB at most.
const BOUND: usize = 1 << 27;

/// The pages that were put.
#[derive(Debug, Default)]
pub(super) struct Put(Vec<u64>);

impl Put {
    /// Whether the index may have the page.
    pub(super) fn has(&self, page: PageId) -> bool {
        place(page).is_none_or(|(word, bit)| self.0.get(word).is_some_and(|bits| bits & bit != 0))
    }

    /// Notes that it has.
    pub(super) fn note(&mut self, page: PageId) {
        let Some((word, bit)) = place(page) else { return };
        if self.0.len() <= word {
            self.0.resize(word + 1, 0);
        }
        self.0[word] |= bit;
    }
}

fn place(page: PageId) -> Option<(usize, u64)> {
    let id = usize::try_from(page.0).ok().filter(|id| *id < BOUND)?;
    Some((id / 64, 1 << (id % 64)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_put_is_known_and_what_cannot_be_noted_is_taken_for_put() {
        let mut put = Put::default();
        for page in [0, 63, 64, 1_000_000] {
            assert!(!put.has(PageId(page)));
            put.note(PageId(page));
            assert!(put.has(PageId(page)) && !put.has(PageId(page + 1)), "{page}");
        }
        for page in [-1, i64::MAX] {
            put.note(PageId(page));
            assert!(put.has(PageId(page)), "{page}");
        }
    }
}
