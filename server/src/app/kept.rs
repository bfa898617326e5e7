//! Long answers that are made now and then and kept in between.

use std::collections::HashMap;
use std::time::Duration;

use tokio::sync::Mutex;
use tokio::time::Instant;

/// How long an answer is kept: what the admin shuts out is told of for no longer.
const FRESH: Duration = Duration::from_secs(60);

/// Answers by their names. One is made at a time, so that many who ask at once cost no more than one.
#[derive(Debug, Default)]
pub struct Kept(Mutex<HashMap<&'static str, (Instant, Vec<u8>)>>);

impl Kept {
    /// The kept answer, or a new one where there is none or it is too old.
    ///
    /// # Errors
    ///
    /// Why it cannot be made; then nothing is kept.
    pub async fn or_made<E>(
        &self,
        name: &'static str,
        make: impl AsyncFnOnce() -> Result<Vec<u8>, E>,
    ) -> Result<Vec<u8>, E> {
        let mut kept = self.0.lock().await;
        if let Some((made, bytes)) = kept.get(name)
            && made.elapsed() < FRESH
        {
            return Ok(bytes.clone());
        }
        let bytes = make().await?;
        kept.insert(name, (Instant::now(), bytes.clone()));
        Ok(bytes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn an_answer_is_made_once_and_a_failure_is_not_kept() {
        let kept = Kept::default();
        let made = async |bytes: &'static [u8]| kept.or_made("list", async || Ok(bytes.to_vec())).await;
        assert_eq!(kept.or_made("list", async || Err("away")).await, Err("away"));
        assert_eq!(made(b"one").await, Ok::<_, &str>(b"one".to_vec()));
        assert_eq!(made(b"two").await, Ok(b"one".to_vec()));
        assert_eq!(kept.or_made("other", async || Err("away")).await, Err("away"));
    }
}
