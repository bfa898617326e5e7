//! Bodies by hash: a text is kept once per capsule.

use sqlx::PgConnection;

use super::super::codec;
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

/// Texts of a capsule that no page holds any more, as far as one can see without a lock, at most `at_most`.
///
/// # Errors
///
/// When the database is away.
pub async fn unheld(
    c: &mut PgConnection,
    capsule: CapsuleId,
    at_most: i64,
) -> Result<Vec<(CapsuleId, ContentHash)>, StoreError> {
    let hashes = sqlx::query_scalar!(
        "select t.hash from content t
         where t.capsule = $1 and not exists (select from page p where (p.capsule, p.content) = (t.capsule, t.hash))
         limit $2",
        capsule.0,
        at_most
    )
    .fetch_all(c)
    .await?;
    hashes.iter().map(|hash| Ok((capsule, codec::content_hash(hash)?))).collect()
}

/// Drops those of these texts that no page holds any more; returns how many. Their capsules are locked by the caller.
///
/// Only these are looked at: a capsule may have a hundred thousand others.
///
/// # Errors
///
/// When the database is away.
pub async fn drop_unheld(tx: &mut PageTx, texts: &[(CapsuleId, ContentHash)]) -> Result<u64, StoreError> {
    if texts.is_empty() {
        return Ok(0);
    }
    let capsules: Vec<i64> = texts.iter().map(|(capsule, _)| capsule.0).collect();
    let hashes: Vec<Vec<u8>> = texts.iter().map(|(_, hash)| hash.0.to_vec()).collect();
    // No index leads from a text to its pages, so the pages of the capsules are walked, once for all texts.
    let done = sqlx::query!(
        "with v as materialized (select distinct * from unnest($1::bigint[], $2::bytea[]) as v (capsule, hash)),
              held as materialized (select p.capsule, p.content as hash from page p
                                    join (select distinct hash from v) wanted on p.content = wanted.hash
                                    where p.capsule = any($1))
         delete from content t using v
         where (t.capsule, t.hash) = (v.capsule, v.hash)
           and not exists (select from held where (held.capsule, held.hash) = (v.capsule, v.hash))",
        &capsules,
        &hashes
    )
    .execute(&mut **tx)
    .await?;
    Ok(done.rows_affected())
}
