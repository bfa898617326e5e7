//! What capsules let us show of their texts, kept in memory so that no search asks the database.
//!
//! A robots.txt may name `webproxy` (show it over HTTP) and `archiver` (show a stored copy). Few do, so all
//! that do fit into memory; they are read again every [`EVERY`]. Until they have been read once nobody is
//! known to allow anything: the web shows titles and links only. While the database is away the last known
//! rules hold.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use arc_swap::ArcSwapOption;
use shared::gemini::host::CapsuleAddr;
use shared::gemini::robots::{Robots, Ruling, Use};
use shared::gemini::url::GeminiUrl;
use shared::store::known::directory::{self, Wishes};
use shared::store::{Store, StoreError};

/// Between two readings.
pub const EVERY: Duration = Duration::from_secs(30);
/// Between two tries to read for the first time.
pub const UNTIL_KNOWN: Duration = Duration::from_secs(1);

/// The last known rules; cheap to clone, all clones are the same.
#[derive(Clone, Debug, Default)]
pub struct Manners(Arc<ArcSwapOption<Known>>);

/// The rules of those capsules that have any.
type Known = HashMap<CapsuleAddr, Vec<(String, Robots)>>;

/// What the web may show of a page beside its title and link. Over Gemini a quote is always shown: that is what
/// its capsule let us index it for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Leave {
    /// Nothing.
    Nothing,
    /// A quote.
    Quote,
    /// A quote, and the stored text.
    Text,
}

impl Leave {
    /// Whether a quote may stand on the web.
    #[must_use]
    pub const fn may_be_quoted(self) -> bool {
        match self {
            Self::Quote | Self::Text => true,
            Self::Nothing => false,
        }
    }

    /// Whether the stored text may be read on the web.
    #[must_use]
    pub const fn may_be_read_here(self) -> bool {
        match self {
            Self::Text => true,
            Self::Nothing | Self::Quote => false,
        }
    }
}

impl Manners {
    /// The rules of these capsules; all others allow everything.
    #[must_use]
    pub fn of(wishes: Vec<Wishes>) -> Self {
        let manners = Self::default();
        manners.know(wishes);
        manners
    }

    /// Whether they have been read at all.
    #[must_use]
    pub fn are_known(&self) -> bool {
        self.0.load().is_some()
    }

    /// What the web may show of a page.
    #[must_use]
    pub fn leave(&self, url: &GeminiUrl) -> Leave {
        let known = self.0.load();
        let Some(known) = known.as_ref() else { return Leave::Nothing };
        let Some(rules) = known.get(url.capsule()) else { return Leave::Text };
        let allowed = |purpose| rules.iter().all(|(folder, robots)| allows(robots, folder, purpose, url));
        match (allowed(Use::Proxy), allowed(Use::Archive)) {
            (true, true) => Leave::Text,
            (true, false) => Leave::Quote,
            (false, _) => Leave::Nothing,
        }
    }

    /// Reads the rules anew.
    ///
    /// # Errors
    ///
    /// When the database is away; then those that were known hold on.
    pub async fn read(&self, store: &Store) -> Result<(), StoreError> {
        let wishes = store.read(async |c| directory::wishes(c).await).await?;
        self.know(wishes);
        Ok(())
    }

    fn know(&self, wishes: Vec<Wishes>) {
        let mut known = Known::new();
        for Wishes { capsule, folder, rules } in wishes {
            known.entry(capsule).or_default().push((folder, Robots::parse(&rules)));
        }
        self.0.store(Some(Arc::new(known)));
    }
}

/// The rules of a folder hold for what lies in it, and people write them from the capsule's root and from the
/// folder: what is forbidden in either reading is forbidden.
fn allows(robots: &Robots, folder: &str, purpose: Use, url: &GeminiUrl) -> bool {
    let path = url.path_and_query();
    let Some(within) = path.strip_prefix(folder) else { return true };
    [path, &format!("/{within}")].into_iter().all(|path| robots.allows(purpose, path) == Ruling::Allowed)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn leave(manners: &Manners, url: &str) -> Leave {
        manners.leave(&GeminiUrl::parse(&format!("gemini://{url}")).unwrap())
    }

    #[test]
    fn each_use_has_its_own_rules_and_unknown_rules_allow_nothing() {
        assert_eq!(leave(&Manners::default(), "a.example/"), Leave::Nothing);
        let wishes = |capsule: &str, folder: &str, rules: &str| Wishes {
            capsule: capsule.parse().unwrap(),
            folder: folder.to_owned(),
            rules: rules.to_owned(),
        };
        let manners = Manners::of(vec![
            wishes("a.example", "/", "User-agent: webproxy\nDisallow: /private/\n"),
            wishes("a.example", "/~ann/", "User-agent: archiver\nDisallow: /\n"),
            wishes("a.example", "/~bob/", "User-agent: webproxy\nDisallow: /~bob/log/\n"),
            wishes("b.example:1966", "/", "User-agent: webproxy, archiver\nDisallow: /\nAllow: /open\n"),
        ]);
        for (url, expected) in [
            ("a.example/", Leave::Text),
            ("a.example/private/x", Leave::Nothing),
            ("a.example/~ann/x", Leave::Quote),
            ("a.example/~bob/log/1", Leave::Nothing),
            ("a.example/~bob/", Leave::Text),
            ("b.example/", Leave::Text),
            ("b.example:1966/x", Leave::Nothing),
            ("b.example:1966/open", Leave::Text),
            ("c.example/", Leave::Text),
        ] {
            assert_eq!(leave(&manners, url), expected, "{url}");
        }
    }
}
