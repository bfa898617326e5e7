//! Complaints of visitors, and what became of them.

use chrono::{DateTime, Utc};
use sqlx::PgConnection;
use uuid::Uuid;

use super::super::pool::StoreError;

/// What became of a report.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReportState {
    /// The admin has not judged it yet.
    Open,
    /// It was followed.
    Accepted,
    /// It was not followed; the answer says why.
    Declined,
}

impl ReportState {
    const fn code(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Accepted => "accepted",
            Self::Declined => "declined",
        }
    }

    fn read(word: &str) -> Result<Self, StoreError> {
        match word {
            "open" => Ok(Self::Open),
            "accepted" => Ok(Self::Accepted),
            "declined" => Ok(Self::Declined),
            other => Err(StoreError::Unreadable { what: "state of a report", value: other.to_owned() }),
        }
    }
}

/// A report as its receipt shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Report {
    /// The page or capsule, as it was given.
    pub url: String,
    /// What is wrong, in the visitor's words.
    pub reason: String,
    /// When it came.
    pub reported_at: DateTime<Utc>,
    /// What became of it.
    pub state: ReportState,
    /// What the admin says; empty while it is open.
    pub answer: String,
}

/// Keeps a report; its token stands in the receipt's address.
///
/// # Errors
///
/// When the database is away.
pub async fn record(c: &mut PgConnection, url: &str, reason: &str) -> Result<Uuid, StoreError> {
    let token =
        sqlx::query_scalar!("insert into report (url, reason) values ($1, $2) returning token", url, reason)
            .fetch_one(c)
            .await?;
    Ok(token)
}

/// How many wait for the admin.
///
/// # Errors
///
/// When the database is away.
pub async fn waiting(c: &mut PgConnection) -> Result<u64, StoreError> {
    let count = sqlx::query_scalar!(r#"select count(*) as "count!" from report where state = 'open'"#)
        .fetch_one(c)
        .await?;
    Ok(count.unsigned_abs())
}

/// The report with this number, as the admin knows it.
///
/// # Errors
///
/// When the database is away, or the row cannot be read.
pub async fn numbered(c: &mut PgConnection, number: i64) -> Result<Option<Report>, StoreError> {
    let token = sqlx::query_scalar!("select token from report where id = $1", number).fetch_optional(&mut *c);
    match token.await? {
        Some(token) => of(c, token).await,
        None => Ok(None),
    }
}

/// Writes what became of a report, for its receipt.
///
/// # Errors
///
/// When the database is away.
pub async fn settle(
    c: &mut PgConnection,
    number: i64,
    state: ReportState,
    answer: &str,
) -> Result<(), StoreError> {
    sqlx::query!(
        "update report set state = $2, answer = $3, answered_at = clock() where id = $1",
        number,
        state.code(),
        answer
    )
    .execute(c)
    .await?;
    Ok(())
}

/// The report of a receipt.
///
/// # Errors
///
/// When the database is away, or the row cannot be read.
pub async fn of(c: &mut PgConnection, token: Uuid) -> Result<Option<Report>, StoreError> {
    let row =
        sqlx::query!("select url, reason, reported_at, state, answer from report where token = $1", token)
            .fetch_optional(c)
            .await?;
    row.map(|row| {
        Ok(Report {
            url: row.url,
            reason: row.reason,
            reported_at: row.reported_at,
            state: ReportState::read(&row.state)?,
            answer: row.answer,
        })
    })
    .transpose()
}

/// A report as the desk lists it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listed {
    /// Its row.
    pub id: i64,
    /// What its receipt shows.
    pub report: Report,
}

/// All reports, those that nobody has judged first and then the latest: `limit` of them after `offset`.
///
/// # Errors
///
/// When the database is away, or a row cannot be read.
pub async fn list(c: &mut PgConnection, offset: i64, limit: i64) -> Result<Vec<Listed>, StoreError> {
    let rows = sqlx::query!(
        "select id, url, reason, reported_at, state, answer from report
         order by state = 'open' desc, id desc offset $1 limit $2",
        offset,
        limit
    )
    .fetch_all(c)
    .await?;
    let read = rows.into_iter().map(|row| {
        Ok(Listed {
            id: row.id,
            report: Report {
                url: row.url,
                reason: row.reason,
                reported_at: row.reported_at,
                state: ReportState::read(&row.state)?,
                answer: row.answer,
            },
        })
    });
    read.collect()
}
