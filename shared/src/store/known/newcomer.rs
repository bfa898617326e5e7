//! Hosts that nobody knew: how many of a domain came today, and who links to those that must wait.
//!
//! A name costs nothing where a domain answers for every one, so only so many hosts of a registrable domain are taken
//! up in a day. One that has to wait is remembered with the domains that link to it: enough of them make it known.

use std::collections::HashMap;

use sqlx::PgConnection;

use super::super::codec;
use super::super::pool::StoreError;
use crate::gemini::host::CapsuleAddr;

/// A capsule that is not taken up, with a registrable domain that links to it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Voucher {
    /// The capsule.
    pub capsule: CapsuleAddr,
    /// Who links to it.
    pub linked_by: String,
}

/// Those of these capsules that are not known.
///
/// # Errors
///
/// When the database is away.
pub async fn unknown(c: &mut PgConnection, capsules: &[CapsuleAddr]) -> Result<Vec<CapsuleAddr>, StoreError> {
    if capsules.is_empty() {
        return Ok(Vec::new());
    }
    let hosts = codec::texts(capsules.iter().map(CapsuleAddr::host));
    let ports: Vec<i32> = capsules.iter().map(|capsule| i32::from(capsule.port())).collect();
    let places = sqlx::query_scalar!(
        r#"select u.place as "place!" from unnest($1::text[], $2::integer[]) with ordinality as u (host, port, place)
           where not exists (select from capsule c where (c.host, c.port) = (u.host, u.port)) order by u.place"#,
        &hosts,
        &ports
    )
    .fetch_all(c)
    .await?;
    let capsule = |place: i64| capsules.get(usize::try_from(place - 1).ok()?).cloned();
    Ok(places.into_iter().filter_map(capsule).collect())
}

/// How many capsules of each domain were taken up today; domains without any are left out.
///
/// # Errors
///
/// When the database is away.
pub async fn today(c: &mut PgConnection, domains: &[String]) -> Result<HashMap<String, u32>, StoreError> {
    let rows = sqlx::query!(
        r#"select domain as "domain!", count(*) as "count!" from capsule
           where domain = any($1) and first_seen >= date_trunc('day', clock() at time zone 'UTC') at time zone 'UTC'
           group by domain"#,
        domains
    )
    .fetch_all(c)
    .await?;
    Ok(rows.into_iter().map(|row| (row.domain, u32::try_from(row.count).unwrap_or(u32::MAX))).collect())
}

/// Remembers who links to capsules that wait, `enough` domains for each at most, and returns how many each has now.
///
/// # Errors
///
/// When the database is away.
pub async fn vouch(
    c: &mut PgConnection,
    vouchers: &[Voucher],
    enough: usize,
) -> Result<HashMap<CapsuleAddr, usize>, StoreError> {
    if vouchers.is_empty() {
        return Ok(HashMap::new());
    }
    let hosts = codec::texts(vouchers.iter().map(|voucher| voucher.capsule.host()));
    let ports: Vec<i32> = vouchers.iter().map(|voucher| i32::from(voucher.capsule.port())).collect();
    let linkers: Vec<String> = vouchers.iter().map(|voucher| voucher.linked_by.clone()).collect();
    let rows = sqlx::query!(
        r#"insert into newcomer as n (host, port, linked_by)
           select v.host, v.port, (array_agg(distinct v.linker))[:$4]
           from unnest($1::text[], $2::integer[], $3::text[]) as v (host, port, linker)
           group by v.host, v.port order by v.host, v.port
           on conflict (host, port) do update
           set linked_by = (select (array_agg(distinct u))[:$4] from unnest(n.linked_by || excluded.linked_by) u)
           returning host, port, cardinality(linked_by) as "vouchers!""#,
        &hosts,
        &ports,
        &linkers,
        i32::try_from(enough).unwrap_or(i32::MAX)
    )
    .fetch_all(c)
    .await?;
    let count = |count: i32| usize::try_from(count).unwrap_or(0);
    rows.into_iter().map(|row| Ok((codec::capsule_addr(&row.host, row.port)?, count(row.vouchers)))).collect()
}

/// Notes of which domain capsules are that were just made, so that they count.
///
/// # Errors
///
/// When the database is away.
pub async fn taken_up(c: &mut PgConnection, arrived: &[(CapsuleAddr, String)]) -> Result<(), StoreError> {
    if arrived.is_empty() {
        return Ok(());
    }
    let hosts = codec::texts(arrived.iter().map(|(capsule, _)| capsule.host()));
    let ports: Vec<i32> = arrived.iter().map(|(capsule, _)| i32::from(capsule.port())).collect();
    let domains: Vec<String> = arrived.iter().map(|(_, domain)| domain.clone()).collect();
    sqlx::query!(
        "update capsule c set domain = a.domain
         from (select k.id, v.domain from unnest($1::text[], $2::integer[], $3::text[]) as v (host, port, domain)
               join capsule k on (k.host, k.port) = (v.host, v.port) and k.domain is null
               order by k.id for no key update of k) a
         where c.id = a.id",
        &hosts,
        &ports,
        &domains
    )
    .execute(c)
    .await?;
    Ok(())
}

/// Forgets up to `at_most` capsules that wait no more, that nobody has made known in 90 days, or that have waited longer
/// than `most` others: names cost nothing, and two domains that know no end of each other's must not fill the disk.
/// Returns how many. Those that a batch has in hand are left for another time.
///
/// # Errors
///
/// When the database is away.
pub async fn forget(c: &mut PgConnection, most: i64, at_most: i64) -> Result<u64, StoreError> {
    let forgotten = sqlx::query!(
        "delete from newcomer n using (
             select w.host, w.port from newcomer w
             where w.first_seen < clock() - interval '90 days'
                or exists (select from capsule c where (c.host, c.port) = (w.host, w.port))
                or w.first_seen < (select first_seen from newcomer order by first_seen desc offset $1::bigint - 1 limit 1)
             limit $2 for update skip locked) old
         where (n.host, n.port) = (old.host, old.port)",
        most,
        at_most
    )
    .execute(c)
    .await?;
    Ok(forgotten.rows_affected())
}
