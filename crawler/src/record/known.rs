//! Places of URLs that this process has met lately, so that a site's menu, which stands on each of its pages, is
//! not looked up in the store for each of them.
//!
//! A place never changes as long as the store is the same. After anything has failed, it might be another (a
//! restored copy), so all of it is forgotten. A place that was wrong for all that would lose a link, no more:
//! the store enters links to pages that it has, and to no others.

use std::collections::{BTreeMap, HashMap};
use std::num::NonZeroUsize;

use lru::LruCache;
use shared::gemini::url::GeminiUrl;
use shared::store::id::{CapsuleId, PageId};

/// URLs to make pages of, with the redirects on the way to them.
pub(super) type Finds = BTreeMap<GeminiUrl, u8>;

/// Where URLs stand in the store.
pub(super) type Places = HashMap<GeminiUrl, (CapsuleId, PageId)>;

/// URLs remembered, at most: some five MiB.
const MOST: NonZeroUsize = NonZeroUsize::new(25_000).expect("more than none");

/// What is remembered.
#[derive(Debug)]
pub struct Known(LruCache<GeminiUrl, (CapsuleId, PageId)>);

impl Default for Known {
    fn default() -> Self {
        Self(LruCache::new(MOST))
    }
}

impl Known {
    /// The places of those that are remembered.
    pub(super) fn places<'a>(&mut self, urls: impl Iterator<Item = &'a GeminiUrl>) -> Places {
        urls.filter_map(|url| Some((url.clone(), *self.0.get(url)?))).collect()
    }

    /// Remembers places, which must be committed.
    pub(super) fn learn(&mut self, places: Places) {
        for (url, place) in places {
            self.0.put(url, place);
        }
    }

    /// Forgets everything.
    pub(super) fn forget(&mut self) {
        self.0.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_learnt_is_found_until_it_is_forgotten() {
        let url = |path: &str| GeminiUrl::parse(&format!("gemini://a.example/{path}")).unwrap();
        let place = (CapsuleId(1), PageId(2));
        let mut known = Known::default();
        known.learn(Places::from([(url("a"), place)]));
        assert_eq!(known.places([url("a"), url("b")].iter()), Places::from([(url("a"), place)]));
        known.forget();
        assert_eq!(known.places([url("a")].iter()), Places::new());
    }
}
