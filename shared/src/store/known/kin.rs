//! Which capsules have something in common with one: its address, its key, its very texts, or the make of its pages.
//!
//! Whoever makes a thousand hosts makes them on one machine, with one certificate, or from one template. None of it is a
//! proof, for good neighbours share machines, and many mirror the same document; so all that is shared is told, and
//! the admin judges. Pages are all but the same where the likenesses that their sites keep (a few of the latest pages
//! each, see the crawler's `likeness`) differ in three bits at most.

use std::collections::BTreeMap;
use std::net::IpAddr;

use sqlx::PgConnection;

use super::super::codec;
use super::super::id::{CapsuleId, ContentHash};
use super::super::pool::StoreError;
use crate::gemini::fingerprint::Fingerprint;
use crate::gemini::host::CapsuleAddr;
use crate::gemini::url::GeminiUrl;

/// So many bits may differ between likenesses of pages that are all but the same.
const NEAR: u32 = 3;
/// Capsules that share one thing, at most.
const MOST: i64 = 5_000;
/// Sites looked at at once.
const SLICE: i64 = 5_000;

/// What is known of a capsule that another one could share.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Traits {
    /// The capsule.
    pub capsule: CapsuleId,
    /// Where it was last found.
    pub address: Option<IpAddr>,
    /// What it last showed.
    pub key: Option<Fingerprint>,
    /// What the page says that was asked for.
    pub content: Option<ContentHash>,
    /// Likenesses that its sites keep.
    pub likenesses: Vec<u64>,
}

/// A capsule that has something in common with another.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Kin {
    /// Which one.
    pub addr: CapsuleAddr,
    /// Its pages that can be found.
    pub pages: u64,
    /// What they share.
    pub shared: Shared,
}

/// What two capsules share.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Shared {
    /// Whether both were last found at one address.
    pub address: bool,
    /// Whether both last showed one certificate.
    pub key: bool,
    /// Texts that both have.
    pub texts: u64,
    /// Kept likenesses of the other capsule that are near to one of this.
    pub alike: u64,
    /// Of so many that it keeps.
    pub kept: u64,
}

impl Shared {
    /// How much that is: address, key, texts and template count one each.
    #[must_use]
    pub fn count(&self) -> u32 {
        u32::from(self.address) + u32::from(self.key) + u32::from(self.texts > 0) + u32::from(self.alike > 0)
    }
}

/// What there is to share with the capsule of a URL. None: nobody knows the capsule.
///
/// # Errors
///
/// When the database is away, or a row cannot be read.
pub async fn traits(c: &mut PgConnection, url: &GeminiUrl) -> Result<Option<Traits>, StoreError> {
    let row = sqlx::query!(
        r#"select k.id, k.ip as "ip: IpAddr",
                  (select t.fingerprint from certificate t where t.capsule = k.id
                   order by t.last_seen desc limit 1) as key,
                  (select p.content from page p where (p.capsule, p.path) = (k.id, $3)) as content
           from capsule k where (k.host, k.port) = ($1, $2)"#,
        url.capsule().host().as_str(),
        i32::from(url.capsule().port()),
        url.path_and_query()
    )
    .fetch_optional(&mut *c)
    .await?;
    let Some(row) = row else { return Ok(None) };
    let sketches =
        sqlx::query_scalar!("select sketch from site where capsule = $1", row.id).fetch_all(c).await?;
    Ok(Some(Traits {
        capsule: CapsuleId(row.id),
        address: row.ip,
        key: row.key.as_deref().and_then(|key| Some(Fingerprint(key.try_into().ok()?))),
        content: row.content.as_deref().map(codec::content_hash).transpose()?,
        likenesses: sketches.iter().flat_map(|sketch| marks(sketch)).collect(),
    }))
}

/// Capsules that share something, those that share most first.
///
/// # Errors
///
/// When the database is away, or a row cannot be read.
pub async fn of(c: &mut PgConnection, traits: &Traits) -> Result<Vec<Kin>, StoreError> {
    let mut kin: BTreeMap<i64, Shared> = BTreeMap::new();
    let me = traits.capsule.0;
    if let Some(address) = traits.address {
        let there = sqlx::query_scalar!(
            "select id from capsule where ip = $1 and id <> $2 order by id limit $3",
            address as IpAddr,
            me,
            MOST
        );
        for id in there.fetch_all(&mut *c).await? {
            kin.entry(id).or_default().address = true;
        }
    }
    if let Some(key) = &traits.key {
        let same = sqlx::query_scalar!(
            "select t.capsule from certificate t
             where t.fingerprint = $1 and t.capsule <> $2
               and t.last_seen = (select max(o.last_seen) from certificate o where o.capsule = t.capsule)
             order by t.capsule limit $3",
            &key.0,
            me,
            MOST
        );
        for id in same.fetch_all(&mut *c).await? {
            kin.entry(id).or_default().key = true;
        }
    }
    let texts = sqlx::query!(
        r#"select b.capsule, count(*) as "texts!" from content a
           join content b on b.hash = a.hash and b.capsule <> a.capsule
           where a.capsule = $1 group by b.capsule order by 2 desc, 1 limit $2"#,
        me,
        MOST
    )
    .fetch_all(&mut *c)
    .await?;
    for row in texts {
        kin.entry(row.capsule).or_default().texts = row.texts.unsigned_abs();
    }
    for (id, alike, kept) in alike(c, traits).await? {
        let shared = kin.entry(id).or_default();
        (shared.alike, shared.kept) = (alike, kept);
    }
    named(c, &kin).await
}

/// Capsules of which at least half the kept likenesses are near to one of this: one page that many have (a licence, a
/// server's first page) is no template.
async fn alike(c: &mut PgConnection, traits: &Traits) -> Result<Vec<(i64, u64, u64)>, StoreError> {
    let mut counts: BTreeMap<i64, (u64, u64)> = BTreeMap::new();
    if traits.likenesses.is_empty() {
        return Ok(Vec::new());
    }
    let (mut capsule, mut folder) = (i64::MIN, String::new());
    loop {
        let rows = sqlx::query!(
            "select capsule, folder, sketch from site
             where sketch <> '' and (capsule, folder) > ($1, $2) order by capsule, folder limit $3",
            capsule,
            folder,
            SLICE
        )
        .fetch_all(&mut *c)
        .await?;
        let Some(last) = rows.last() else { break };
        (capsule, folder) = (last.capsule, last.folder.clone());
        for row in rows.into_iter().filter(|row| row.capsule != traits.capsule.0) {
            let (alike, kept) = counts.entry(row.capsule).or_default();
            for mark in marks(&row.sketch) {
                *kept += 1;
                *alike += u64::from(traits.likenesses.iter().any(|own| is_near(*own, mark)));
            }
        }
    }
    Ok(counts
        .into_iter()
        .filter(|(_, (alike, kept))| *alike > 0 && *kept <= *alike * 2)
        .map(|(capsule, (alike, kept))| (capsule, alike, kept))
        .collect())
}

const fn is_near(one: u64, other: u64) -> bool {
    (one ^ other).count_ones() <= NEAR
}

/// The likenesses of a site's sketch, eight bytes each.
fn marks(sketch: &[u8]) -> impl Iterator<Item = u64> {
    sketch.chunks_exact(8).map(|mark| mark.iter().fold(0, |bits, byte| bits << 8 | u64::from(*byte)))
}

async fn named(c: &mut PgConnection, kin: &BTreeMap<i64, Shared>) -> Result<Vec<Kin>, StoreError> {
    let ids: Vec<i64> = kin.keys().copied().collect();
    let rows = sqlx::query!(
        r#"select k.id, k.host, k.port,
                  (select count(*) from page p where p.capsule = k.id and p.standing = 'searchable') as "pages!"
           from capsule k where k.id = any($1) order by k.host, k.port"#,
        &ids
    )
    .fetch_all(c)
    .await?;
    let named: Result<Vec<Kin>, StoreError> = rows
        .into_iter()
        .map(|row| {
            Ok(Kin {
                addr: codec::capsule_addr(&row.host, row.port)?,
                pages: row.pages.unsigned_abs(),
                shared: kin.get(&row.id).copied().unwrap_or_default(),
            })
        })
        .collect();
    let mut named = named?;
    named.sort_by_key(|kin| std::cmp::Reverse((kin.shared.count(), kin.shared.texts, kin.shared.alike)));
    Ok(named)
}
