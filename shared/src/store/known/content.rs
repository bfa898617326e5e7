//! Bodies by hash: a text is kept once per capsule.

use super::super::id::{CapsuleId, ContentHash};
use super::super::page_tx::PageTx;
use super::super::pool::StoreError;
use crate::gemini::text::{OneLine, PageText};

/// A text to keep.
#[derive(Clone, Debug)]
pub struct NewContent {
    /// Whose it is.
    pub capsule: CapsuleId,
    /// Over its words and links.
    pub hash: ContentHash,
    /// The decoded document as it was served.
    pub source: PageText,
    /// Its prose.
    pub body: PageText,
    /// Its headings.
    pub headings: Vec<OneLine>,
    /// Alt texts of its preformatted blocks.
    pub alt: Vec<OneLine>,
    /// Its pictures made of characters; mostly empty.
    pub art: PageText,
}

/// Keeps texts that are not kept yet.
///
/// # Errors
///
/// When the database is away.
pub async fn keep(tx: &mut PageTx, contents: &[NewContent]) -> Result<(), StoreError> {
    if contents.is_empty() {
        return Ok(());
    }
    let capsules: Vec<i64> = contents.iter().map(|content| content.capsule.0).collect();
    let hashes: Vec<Vec<u8>> = contents.iter().map(|content| content.hash.0.to_vec()).collect();
    let sources: Vec<String> = contents.iter().map(|content| content.source.as_str().to_owned()).collect();
    let bodies: Vec<String> = contents.iter().map(|content| content.body.as_str().to_owned()).collect();
    // Postgres has no arrays of arrays of different lengths: lines travel joined, and hold no line break.
    let headings: Vec<String> = contents.iter().map(|content| join(&content.headings)).collect();
    let arts: Vec<String> = contents.iter().map(|content| content.art.as_str().to_owned()).collect();
    let alts: Vec<String> = contents.iter().map(|content| join(&content.alt)).collect();
    sqlx::query!(
        r"insert into content (capsule, hash, source, body, headings, alt, art)
         select distinct on (n.capsule, n.hash) n.capsule, n.hash, n.source, n.body,
                array_remove(string_to_array(n.headings, E'\n'), ''), array_remove(string_to_array(n.alt, E'\n'), ''), n.art
         from unnest($1::bigint[], $2::bytea[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[])
              as n (capsule, hash, source, body, headings, alt, art)
         where not exists (select from content t where (t.capsule, t.hash) = (n.capsule, n.hash))
         order by n.capsule, n.hash
         on conflict (capsule, hash) do nothing",
        &capsules,
        &hashes,
        &sources,
        &bodies,
        &headings,
        &alts,
        &arts
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}

fn join(lines: &[OneLine]) -> String {
    lines.iter().map(OneLine::as_str).collect::<Vec<_>>().join("\n")
}

/// Drops texts of these capsules that no page holds any more. The capsules are locked by the caller.
///
/// # Errors
///
/// When the database is away.
pub async fn sweep(tx: &mut PageTx, capsules: &[CapsuleId]) -> Result<u64, StoreError> {
    let ids: Vec<i64> = capsules.iter().map(|capsule| capsule.0).collect();
    let done = sqlx::query!(
        "delete from content t where t.capsule = any($1)
         and not exists (select from page p where (p.capsule, p.content) = (t.capsule, t.hash))",
        &ids
    )
    .execute(&mut **tx)
    .await?;
    Ok(done.rows_affected())
}
