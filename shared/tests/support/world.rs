//! A small known Geminispace in a scratch database, and visits that change it the way the crawler does.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;
use std::time::Duration;

use rand::Rng;
use rand::rngs::SmallRng;
use shared::gemini::kind::Kind;
use shared::gemini::text::{OneLine, PageText};
use shared::gemini::url::GeminiUrl;
use shared::store::crawl::turn::{self, Leased};
use shared::store::feed::change;
use shared::store::id::{CapsuleId, ContentHash, PageId, WorkerId};
use shared::store::known::{capsule, content, link, page, site};
use shared::store::outcome::Outcome;
use shared::store::{Store, StoreError};

/// Capsules with pages, each capsule leased.
#[derive(Clone)]
pub(crate) struct World {
    pub(crate) store: Store,
    leased: Arc<Vec<Leased>>,
    pages: Arc<HashMap<CapsuleId, Vec<(GeminiUrl, PageId)>>>,
}

impl World {
    pub(crate) async fn new(store: &Store, capsules: usize, pages: usize) -> Self {
        let urls: Vec<GeminiUrl> = (0..capsules)
            .flat_map(|capsule| {
                (0..pages).map(move |page| format!("gemini://capsule-{capsule}.example/page-{page:02}"))
            })
            .map(|url| GeminiUrl::parse(&url).expect("a URL"))
            .collect();
        let (found, _) = change::sealed(store, async |tx| {
            let addrs: Vec<_> = urls.iter().map(|url| url.capsule().clone()).collect();
            let entered = capsule::enter(tx, &[], &addrs).await?;
            let new: Vec<_> = urls
                .iter()
                .map(|url| page::NewPage {
                    capsule: entered.targets[url.capsule()],
                    url: url.clone(),
                    hops: 0,
                })
                .collect();
            let found = page::discover(tx, &new).await?;
            let ids: Vec<_> = entered.targets.values().copied().collect();
            capsule::wake(tx, &ids).await?;
            Ok(found)
        })
        .await
        .expect("the world is written");
        let worker = WorkerId(uuid::Uuid::from_u128(7));
        let leased = store
            .write(async |c| {
                let (shift, _) = turn::take_over(c, worker, Duration::ZERO).await?;
                turn::lease(c, &shift, capsules).await
            })
            .await
            .expect("leases");
        assert_eq!(leased.len(), capsules, "every capsule is due");
        let mut by_capsule: HashMap<CapsuleId, Vec<(GeminiUrl, PageId)>> = HashMap::new();
        for url in urls {
            let (capsule, page) = found[&url];
            by_capsule.entry(capsule).or_default().push((url, page));
        }
        Self { store: store.clone(), leased: Arc::new(leased), pages: Arc::new(by_capsule) }
    }

    /// A batch of eight visits of one capsule, linking into the others; one in twenty is rolled back.
    pub(crate) async fn visit(
        &self,
        visitor: usize,
        number: usize,
        dice: &mut SmallRng,
    ) -> Result<(), StoreError> {
        let leased = &self.leased[visitor];
        let pages = &self.pages[&leased.capsule];
        let everywhere: Vec<&(GeminiUrl, PageId)> = self.pages.values().flatten().collect();
        let chosen: BTreeSet<usize> = (0..8).map(|_| dice.random_range(0..pages.len())).collect();
        let targets: BTreeSet<GeminiUrl> =
            (0..12).map(|_| everywhere[dice.random_range(0..everywhere.len())].0.clone()).collect();
        let rollback = dice.random_bool(0.05);
        let label = OneLine::new(&format!("label {}", dice.random_range(0..5)));
        let done = change::sealed(&self.store, async |tx| {
            let found = page::find(tx, &targets).await?;
            let entered = capsule::enter(tx, &[(leased.capsule, leased.token)], &[]).await?;
            if !entered.held.contains(&leased.capsule) {
                return Err(StoreError::Unreadable { what: "lease", value: "lost".to_owned() });
            }
            let usage = site::Usage { requests: 8, bytes: 100, ..site::Usage::default() };
            let charge = site::Charge { site: (leased.capsule, "/".to_owned()), usage, sketch: None };
            site::charge(tx, &[charge], site::UsefulDay { pages: 20 }).await?;
            let (mut texts, mut settled, mut from, mut links) = (vec![], vec![], vec![], vec![]);
            for place in chosen {
                let page = pages[place].1;
                let body = format!("page {page} in its version {number} by {visitor}");
                let hash = ContentHash(blake3::hash(body.as_bytes()).into());
                let body = PageText::new(body);
                texts.push(content::NewContent {
                    capsule: leased.capsule,
                    hash,
                    source: body.clone(),
                    body,
                    headings: vec![OneLine::new("a heading")],
                    alt: vec![],
                    art: PageText::default(),
                });
                settled.push(after(leased.capsule, page, hash));
                from.push((leased.capsule, page));
                links.extend(found.values().map(|to| link::NewLink {
                    from: (leased.capsule, page),
                    to: *to,
                    label: label.clone(),
                }));
            }
            content::keep(tx, &texts).await?;
            page::settle(tx, &settled).await?;
            link::replace(tx, &from, &links).await?;
            if rollback {
                return Err(StoreError::Unreadable { what: "rollback", value: "on purpose".to_owned() });
            }
            Ok(())
        })
        .await;
        match done {
            Ok(_) => Ok(()),
            Err(StoreError::Unreadable { what: "rollback", .. }) if rollback => Ok(()),
            Err(error) => Err(error),
        }
    }
}

fn after(capsule: CapsuleId, page: PageId, hash: ContentHash) -> page::PageAfter {
    page::PageAfter {
        capsule,
        page,
        was: page::Standing::Unseen,
        outcome: Outcome::Fetched,
        due_in: Some(Duration::from_secs(3 * 86_400)),
        interval: Duration::from_secs(3 * 86_400),
        failures: 0,
        moved_to: None,
        served: None,
        links: page::LinksAfter::Kept,
        shown: page::Shown::Text(Box::new(page::Text {
            content: Some(hash),
            title: OneLine::new("A page"),
            kind: Kind::Page,
            media_type: "text/gemini".to_owned(),
            language: None,
            charset: None,
            size_bytes: Some(100),
            dimensions: None,
            words: None,
        })),
    }
}
