//! The processes of one state folder tell each other of themselves: each answers on a socket of its own in it. Whoever
//! connects is told everything at once, and the connection is closed.

use std::fs::{DirBuilder, File};
use std::io;
use std::os::fd::AsRawFd as _;
use std::os::unix::fs::DirBuilderExt as _;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::Context as _;
use serde::{Deserialize, Serialize};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{UnixListener, UnixStream};
use tokio::task::JoinSet;
use tokio::time::timeout;

/// A sibling that answers later is not waited for.
const LIMIT: Duration = Duration::from_secs(2);
/// Nobody has so much to tell.
const MOST_BYTES: u64 = 8 << 20;
/// Whoever may be a sibling.
const NAMES: [&str; 5] = ["crawl", "index", "postgres", "serve", "up"];

/// What one process tells another.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Told {
    /// Which component it is.
    pub(super) component: String,
    /// Why it cannot do its work now.
    pub(super) lacking: Vec<String>,
    /// Its figures.
    pub(super) figures: String,
}

/// The folder of the sockets.
pub(super) struct Siblings {
    folder: File,
    own: &'static str,
}

impl Siblings {
    /// Makes the folder: its owner alone may enter.
    pub(super) fn of(folder: PathBuf, own: &'static str) -> anyhow::Result<Self> {
        let made = DirBuilder::new().recursive(true).mode(0o700).create(&folder);
        let opened = made.and_then(|()| File::open(&folder));
        let folder = opened.with_context(|| format!("the folder {} cannot be made", folder.display()))?;
        Ok(Self { folder, own })
    }

    /// A socket's path has at most 107 bytes, a state folder's may have more: by the open folder it is always short.
    fn socket(&self, name: &str) -> PathBuf {
        Path::new("/proc/self/fd").join(self.folder.as_raw_fd().to_string()).join(format!("{name}.sock"))
    }

    /// Answers whoever asks, as long as it is polled. One after another: there are few.
    pub(super) async fn answer(&self, told: impl Fn() -> Vec<u8>) {
        let path = self.socket(self.own);
        // Left behind by the process before, whose lock is ours now.
        let _absent = std::fs::remove_file(&path);
        let listener = match UnixListener::bind(&path) {
            Ok(listener) => listener,
            Err(error) => {
                tracing::warn!(error = &error as &dyn std::error::Error, "figures are told to nobody else");
                return;
            }
        };
        loop {
            match listener.accept().await {
                Ok((mut stream, _who)) => {
                    let telling = async {
                        stream.write_all(&told()).await?;
                        stream.shutdown().await
                    };
                    // Whoever asked and left needs no answer.
                    let _left = timeout(LIMIT, telling).await;
                }
                Err(error) => {
                    tracing::debug!(error = &error as &dyn std::error::Error, "a sibling was not heard");
                    tokio::time::sleep(Duration::from_millis(100)).await;
                }
            }
        }
    }

    /// What all others tell; one that is not there tells nothing.
    pub(super) async fn ask(&self) -> Vec<Told> {
        let mut asking = JoinSet::new();
        for name in NAMES.into_iter().filter(|name| *name != self.own) {
            let path = self.socket(name);
            asking.spawn(async move { timeout(LIMIT, ask(&path)).await.ok()?.ok() });
        }
        asking.join_all().await.into_iter().flatten().collect()
    }
}

async fn ask(path: &Path) -> io::Result<Told> {
    let mut told = Vec::new();
    UnixStream::connect(path).await?.take(MOST_BYTES).read_to_end(&mut told).await?;
    Ok(serde_json::from_slice(&told)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn siblings_hear_each_other_however_long_the_path_of_their_folder_is() {
        let folder = tempfile::tempdir().expect("a folder");
        let long = folder.path().join("long".repeat(50)).join("told");
        let crawl = Siblings::of(long.clone(), "crawl").expect("a folder");
        let up = Siblings::of(long, "up").expect("a folder");
        assert_eq!(up.ask().await, []);
        let told = Told { component: "crawl".to_owned(), ..Told::default() };
        let text = serde_json::to_vec(&told).expect("JSON");
        let heard = async {
            for _ in 0..1_000 {
                let heard = up.ask().await;
                if !heard.is_empty() {
                    return heard;
                }
                tokio::task::yield_now().await;
            }
            Vec::new()
        };
        tokio::select! {
            () = crawl.answer(|| text.clone()) => panic!("it answers for ever"),
            heard = heard => assert_eq!(heard, [told]),
        }
    }
}
