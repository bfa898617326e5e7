//! Hangs of the dispatcher on purpose, compiled only with the feature `hang-drill`: see [`crate::fetch::drill`].

use std::time::Duration;

use tokio::task::JoinSet;

use crate::fetch::drill::taken;

/// The dispatcher waits for something that never comes, or every thread of the runtime is blocked.
pub(super) async fn dispatcher() {
    if taken("dispatcher") {
        tracing::warn!("drill: the dispatcher hangs");
        std::future::pending::<()>().await;
    }
    if taken("runtime") {
        tracing::warn!("drill: the threads of the runtime are blocked");
        let mut blocked = JoinSet::new();
        for _ in 0..64 {
            blocked.spawn(async { std::thread::sleep(Duration::from_secs(3_600)) });
        }
        while blocked.join_next().await.is_some() {}
    }
}
