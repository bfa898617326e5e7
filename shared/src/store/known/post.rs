//! Posts that feeds tell of, and the list of recent ones.
//!
//! A post's place in the list is given once, when it is found, and nothing moves it afterwards: an edited
//! entry does not come again. What says it is of the future has the moment it was found; what bears no date
//! has that, too, if its feed was known before, and else no place, for it may be years old.

use chrono::{DateTime, Utc};
use sqlx::PgConnection;

use super::super::codec;
use super::super::id::{CapsuleId, PageId};
use super::super::page_tx::PageTx;
use super::super::pool::StoreError;
use crate::gemini::text::OneLine;
use crate::gemini::url::{GeminiUrl, LinkTarget};

/// Posts that are kept of a feed, at most: those with the latest moments.
const KEPT: i64 = 1_000;

/// A post as a feed tells of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewPost {
    /// By which it is known again.
    pub key: PostKey,
    /// Where it leads.
    pub url: LinkTarget,
    /// What the feed calls it.
    pub title: OneLine,
    /// When it was published, as far as the feed says so.
    pub published: Option<DateTime<Utc>>,
    /// Whose it is.
    pub author: Author,
}

/// A short mark of a post: the same in every feed that tells of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PostKey(i64);

impl PostKey {
    /// Of a post that has a URL of its own.
    #[must_use]
    pub fn of_url(url: &str) -> Self {
        Self::of(&[url.as_bytes()])
    }

    /// Of one of many lines at one URL.
    #[must_use]
    pub fn of_line(url: &str, line: &str) -> Self {
        Self::of(&[url.as_bytes(), line.as_bytes()])
    }

    fn of(parts: &[&[u8]]) -> Self {
        let mut hasher = blake3::Hasher::new();
        for part in parts {
            hasher.update(part);
            hasher.update(b"\n");
        }
        let mut short = [0; 8];
        hasher.finalize_xof().fill(&mut short);
        Self(i64::from_le_bytes(short))
    }
}

/// Whose post a feed tells of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Author {
    /// Of the feed's own site.
    Own,
    /// Of somebody else: the feed is a list of what others write.
    Other,
}

/// All posts that a feed tells of now.
#[derive(Clone, Debug)]
pub struct FeedPosts {
    /// The feed; its capsule and its page are locked by this transaction.
    pub feed: (CapsuleId, PageId),
    /// What it tells of. What it told of before stays known.
    pub posts: Vec<NewPost>,
}

/// Keeps what is new of feeds, and titles and dates that were changed.
///
/// # Errors
///
/// When the database is away.
pub async fn keep(tx: &mut PageTx, feeds: &[FeedPosts]) -> Result<(), StoreError> {
    let feeds: Vec<&FeedPosts> = feeds.iter().filter(|feed| !feed.posts.is_empty()).collect();
    if feeds.is_empty() {
        return Ok(());
    }
    let rows = || feeds.iter().flat_map(|feed| feed.posts.iter().map(move |post| (feed.feed, post)));
    let capsules: Vec<i64> = rows().map(|((capsule, _), _)| capsule.0).collect();
    let pages: Vec<i64> = rows().map(|((_, page), _)| page.0).collect();
    let keys: Vec<i64> = rows().map(|(_, post)| post.key.0).collect();
    let urls: Vec<String> = rows().map(|(_, post)| text(&post.url).to_owned()).collect();
    let titles = codec::texts(rows().map(|(_, post)| &post.title));
    let published: Vec<Option<DateTime<Utc>>> = rows().map(|(_, post)| post.published).collect();
    let own: Vec<bool> = rows().map(|(_, post)| post.author == Author::Own).collect();
    sqlx::query!(
        "insert into post as p (capsule, page, key, url, title, published, moment, own)
         select distinct on (n.capsule, n.page, n.key) n.capsule, n.page, n.key, n.url, n.title, n.published,
                case when n.published <= clock() + interval '1 day' then least(n.published, clock())
                     when exists (select from post k where (k.capsule, k.page) = (n.capsule, n.page)) then clock() end,
                n.own
         from unnest($1::bigint[], $2::bigint[], $3::bigint[], $4::text[], $5::text[], $6::timestamptz[], $7::boolean[])
              as n (capsule, page, key, url, title, published, own)
         order by n.capsule, n.page, n.key
         on conflict (capsule, page, key) do update
         set title = excluded.title, published = excluded.published,
             moment = coalesce(p.moment, case when excluded.published <= p.first_seen then excluded.published end)
         where (p.title, p.published) is distinct from (excluded.title, excluded.published)",
        &capsules,
        &pages,
        &keys,
        &urls,
        &titles,
        &published as &[Option<DateTime<Utc>>],
        &own
    )
    .execute(&mut **tx)
    .await?;
    let pages: Vec<i64> = feeds.iter().map(|feed| feed.feed.1.0).collect();
    let capsules: Vec<i64> = feeds.iter().map(|feed| feed.feed.0.0).collect();
    sqlx::query!(
        "with old as (
             select capsule, page, key,
                    row_number() over (partition by capsule, page
                                       order by moment desc nulls last, first_seen desc, key) as place
             from post where (capsule, page) in (select * from unnest($1::bigint[], $2::bigint[]))
         ),
         locked as (
             select capsule, page, key from post
             where (capsule, page, key) in (select capsule, page, key from old where place > $3)
             order by capsule, page, key for no key update
         )
         delete from post p using locked l where (p.capsule, p.page, p.key) = (l.capsule, l.page, l.key)",
        &capsules,
        &pages,
        KEPT
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// Drops what these pages tell of as feeds, and what other feeds tell of posts that are these pages.
/// The pages are locked by this transaction.
///
/// # Errors
///
/// When the database is away.
pub async fn drop_all(tx: &mut PageTx, pages: &[PageId], urls: &[PostKey]) -> Result<(), StoreError> {
    if pages.is_empty() && urls.is_empty() {
        return Ok(());
    }
    let pages: Vec<i64> = pages.iter().map(|page| page.0).collect();
    let keys: Vec<i64> = urls.iter().map(|key| key.0).collect();
    sqlx::query!(
        "with locked as (
             select capsule, page, key from post
             where key = any($2) or (capsule, page) in (select f.capsule, f.id from page f where f.id = any($1))
             order by capsule, page, key for no key update
         )
         delete from post p using locked l where (p.capsule, p.page, p.key) = (l.capsule, l.page, l.key)",
        &pages,
        &keys
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// A post in the list of recent ones.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Post {
    /// Where it leads.
    pub url: LinkTarget,
    /// What its feed calls it; may be empty.
    pub title: OneLine,
    /// The date it bears; none, or of the future, where the feed is of no help.
    pub published: Option<DateTime<Utc>>,
    /// When it was first found in this feed.
    pub first_seen: DateTime<Utc>,
    /// Its place in the list.
    pub moment: DateTime<Utc>,
    /// The feed that tells of it.
    pub feed: GeminiUrl,
    /// The feed's title.
    pub feed_title: OneLine,
}

/// Recent posts of all feeds that can be found, the newest first: each once, from its author's own feed where
/// that is known, `limit` of them after the first `skip`.
///
/// # Errors
///
/// When the database is away.
pub async fn recent(c: &mut PgConnection, skip: i64, limit: i64) -> Result<Vec<Post>, StoreError> {
    let rows = sqlx::query!(
        r#"select p.url, p.title, p.published, p.first_seen, p.moment as "moment!",
                  c.host, c.port, f.path, f.title as feed_title
           from post p
           join page f on (f.capsule, f.id) = (p.capsule, p.page)
           join capsule c on c.id = p.capsule
           where p.moment is not null and f.standing = 'searchable'
             and not exists (
                 select from post q join page g on (g.capsule, g.id) = (q.capsule, q.page)
                 where q.key = p.key and q.moment is not null and g.standing = 'searchable'
                   and (not q.own, q.first_seen, q.capsule, q.page) < (not p.own, p.first_seen, p.capsule, p.page))
           order by p.moment desc, p.key limit $2 offset $1"#,
        skip,
        limit
    )
    .fetch_all(c)
    .await?;
    let posts = rows.into_iter().filter_map(|row| {
        // A row that cannot be read is one post less, and no reason to show none.
        let feed = codec::page_url(&codec::capsule_addr(&row.host, row.port).ok()?, &row.path).ok()?;
        Some(Post {
            url: feed.join(&row.url).ok()?,
            title: OneLine::new(&row.title),
            published: row.published,
            first_seen: row.first_seen,
            moment: row.moment,
            feed_title: OneLine::new(&row.feed_title),
            feed,
        })
    });
    Ok(posts.collect())
}

/// A feed of a capsule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Feed {
    /// Where it is.
    pub url: GeminiUrl,
    /// What it is called.
    pub title: OneLine,
    /// Posts that it has told of, as far as they are kept.
    pub posts: u64,
    /// The moment of its newest post; none where no post has one.
    pub newest: Option<DateTime<Utc>>,
}

/// The feeds of a capsule that can be found and have told of posts, those with the newest posts first.
///
/// # Errors
///
/// When the database is away, or a row cannot be read.
pub async fn feeds_of(c: &mut PgConnection, capsule: CapsuleId) -> Result<Vec<Feed>, StoreError> {
    let rows = sqlx::query!(
        r#"select c.host, c.port, f.path, f.title, count(*) as "posts!", max(p.moment) as newest
           from post p
           join page f on (f.capsule, f.id) = (p.capsule, p.page)
           join capsule c on c.id = p.capsule
           where p.capsule = $1 and f.standing = 'searchable'
           group by c.host, c.port, f.path, f.title
           order by max(p.moment) desc nulls last, f.path"#,
        capsule.0
    )
    .fetch_all(c)
    .await?;
    rows.into_iter()
        .map(|row| {
            Ok(Feed {
                url: codec::page_url(&codec::capsule_addr(&row.host, row.port)?, &row.path)?,
                title: OneLine::new(&row.title),
                posts: row.posts.unsigned_abs(),
                newest: row.newest,
            })
        })
        .collect()
}

fn text(target: &LinkTarget) -> &str {
    match target {
        LinkTarget::Gemini(url) => url.as_str(),
        LinkTarget::Foreign(url) => url.as_str(),
    }
}
