//! The register of removals as a table: what was taken out for good, and when.
//!
//! A removal has a pattern and a moment, and removes only what was fetched before it. It is written with the locks of all
//! capsules in hand that its pattern can mean, so a visit is either committed before, and removed, or it finds the
//! entry when it is committed, and is thrown away. An entry may also say that a rule was lifted, so that no restore of the
//! database shuts its pages out again. [`super::super::register`] keeps the same entries in a file, so that they outlive
//! the database.

mod entry;

use std::time::Duration;

use chrono::{DateTime, Utc};
use sqlx::PgConnection;

use super::super::codec;
use super::super::id::RemovalId;
use super::super::pool::StoreError;
use super::super::rule::Rule;
use super::page;
use crate::gemini::pattern::UrlPattern;
use crate::gemini::url::GeminiUrl;
pub use entry::{Entry, Lift, Origin, Registered, Removal};

/// The advisory lock under which entries are made; any constant that nothing else uses.
const MAKING: i64 = 0x5365_7874_616e_7402;

/// Whoever keeps a file reads what comes after the last row that it knows, so rows must become visible in the order of
/// their numbers: one transaction at a time makes entries, and as the last thing it does (see the lock order).
async fn one_at_a_time(c: &mut PgConnection) -> Result<(), StoreError> {
    sqlx::query!("select pg_advisory_xact_lock($1)", MAKING).execute(c).await?;
    Ok(())
}

struct Row {
    id: i64,
    pattern: String,
    removed_at: DateTime<Utc>,
    origin: String,
}

/// Entries of these rows. One that cannot be read (a newer program wrote it, or a hand) is told and passed over:
/// it must not keep the others from being done.
fn read(rows: Vec<Row>) -> Vec<Registered<Entry>> {
    rows.iter()
        .filter_map(|row| match Entry::read(&row.pattern, row.removed_at, &row.origin) {
            Ok(entry) => Some(Registered { id: RemovalId(row.id), entry }),
            Err(error) => {
                tracing::error!(removal = row.id, %error, "an entry of the register of removals cannot be read");
                None
            }
        })
        .collect()
}

/// The removals among the entries of these rows.
fn removals(rows: Vec<Row>) -> impl Iterator<Item = Registered<Removal>> {
    read(rows).into_iter().filter_map(|Registered { id, entry }| {
        entry.removal().map(|removal| Registered { id, entry: removal })
    })
}

/// Registers a removal from this moment on, with all capsules locked that the pattern can mean. The pages are taken
/// out by whoever finds the entry open.
///
/// # Errors
///
/// When the database is away.
pub async fn record(
    c: &mut PgConnection,
    pattern: &UrlPattern,
    origin: Origin,
) -> Result<Removal, StoreError> {
    page::lock_named(c, pattern).await?;
    one_at_a_time(c).await?;
    // The moment is that of this statement, which begins with the locks in hand.
    let moment = sqlx::query_scalar!(
        "insert into removal (pattern, origin) values ($1, $2) returning removed_at",
        pattern.to_string(),
        origin.code()
    )
    .fetch_one(c)
    .await?;
    Ok(Removal::new(pattern.clone(), moment, origin))
}

/// Registers that a rule is lifted: from this moment on, no restore brings it back.
///
/// # Errors
///
/// When the database is away.
pub async fn record_lifted(c: &mut PgConnection, rule: &Rule) -> Result<Lift, StoreError> {
    one_at_a_time(c).await?;
    let moment = sqlx::query_scalar!(
        "insert into removal (pattern, origin, applied_at) values ($1, 'lifted', clock()) returning removed_at",
        rule.to_string()
    )
    .fetch_one(c)
    .await?;
    Ok(Lift { rule: rule.clone(), moment })
}

/// Registers pages whose servers said that they are gone for good. Their capsules are locked by the caller.
///
/// # Errors
///
/// When the database is away.
pub async fn record_gone(c: &mut PgConnection, pages: &[GeminiUrl]) -> Result<(), StoreError> {
    if pages.is_empty() {
        return Ok(());
    }
    one_at_a_time(c).await?;
    let patterns = codec::texts(pages.iter().map(|url| UrlPattern::Page(url.clone())));
    sqlx::query!(
        "insert into removal (pattern, origin) select distinct p, $2 from unnest($1::text[]) as p
         on conflict (pattern, removed_at) do nothing",
        &patterns,
        Origin::Gone.code()
    )
    .execute(c)
    .await?;
    Ok(())
}

/// What was registered lately, and how long ago, for visits that were under way meanwhile.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Recent {
    /// Which pages.
    pub pattern: UrlPattern,
    /// Whose wish it was.
    pub origin: Origin,
    /// How long ago.
    pub age: Duration,
}

/// Removals that were registered within `span`. Read with the capsules of the visits locked.
///
/// # Errors
///
/// When the database is away, or an entry cannot be read.
pub async fn within(c: &mut PgConnection, span: Duration) -> Result<Vec<Recent>, StoreError> {
    let rows = sqlx::query!(
        r#"select pattern, origin, greatest(0, extract(epoch from clock() - removed_at))::float8 as "age!"
           from removal where removed_at > clock() - make_interval(secs => $1) and origin <> 'lifted'"#,
        span.as_secs_f64()
    )
    .fetch_all(c)
    .await?;
    rows.into_iter()
        .map(|row| {
            Ok(Recent {
                pattern: codec::word("pattern of a removal", &row.pattern)?,
                origin: row.origin.parse()?,
                age: Duration::from_secs_f64(row.age),
            })
        })
        .collect()
}

/// Entries after `last`, in the order of their rows, at most `limit`.
///
/// # Errors
///
/// When the database is away.
pub async fn after(
    c: &mut PgConnection,
    last: RemovalId,
    limit: i64,
) -> Result<Vec<Registered<Entry>>, StoreError> {
    let rows = sqlx::query_as!(
        Row,
        "select id, pattern, removed_at, origin from removal where id > $1 order by id limit $2",
        last.0,
        limit
    )
    .fetch_all(c)
    .await?;
    Ok(read(rows))
}

/// What all removals name.
///
/// # Errors
///
/// When the database is away.
pub async fn patterns(c: &mut PgConnection) -> Result<Vec<UrlPattern>, StoreError> {
    let rows = sqlx::query_as!(
        Row,
        "select distinct on (pattern) id, pattern, removed_at, origin from removal
         where origin <> 'lifted'"
    )
    .fetch_all(c)
    .await?;
    Ok(removals(rows).map(|registered| registered.entry.pattern).collect())
}

/// The row of the newest entry; before the first there is none.
///
/// # Errors
///
/// When the database is away.
pub async fn newest(c: &mut PgConnection) -> Result<RemovalId, StoreError> {
    let id = sqlx::query_scalar!(r#"select coalesce(max(id), 0) as "id!" from removal"#).fetch_one(c).await?;
    Ok(RemovalId(id))
}

/// Which removals are looked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Open<'a> {
    /// All.
    All,
    /// Those of a pattern.
    Of(&'a UrlPattern),
    /// Those that no open job is about to do.
    WithoutJob,
}

/// Removals that are still to be done, the oldest first, at most `limit`.
///
/// # Errors
///
/// When the database is away.
pub async fn open(
    c: &mut PgConnection,
    which: Open<'_>,
    limit: i64,
) -> Result<Vec<Registered<Removal>>, StoreError> {
    let (pattern, without_job) = match which {
        Open::All => (None, false),
        Open::Of(pattern) => (Some(pattern.to_string()), false),
        Open::WithoutJob => (None, true),
    };
    let rows = sqlx::query_as!(
        Row,
        "select id, pattern, removed_at, origin from removal r
         where applied_at is null and ($1::text is null or pattern = $1)
           and not ($2 and exists (select from job j where j.kind = 'purge' and j.target = r.pattern
                                                       and j.state in ('waiting', 'running')))
         order by id limit $3",
        pattern,
        without_job,
        limit
    )
    .fetch_all(c)
    .await?;
    Ok(removals(rows).collect())
}

/// Says that the pages of these removals are taken out.
///
/// # Errors
///
/// When the database is away.
pub async fn applied(c: &mut PgConnection, done: &[RemovalId]) -> Result<(), StoreError> {
    let ids: Vec<i64> = done.iter().map(|id| id.0).collect();
    sqlx::query!("update removal set applied_at = clock() where id = any($1)", &ids).execute(c).await?;
    Ok(())
}

/// Makes all removals to be done once more: in a store that was restored, what they removed may be there again.
///
/// # Errors
///
/// When the database is away.
pub async fn reopen(c: &mut PgConnection) -> Result<(), StoreError> {
    sqlx::query!("update removal set applied_at = null where applied_at is not null and origin <> 'lifted'")
        .execute(c)
        .await?;
    Ok(())
}

/// Those of these entries that the table does not have.
///
/// # Errors
///
/// When the database is away.
pub async fn missing(c: &mut PgConnection, entries: &[Entry]) -> Result<Vec<Entry>, StoreError> {
    let targets: Vec<String> = entries.iter().map(Entry::target).collect();
    let moments: Vec<DateTime<Utc>> = entries.iter().map(Entry::moment).collect();
    let places = sqlx::query_scalar!(
        r#"select n.place as "place!"
           from unnest($1::text[], $2::timestamptz[]) with ordinality as n (pattern, removed_at, place)
           where not exists (select from removal r where (r.pattern, r.removed_at) = (n.pattern, n.removed_at))
           order by n.pattern, n.removed_at"#,
        &targets,
        &moments
    )
    .fetch_all(c)
    .await?;
    let entry = |place: i64| entries.get(usize::try_from(place - 1).ok()?).cloned();
    Ok(places.into_iter().filter_map(entry).collect())
}

/// Adds entries that the table does not have, removals to be done; returns them.
///
/// # Errors
///
/// When the database is away.
pub async fn unite(c: &mut PgConnection, entries: &[Entry]) -> Result<Vec<Entry>, StoreError> {
    one_at_a_time(c).await?;
    let targets: Vec<String> = entries.iter().map(Entry::target).collect();
    let moments: Vec<DateTime<Utc>> = entries.iter().map(Entry::moment).collect();
    let words: Vec<String> = entries.iter().map(|entry| entry.word().to_owned()).collect();
    let rows = sqlx::query_as!(
        Row,
        "insert into removal (pattern, removed_at, origin, applied_at)
         select n.*, case when n.origin = 'lifted' then clock() end
         from unnest($1::text[], $2::timestamptz[], $3::text[]) as n (pattern, removed_at, origin)
         order by n.removed_at, n.pattern
         on conflict (pattern, removed_at) do nothing
         returning id, pattern, removed_at, origin",
        &targets,
        &moments,
        &words
    )
    .fetch_all(c)
    .await?;
    Ok(read(rows).into_iter().map(|registered| registered.entry).collect())
}
