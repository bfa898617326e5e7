//! The way in for what links name: first new hosts, then new URLs, each against what its owner may bring in a day.
//!
//! All of it is figured in batches: two reads where there are hosts that nobody knew, one where there are new URLs or
//! new texts, and the one write by which sites are charged anyway.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use shared::gemini::host::CapsuleAddr;
use shared::gemini::url::GeminiUrl;
use shared::store::StoreError;
use shared::store::known::capsule::Entered;
use shared::store::known::newcomer::{self, Voucher};
use shared::store::known::page::{NewPage, Shown, Standing};
use shared::store::known::site::{self, Charge, SiteKey, Usage};
use shared::store::page_tx::PageTx;

use super::handover::{Handover, PageVisit, Subject, Visit};
use super::known::Finds;
use crate::parse::likeness::Likeness;
use crate::policy::admission::{self, VOUCHERS};
use crate::policy::budget::{Allowances, USEFUL_DAY};
use crate::policy::trap::Origin;

/// Likenesses of a site that are kept: a maze repeats itself at once, and an old page may be like a new one by right.
const SKETCH: usize = 64;
/// Links to waiting hosts that are remembered in one batch.
const MOST_VOUCHERS: usize = 500;

/// What may be asked after, and the capsules that nobody knew, with their domains.
pub(super) type Let = (Finds, Vec<(CapsuleAddr, String)>);

/// Keeps out hosts that nobody knew whose domain has had its newcomers of the day, and what this crawl never visits.
pub(super) async fn hosts(
    tx: &mut PageTx,
    allowances: &Allowances,
    mut finds: Finds,
    batch: &[Handover],
) -> Result<Let, StoreError> {
    finds.retain(|url, _| allowances.includes(url.capsule()));
    let leased: HashSet<&CapsuleAddr> = batch.iter().map(|handover| &handover.leased.addr).collect();
    let strangers: BTreeSet<&CapsuleAddr> = finds
        .keys()
        .map(GeminiUrl::capsule)
        .filter(|capsule| !leased.contains(capsule) && !allowances.admitted.contains(capsule.host()))
        .collect();
    let strangers: Vec<CapsuleAddr> = strangers.into_iter().cloned().collect();
    let strangers = newcomer::unknown(tx, &strangers).await?;
    if strangers.is_empty() {
        return Ok((finds, Vec::new()));
    }
    let domain = |capsule: &CapsuleAddr| capsule.host().domain().to_owned();
    let domains: BTreeSet<String> = strangers.iter().map(domain).collect();
    let mut today = newcomer::today(tx, &domains.into_iter().collect::<Vec<_>>()).await?;
    let mut arrived = Vec::new();
    let mut waiting = BTreeSet::new();
    for stranger in strangers {
        let domain = domain(&stranger);
        let count = today.entry(domain.clone()).or_default();
        if *count < allowances.newcomers {
            *count += 1;
            arrived.push((stranger, domain));
        } else {
            waiting.insert(stranger);
        }
    }
    let known = newcomer::vouch(tx, &vouchers(batch, &waiting), VOUCHERS).await?;
    for (capsule, _) in known.into_iter().filter(|(_, vouchers)| *vouchers >= VOUCHERS) {
        waiting.remove(&capsule);
        arrived.push((capsule.clone(), domain(&capsule)));
    }
    finds.retain(|url, _| !waiting.contains(url.capsule()));
    Ok((finds, arrived))
}

/// Who in this batch links to hosts that wait, others of the same owner left out.
fn vouchers(batch: &[Handover], waiting: &BTreeSet<CapsuleAddr>) -> Vec<Voucher> {
    let mut vouchers = BTreeSet::new();
    for handover in batch {
        let Some(page) = handover.page() else { continue };
        let linked_by = handover.leased.addr.host().domain();
        let moved = page.moved.iter().map(|(target, _)| target);
        let targets = page.found().iter().map(|link| &link.target).chain(moved);
        let others = targets
            .map(GeminiUrl::capsule)
            .filter(|capsule| waiting.contains(capsule) && capsule.host().domain() != linked_by)
            .map(|capsule| Voucher { capsule: capsule.clone(), linked_by: linked_by.to_owned() });
        vouchers.extend(others);
    }
    vouchers.into_iter().take(MOST_VOUCHERS).collect()
}

/// Judges new URLs by themselves, by the pages they stand on and by their sites' budgets, and charges the sites for
/// them and for the requests and pages of this batch.
pub(super) async fn urls(
    tx: &mut PageTx,
    allowances: &Allowances,
    entered: &Entered,
    finds: Finds,
    visits: &[&Visit],
) -> Result<Vec<NewPage>, StoreError> {
    let candidates: Vec<(SiteKey, NewPage)> = finds
        .into_iter()
        .filter_map(|(url, hops)| {
            let capsule = *entered.targets.get(url.capsule())?;
            let key = (capsule, url.site().folder().to_owned());
            Some((key, NewPage { capsule, url, hops }))
        })
        .collect();
    let read = visits.iter().filter_map(|visit| Read::of(visit));
    let sites: BTreeSet<&SiteKey> = candidates.iter().map(|(key, _)| key).collect();
    let sites: BTreeSet<SiteKey> =
        sites.into_iter().cloned().chain(read.clone().map(|read| read.site)).collect();
    let mut trust = site::trust(tx, &sites.into_iter().collect::<Vec<_>>(), USEFUL_DAY).await?;

    let mut charges: BTreeMap<SiteKey, Usage> = BTreeMap::new();
    for visit in visits {
        if let Some(request) = &visit.request {
            let charge = charges.entry((request.capsule, visit.folder.clone())).or_default();
            charge.requests += 1;
            charge.bytes += request.size_bytes;
        }
    }
    let mut sketched = HashSet::new();
    let mut alike: Vec<&PageVisit> = Vec::new();
    for read in read {
        let charge = charges.entry(read.site.clone()).or_default();
        let sketch = &mut trust.entry(read.site.clone()).or_default().sketch;
        if read.is_like_one_of(sketch) {
            charge.alike += u32::from(read.is_new());
            alike.push(read.page);
        } else if read.is_new() {
            charge.useful += u32::from(read.is_language());
            sketch.push(read.likeness.0);
            let surplus = sketch.len().saturating_sub(SKETCH);
            sketch.drain(..surplus);
            sketched.insert(read.site);
        }
    }
    let origins = Origins::of(visits, &alike);
    let mut admitted = Vec::new();
    for (key, candidate) in candidates {
        let Ok(cost) = admission::cost(&candidate.url, candidate.hops, origins.of_url(&candidate.url)) else {
            continue;
        };
        let (before, days) = trust.get(&key).map_or((0, 0), |trust| (trust.new_urls, trust.useful_days));
        let budget = allowances.new_urls(candidate.url.capsule()).grown(days);
        let charge = charges.entry(key).or_default();
        if budget.is_within(before.saturating_add(charge.new_urls), cost) {
            charge.new_urls = charge.new_urls.saturating_add(cost);
            admitted.push(candidate);
        } else {
            charge.waiting += 1;
        }
    }
    let sketch = |site: &SiteKey| Some(trust.get(site).filter(|_| sketched.contains(site))?.sketch.clone());
    let charges: Vec<Charge> = charges
        .into_iter()
        .filter(|(_, usage)| *usage != Usage::default())
        .map(|(site, usage)| Charge { sketch: sketch(&site), site, usage })
        .collect();
    site::charge(tx, &charges, USEFUL_DAY).await?;
    Ok(admitted)
}

/// A page that was read in this batch, and can be compared.
struct Read<'a> {
    site: SiteKey,
    page: &'a PageVisit,
    likeness: Likeness,
}

impl<'a> Read<'a> {
    fn of(visit: &'a Visit) -> Option<Self> {
        match &visit.subject {
            Subject::Page(page) => {
                let site = (page.after.capsule, visit.folder.clone());
                Some(Self { site, page, likeness: page.likeness? })
            }
            Subject::Robots(_) | Subject::Detour => None,
        }
    }

    fn is_new(&self) -> bool {
        self.page.after.was == Standing::Unseen
    }

    /// Random letters are no language.
    fn is_language(&self) -> bool {
        match &self.page.after.shown {
            Shown::Text(text) => text.language.is_some(),
            Shown::Kept | Shown::Withdrawn | Shown::Gone => false,
        }
    }

    /// Whether it is all but like another page of its site; a page that was met before is not compared with itself.
    fn is_like_one_of(&self, sketch: &[u64]) -> bool {
        let others = sketch.iter().map(|mark| Likeness(*mark));
        others
            .filter(|other| self.is_new() || *other != self.likeness)
            .any(|other| other.is_near(self.likeness))
    }
}

/// URLs that stand on no page but such as are like others.
struct Origins<'a>(HashSet<&'a GeminiUrl>);

impl<'a> Origins<'a> {
    fn of(visits: &[&'a Visit], alike: &[&'a PageVisit]) -> Self {
        let mut urls: HashSet<&GeminiUrl> =
            alike.iter().flat_map(|page| page.found().iter().map(|link| &link.target)).collect();
        if urls.is_empty() {
            return Self(urls);
        }
        for visit in visits {
            let Subject::Page(page) = &visit.subject else { continue };
            if !alike.iter().any(|other| other.after.page == page.after.page) {
                for link in page.found() {
                    urls.remove(&link.target);
                }
            }
        }
        Self(urls)
    }

    fn of_url(&self, url: &GeminiUrl) -> Origin {
        if self.0.contains(url) { Origin::Alike } else { Origin::Distinct }
    }
}
