//! What the admin shut out.

use super::super::pool::StoreError;
use chrono::{DateTime, Utc};
use sqlx::PgConnection;

use super::super::codec;
use crate::gemini::pattern::UrlPattern;
use crate::gemini::url::GeminiUrl;

/// A rule that shuts pages out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Exclusion {
    /// Which pages.
    pub pattern: UrlPattern,
    /// Why; shown to visitors as far as the rule's visibility allows.
    pub reason: String,
}

/// Adds a rule, or gives it another reason.
///
/// # Errors
///
/// When the database is away.
pub async fn add(c: &mut PgConnection, exclusion: &Exclusion) -> Result<(), StoreError> {
    sqlx::query!(
        "insert into exclusion (pattern, reason) values ($1, $2)
         on conflict (pattern) do update set reason = excluded.reason",
        exclusion.pattern.to_string(),
        exclusion.reason
    )
    .execute(c)
    .await?;
    Ok(())
}

/// Shuts out what a register of removals says must stay out, unless a rule does so already. Why is not known, so no
/// more of it is told than that there is a rule.
///
/// # Errors
///
/// When the database is away.
pub async fn keep_out(c: &mut PgConnection, pattern: &UrlPattern) -> Result<(), StoreError> {
    sqlx::query!(
        "insert into exclusion (pattern, reason, visibility) values ($1, 'removed before the store was restored', 'count')
         on conflict (pattern) do nothing",
        pattern.to_string()
    )
    .execute(c)
    .await?;
    Ok(())
}

/// All rules.
///
/// # Errors
///
/// When the database is away, or a rule cannot be read.
pub async fn all(c: &mut PgConnection) -> Result<Vec<Exclusion>, StoreError> {
    let rows = sqlx::query!("select pattern, reason from exclusion order by pattern").fetch_all(c).await?;
    rows.into_iter()
        .map(|row| Ok(Exclusion { pattern: codec::word("exclusion", &row.pattern)?, reason: row.reason }))
        .collect()
}

/// How much of a rule visitors may see.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Visibility {
    /// Pattern and reason.
    Full,
    /// Only the host, and the reason.
    Host,
    /// Only that there is one more rule.
    Count,
}

/// A rule as its visibility lets it be shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PublicRule {
    /// Which pages, or only their host; none: only that there is a rule.
    pub what: Option<String>,
    /// Why; empty where it may not be shown.
    pub reason: String,
    /// Since when.
    pub since: DateTime<Utc>,
}

/// All rules as visitors may see them, the newest first.
///
/// # Errors
///
/// When the database is away, or a rule cannot be read.
pub async fn public(c: &mut PgConnection) -> Result<Vec<PublicRule>, StoreError> {
    let rows = sqlx::query!(
        "select pattern, reason, visibility, excluded_at from exclusion order by excluded_at desc, pattern limit 2000"
    )
    .fetch_all(c)
    .await?;
    rows.into_iter()
        .map(|row| {
            let pattern: UrlPattern = codec::word("exclusion", &row.pattern)?;
            Ok(shown(&pattern, Visibility::read(&row.visibility)?, row.reason, row.excluded_at))
        })
        .collect()
}

/// The first rule that shuts a page out, as visitors may see it.
///
/// # Errors
///
/// When the database is away, or a rule cannot be read.
pub async fn against(c: &mut PgConnection, url: &GeminiUrl) -> Result<Option<PublicRule>, StoreError> {
    let rows =
        sqlx::query!("select pattern, reason, visibility, excluded_at from exclusion order by pattern")
            .fetch_all(c)
            .await?;
    for row in rows {
        let pattern: UrlPattern = codec::word("exclusion", &row.pattern)?;
        if pattern.matches(url) {
            let visibility = Visibility::read(&row.visibility)?;
            return Ok(Some(shown(&pattern, visibility, row.reason, row.excluded_at)));
        }
    }
    Ok(None)
}

impl Visibility {
    fn read(word: &str) -> Result<Self, StoreError> {
        match word {
            "full" => Ok(Self::Full),
            "host" => Ok(Self::Host),
            "count" => Ok(Self::Count),
            other => Err(StoreError::Unreadable { what: "visibility", value: other.to_owned() }),
        }
    }
}

fn shown(pattern: &UrlPattern, visibility: Visibility, reason: String, since: DateTime<Utc>) -> PublicRule {
    match visibility {
        Visibility::Full => PublicRule { what: Some(pattern.to_string()), reason, since },
        Visibility::Host => {
            let host = match pattern {
                UrlPattern::Page(url) | UrlPattern::Prefix(url) => Some(url.capsule().to_string()),
                UrlPattern::Capsule(capsule) => Some(capsule.to_string()),
                UrlPattern::Domain(_) | UrlPattern::Everything => Some(pattern.to_string()),
            };
            PublicRule { what: host, reason, since }
        }
        Visibility::Count => PublicRule { what: None, reason: String::new(), since },
    }
}
