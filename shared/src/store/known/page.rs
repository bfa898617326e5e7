//! Pages: what is due, how a visit leaves them, what searchers may see of them.
//!
//! Every change that a follower must hear of is noted in the [`PageTx`] and gets its number when that is
//! sealed: text, title, kind, language, standing. A new date of the next visit is none of the followers'
//! business and costs no number.

mod dead;
mod named;
mod ruled;
mod settle;
mod standing;

use super::super::page_tx::PageTx;
use super::super::pool::StoreError;
use std::collections::{BTreeSet, HashMap};
use std::time::Duration;

use sqlx::PgConnection;

use super::super::codec;
use super::super::id::{CapsuleId, ContentHash, PageId};
use super::super::outcome::Outcome;
use crate::gemini::host::CapsuleAddr;
use crate::gemini::kind::Kind;
use crate::gemini::url::GeminiUrl;

pub use dead::withdraw_dead;
pub use named::{capsules_named, lock_named, make_due, purge, put_off, revive};
pub use ruled::{Let, Rehearsed, let_in, rehearse, shut_out};
pub use settle::{LinksAfter, PageAfter, ServedMark, Shown, Text, WordsMark, settle};
pub use standing::Standing;

/// A page that a turn is to visit.
#[derive(Clone, Debug)]
pub struct DuePage {
    /// The page.
    pub id: PageId,
    /// Its URL.
    pub url: GeminiUrl,
    /// Redirects on the way to it.
    pub hops: u8,
    /// Failures of one kind in a row.
    pub failures: u32,
    /// How the last visit ended; none: it was never visited.
    pub last: Option<Outcome>,
    /// The interval that led to this visit; zero: it was never visited.
    pub interval: Duration,
    /// The usual interval of its site, where it is known.
    pub usual: Option<Duration>,
    /// What it said at the last visit.
    pub content: Option<ContentHash>,
    /// What searchers see of it.
    pub standing: Standing,
    /// What it is, as far as is known.
    pub kind: Kind,
    /// How it was served last; none: it is to be read whatever comes.
    pub served: Option<ServedMark>,
    /// What it said last, apart from dates and counters; none: it was not marked, or has no words.
    pub words: Option<WordsMark>,
}

/// The capsule's due pages, those that have waited longest first, without those of the folders in `spent`.
///
/// # Errors
///
/// When the database is away, or a row cannot be read.
pub async fn due(
    c: &mut PgConnection,
    capsule: CapsuleId,
    addr: &CapsuleAddr,
    spent: &[String],
    limit: i64,
) -> Result<Vec<DuePage>, StoreError> {
    let rows = sqlx::query!(
        r#"select p.id, p.path, p.hops, p.failures, p.outcome, p.interval_s, p.content, p.standing, p.kind, p.words,
                case when not p.links_wait then p.served end as served, s.interval_s as "usual_s?"
         from page p left join site s on (s.capsule, s.folder) = (p.capsule, p.folder)
         where p.capsule = $1 and p.due_at <= clock() and p.folder <> all($2) order by p.due_at limit $3"#,
        capsule.0,
        spent,
        limit
    )
    .fetch_all(c)
    .await?;
    rows.into_iter()
        .map(|row| {
            Ok(DuePage {
                id: PageId(row.id),
                url: codec::page_url(addr, &row.path)?,
                hops: u8::try_from(row.hops).unwrap_or(u8::MAX),
                failures: row.failures.unsigned_abs(),
                last: row.outcome.map(|word| codec::word("outcome", &word)).transpose()?,
                interval: Duration::from_secs(row.interval_s.unsigned_abs()),
                usual: row.usual_s.map(|seconds| Duration::from_secs(seconds.unsigned_abs())),
                content: row.content.as_deref().map(codec::content_hash).transpose()?,
                standing: Standing::read(&row.standing)?,
                kind: codec::word("kind", &row.kind)?,
                served: row.served.map(ServedMark),
                words: row.words.map(WordsMark),
            })
        })
        .collect()
}

/// How the last visit of a capsule's front page ended, and how long ago; none: it was never visited.
///
/// # Errors
///
/// When the database is away, or the outcome cannot be read.
pub async fn front(
    c: &mut PgConnection,
    capsule: CapsuleId,
) -> Result<Option<(Outcome, Duration)>, StoreError> {
    let row = sqlx::query!(
        r#"select outcome as "outcome!", greatest(0, extract(epoch from clock() - visited_at))::float8 as "age!"
           from page where capsule = $1 and path = '/' and outcome is not null and visited_at is not null"#,
        capsule.0
    )
    .fetch_optional(c)
    .await?;
    row.map(|row| Ok((codec::word("outcome", &row.outcome)?, Duration::from_secs_f64(row.age)))).transpose()
}

/// Which of these URLs are known, and as which page.
///
/// # Errors
///
/// When the database is away.
pub async fn find(
    c: &mut PgConnection,
    urls: &BTreeSet<GeminiUrl>,
) -> Result<HashMap<GeminiUrl, (CapsuleId, PageId)>, StoreError> {
    if urls.is_empty() {
        return Ok(HashMap::new());
    }
    let urls: Vec<&GeminiUrl> = urls.iter().collect();
    let hosts = codec::texts(urls.iter().map(|url| url.capsule().host()));
    let ports: Vec<i32> = urls.iter().map(|url| i32::from(url.capsule().port())).collect();
    let paths = codec::texts(urls.iter().map(|url| url.path_and_query()));
    // Each page by itself: joined, Postgres may take the walk through all pages of a capsule for as cheap as the look
    // for one of them, and a capsule has up to 50,000.
    let rows = sqlx::query!(
        r#"select u.place as "place!", p.capsule, p.id
           from unnest($1::text[], $2::integer[], $3::text[]) with ordinality as u (host, port, path, place)
           join capsule c on (c.host, c.port) = (u.host, u.port)
           cross join lateral (select q.capsule, q.id from page q where (q.capsule, q.path) = (c.id, u.path) limit 1) p"#,
        &hosts,
        &ports,
        &paths
    )
    .fetch_all(c)
    .await?;
    Ok(rows
        .into_iter()
        .filter_map(|row| {
            let place = usize::try_from(row.place - 1).ok()?;
            Some(((*urls.get(place)?).clone(), (CapsuleId(row.capsule), PageId(row.id))))
        })
        .collect())
}

/// A URL that the crawl has found.
#[derive(Clone, Debug)]
pub struct NewPage {
    /// Its capsule, locked by this transaction.
    pub capsule: CapsuleId,
    /// The URL.
    pub url: GeminiUrl,
    /// Redirects on the way to it.
    pub hops: u8,
}

/// Makes pages that are not known yet, due at once, and returns the ids of all. Their capsules must be woken.
///
/// # Errors
///
/// When the database is away.
pub async fn discover(
    tx: &mut PageTx,
    pages: &[NewPage],
) -> Result<HashMap<GeminiUrl, (CapsuleId, PageId)>, StoreError> {
    if pages.is_empty() {
        return Ok(HashMap::new());
    }
    let capsules: Vec<i64> = pages.iter().map(|page| page.capsule.0).collect();
    let paths = codec::texts(pages.iter().map(|page| page.url.path_and_query()));
    let folders = codec::texts(pages.iter().map(|page| page.url.site().folder().to_owned()));
    let hops: Vec<i16> = pages.iter().map(|page| i16::from(page.hops)).collect();
    let made = sqlx::query!(
        "insert into page (capsule, path, folder, hops, due_at)
         select distinct on (n.capsule, n.path) n.capsule, n.path, n.folder, n.hops, clock()
         from unnest($1::bigint[], $2::text[], $3::text[], $4::smallint[]) as n (capsule, path, folder, hops)
         where not exists (select from page p where (p.capsule, p.path) = (n.capsule, n.path))
         order by n.capsule, n.path, n.hops
         on conflict (capsule, path) do nothing
         returning capsule, path, id",
        &capsules,
        &paths,
        &folders,
        &hops
    )
    .fetch_all(&mut **tx)
    .await?;
    let made: HashMap<(i64, String), i64> =
        made.into_iter().map(|row| ((row.capsule, row.path), row.id)).collect();
    let mut places = HashMap::with_capacity(pages.len());
    let mut were_there = BTreeSet::new();
    for page in pages {
        match made.get(&(page.capsule.0, page.url.path_and_query().to_owned())) {
            Some(id) => {
                places.insert(page.url.clone(), (page.capsule, PageId(*id)));
            }
            None => {
                were_there.insert(page.url.clone());
            }
        }
    }
    if !were_there.is_empty() {
        places.extend(find(tx, &were_there).await?);
    }
    Ok(places)
}

/// Puts one of our own pages (help) into the store, or its new text over the old: searchable, never due.
///
/// # Errors
///
/// When the database is away.
pub async fn put_own(
    tx: &mut PageTx,
    url: &GeminiUrl,
    text: &Text,
    content: &super::content::NewContent,
) -> Result<PageId, StoreError> {
    // What drops a text that no page holds locks its capsule first.
    super::capsule::lock(tx, content.capsule).await?;
    super::content::keep(tx, std::slice::from_ref(content)).await?;
    let page = NewPage { capsule: content.capsule, url: url.clone(), hops: 0 };
    let found = discover(tx, &[page]).await?;
    let Some(&(capsule, id)) = found.get(url) else {
        return Err(StoreError::Unreadable { what: "page URL", value: url.to_string() });
    };
    sqlx::query!("update page set origin = 'own' where (capsule, id) = ($1, $2)", capsule.0, id.0)
        .execute(&mut **tx)
        .await?;
    let after = PageAfter {
        capsule,
        page: id,
        // Ours is put even over a tombstone.
        was: Standing::Gone,
        outcome: Outcome::Fetched,
        due_in: None,
        interval: Duration::ZERO,
        failures: 0,
        moved_to: None,
        served: None,
        links: LinksAfter::Kept,
        shown: Shown::Text(Box::new(text.clone())),
    };
    settle(tx, &[after]).await?;
    Ok(id)
}
