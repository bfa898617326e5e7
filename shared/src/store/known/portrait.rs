//! A capsule as a whole: how many of its pages can be found, how it answers, what is dead; read only.

use chrono::{DateTime, Utc};
use sqlx::PgConnection;

use super::super::codec;
use super::super::id::CapsuleId;
use super::super::outcome::Outcome;
use super::super::pool::StoreError;
use super::certificate::Signature;
use super::page::Standing;
use crate::gemini::fingerprint::Fingerprint;
use crate::gemini::host::CapsuleAddr;
use crate::gemini::text::OneLine;
use crate::gemini::url::GeminiUrl;

/// A capsule as the store knows it.
#[derive(Clone, Debug, PartialEq)]
pub struct Portrait {
    /// Its row.
    pub capsule: CapsuleId,
    /// What its front page calls it; empty where that is not known.
    pub name: String,
    /// The store's time, against which all other moments are to be read.
    pub now: DateTime<Utc>,
    /// When it was first heard of.
    pub first_seen: DateTime<Utc>,
    /// Its last answer of any kind.
    pub answered_at: Option<DateTime<Utc>>,
    /// Since when it has not answered.
    pub failing_since: Option<DateTime<Utc>>,
    /// Connection failures in a row.
    pub failures: u32,
    /// Until when its breaker is open.
    pub breaker_until: Option<DateTime<Utc>>,
    /// When its next turn is wanted.
    pub due_at: Option<DateTime<Utc>>,
    /// The gap that its status 44 asked for, in milliseconds; zero: none.
    pub slow_gap_ms: u64,
    /// Whom it names for holes in it, a line each; empty: nobody, or that is not known.
    pub contact: Vec<OneLine>,
    /// Its pages, by standing and by how their last visit ended.
    pub pages: Vec<PageCount>,
    /// Pages that are due by now.
    pub due: u64,
    /// Sites that link to it from other capsules.
    pub linked_by: u64,
}

/// How many pages are in one state.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PageCount {
    /// What searchers see of them.
    pub standing: Standing,
    /// How their last visit ended; none: they wait for their first.
    pub outcome: Option<Outcome>,
    /// How many.
    pub count: u64,
}

/// The portrait of a capsule; none: nobody has heard of it.
///
/// # Errors
///
/// When the database is away, or a row cannot be read.
pub async fn of(c: &mut PgConnection, addr: &CapsuleAddr) -> Result<Option<Portrait>, StoreError> {
    let row = sqlx::query!(
        r#"select k.id, k.first_seen, k.answered_at, k.failing_since, k.failures, k.due_at, k.slow_gap_ms, k.contact,
                  case when k.breaker_until > clock() then k.breaker_until end as breaker_until,
                  coalesce((select s.name from signal_site s where s.capsule = k.id and s.folder = '/'), '') as "name!",
                  (select count(*) from page p where p.capsule = k.id and p.due_at <= clock()) as "due!",
                  (select count(*) from (select distinct f.capsule, f.folder from link l
                    join page f on (f.capsule, f.id) = (l.from_capsule, l.from_page)
                    where l.to_capsule = k.id and l.from_capsule <> k.id) sites) as "linked_by!",
                  clock() as "now!"
           from capsule k where (k.host, k.port) = ($1, $2)"#,
        addr.host().as_str(),
        i32::from(addr.port())
    )
    .fetch_optional(&mut *c)
    .await?;
    let Some(row) = row else { return Ok(None) };
    let counts = sqlx::query!(
        r#"select standing, outcome, count(*) as "count!" from page where capsule = $1
           group by standing, outcome order by count(*) desc, standing, outcome"#,
        row.id
    )
    .fetch_all(c)
    .await?;
    let pages: Result<Vec<PageCount>, StoreError> = counts
        .into_iter()
        .map(|count| {
            Ok(PageCount {
                standing: Standing::read(&count.standing)?,
                outcome: count.outcome.map(|word| codec::word("outcome", &word)).transpose()?,
                count: count.count.unsigned_abs(),
            })
        })
        .collect();
    Ok(Some(Portrait {
        capsule: CapsuleId(row.id),
        name: row.name,
        now: row.now,
        first_seen: row.first_seen,
        answered_at: row.answered_at,
        failing_since: row.failing_since,
        failures: row.failures.unsigned_abs(),
        breaker_until: row.breaker_until,
        due_at: row.due_at,
        slow_gap_ms: row.slow_gap_ms.unsigned_abs(),
        contact: row.contact.unwrap_or_default().lines().map(OneLine::new).collect(),
        pages: pages?,
        due: row.due.unsigned_abs(),
        linked_by: row.linked_by.unsigned_abs(),
    }))
}

/// A certificate that a capsule has shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shown {
    /// SHA-256 of it.
    pub fingerprint: Fingerprint,
    /// When it was first shown.
    pub first_seen: DateTime<Utc>,
    /// When it was last shown.
    pub last_seen: DateTime<Utc>,
    /// Its last moment, where it could be read.
    pub not_after: Option<DateTime<Utc>>,
    /// Whether the handshake proved that the server has its key.
    pub signature: Signature,
}

/// The certificates of a capsule, the one in use first, at most `limit`.
///
/// # Errors
///
/// When the database is away, or a row cannot be read.
pub async fn certificates(
    c: &mut PgConnection,
    capsule: CapsuleId,
    limit: i64,
) -> Result<Vec<Shown>, StoreError> {
    let rows = sqlx::query!(
        "select fingerprint, first_seen, last_seen, not_after, signature from certificate
         where capsule = $1 order by last_seen desc, fingerprint limit $2",
        capsule.0,
        limit
    )
    .fetch_all(c)
    .await?;
    rows.into_iter()
        .map(|row| {
            let bytes = <[u8; 32]>::try_from(row.fingerprint.as_slice()).map_err(|_| {
                StoreError::Unreadable { what: "fingerprint", value: format!("{:x?}", row.fingerprint) }
            })?;
            Ok(Shown {
                fingerprint: Fingerprint(bytes),
                first_seen: row.first_seen,
                last_seen: row.last_seen,
                not_after: row.not_after,
                signature: if row.signature == "checked" { Signature::Checked } else { Signature::Unchecked },
            })
        })
        .collect()
}

/// A link that leads nowhere.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeadLink {
    /// Where it stands.
    pub from: GeminiUrl,
    /// What it says.
    pub label: String,
    /// Where it leads.
    pub to: GeminiUrl,
    /// How the last visit there ended.
    pub outcome: Outcome,
}

/// Where dead links stand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    /// On the capsule's own pages.
    Own,
    /// On pages of other capsules, leading into this one.
    Others,
}

/// The dead links of a capsule, by the page on which they stand, `limit` of them after `offset`.
///
/// # Errors
///
/// When the database is away, or a row cannot be read.
pub async fn dead_links(
    c: &mut PgConnection,
    capsule: CapsuleId,
    side: Side,
    offset: i64,
    limit: i64,
) -> Result<Vec<DeadLink>, StoreError> {
    let (from, to) = match side {
        Side::Own => (Some(capsule.0), None),
        Side::Others => (None, Some(capsule.0)),
    };
    let rows = sqlx::query!(
        r#"select fc.host as from_host, fc.port as from_port, f.path as from_path, l.label,
                  tc.host as to_host, tc.port as to_port, t.path as to_path, t.outcome as "outcome!"
           from link l
           join page t on (t.capsule, t.id) = (l.to_capsule, l.to_page)
           join page f on (f.capsule, f.id) = (l.from_capsule, l.from_page)
           join capsule tc on tc.id = t.capsule
           join capsule fc on fc.id = f.capsule
           where (l.from_capsule = $1 or (l.to_capsule = $2 and l.from_capsule <> $2))
             and f.standing = 'searchable'
             and t.outcome in ('not-found', 'gone', 'foreign-host', 'unreachable-dns', 'unreachable-connect',
                               'unreachable-tls', 'malformed')
           order by fc.host, f.path, tc.host, t.path offset $3 limit $4"#,
        from,
        to,
        offset,
        limit
    )
    .fetch_all(c)
    .await?;
    rows.into_iter()
        .map(|row| {
            let from = codec::capsule_addr(&row.from_host, row.from_port)?;
            let to = codec::capsule_addr(&row.to_host, row.to_port)?;
            Ok(DeadLink {
                from: codec::page_url(&from, &row.from_path)?,
                label: row.label,
                to: codec::page_url(&to, &row.to_path)?,
                outcome: codec::word("outcome", &row.outcome)?,
            })
        })
        .collect()
}
