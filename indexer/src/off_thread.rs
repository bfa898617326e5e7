//! Work that blocks (tantivy's writes, syncs and merges; analysing text) stays off the async threads.

use tokio::task::JoinSet;

/// The work panicked.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub(crate) struct Panicked(String);

/// Runs blocking work on a thread for it and waits for the end. Once begun it always runs to its end.
pub(crate) async fn off_thread<T: Send + 'static>(
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<T, Panicked> {
    let mut one = JoinSet::new();
    one.spawn_blocking(work);
    match one.join_next().await {
        Some(Ok(value)) => Ok(value),
        Some(Err(error)) => Err(Panicked(error.to_string())),
        None => Err(Panicked("the work was lost".to_owned())),
    }
}

/// A value whose methods block: it is lent to a thread for each piece of work. A panic loses it.
#[derive(Debug)]
pub(crate) struct OffThread<T>(Option<T>);

impl<T: Send + 'static> OffThread<T> {
    pub(crate) const fn new(value: T) -> Self {
        Self(Some(value))
    }

    /// Runs one piece of work on the value.
    pub(crate) async fn run<R: Send + 'static>(
        &mut self,
        work: impl FnOnce(&mut T) -> R + Send + 'static,
    ) -> Result<R, Panicked> {
        let Some(mut value) = self.0.take() else {
            return Err(Panicked("lost in an earlier panic".to_owned()));
        };
        let (value, result) = off_thread(move || {
            let result = work(&mut value);
            (value, result)
        })
        .await?;
        self.0 = Some(value);
        Ok(result)
    }

    /// Runs the last piece of work on the value.
    pub(crate) async fn finish<R: Send + 'static>(
        self,
        work: impl FnOnce(T) -> R + Send + 'static,
    ) -> Result<R, Panicked> {
        let Some(value) = self.0 else { return Err(Panicked("lost in an earlier panic".to_owned())) };
        off_thread(move || work(value)).await
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_panic_is_an_error_and_loses_only_the_value() {
        let mut value = OffThread::new(1_u8);
        assert_eq!(value.run(|value| *value + 1).await.unwrap(), 2);
        assert!(value.run(|_| panic!("as a test")).await.is_err());
        assert!(value.run(|value| *value).await.is_err());
        assert_eq!(off_thread(|| 3).await.unwrap(), 3);
    }
}
