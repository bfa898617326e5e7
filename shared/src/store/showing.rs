//! What pages are to show after their visits: kept by the transaction until its end, and written there in one
//! statement with their numbers in the feed.
//!
//! A row that is written twice, once with its text and once with its number, costs two versions and two entries in
//! each of its indexes; and of a first crawl every page is written here.

use sqlx::PgConnection;

use super::id::{CapsuleId, PageId};

/// The columns that every visit writes, a row each.
#[derive(Debug, Default)]
pub(super) struct Visited {
    pub(super) capsules: Vec<i64>,
    pub(super) ids: Vec<i64>,
    pub(super) outcomes: Vec<String>,
    pub(super) due: Vec<Option<f64>>,
    pub(super) intervals: Vec<i64>,
    pub(super) failures: Vec<i32>,
    pub(super) moved: Vec<Option<i64>>,
    pub(super) served: Vec<Option<i64>>,
    pub(super) links_wait: Vec<Option<bool>>,
}

/// Pages with something new to show. Their rows are locked by the transaction that keeps this.
#[derive(Debug, Default)]
pub(super) struct Showing {
    pub(super) visited: Visited,
    pub(super) contents: Vec<Option<Vec<u8>>>,
    pub(super) titles: Vec<String>,
    pub(super) kinds: Vec<String>,
    pub(super) types: Vec<String>,
    pub(super) languages: Vec<Option<String>>,
    pub(super) charsets: Vec<Option<String>>,
    pub(super) sizes: Vec<Option<i64>>,
    pub(super) widths: Vec<Option<i32>>,
    pub(super) heights: Vec<Option<i32>>,
    pub(super) words: Vec<Option<i64>>,
}

impl Showing {
    /// The pages.
    pub(super) fn pages(&self) -> impl Iterator<Item = (CapsuleId, PageId)> {
        let ids = self.visited.ids.iter().map(|id| PageId(*id));
        self.visited.capsules.iter().map(|capsule| CapsuleId(*capsule)).zip(ids)
    }

    /// Writes the pages with their numbers, and returns the highest. Only for the end of a transaction, under the lock
    /// of the numbering.
    pub(super) async fn write(&self, c: &mut PgConnection) -> Result<Option<i64>, sqlx::Error> {
        let visited = &self.visited;
        sqlx::query_scalar!(
            r#"with numbered as (
                   update page p
                   set change = nextval('change_number'),
                       visited_at = clock(), outcome = v.outcome, due_at = clock() + make_interval(secs => v.due_s),
                       interval_s = v.interval_s, failures = v.failures, moved_to = v.moved_to, served = v.served,
                       links_wait = coalesce(v.links_wait, p.links_wait),
                       fetched_at = case when v.outcome in ('fetched', 'unchanged') then clock() else p.fetched_at end,
                       standing = 'searchable', shut_out = false, content = v.content, title = v.title, kind = v.kind,
                       media_type = v.media_type, language = v.language, charset = v.charset, size_bytes = v.size_bytes,
                       width = v.width, height = v.height, words = v.words,
                       changed_at = case when p.changed_at is null or (p.content is distinct from v.content and
                                                                       (p.words is null or p.words is distinct from v.words))
                                         then clock() else p.changed_at end
                   from unnest($1::bigint[], $2::bigint[], $3::text[], $4::float8[], $5::bigint[], $6::integer[], $7::bigint[],
                               $8::bigint[], $9::boolean[], $10::bytea[], $11::text[], $12::text[], $13::text[], $14::text[],
                               $15::text[], $16::bigint[], $17::integer[], $18::integer[], $19::bigint[])
                        as v (capsule, id, outcome, due_s, interval_s, failures, moved_to, served, links_wait,
                              content, title, kind, media_type, language, charset, size_bytes, width, height, words)
                   where (p.capsule, p.id) = (v.capsule, v.id)
                   returning change)
               select max(change) from numbered"#,
            &visited.capsules,
            &visited.ids,
            &visited.outcomes,
            &visited.due as &[Option<f64>],
            &visited.intervals,
            &visited.failures,
            &visited.moved as &[Option<i64>],
            &visited.served as &[Option<i64>],
            &visited.links_wait as &[Option<bool>],
            &self.contents as &[Option<Vec<u8>>],
            &self.titles,
            &self.kinds,
            &self.types,
            &self.languages as &[Option<String>],
            &self.charsets as &[Option<String>],
            &self.sizes as &[Option<i64>],
            &self.widths as &[Option<i32>],
            &self.heights as &[Option<i32>],
            &self.words as &[Option<i64>]
        )
        .fetch_one(c)
        .await
    }
}
