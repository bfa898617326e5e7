//! What the admin shut out.

use super::super::pool::StoreError;
use sqlx::PgConnection;

use super::super::codec;
use crate::gemini::pattern::UrlPattern;

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
