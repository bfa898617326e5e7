//! A fault of ours costs its own answer and nothing else: the visitor still gets one, and the door stays open.

use std::panic::AssertUnwindSafe;

use futures_util::FutureExt as _;

use crate::render::problem::Problem;

/// What the future gives.
///
/// # Errors
///
/// [`Problem::Broken`] where it panicked. What it shared with others is of a kind that a panic leaves whole:
/// counters, and connections that a pool tests before it lends them.
pub async fn guarded<T>(future: impl Future<Output = T>) -> Result<T, Problem> {
    AssertUnwindSafe(future).catch_unwind().await.map_err(|_| {
        // The panic's own message is in the log already, from the hook that every program has.
        tracing::error!("a screen panicked");
        Problem::Broken
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_panic_is_a_problem_with_a_status_of_every_tongue() {
        let problem = guarded(async { panic!("on purpose") }).await.unwrap_err();
        assert_eq!((problem.http_status(), &problem.gemini_line()[..3]), (500, "42 "));
        assert_eq!(guarded(async { 7 }).await, Ok(7));
    }
}
