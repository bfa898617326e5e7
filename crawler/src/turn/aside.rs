//! Work that takes long is done beside the threads on which all turns wait: understanding four MiB of text there would
//! hold up every capsule that is being asked.

use std::panic::resume_unwind;

use tokio::task::JoinSet;

use super::hold::Halt;

/// Does it on a thread for such work and waits for the end; a panic goes on here.
///
/// # Errors
///
/// Where nothing more is done, for the process ends.
pub(super) async fn aside<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T, Halt> {
    let mut one = JoinSet::new();
    one.spawn_blocking(work);
    match one.join_next().await {
        Some(Ok(done)) => Ok(done),
        Some(Err(error)) => match error.try_into_panic() {
            Ok(panic) => resume_unwind(panic),
            Err(_cancelled) => Err(Halt::Stopped),
        },
        None => Err(Halt::Stopped),
    }
}
