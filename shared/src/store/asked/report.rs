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
