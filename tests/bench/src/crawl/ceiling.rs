//! The ceiling: a bare client that fetches every page once and throws it away. The same TLS settings, the same
//! number of connections at once, one at a time to each address.

use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context as _, ensure};
use rustls::pki_types::ServerName;
use shared::gemini::url::GeminiUrl;
use std::net::SocketAddr;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::sync::Mutex;
use tokio::task::JoinSet;
use tokio::time::Instant;
use tokio_rustls::TlsConnector;

use super::world::World;
use crate::process;

/// The client.
pub(super) struct Client {
    tls: TlsConnector,
    pages: Vec<(GeminiUrl, SocketAddr)>,
    capsules: usize,
}

/// What fetching everything took.
pub(super) struct Fetched {
    pub(super) took: Duration,
    pub(super) cpu_seconds: f64,
}

impl Client {
    pub(super) fn new(world: &World) -> anyhow::Result<Self> {
        Ok(Self { tls: crawler::fetch::connector(), pages: world.pages()?, capsules: world.shape.capsules })
    }

    /// Fetches every page, so many at once.
    pub(super) async fn fetch_all(&self, at_once: usize) -> anyhow::Result<Fetched> {
        // One queue a capsule, so that no address has two connections at once.
        let mut queues: Vec<Vec<(GeminiUrl, SocketAddr)>> = vec![Vec::new(); self.capsules];
        let per_queue = self.pages.len().div_ceil(self.capsules).max(1);
        for (number, page) in self.pages.iter().enumerate() {
            let queue = (number / per_queue).min(self.capsules - 1);
            queues[queue].push(page.clone());
        }
        let queues = Arc::new(Mutex::new(queues));
        let cpu_before = process::cpu_seconds(std::process::id())?;
        let began = Instant::now();
        let mut clients = JoinSet::new();
        for _client in 0..at_once {
            let (queues, tls) = (Arc::clone(&queues), self.tls.clone());
            clients.spawn(async move {
                let mut fetched = 0;
                loop {
                    let Some(queue) = queues.lock().await.pop() else {
                        return Ok::<_, anyhow::Error>(fetched);
                    };
                    for (url, address) in queue {
                        fetch(&tls, &url, address).await?;
                        fetched += 1;
                    }
                }
            });
        }
        let mut fetched = 0;
        while let Some(ended) = clients.join_next().await {
            fetched += ended??;
        }
        let took = began.elapsed();
        ensure!(fetched == self.pages.len(), "the ceiling fetched {fetched} pages");
        Ok(Fetched { took, cpu_seconds: process::cpu_seconds(std::process::id())? - cpu_before })
    }
}

async fn fetch(tls: &TlsConnector, url: &GeminiUrl, address: SocketAddr) -> anyhow::Result<()> {
    let tcp = TcpStream::connect(address).await?;
    tcp.set_nodelay(true)?;
    let name = ServerName::try_from(url.host().as_str().to_owned())?;
    let mut stream = tls.connect(name, tcp).await?;
    stream.write_all(format!("{url}\r\n").as_bytes()).await?;
    stream.flush().await?;
    let mut answer = Vec::with_capacity(4096);
    stream.read_to_end(&mut answer).await.context("an answer was cut")?;
    ensure!(answer.starts_with(b"20 "), "{url} was not answered with a page");
    Ok(())
}
