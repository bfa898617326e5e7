//! A visitor at each door: a new connection for every request, and over Gemini a new handshake.

use std::future::Future;
use std::net::SocketAddr;
use std::pin::Pin;

use anyhow::{Context as _, ensure};
use rustls::pki_types::ServerName;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::time::Instant;
use tokio_rustls::TlsConnector;

use super::milliseconds;

/// A question on its way.
pub(super) type Asking = Pin<Box<dyn Future<Output = anyhow::Result<()>> + Send>>;

/// The doors of the server.
#[derive(Clone)]
pub(super) struct Doors {
    gemini: SocketAddr,
    web: SocketAddr,
    tls: TlsConnector,
}

impl Doors {
    /// What the web gives without a search.
    pub(super) const HTTP_EMPTY: &str = "/robots.txt";

    /// From the line that the server tells.
    pub(super) fn parse(told: &str) -> anyhow::Result<Self> {
        let (gemini, web) = told.trim().split_once(' ').context("the server told no addresses")?;
        Ok(Self { gemini: gemini.parse()?, web: web.parse()?, tls: crawler::fetch::connector() })
    }

    pub(super) fn http_search(&self, text: &str) -> String {
        format!("/search?q={}", encoded(text))
    }

    pub(super) fn gemini_search(&self, text: &str) -> String {
        format!("gemini://localhost:{}/search?{}", self.gemini.port(), encoded(text))
    }

    pub(super) fn gemini_empty(&self) -> String {
        format!("gemini://localhost:{}/robots.txt", self.gemini.port())
    }

    /// How long one page of the web takes, in milliseconds.
    pub(super) async fn http(&self, path: &str) -> anyhow::Result<f64> {
        let began = Instant::now();
        let mut stream = TcpStream::connect(self.web).await?;
        stream.set_nodelay(true)?;
        let request = format!("GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
        stream.write_all(request.as_bytes()).await?;
        let mut answer = Vec::with_capacity(32 << 10);
        stream.read_to_end(&mut answer).await?;
        ensure!(answer.starts_with(b"HTTP/1.1 200 "), "{path}: {}", first_line(&answer));
        Ok(milliseconds(began))
    }

    /// How long one page of Gemini takes, in milliseconds.
    pub(super) async fn gemini(&self, url: &str) -> anyhow::Result<f64> {
        let began = Instant::now();
        let tcp = TcpStream::connect(self.gemini).await?;
        tcp.set_nodelay(true)?;
        let mut stream = self.tls.connect(ServerName::try_from("localhost")?, tcp).await?;
        stream.write_all(format!("{url}\r\n").as_bytes()).await?;
        stream.flush().await?;
        let mut answer = Vec::with_capacity(16 << 10);
        stream.read_to_end(&mut answer).await?;
        ensure!(answer.starts_with(b"20 "), "{url}: {}", first_line(&answer));
        Ok(milliseconds(began))
    }
}

fn encoded(text: &str) -> String {
    text.bytes()
        .map(|byte| match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' => char::from(byte).to_string(),
            _ => format!("%{byte:02X}"),
        })
        .collect()
}

fn first_line(answer: &[u8]) -> String {
    String::from_utf8_lossy(answer).lines().next().unwrap_or_default().to_owned()
}
