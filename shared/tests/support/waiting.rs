//! Looking from outside until something is so, without a clock.

use sqlx::PgConnection;

/// Somebody waits for a lock.
pub(crate) const SOMEBODY_WAITS: &str = "select exists (select from pg_stat_activity
     where datname = current_database() and wait_event_type = 'Lock')";

/// Looks until one of these questions is answered with yes.
pub(crate) async fn until_one_is_so(c: &mut PgConnection, questions: &[&'static str]) {
    for _ in 0..10_000 {
        for question in questions {
            let is_so: bool = sqlx::query_scalar(*question).fetch_one(&mut *c).await.expect("an answer");
            if is_so {
                return;
            }
        }
        tokio::task::yield_now().await;
    }
    panic!("none of it came: {questions:?}");
}
