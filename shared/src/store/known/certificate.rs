//! Certificates that capsules have shown: trust on first use, recorded and never enforced.

use super::super::pool::StoreError;
use chrono::{DateTime, Utc};
use sqlx::PgConnection;

use super::super::id::CapsuleId;
use crate::gemini::fingerprint::Fingerprint;

/// A certificate as a visit saw it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SeenCertificate {
    /// Who showed it.
    pub capsule: CapsuleId,
    /// SHA-256 of the certificate.
    pub fingerprint: Fingerprint,
    /// Its last moment, where it could be read.
    pub not_after: Option<DateTime<Utc>>,
    /// Whether the handshake proved that the server has its key.
    pub signature: Signature,
}

/// Whether the handshake's signature was checked against the certificate's key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Signature {
    /// It was, and it fits.
    Checked,
    /// The key or its kind could not be read.
    Unchecked,
}

/// Records certificates. The same one may come several times.
///
/// # Errors
///
/// When the database is away.
pub async fn record(c: &mut PgConnection, seen: &[SeenCertificate]) -> Result<(), StoreError> {
    if seen.is_empty() {
        return Ok(());
    }
    let capsules: Vec<i64> = seen.iter().map(|one| one.capsule.0).collect();
    let fingerprints: Vec<Vec<u8>> = seen.iter().map(|one| one.fingerprint.0.to_vec()).collect();
    let ends: Vec<Option<DateTime<Utc>>> = seen.iter().map(|one| one.not_after).collect();
    let signatures: Vec<String> = seen
        .iter()
        .map(|one| match one.signature {
            Signature::Checked => "checked".to_owned(),
            Signature::Unchecked => "unchecked".to_owned(),
        })
        .collect();
    sqlx::query!(
        "insert into certificate (capsule, fingerprint, not_after, signature)
         select distinct on (s.capsule, s.fingerprint) s.capsule, s.fingerprint, s.not_after, s.signature
         from unnest($1::bigint[], $2::bytea[], $3::timestamptz[], $4::text[])
              as s (capsule, fingerprint, not_after, signature)
         order by s.capsule, s.fingerprint
         on conflict (capsule, fingerprint) do update set last_seen = clock(), signature = excluded.signature",
        &capsules,
        &fingerprints,
        &ends as &[Option<DateTime<Utc>>],
        &signatures
    )
    .execute(c)
    .await?;
    Ok(())
}

/// Keeps of each capsule the `most` certificates that it showed last: one that makes another for every handshake must
/// not fill the disk.
///
/// # Errors
///
/// When the database is away.
pub async fn forget(c: &mut PgConnection, most: i64) -> Result<(), StoreError> {
    sqlx::query!(
        "with old as (
             select capsule, fingerprint
             from (select capsule, fingerprint,
                          row_number() over (partition by capsule order by last_seen desc, fingerprint) as place
                   from certificate
                   where capsule in (select capsule from certificate group by capsule having count(*) > $1)) ranked
             where place > $1),
         locked as (
             select t.capsule, t.fingerprint from certificate t
             join old on (old.capsule, old.fingerprint) = (t.capsule, t.fingerprint)
             order by t.capsule, t.fingerprint for no key update of t)
         delete from certificate t using locked l where (t.capsule, t.fingerprint) = (l.capsule, l.fingerprint)",
        most
    )
    .execute(c)
    .await?;
    Ok(())
}
