//! Plant seeds: URLs that enter the frontier without a page that links to them.

use std::collections::BTreeSet;

use shared::gemini::url::GeminiUrl;
use shared::store::asked::{audit, submission};
use shared::store::feed::change;
use shared::store::known::{capsule, page};
use shared::store::page_tx::PageTx;
use shared::store::{Store, StoreError, bell};

use crate::people::Admin;

/// URLs of one transaction at most.
const SLICE: usize = 500;

/// What became of the seeds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Planted {
    /// New to the frontier.
    pub new: usize,
    /// Known before.
    pub known: usize,
}

/// Makes pages of the URLs that are not known yet, due at once.
///
/// # Errors
///
/// When the database is away. Seeds of the slices before it are planted, and planting them again is harmless.
pub async fn seed(admin: &Admin, store: &Store, urls: &BTreeSet<GeminiUrl>) -> Result<Planted, StoreError> {
    let mut planted = Planted::default();
    let urls: Vec<&GeminiUrl> = urls.iter().collect();
    for slice in urls.chunks(SLICE) {
        let slice: BTreeSet<GeminiUrl> = slice.iter().map(|url| (*url).clone()).collect();
        let (known, _) = change::sealed(store, async |tx| {
            let new = plant(tx, &slice).await?;
            submission::record(tx, &slice).await?;
            audit::record(tx, &admin.to_string(), "seed", &format!("{} URLs", slice.len()), "").await?;
            Ok(slice.len() - new)
        })
        .await?;
        planted.known += known;
        planted.new += slice.len() - known;
    }
    Ok(planted)
}

/// Makes pages of those URLs that are not known, due at once; returns how many.
pub(super) async fn plant(tx: &mut PageTx, urls: &BTreeSet<GeminiUrl>) -> Result<usize, StoreError> {
    let known = page::find(tx, urls).await?;
    let missing: Vec<&GeminiUrl> = urls.iter().filter(|url| !known.contains_key(*url)).collect();
    if missing.is_empty() {
        return Ok(0);
    }
    let addrs: Vec<_> = missing.iter().map(|url| url.capsule().clone()).collect();
    let entered = capsule::enter(tx, &[], &addrs).await?;
    let pages: Vec<page::NewPage> = missing
        .into_iter()
        .filter_map(|url| {
            let capsule = *entered.targets.get(url.capsule())?;
            Some(page::NewPage { capsule, url: url.clone(), hops: 0 })
        })
        .collect();
    page::discover(tx, &pages).await?;
    let capsules: Vec<_> = entered.targets.into_values().collect();
    capsule::wake(tx, &capsules).await?;
    bell::ring(tx, bell::Topic::Crawl).await?;
    Ok(pages.len())
}
