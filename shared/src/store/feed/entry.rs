//! An entry of the feed: a changed page with the labels that point to it.
//!
//! An entry is read as the page stands now, not as it stood when it was numbered: reading it twice is
//! harmless, and a page that changed again meanwhile simply comes again later.

use super::super::pool::StoreError;
use std::collections::HashMap;

use chrono::{DateTime, Utc};
use sqlx::PgConnection;

use super::super::codec;
use super::super::id::{ChangeId, ContentHash, PageId};
use crate::gemini::dimensions::Dimensions;
use crate::gemini::kind::Kind;
use crate::gemini::media_type::{Charset, Language};
use crate::gemini::text::{OneLine, PageText};
use crate::gemini::url::GeminiUrl;

/// Labels that an entry carries at most; the most frequent ones first.
const LABELS: i64 = 64;

/// Characters of a page's ASCII art that an entry carries: enough to show, and few enough to be kept with each page.
pub const ART_CHARACTERS: i32 = 4_096;

/// One entry of the feed.
#[derive(Clone, Debug)]
pub struct Entry {
    /// Its number.
    pub change: ChangeId,
    /// The page.
    pub page: PageId,
    /// What is to be shown of it.
    pub state: EntryState,
}

/// What a searcher may see of a page.
#[derive(Clone, Debug)]
pub enum EntryState {
    /// It can be found.
    Searchable(Box<EntryPage>),
    /// It cannot, for now or for good.
    Removed,
    /// Its row holds what this program cannot read (another version wrote it, or a hand): not to be found,
    /// and no reason to stop before it.
    Unreadable {
        /// The concept that was expected.
        what: &'static str,
        /// What stood there.
        value: String,
    },
}

/// All that the index holds of a page.
#[derive(Clone, Debug)]
pub struct EntryPage {
    /// Its URL.
    pub url: GeminiUrl,
    /// What it is.
    pub kind: Kind,
    /// Its type as served, without parameters.
    pub media_type: String,
    /// Detected, or as served.
    pub language: Option<Language>,
    /// As decoded.
    pub charset: Option<Charset>,
    /// Size of the body, where it was read to its end.
    pub size_bytes: Option<u64>,
    /// How large the picture is, where it is one.
    pub dimensions: Option<Dimensions>,
    /// Its title.
    pub title: OneLine,
    /// Its headings.
    pub headings: Vec<OneLine>,
    /// Its prose.
    pub body: PageText,
    /// Alt texts of its preformatted blocks.
    pub alt: Vec<OneLine>,
    /// Labels that its own text has for other pages.
    pub own_labels: Vec<OneLine>,
    /// Its pictures made of characters, the first [`ART_CHARACTERS`] of them.
    pub art: PageText,
    /// Labels of links to it (and to pages that moved to it), the most frequent first.
    pub labels: Vec<OneLine>,
    /// Where it links to.
    pub links: Vec<GeminiUrl>,
    /// When it was first seen.
    pub first_seen: DateTime<Utc>,
    /// When its words last changed.
    pub changed: DateTime<Utc>,
    /// The hash of its words and links; none for what has no text.
    pub content: Option<ContentHash>,
}

/// Text that a batch carries at most, as far as sizes are known: a thousand pages may be 4 GiB. One page is
/// always carried.
const BATCH_BYTES: i64 = 16 << 20;

/// The next entries after `last`, in order, at most `limit`, and fewer where they are large.
///
/// # Errors
///
/// When the database is away.
pub async fn since(c: &mut PgConnection, last: ChangeId, limit: i64) -> Result<Vec<Entry>, StoreError> {
    let numbered = sqlx::query!(
        r#"select id, change as "change!"
           from (select id, change,
                        coalesce(sum(case when content is null then 0 else coalesce(size_bytes, 4194304) end)
                                 over (order by change rows between unbounded preceding and 1 preceding), 0)::bigint
                            as before
                 from (select id, change, content, size_bytes from page
                       where change > $1 order by change limit $2) next) sized
           where before < $3 order by change"#,
        last.0,
        limit,
        BATCH_BYTES
    )
    .fetch_all(&mut *c)
    .await?;
    let Some(bound) = numbered.last().map(|row| ChangeId(row.change)) else { return Ok(Vec::new()) };
    let pages: Vec<i64> = numbered.into_iter().map(|row| row.id).collect();
    let mut entries = read(c, &pages).await?;
    // A page that was numbered again between the two statements has a number above changes not read yet:
    // a follower that took it for its position would miss those. It comes in its own turn.
    entries.retain(|entry| entry.change <= bound);
    Ok(entries)
}

/// A page that is not to be found, by its URL: for an index that knows other ids, as after a restore.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Removal {
    /// The number of its entry.
    pub change: ChangeId,
    /// Its URL.
    pub url: GeminiUrl,
}

/// The next entries after `last` that are removals, in order, at most `limit`.
///
/// # Errors
///
/// When the database is away, or a row cannot be read.
pub async fn removals(c: &mut PgConnection, last: ChangeId, limit: i64) -> Result<Vec<Removal>, StoreError> {
    let rows = sqlx::query!(
        r#"select p.change as "change!", c.host, c.port, p.path
           from page p join capsule c on c.id = p.capsule
           where p.change > $1 and p.standing <> 'searchable' order by p.change limit $2"#,
        last.0,
        limit
    )
    .fetch_all(c)
    .await?;
    // What cannot be read is in no index.
    Ok(rows
        .into_iter()
        .filter_map(|row| {
            let addr = codec::capsule_addr(&row.host, row.port).ok()?;
            let url = codec::page_url(&addr, &row.path).ok()?;
            Some(Removal { change: ChangeId(row.change), url })
        })
        .collect())
}

/// A page as the store has it, for comparing the index with it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Line {
    /// The page.
    pub page: PageId,
    /// Its number.
    pub change: ChangeId,
    /// Its content.
    pub content: Option<ContentHash>,
}

/// Searchable pages by id, after `after`, at most `limit`: what `verify` compares and `rebuild` walks.
///
/// # Errors
///
/// When the database is away, or a row cannot be read.
pub async fn all(c: &mut PgConnection, after: PageId, limit: i64) -> Result<Vec<Line>, StoreError> {
    let rows = sqlx::query!(
        r#"select id, change as "change!", content from page
           where id > $1 and standing = 'searchable' and change is not null order by id limit $2"#,
        after.0,
        limit
    )
    .fetch_all(c)
    .await?;
    rows.into_iter()
        .map(|row| {
            let content = row.content.as_deref().map(codec::content_hash).transpose()?;
            Ok(Line { page: PageId(row.id), change: ChangeId(row.change), content })
        })
        .collect()
}

/// These pages as they stand now; pages without a number are left out.
///
/// # Errors
///
/// When the database is away.
pub async fn of(c: &mut PgConnection, pages: &[PageId]) -> Result<Vec<Entry>, StoreError> {
    let ids: Vec<i64> = pages.iter().map(|page| page.0).collect();
    read(c, &ids).await
}

async fn read(c: &mut PgConnection, pages: &[i64]) -> Result<Vec<Entry>, StoreError> {
    let rows =
        sqlx::query_file!("src/store/feed/entry_pages.sql", pages, ART_CHARACTERS).fetch_all(&mut *c).await?;
    let mut labels = labels(c, pages).await?;
    let mut own_labels = own_labels(c, pages).await?;
    let mut links = links(c, pages).await?;
    let mut entries = Vec::with_capacity(rows.len());
    for row in rows {
        let (change, page) = (ChangeId(row.change), PageId(row.id));
        let read = || -> Result<EntryState, StoreError> {
            if row.standing != "searchable" {
                return Ok(EntryState::Removed);
            }
            Ok(EntryState::Searchable(Box::new(EntryPage {
                url: codec::page_url(&codec::capsule_addr(&row.host, row.port)?, &row.path)?,
                kind: codec::word("kind", &row.kind)?,
                media_type: row.media_type,
                language: row.language.as_deref().map(Language::parse),
                charset: row.charset.as_deref().map(Charset::parse),
                size_bytes: row.size_bytes.map(i64::unsigned_abs),
                dimensions: dimensions(row.width, row.height),
                title: OneLine::new(&row.title),
                headings: row.headings.iter().map(|heading| OneLine::new(heading)).collect(),
                body: PageText::new(row.body),
                art: PageText::new(row.art),
                alt: row.alt.iter().map(|alt| OneLine::new(alt)).collect(),
                own_labels: own_labels.remove(&row.id).unwrap_or_default(),
                labels: labels.remove(&row.id).unwrap_or_default(),
                links: links.remove(&row.id).unwrap_or_default(),
                first_seen: row.first_seen,
                changed: row.changed,
                content: row.content.as_deref().map(codec::content_hash).transpose()?,
            })))
        };
        let state = match read() {
            Err(StoreError::Unreadable { what, value }) => EntryState::Unreadable { what, value },
            state => state?,
        };
        entries.push(Entry { change, page, state });
    }
    Ok(entries)
}

fn dimensions(width: Option<i32>, height: Option<i32>) -> Option<Dimensions> {
    Dimensions::new(width?.unsigned_abs().into(), height?.unsigned_abs().into())
}

async fn labels(c: &mut PgConnection, pages: &[i64]) -> Result<HashMap<i64, Vec<OneLine>>, StoreError> {
    let rows = sqlx::query_file!("src/store/feed/entry_labels.sql", pages, LABELS).fetch_all(c).await?;
    let mut labels: HashMap<i64, Vec<OneLine>> = HashMap::new();
    for row in rows {
        labels.entry(row.page).or_default().push(OneLine::new(&row.label));
    }
    Ok(labels)
}

async fn own_labels(c: &mut PgConnection, pages: &[i64]) -> Result<HashMap<i64, Vec<OneLine>>, StoreError> {
    let rows = sqlx::query_file!("src/store/feed/entry_own_labels.sql", pages).fetch_all(c).await?;
    let labels = |labels: Vec<String>| labels.iter().map(|label| OneLine::new(label)).collect();
    Ok(rows.into_iter().map(|row| (row.id, labels(row.labels))).collect())
}

async fn links(c: &mut PgConnection, pages: &[i64]) -> Result<HashMap<i64, Vec<GeminiUrl>>, StoreError> {
    let rows = sqlx::query!(
        "select l.from_page, c.host, c.port, p.path
         from link l
         join page f on f.id = l.from_page and f.capsule = l.from_capsule
         join page p on (p.capsule, p.id) = (l.to_capsule, l.to_page)
         join capsule c on c.id = p.capsule
         where f.id = any($1) and f.standing = 'searchable'",
        pages
    )
    .fetch_all(c)
    .await?;
    let mut links: HashMap<i64, Vec<GeminiUrl>> = HashMap::new();
    for row in rows {
        // A target that cannot be read is none that can be found.
        let url = codec::capsule_addr(&row.host, row.port).and_then(|addr| codec::page_url(&addr, &row.path));
        if let Ok(url) = url {
            links.entry(row.from_page).or_default().push(url);
        }
    }
    Ok(links)
}
