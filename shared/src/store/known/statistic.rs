//! Daily figures: counted now and then by a worker's upkeep, so that no visitor has to count a million pages.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use sqlx::PgConnection;

use super::super::pool::StoreError;

/// What is counted together, in one statement and within one deadline.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Counted {
    /// Pages by standing, by how their last visit ended, and the bytes of those that can be found.
    Pages,
    /// Pages that can be found, by kind.
    Kinds,
    /// The same by language, the forty most frequent.
    Languages,
    /// The same by media type, the forty most frequent.
    Types,
    /// Capsules, and the requests sent today.
    Capsules,
    /// Each capsule's own figures.
    EachCapsule,
}

impl Counted {
    /// All of them.
    pub const ALL: [Self; 6] =
        [Self::Pages, Self::Kinds, Self::Languages, Self::Types, Self::Capsules, Self::EachCapsule];
}

/// Counts, into the rows of today (a day of UTC).
///
/// # Errors
///
/// When the database is away.
pub async fn count(c: &mut PgConnection, what: Counted) -> Result<(), StoreError> {
    match what {
        Counted::Pages => {
            sqlx::query!(
                "insert into statistic (day, name, value)
                 select (clock() at time zone 'UTC')::date, name, value from (
                     select 'pages.' || standing as name, count(*) as value from page group by standing
                     union all
                     select 'outcome.' || outcome, count(*) from page where outcome is not null group by outcome
                     union all
                     select 'bytes', coalesce(sum(size_bytes), 0)::bigint from page where standing = 'searchable'
                 ) figures
                 on conflict (day, name) do update set value = excluded.value"
            )
            .execute(c)
            .await?;
        }
        Counted::Kinds => {
            sqlx::query!(
                "insert into statistic (day, name, value)
                 select (clock() at time zone 'UTC')::date, 'kind.' || kind, count(*)
                 from page where standing = 'searchable' group by kind
                 on conflict (day, name) do update set value = excluded.value"
            )
            .execute(c)
            .await?;
        }
        Counted::Languages => {
            sqlx::query!(
                "insert into statistic (day, name, value)
                 select (clock() at time zone 'UTC')::date, 'language.' || language, count(*)
                 from page where standing = 'searchable' and language is not null
                 group by language order by count(*) desc, language limit 40
                 on conflict (day, name) do update set value = excluded.value"
            )
            .execute(c)
            .await?;
        }
        Counted::Types => {
            sqlx::query!(
                "insert into statistic (day, name, value)
                 select (clock() at time zone 'UTC')::date, 'type.' || media_type, count(*)
                 from page where standing = 'searchable' and media_type <> ''
                 group by media_type order by count(*) desc, media_type limit 40
                 on conflict (day, name) do update set value = excluded.value"
            )
            .execute(c)
            .await?;
        }
        Counted::Capsules => {
            sqlx::query!(
                "insert into statistic (day, name, value)
                 select (clock() at time zone 'UTC')::date, name, value from (
                     select 'capsules.known' as name, count(*) as value from capsule where answered_at is not null
                     union all
                     select 'capsules.answering', count(*) from capsule where answered_at > clock() - interval '7 days'
                     union all
                     select 'requests', count(*) from request
                     where at >= date_trunc('day', clock() at time zone 'UTC') at time zone 'UTC'
                 ) figures
                 on conflict (day, name) do update set value = excluded.value"
            )
            .execute(c)
            .await?;
        }
        Counted::EachCapsule => {
            sqlx::query!(
                "insert into capsule_figure as f (capsule, known, searchable, changed_at)
                 select capsule, count(*), count(*) filter (where standing = 'searchable'),
                        max(changed_at) filter (where standing = 'searchable')
                 from page group by capsule order by capsule
                 on conflict (capsule) do update
                 set known = excluded.known, searchable = excluded.searchable, changed_at = excluded.changed_at
                 where (f.known, f.searchable, f.changed_at)
                       is distinct from (excluded.known, excluded.searchable, excluded.changed_at)"
            )
            .execute(c)
            .await?;
        }
    }
    Ok(())
}

/// The figures of one day, by name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Day {
    /// Which day, of UTC.
    pub day: NaiveDate,
    /// What was counted.
    pub figures: BTreeMap<String, u64>,
}

/// The last day that was counted; none: nothing was counted yet.
///
/// # Errors
///
/// When the database is away.
pub async fn latest(c: &mut PgConnection) -> Result<Option<Day>, StoreError> {
    let rows = sqlx::query!(
        "select day, name, value from statistic where day = (select max(day) from statistic) order by name"
    )
    .fetch_all(c)
    .await?;
    let day = rows.first().map(|row| row.day);
    let figures = rows.into_iter().map(|row| (row.name, row.value.unsigned_abs())).collect();
    Ok(day.map(|day| Day { day, figures }))
}

/// One figure over the last `days` days, the oldest first; days without a count are left out.
///
/// # Errors
///
/// When the database is away.
pub async fn trend(c: &mut PgConnection, name: &str, days: i32) -> Result<Vec<(NaiveDate, u64)>, StoreError> {
    let rows = sqlx::query!(
        "select day, value from statistic
         where name = $1 and day > (clock() at time zone 'UTC')::date - $2::integer order by day",
        name,
        days
    )
    .fetch_all(c)
    .await?;
    Ok(rows.into_iter().map(|row| (row.day, row.value.unsigned_abs())).collect())
}
