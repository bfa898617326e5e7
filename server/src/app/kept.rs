//! Long answers that are made now and then and kept in between.

use std::collections::HashMap;
use std::time::Duration;

use tokio::sync::Mutex;
use tokio::time::{Instant, timeout};

/// How long anybody waits for an answer that somebody else makes.
const PATIENCE: Duration = Duration::from_secs(2);

/// Answers by their names. One is made at a time, so that many who ask at once cost no more than one; but where a database
/// stands still, they do not stand in line behind each other.
#[derive(Debug)]
pub struct Kept<T> {
    fresh: Duration,
    answers: Mutex<HashMap<&'static str, (Instant, T)>>,
}

impl<T: Clone> Kept<T> {
    /// Nothing yet; an answer is kept for so long.
    #[must_use]
    pub fn fresh_for(fresh: Duration) -> Self {
        Self { fresh, answers: Mutex::default() }
    }

    /// The kept answer, or a new one where there is none, it is too old, or whoever makes it takes too long.
    ///
    /// # Errors
    ///
    /// Why it cannot be made; then nothing is kept.
    pub async fn or_made<E>(
        &self,
        name: &'static str,
        make: impl AsyncFnOnce() -> Result<T, E>,
    ) -> Result<T, E> {
        let Ok(mut answers) = timeout(PATIENCE, self.answers.lock()).await else { return make().await };
        if let Some((made, answer)) = answers.get(name)
            && made.elapsed() < self.fresh
        {
            return Ok(answer.clone());
        }
        let answer = make().await?;
        answers.insert(name, (Instant::now(), answer.clone()));
        Ok(answer)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn an_answer_is_made_once_and_a_failure_is_not_kept() {
        let kept = Kept::fresh_for(Duration::from_secs(60));
        let made = async |answer: u8| kept.or_made("list", async || Ok::<_, &str>(answer)).await;
        assert_eq!(kept.or_made("list", async || Err("away")).await, Err("away"));
        assert_eq!(made(1).await, Ok(1));
        assert_eq!(made(2).await, Ok(1));
        assert_eq!(kept.or_made("other", async || Err("away")).await, Err("away"));
    }

    #[tokio::test]
    async fn who_has_waited_long_enough_for_another_asks_for_themselves() {
        let kept = Kept::fresh_for(Duration::from_secs(60));
        let stands_still = kept.or_made("list", async || std::future::pending::<Result<u8, &str>>().await);
        let own = kept.or_made("list", async || Ok::<_, &str>(2));
        tokio::select! {
            biased;
            ended = stands_still => panic!("{ended:?}"),
            own = timeout(PATIENCE * 10, own) => assert_eq!(own, Ok(Ok(2))),
        }
    }

    #[tokio::test]
    async fn an_old_answer_is_made_anew() {
        let stale = Kept::fresh_for(Duration::ZERO);
        for answer in [1, 2] {
            assert_eq!(stale.or_made("list", async || Ok::<_, &str>(answer)).await, Ok(answer));
        }
    }
}
